"""What a model writes into a call is no evidence for what it then answers; what comes back is."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from bot.talking import Talk
from tests.bot.team import write
from tests.fakes.scripted_model import ScriptedModel, writing

ARCHIVE = '''
from pipelines.tools import tool


@tool
def archive(query: str) -> str:
    """What the archive says."""
    return "Ana Gray earns 4,321 euros a month. / Ana Gray gana 4.321 euros al mes."
'''
FORM = "schema: {type: object, properties: {pay: {type: string}}, required: [pay]}\n"
SAID = {
    "en": ("What does Ana Gray earn, says the archive?", "Ana Gray earns {} euros a month."),
    "es": ("¿Cuánto gana Ana Gray, según el archivo?", "Ana Gray gana {} euros al mes."),
}


@pytest.fixture
async def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """An app with somebody who asks the archive, and somebody who fills in a form from it."""
    write(home / "more/tools", {"archive.py": ARCHIVE})
    header = "tools: [archive]\nlanguages: [en, es]\nsources: []\n"
    written = {"reader.md": header, "clerk.md": header + FORM}
    write(home / "more/personas", {n: f"---\n{one}---\nYou.\n" for n, one in written.items()})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    async with App(Settings()) as app:
        yield app


def scripted(model: ScriptedModel, query: str, answer: str) -> None:
    """Have the model ask the archive with these words, and answer this."""
    calls = [{"tool": "archive", "arguments": {"query": query}}]
    model.reply_to["\nResults:"] = writing('{"calls": []}')
    model.reply_to["Tools:\n"] = writing(json.dumps({"calls": calls}))
    model.answer = answer


async def replied(talk: Talk, question: str) -> tuple[str, bool]:
    answer = (await talk.reply(question)).answer
    assert answer
    assert answer.receipt.tools, "the call is shown all the same"
    return answer.text, answer.abstained


@pytest.mark.parametrize(("pay", "is_held"), [("4,321", True), ("9,999", False)])
@pytest.mark.parametrize("language", SAID)
async def test_an_answer_rests_on_what_the_tool_said_and_not_on_what_it_was_asked(
    app: App, model: ScriptedModel, language: str, pay: str, is_held: bool
) -> None:
    question, answer = SAID[language]
    answer = answer.format(pay)
    scripted(model, answer, answer)
    said, abstained = await replied(await app.talk("terminal:ana", "reader"), question)
    assert (pay in said, abstained) == (is_held, not is_held)


@pytest.mark.parametrize(("pay", "is_held"), [("4,321", True), ("9,999", False)])
@pytest.mark.parametrize("language", SAID)
async def test_a_form_is_filled_in_from_what_the_tool_said(
    app: App, model: ScriptedModel, language: str, pay: str, is_held: bool
) -> None:
    question, told = SAID[language]
    scripted(model, told.format(pay), "")
    model.reply = writing(json.dumps({"pay": f"{pay} euros"}))
    said, abstained = await replied(await app.talk("terminal:ana", "clerk"), question)
    assert (pay in said, abstained) == (is_held, not is_held)
