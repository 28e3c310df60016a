"""Follow-ups in words of the model: searched besides, and only if they invent nothing."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from knowledge.conversations import Conversation, Message
from pipelines.models import catalogue
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.endpoints import Endpoint
from pipelines.models.openai_compatible import OpenAICompatibleChatModel, RemoteServer
from pipelines.rewriting import LONGEST, is_able, is_faithful, rewritten, told
from tests.fakes.loopback import LoopbackServer, Reply
from tests.fakes.scripted_model import ScriptedModel, saying, silence, writing
from tests.pipelines.small_knowledge import PUBLIC, Index, asked, assistant, open_index, pages

BEFORE = "How many days of leave do I get?"


def talk(*texts: str) -> Conversation:
    """They and we take turns; the last one is theirs."""
    authors = ("terminal:ana", "tertulia")
    messages = tuple(Message(str(n), authors[n % 2], text) for n, text in enumerate(texts))
    return Conversation("c", messages, PUBLIC)


LEAVE = talk(BEFORE, "Everybody has 25 days a year.", "and in the first year?")


@asynccontextmanager
async def model_that(reply: Reply, name: str = "owl") -> AsyncIterator[OpenAICompatibleChatModel]:
    script = ScriptedModel()
    script.reply = reply
    async with LoopbackServer(script.respond) as server:
        endpoint = RemoteServer(Endpoint(f"{server.url}/v1", "key"))
        model = OpenAICompatibleChatModel(f"openai:{name}", endpoint, model="owl", timeout_s=20)
        try:
            yield model
        finally:
            await model.stop()


def question(text: str) -> Reply:
    return writing(json.dumps({"question": text}, ensure_ascii=False))


async def test_a_follow_up_is_put_into_words_that_stand_alone() -> None:
    said = "How many days of leave do I get\nin the first year?"
    async with model_that(question(said)) as model:
        assert await rewritten(model, LEAVE) == " ".join(said.split())


async def test_a_first_question_is_not_rewritten() -> None:
    async with model_that(question("Who?")) as model:
        assert await rewritten(model, talk(BEFORE)) == ""


@pytest.mark.parametrize(
    "reply",
    [
        writing("You get 25 days in the first year."),
        writing('{"question": ["a"]}'),
        writing("[]"),
        saying("25 days"),
        question("You get 12 days in the first year."),
        Reply(b"busy", status=503),
    ],
)
async def test_what_is_no_question_of_that_conversation_is_not_searched(reply: Reply) -> None:
    async with model_that(reply) as model:
        assert await rewritten(model, LEAVE) == ""


async def test_a_model_that_is_too_slow_is_not_waited_for() -> None:
    async with model_that(silence()) as model:
        assert await rewritten(model, LEAVE, time_limit_s=0.2) == ""


@pytest.mark.parametrize(
    ("conversation", "text"),
    [
        (LEAVE, "How many days of leave do I get in the first year?"),
        (LEAVE, "And in the first year, how many days of leave are there?"),
        (
            talk("¿Quién tiene la llave?", "Irene Sanz.", "¿y su teléfono?"),
            "¿Cuál es el teléfono de Irene Sanz, que tiene la llave?",
        ),
        (talk(BEFORE, "25 days.", "and?"), "How many days of leave do I get?"),
    ],
)
def test_the_words_of_a_conversation_make_a_faithful_question(
    conversation: Conversation, text: str
) -> None:
    assert is_faithful(text, conversation)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How many days of leave do I get in the first 3 months?",
        "How many days of leave does Pedro get in the first year?",
        "¿Cuántos días de vacaciones tengo en el primer año?",
        "How many days of leave do I get?",
        "The first year is probably unpaid according to company regulations.",
        "How many days of leave in the first year " * 10,
    ],
)
def test_what_adds_or_loses_something_is_not_faithful(text: str) -> None:
    assert not is_faithful(text, LEAVE)
    assert len("How many days of leave in the first year " * 10) > LONGEST


@pytest.mark.parametrize(
    ("name", "is_large"),
    [
        ("openai:gpt-large", True),
        ("openai:qwen2.5:7b", True),
        ("openai:Qwen2.5-14B-Instruct", True),
        ("ollama:llama3.2:3b", True),
        ("ollama:llama3.2:1b", False),
        ("openai:Qwen3-0.6B", False),
        ("ollama:smollm2:135m", False),
        ("embedded:qwen2.5-coder-1.5b", False),
        ("embedded:of-tomorrow-8b", True),
    ],
)
async def test_small_models_are_not_asked(name: str, is_large: bool) -> None:
    kind, _, rest = name.partition(":")
    server = RemoteServer(Endpoint("http://127.0.0.1:9/v1"))
    assert is_able(OpenAICompatibleChatModel(f"{kind}:{rest}", server, model=rest)) is is_large


def test_a_model_of_the_catalogue_says_itself_whether_it_helps(tmp_path: Path) -> None:
    for entry in catalogue.models().values():
        assert is_able(embedded_chat_model(entry, tmp_path)) is entry.rewrites


def test_the_model_reads_little_of_what_was_said() -> None:
    long = told([Message("1", "terminal:ana", "word " * 200)] * 9).splitlines()
    assert len(long) == 5
    assert max(map(len, long)) == 240


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await index.embed_all()
        yield index


async def test_both_wordings_are_searched_and_the_receipt_tells(index: Index) -> None:
    said = "How many weeks of parental leave are there?"
    conversation = asked("Is there parental leave?", "how many weeks are there?")
    plain = await index.retriever.retrieve(conversation)
    found = await index.retriever.retrieve(conversation, reworded=said)
    assert "reworded" not in plain.state
    assert found.state["reworded"] == said
    assert found.chunks[0].chunk.title == "Leave"
    assert {r.chunk.id for r in found.chunks} == {r.chunk.id for r in plain.chunks}
    again = await index.retriever.retrieve(asked(said), reworded=said)
    assert again.chunks == (await index.retriever.retrieve(asked(said))).chunks


async def test_an_assistant_with_a_large_model_asks_it_first(index: Index) -> None:
    script = ScriptedModel()
    script.reply_to["Rewrite:"] = question("How many weeks of parental leave are there?")
    script.answer = "Parental leave is 16 weeks."
    async with LoopbackServer(script.respond) as server:
        endpoint = RemoteServer(Endpoint(f"{server.url}/v1", "key"))
        model = OpenAICompatibleChatModel("openai:owl", endpoint, model="owl", timeout_s=20)
        here = assistant(index.retriever, model)
        answer = await here.answer(asked("Is there parental leave?", "how many weeks are there?"))
        assert answer.text == "Parental leave is 16 weeks [1]."
        assert answer.receipt.knowledge["reworded"].startswith("How many weeks of parental")
        alone = await here.answer(asked("Is there parental leave?"))
        assert "reworded" not in alone.receipt.knowledge
        await model.stop()
