"""A conversation summed up by a tool: what everybody who reads along may read of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from knowledge.articles import Audience
from knowledge.conversations import Message
from knowledge.history import History
from pipelines.tool import Caller, CannotError
from tests.bot.team import write
from tests.fakes.scripted_model import ScriptedModel, writing

CLERK = "---\ntools: [summarise_thread]\n---\nYou sum up.\n"
ANA = Audience.of("terminal:ana", "everyone")
EVERYBODY = Audience.of("everyone")
SAID = (
    Message("1", "slack:U1", "Shall we paint the workshop green?"),
    Message("2", "slack:U2", "Sí, el viernes con Irene."),
)


@pytest.fixture
async def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """A home with a clerk who sums up."""
    write(home / "more" / "personas", {"clerk.md": CLERK})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    async with App(Settings()) as app:
        yield app


async def heard(app: App, conversation: str = "C1", readers: Audience = EVERYBODY) -> str:
    """What the tool tells the model."""
    (tool,) = (await app.cast.broker()).offered(["summarise_thread"])
    text = await tool.function(caller=Caller("terminal:ana", readers, conversation))
    assert isinstance(text, str)
    return text


def choose(model: ScriptedModel, answer: str) -> None:
    """Let the model have a look at the thread, and answer."""
    call = {"tool": "summarise_thread", "arguments": {}}
    model.reply_to["\nResults:"] = writing(json.dumps({"calls": []}))
    model.reply_to["Tools:\n"] = writing(json.dumps({"calls": [call]}))
    model.answer = answer


async def test_what_was_said_is_told_oldest_first_with_names(app: App) -> None:
    history = History(await app.database())
    await history.keep_earlier("C1", SAID, EVERYBODY)
    assert await heard(app) == (
        "Messages: 2\n\nU1: Shall we paint the workshop green?\n\nU2: Sí, el viernes con Irene."
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What was this thread about?", "They want to paint the workshop green."),
        ("¿De qué trató este hilo?", "Pintan el viernes con Irene."),
    ],
)
async def test_a_summary_is_answered_from_the_thread(
    app: App, model: ScriptedModel, question: str, answer: str
) -> None:
    await History(await app.database()).keep_earlier("C1", SAID, EVERYBODY)
    choose(model, answer)
    talk = await app.talk("terminal:ana", "clerk", "C1")
    await talk.reply(question)
    assert "U1: Shall we paint the workshop green?" in model.last_prompt
    assert talk.last
    assert [one.outcome for one in talk.last.receipt.tools] == ["done"]


async def test_who_joins_later_is_not_told_what_was_said_before_fewer(
    app: App, model: ScriptedModel
) -> None:
    await History(await app.database()).keep_earlier("C1", SAID, ANA)
    assert "green" in await heard(app, readers=ANA)
    with pytest.raises(CannotError, match="Nothing was said here before"):
        await heard(app)
    with pytest.raises(CannotError, match="Nothing was said here before"):
        await heard(app, "C2", ANA)


async def test_an_answer_whose_source_was_closed_is_left_out(
    app: App, home: Path, model: ScriptedModel
) -> None:
    model.answer = "The chair of the board earns 4,812 euros a month."
    talk = await app.talk("terminal:ana", "helpdesk", "C1")
    await talk.reply("What does the chair of the board earn?")
    assert "Tertulia: The chair of the board earns 4,812" in await heard(app, readers=ANA)
    structure = home / "tertulia.toml"
    structure.write_text(structure.read_text().replace('"terminal:ana"', '"terminal:zoe"'))
    async with App(Settings()) as other:
        await other.retriever()
    said = await heard(app, readers=ANA)
    assert "What does the chair of the board earn?" in said
    assert "4,812" not in said


@pytest.mark.parametrize("length", [20, 5_000])
async def test_a_long_thread_keeps_its_beginning_and_its_end(app: App, length: int) -> None:
    said = [Message(str(n), "slack:U1", f"say {n} {'word ' * length}") for n in range(150)]
    await History(await app.database()).keep_earlier("C1", said, EVERYBODY)
    told = await heard(app)
    assert told.startswith("Messages: 150\n\nU1: say 0 word")
    assert "U1: say 149 word" in told
    assert "messages left out)" in told
    assert len(told) < 4_000


async def test_a_few_long_messages_are_cut_and_none_is_left_out(app: App) -> None:
    said = [Message(str(n), "slack:U1", f"say {n} {'word ' * 900}") for n in range(5)]
    await History(await app.database()).keep_earlier("C1", said, EVERYBODY)
    told = await heard(app)
    assert [f"say {n} " in told for n in range(5)] == [True] * 5
    assert "left out" not in told
    assert len(told) < 4_000
