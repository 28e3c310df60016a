"""What people read of a tool that did not do it: in their language, and no words for the model."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import update

from bot.app import App
from bot.receipts_text import why_text
from bot.replying import Reply
from bot.settings import Settings
from bot.talking import Talk
from bot.wording import LANGUAGES, say
from knowledge.confirmations import CONFIRMATIONS, VALID_FOR
from knowledge.conversations import Decision, ToolFault, now
from knowledge.database import transaction
from pipelines.tool_call import Status
from tests.bot.team import write
from tests.fakes.scripted_model import ScriptedModel, writing

HALL = '''
import time

from pipelines.tools import CannotError, Picture, tool


def _ended(how: str) -> bytes:
    if how == "broken":
        raise ZeroDivisionError
    if how == "too-long":
        time.sleep(0.5)
    if how == "slow":
        time.sleep(0.25)
    if how == "cannot":
        raise CannotError("The wall is full.")
    return b"no picture"


@tool(within_s=0.3)
def draw(how: str) -> Picture:
    """Draws something."""
    return Picture(_ended(how), how)


@tool(effect="write", within_s=0.3)
def hang_up(how: str, note: str = "") -> object:
    """Hangs something up in the hall."""
    _ended(how)
    return iter("no text") if how == "no-text" else f"{how} hangs there.{note}"
'''
PERSONA = "---\ntools: [draw, hang_up]\nlanguages: [en, es]\n---\nYou draw.\n"
QUESTION = {
    "en": "Please hang up a picture of an owl in the hall.",
    "es": "Por favor, cuelga en el pasillo una imagen de un búho.",
}
FOR_THE_MODEL = (
    *("It failed; whoever runs Tertulia", "within 0.3 s", "arguments", "no picture that I know"),
    *("is no text", "must confirm it first", "no such tool"),
)
"""Of the sentences that a model reads."""
OUTCOMES = {
    "done": ("done", ""),
    "broken": ("unknown", ""),
    "no-text": ("unknown", ""),
    "too-long": ("unknown", ""),
    "cannot": ("failed", ""),
    "declined": ("declined", ""),
    "late": ("late", ""),
}
"""What comes of each call, and what went wrong where the tool does not say it."""
SECRET = "the token is ghp_" + "a1B2" * 9


@pytest.fixture
async def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """An app with a persona that draws and hangs up."""
    write(home / "more/tools", {"hall.py": HALL})
    porter = PERSONA.replace("draw, ", "")
    write(home / "more/personas", {"painter.md": PERSONA, "porter.md": porter})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    async with App(Settings()) as app:
        yield app


@pytest.fixture
async def talk(app: App) -> Talk:
    return await app.talk("terminal:ana", "painter")


def wanting(model: ScriptedModel, tool: str, **arguments: object) -> None:
    """Have the model call this."""
    calls = [{"tool": tool, "arguments": arguments}]
    model.reply_to["Tools:"] = writing(json.dumps({"calls": calls}))


def checked(reply: Reply, language: str) -> str:
    """The text of a reply, in which nothing is meant for a model."""
    assert reply.answer
    assert reply.language == language
    text = reply.text + why_text(reply.answer, language)
    assert not [words for words in FOR_THE_MODEL if words in text]
    return reply.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", ["broken", "too-long", "no-picture", "arguments", "cannot"])
async def test_why_a_picture_is_missing_is_told_in_the_language_of_who_asked(
    talk: Talk, model: ScriptedModel, how: str, language: str
) -> None:
    wanting(model, "draw", how=3 if how == "arguments" else how)
    text = checked(await talk.reply(QUESTION[language]), language)
    said = say("not-drawn", language, about=say("tool-fault", language, fault=how))
    if how == "cannot":
        said = say("not-drawn-said", language, about="The wall is full.")
    assert text == said


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_picture_that_nobody_may_draw_here_is_no_reason(
    app: App, model: ScriptedModel, language: str
) -> None:
    wanting(model, "draw", how="broken")
    talk = await app.talk("terminal:ana", "porter")
    reply = await talk.reply(QUESTION[language])
    assert reply.answer
    assert [one.outcome for one in reply.answer.receipt.tools] == ["refused"]
    assert reply.answer.not_drawn is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", OUTCOMES)
async def test_what_came_of_what_was_confirmed_is_told_in_the_language_of_who_asked(
    app: App, talk: Talk, model: ScriptedModel, how: str, language: str
) -> None:
    outcome, fault = OUTCOMES[how]
    wanting(model, "hang_up", how=how)
    asked = await talk.reply(QUESTION[language])
    assert checked(asked, language).startswith(say("act", language, outcome="unconfirmed"))
    assert asked.answer
    if how == "late":
        async with transaction(await app.database()) as connection:
            await connection.execute(update(CONFIRMATIONS).values(asked_at=now() - 2 * VALID_FOR))
    name = asked.answer.acts[0].confirmation
    said = Decision(name, is_yes=how != "declined", language=language)
    done = await talk.reply(say("button-yes", language), decision=said)
    text = checked(done, language)
    assert text.startswith(say("act", language, outcome=outcome))
    assert (say("tool-fault", language, fault=fault) in text) == bool(fault)
    told = {"done": "done hangs there.", "cannot": "The wall is full."}.get(how, "")
    assert (say("act-said", language) in text) == bool(told)
    assert told in text
    assert done.answer
    assert say("tool-outcome", language, outcome=outcome) in why_text(done.answer, language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_said_yes_and_was_not_answered_in_time_is_not_told_to_ask_again(
    talk: Talk, model: ScriptedModel, language: str
) -> None:
    wanting(model, "hang_up", how="slow")
    asked = await talk.reply(QUESTION[language])
    assert asked.answer
    talk.deadline_s = 0.1
    said = Decision(asked.answer.acts[0].confirmation, is_yes=True, language=language)
    late = await talk.reply(say("button-yes", language), decision=said)
    assert late.text == say("error-midway", language, seconds="0.1")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nobody_is_asked_to_confirm_what_is_not_shown(
    talk: Talk, model: ScriptedModel, language: str
) -> None:
    wanting(model, "hang_up", how="done", note=SECRET)
    asked = await talk.reply(QUESTION[language])
    text = checked(asked, language)
    assert text.startswith(say("act", language, outcome="failed"))
    assert say("tool-fault", language, fault="unseen") in text
    assert asked.answer
    assert asked.answer.acts[0].confirmation == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_outcome_and_each_fault_has_words_of_its_own(language: str) -> None:
    outcomes = [say("tool-outcome", language, outcome=one) for one in get_args(Status)]
    faults = [say("tool-fault", language, fault=one) for one in get_args(ToolFault) if one]
    assert len({*outcomes, *faults}) == len(outcomes) + len(faults)
    other = next(one for one in LANGUAGES if one != language)
    assert not {say("tool-fault", other, fault=one) for one in get_args(ToolFault)} & {*faults}


async def test_what_is_not_done_by_a_persona_without_tools_is_named_all_the_same(
    app: App, home: Path, model: ScriptedModel
) -> None:
    write(home / "more/personas", {"idle.md": "---\ntools: []\n---\nYou.\n"})
    call = {"tool": "hang_up", "arguments": {"how": "done"}}
    model.reply_to["Tools:\n"] = writing(json.dumps({"calls": [call]}))
    talk = await app.talk("terminal:ana", "porter", "C1")
    asked = (await talk.reply(QUESTION["en"])).answer
    assert asked
    idle = await app.talk("terminal:ana", "idle", "C1")
    reply = await idle.reply("yes", decision=Decision(asked.acts[0].confirmation, is_yes=True))
    assert reply.answer
    (act,) = reply.answer.acts
    assert (act.outcome, act.call.split("\n")[0]) == ("refused", "hang_up")
