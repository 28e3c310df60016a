"""A second look at the best chunks, for who wants one."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from knowledge.articles import Chunk
from knowledge.errors import TertuliaError
from pipelines import reranking
from pipelines.models.endpoints import Endpoint
from pipelines.models.errors import ModelMissingError, ModelUnavailableError
from pipelines.models.openai_compatible import OpenAICompatibleChatModel, RemoteServer
from pipelines.ranking import Candidate
from pipelines.reranking import RERANKED, reranked
from pipelines.reranking.tuned import UNSURE
from pipelines.reranking.tuned import asked as tuned_words
from pipelines.retrieval import Retriever
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.fakes.scripted_model import LIST, said
from tests.pipelines.small_knowledge import PUBLIC, asked, open_index, pages


class Likes:
    """Finds chunks good that have a word in them."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.asked: list[str] = []

    async def scores(self, question: str, chunks: Sequence[Chunk]) -> list[float]:
        self.asked = [chunk.title for chunk in chunks]
        return [float(self._word in chunk.text) for chunk in chunks]


def found(*texts: str) -> list[Candidate]:
    return [
        Candidate(Chunk(t, f"h:{t}", 0, t, t, "en", PUBLIC), True, True, score=-n / 100)
        for n, t in enumerate(texts)
    ]


async def order(candidates: Sequence[Candidate], reranker: Likes) -> list[str]:
    return [c.chunk.title for c in await reranked("?", candidates, reranker)]


async def test_what_the_reranker_likes_comes_first() -> None:
    assert await order(found("a", "b", "good"), Likes("good")) == ["good", "a", "b"]


async def test_only_the_first_ones_are_looked_at_and_the_others_stay_behind() -> None:
    names = [*"abcdefghij", "good"]
    likes = Likes("good")
    assert await order(found(*names), likes) == names
    assert likes.asked == names[:RERANKED]


async def test_where_there_is_no_choice_nobody_is_asked() -> None:
    likes = Likes("a")
    assert await order(found("a"), likes) == ["a"]
    assert await order([], likes) == []
    assert likes.asked == []


class Silent:
    """Cannot be asked now."""

    def __init__(self, error: TertuliaError) -> None:
        self._error = error

    async def scores(self, question: str, chunks: Sequence[Chunk]) -> list[float]:
        raise self._error


@pytest.mark.parametrize("kind", [ModelUnavailableError, ModelMissingError])
async def test_while_the_reranker_cannot_be_asked_the_order_stays(
    kind: type[ModelUnavailableError | ModelMissingError],
) -> None:
    candidates = found("a", "b")
    silent = Silent(kind("It is not there.", what_to_do="Wait."))
    assert await reranked("?", candidates, silent) == candidates


async def test_the_model_that_answers_judges_every_chunk(tmp_path: Path) -> None:
    def respond(request: Request) -> Reply:
        if not request.path.endswith("/completions"):
            return LIST
        prompt = request.json()["messages"][-1]["content"]
        return said("yes" if "dishwasher" in prompt else "no")

    async with open_index(tmp_path) as index, LoopbackServer(respond) as server:
        await index.add(pages())
        await index.embed_all()
        endpoint = RemoteServer(Endpoint(f"{server.url}/v1", "key"))
        model = OpenAICompatibleChatModel("openai:owl", endpoint, model="owl", timeout_s=20)
        judge = reranking.load("judge", model)
        retriever = Retriever(index.store, index.embedder, index.words, reranker=judge)
        question = asked("When does it start on Fridays in the office?")
        before, after = [
            [one.chunk.title for one in (await some.retrieve(question)).chunks]
            for some in (index.retriever, retriever)
        ]
        assert after.index("Kitchen") <= before.index("Kitchen")
        plain = await judge.scores("When?", [page for page in pages() if page.title == "Wifi"])
        assert plain == [0.0]
        await model.stop()


async def test_a_tuned_model_is_asked_in_the_words_of_its_training() -> None:
    requests: list[Request] = []
    words = iter(("Yes", "no", "Perhaps"))

    def respond(request: Request) -> Reply:
        if not request.path.endswith("/completions"):
            return LIST
        requests.append(request)
        return said(next(words))

    async with LoopbackServer(respond) as server:
        endpoint = RemoteServer(Endpoint(f"{server.url}/v1", "key"))
        model = OpenAICompatibleChatModel("openai:owl", endpoint, model="owl", timeout_s=20)
        found = await reranking.load("tuned", model).scores("When?", pages()[:3])
        await model.stop()
    assert found == [1.0, 0.0, UNSURE]
    trained = [
        {"role": one.role.value, "content": one.text}
        for one in tuned_words("When?", pages()[0].searchable_text)
    ]
    assert requests[0].json()["messages"] == trained
    assert len(tuned_words("?", "x" * 5_000)[-1].text or "") < 5_000


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("judge", None),
        ("Judge : openai:owl", None),
        ("tuned:embedded:smollm2-135m+ours", None),
        ("tuned", "names no model"),
        ("tuned:", "names no model"),
        ("tuned:owl", "not of the form KIND:NAME"),
        ("tuned:embedded:smollm2-135m+../x", "is no adapter"),
        ("jury:openai:owl", "'jury' is not known"),
    ],
)
def test_a_setting_names_a_reranker_with_its_model(setting: str, problem: str | None) -> None:
    assert (problem or "None") in str(reranking.problem_with(setting))


@pytest.mark.parametrize("name", reranking.names())
def test_every_reranker_offers_build(name: str) -> None:
    server = RemoteServer(Endpoint("http://127.0.0.1:9/v1"))
    assert reranking.load(name, OpenAICompatibleChatModel("openai:owl", server, model="owl"))
