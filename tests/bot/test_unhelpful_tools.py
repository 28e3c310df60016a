"""Where a tool has failed that was to know it, people read that, and not only that nobody knows."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.egress import Egress
from bot.receipts import answer_value
from bot.replying import worded
from bot.settings import Settings
from bot.talking import Talk
from bot.wording import LANGUAGES, say
from knowledge.conversations import Answer, Missing, Receipt
from tests.bot.team import write
from tests.fakes.scripted_model import NOT_FOUND, ScriptedModel, writing

ROOMS = '''
import sys
import time

from pipelines.tools import CannotError, tool


@tool(within_s=0.3)
def rooms(how: str) -> object:
    """The rooms of a house."""
    if how == "broken":
        raise ZeroDivisionError("secret of ours")
    if how == "exit":
        sys.exit(3)
    if how == "too-long":
        time.sleep(0.5)
    if how == "cannot":
        raise CannotError("No room is that large.\\n```\\n@everyone <!channel>")
    return {"no-text": b"\\x00\\xff", "nothing": None}.get(how, "The hall has 12 seats.")
'''
QUESTION = {
    "en": "Which room has seats for fifty owls?",
    "es": "¿Qué sala tiene asientos para cincuenta búhos?",
}
FAULTS = {
    **{one: one for one in ("broken", "too-long", "no-text", "arguments", "nothing")},
    "exit": "broken",
}
"""What is told of each way to give nothing."""
RECEIPT = Receipt("porter", "1", "owl")


@pytest.fixture
async def talk(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    """A talk with a persona that may ask for rooms."""
    write(home / "more/tools", {"rooms.py": ROOMS})
    porter = "---\ntools: [rooms]\nlanguages: [en, es]\n---\nYou help.\n"
    write(home / "more/personas", {"porter.md": porter})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    async with App(Settings()) as app:
        yield await app.talk("terminal:ana", "porter")


def wanting(model: ScriptedModel, *calls: tuple[str, object]) -> None:
    """Have the model call these, and know nothing."""
    chosen = [{"tool": name, "arguments": {"how": how}} for name, how in calls]
    model.reply_to["\nResults:"] = writing('{"calls": []}')
    model.reply_to["Tools:\n"] = writing(json.dumps({"calls": chosen}))
    model.answer = NOT_FOUND


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", FAULTS)
async def test_why_a_tool_did_not_help_is_told_in_the_language_of_who_asked(
    talk: Talk, model: ScriptedModel, how: str, language: str
) -> None:
    wanting(model, ("rooms", 3 if how == "arguments" else how))
    reply = await talk.reply(QUESTION[language])
    about = say("tool-fault", language, fault=FAULTS[how])
    assert reply.text.endswith(say("tool-no-help", language, tool="rooms", about=about))
    assert "secret of ours" not in reply.text
    assert reply.answer
    assert reply.answer.abstained
    told = answer_value(reply.answer)["unhelpful"]
    assert told == {"tool": "rooms", "fault": FAULTS[how], "text": ""}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_a_tool_says_itself_is_shown_as_it_is(
    talk: Talk, model: ScriptedModel, language: str
) -> None:
    wanting(model, ("rooms", "cannot"))
    reply = await talk.reply(QUESTION[language])
    assert say("tool-no-help-said", language, tool="rooms") in reply.text
    assert "\n````\nNo room is that large.\n```" in reply.text
    for platform in ("slack", "discord", "terminal"):
        shown = Egress(platform).markdown(reply.text, language=language)
        assert "No room is that large." in shown
        assert "tool `rooms`" in shown or "herramienta `rooms`" in shown
        assert "<!channel>" not in shown or platform != "slack"


async def test_nothing_is_told_of_tools_where_there_is_an_answer(
    talk: Talk, model: ScriptedModel
) -> None:
    wanting(model, ("rooms", "broken"), ("rooms", "free"))
    model.answer = "The hall has 12 seats."
    reply = await talk.reply("How many seats has the hall?")
    assert reply.answer
    assert not reply.answer.abstained
    assert reply.answer.unhelpful is None
    assert "unhelpful" not in answer_value(reply.answer)


@pytest.mark.parametrize("calls", [[], [("cellars", "x")], [("rooms", "broken"), ("rooms", "x")]])
async def test_a_tool_that_was_not_asked_or_has_answered_is_no_reason(
    talk: Talk, model: ScriptedModel, calls: list[tuple[str, object]]
) -> None:
    wanting(model, *calls)
    reply = await talk.reply(QUESTION["en"])
    assert reply.answer
    assert reply.answer.abstained
    assert reply.answer.unhelpful is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_there_are_no_pages_is_not_why_a_tool_knew_nothing(language: str) -> None:
    empty = Answer("", "", language, (), RECEIPT, abstained=True, reason="no-knowledge")
    assert worded(empty) == say("no-knowledge", language)
    late = replace(empty, unhelpful=Missing("too-long", tool="rooms"))
    assert "source add" not in worded(late)
    assert worded(late).startswith(say("i-do-not-know", language))
