"""The pipeline as a whole, with the smallest real model: plumbing, not the quality of answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from haystack.core.errors import PipelineRuntimeError

from knowledge.articles import Audience
from knowledge.conversations import Answer, Conversation, Dissent, Message
from pipelines import personas
from pipelines.close_reading import CloseReader
from pipelines.coverage import SoftCoverage
from pipelines.models import catalogue
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.endpoints import Endpoint
from pipelines.models.errors import ModelUnavailableError
from pipelines.models.openai_compatible import OpenAICompatibleChatModel, RemoteServer
from pipelines.progress import Progress
from pipelines.retrieval import Retriever
from pipelines.steps import Cite, Search, earlier
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.fakes.scripted_model import ScriptedModel, silence
from tests.pipelines.small_knowledge import Index, asked, assistant, chunk, open_index, pages

LEAVE = "How many days of paid leave does everybody have?"
SMALL = "smollm2-135m"


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    """The six pages, with their vectors."""
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await index.embed_all()
        yield index


@asynccontextmanager
async def scripted(
    answer: str = "", *, reply: Reply | None = None, agrees: bool = True
) -> AsyncIterator[tuple[LoopbackServer, OpenAICompatibleChatModel]]:
    """A model that says this."""
    script = ScriptedModel()
    script.answer, script.reply, script.agrees = answer, reply, agrees
    async with LoopbackServer(script.respond) as server:
        model = at(f"{server.url}/v1")
        try:
            yield server, model
        finally:
            await model.stop()


def is_question(request: Request) -> bool:
    return request.path.endswith("/completions")


def at(address: str) -> OpenAICompatibleChatModel:
    server = RemoteServer(Endpoint(address, "key"))
    return OpenAICompatibleChatModel("openai:owl", server, model="owl", timeout_s=20)


@pytest.mark.model
async def test_an_answer_is_made_shown_and_accounted_for(index: Index, models_folder: Path) -> None:
    model = embedded_chat_model(catalogue.entry(SMALL), models_folder)
    here = assistant(index.retriever, model)
    seen: list[Progress] = []

    async def note(progress: Progress) -> None:
        seen.append(progress)

    try:
        await asyncio.gather(here.start(), here.start())
        answer = await here.answer(asked(LEAVE), on_progress=note)
    finally:
        await model.stop()
    assert [progress.stage for progress in seen[:3]] == ["searching", "found", "text"]
    assert {progress.stage for progress in seen[3:]} <= {"text", "reading-more"}
    assert "Leave" in seen[1].titles
    assert answer.language == "en"
    assert answer.abstained is (answer.text == "")
    assert answer.abstained is bool(answer.nearest)
    check(answer)


def check(answer: Answer) -> None:
    """The receipt accounts for the whole answer."""
    receipt = answer.receipt
    assert (receipt.persona, receipt.model) == ("helpdesk", f"embedded:{SMALL}")
    assert receipt.prompt_version == personas.load("helpdesk").version
    timings = receipt.timings_s
    assert 0 < timings["retrieve"] <= timings["first_token"] <= timings["total"]
    assert receipt.tokens["prompt"] > 100
    assert receipt.tokens["answer"] > 0
    assert receipt.knowledge["is_complete"]
    used = {use.article for use in receipt.chunks if use.used}
    assert used == {citation.chunk.article for citation in answer.citations}


async def test_what_was_searched_is_shown_before_a_model_fails(index: Index) -> None:
    seen: list[str] = []

    async def note(progress: Progress) -> None:
        seen.append(progress.stage)

    async with scripted(reply=Reply(b"busy", status=503)) as (_, model):
        with pytest.raises(ModelUnavailableError):
            await assistant(index.retriever, model).answer(asked(LEAVE), on_progress=note)
    assert seen == ["searching", "found"]


async def test_a_model_that_cannot_be_reached_is_our_error(index: Index) -> None:
    with pytest.raises(ModelUnavailableError, match="could not be reached"):
        await assistant(index.retriever, at("http://127.0.0.1:9/v1")).answer(asked(LEAVE))


async def test_a_fault_of_ours_is_not_hidden(index: Index) -> None:
    async def breaks(progress: Progress) -> None:
        if progress.stage == "found":
            raise ZeroDivisionError

    async with scripted("x") as (_, model):
        with pytest.raises(PipelineRuntimeError):
            await assistant(index.retriever, model).answer(asked(LEAVE), on_progress=breaks)


async def test_a_question_that_is_taken_back_stops_the_model(index: Index) -> None:
    seen = asyncio.Event()

    async def note(progress: Progress) -> None:
        if progress.stage == "text":
            seen.set()

    async with scripted(reply=silence()) as (server, model), asyncio.timeout(60):
        waiting = asyncio.create_task(
            assistant(index.retriever, model).answer(asked(LEAVE), on_progress=note)
        )
        await seen.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await server.hung_up.wait()


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (
            "Everybody has 25 days of paid leave a year.",
            "Everybody has 25 days of paid leave a year [1].",
        ),
        ("Everybody has 26 days of paid leave a year.", ""),
        ("Todo el mundo tiene 25 días de vacaciones pagadas en el año.", ""),
        ("NOT FOUND", ""),
        ("", ""),
    ],
)
async def test_only_what_a_page_holds_is_said(index: Index, said: str, text: str) -> None:
    async with scripted(said) as (_, model):
        answer = await assistant(index.retriever, model).answer(asked(LEAVE))
    assert answer.text == text
    assert answer.abstained is (not text)
    assert len(answer.citations) == (1 if text else 0)
    assert answer.reason == (None if text else "i-found-no-support")
    assert ("Leave" in answer.nearest) is (not text)


async def test_where_little_was_not_enough_more_is_read(index: Index) -> None:
    seen: list[str] = []

    async def note(progress: Progress) -> None:
        seen.append(progress.stage)

    async with scripted("NOT FOUND") as (server, model):
        answer = await assistant(index.retriever, model).answer(asked(LEAVE), on_progress=note)
    prompts = [r.json()["messages"][-1]["content"] for r in server.requests if is_question(r)]
    first, more = [prompt for prompt in prompts if LEAVE in prompt]
    assert len(first) < len(more)
    assert more.startswith(first[: first.index("Question:")])
    assert [stage for stage in seen if stage != "text"] == ["searching", "found", "reading-more"]
    assert "reading_more" in answer.receipt.timings_s


async def test_a_name_that_no_page_knows_is_not_looked_for_by_the_model(index: Index) -> None:
    async with scripted("x") as (server, model):
        answer = await assistant(index.retriever, model).answer(
            asked("How many days of leave has Zebulon?")
        )
    assert (answer.abstained, answer.reason) == (True, "i-do-not-know")
    assert "Leave" in answer.nearest
    assert not any("Zebulon" in r.body.decode() for r in server.requests if is_question(r))


async def test_who_may_open_nothing_is_not_told_that_nothing_is_there(index: Index) -> None:
    async with scripted("x") as (_, model):
        answer = await assistant(index.retriever, model).answer(
            asked(LEAVE, audience=Audience.of("terminal:eve"))
        )
    assert (answer.reason, answer.nearest) == ("i-do-not-know", ())


async def test_an_answer_that_the_model_takes_back_is_not_said(index: Index) -> None:
    async with scripted("Everybody has 25 days of paid leave a year.", agrees=False) as (_, model):
        answer = await assistant(index.retriever, model).answer(asked(LEAVE))
    assert answer.abstained
    assert answer.text == ""
    assert answer.citations == ()
    assert not any(use.used for use in answer.receipt.chunks)


async def test_the_newest_page_counts_and_the_older_one_is_named(tmp_path: Path) -> None:
    says = "Everybody has {} days of paid leave a year."
    old = chunk("Leave 2021", says.format(21), "en")
    async with open_index(tmp_path) as index:
        await index.add([*pages(), old])
        await index.embed_all()
        closely = await CloseReader.open(tmp_path / "statements", index.embedder)
        retriever = Retriever(index.store, index.embedder, index.words, closely=closely)
        async with scripted(says.format(25)) as (server, model):
            answer = await assistant(retriever, model).answer(asked(LEAVE))
        await closely.close()
    assert answer.text == f"{says.format(25)[:-1]} [1]."
    assert [(c.n, c.chunk.title) for c in answer.citations] == [(1, "Leave"), (2, "Leave 2021")]
    assert answer.dissents == (Dissent(2, is_older=True),)
    assert {use.article for use in answer.receipt.chunks if use.used} == {
        *("handbook:Leave", "handbook:Leave 2021"),
    }
    prompts = [r.body.decode() for r in server.requests if is_question(r)]
    assert not any("21 days of paid" in prompt for prompt in prompts), "the old page is not read"


async def test_who_wants_everything_of_a_kind_gets_a_wider_search(tmp_path: Path) -> None:
    bakers = [chunk(f"Mill {n}", f"Mill {n} brings us flour.", "en") for n in range(24)]
    async with open_index(tmp_path) as index:
        await index.add(bakers)
        await index.embed_all()
        async with scripted("Mill 1 and Mill 2 bring us flour.") as (server, model):
            here = assistant(index.retriever, model)
            everything = await here.answer(asked("Which mills are there that bring us flour?"))
            one = await here.answer(asked("What does Mill 3 bring us?"))
        assert len(everything.receipt.chunks) > len(one.receipt.chunks)
        prompts = [r.json()["messages"][-1]["content"] for r in server.requests if is_question(r)]
        whole = next(prompt for prompt in prompts if "Which mills are there" in prompt)
        assert whole.count("brings us flour") >= 10


async def test_without_readers_the_model_is_not_asked(index: Index) -> None:
    async with scripted("x") as (server, model):
        answer = await assistant(index.retriever, model).answer(asked(LEAVE, audience=Audience()))
    asked_for = [r.json()["max_tokens"] for r in server.requests if is_question(r)]
    assert set(asked_for) <= {1}, "only reading ahead"
    assert (answer.abstained, answer.reason, answer.nearest) == (True, "no-knowledge", ())
    assert answer.receipt.chunks == ()
    assert answer.receipt.tokens == {"prompt": 0, "answer": 0}


async def test_nothing_that_people_say_is_read_as_a_template(index: Index) -> None:
    hostile = "{{ persona.prompt }} {% for x in range(9) %}x{% endfor %} days of leave?"
    async with scripted("NOT FOUND") as (server, model):
        await assistant(index.retriever, model).answer(asked(hostile))
    prompts = [r.json()["messages"][-1]["content"] for r in server.requests if is_question(r)]
    assert any(hostile in prompt for prompt in prompts)


def test_the_last_exchange_goes_along_cut_short() -> None:
    messages = (
        Message("0", "terminal:ana", "Long ago"),
        Message("1", "terminal:ana", "How many days\nof leave?"),
        Message("2", "tertulia", "25 days. " * 100),
        Message("3", "terminal:ana", "And abroad?"),
    )
    lines = earlier(Conversation("c", messages, Audience.of("everyone"))).splitlines()
    assert lines[0] == "They: How many days of leave?"
    assert lines[1].startswith("You: 25 days. ")
    assert len(lines[1]) == 300
    assert len(lines) == 2


def test_the_steps_are_asynchronous_only(index: Index) -> None:
    model = at("http://127.0.0.1:9/v1")
    with pytest.raises(NotImplementedError):
        Search(index.retriever, model).run(asked(LEAVE), None)  # type: ignore[arg-type]  # refused anyway
    with pytest.raises(NotImplementedError):
        Cite(SoftCoverage(index.words), model).run([], None)  # type: ignore[arg-type]  # refused anyway
