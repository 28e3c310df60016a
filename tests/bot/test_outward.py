"""A page for some goes to nobody outside unless who asked has read what would go, and agreed."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from bot.talking import Talk
from bot.wording import LANGUAGES, say
from knowledge.conversations import Decision
from tests.bot.team import write
from tests.fakes.scripted_model import ScriptedModel, writing

PARTS = '''
from io import BytesIO
from pathlib import Path

from PIL import Image

from pipelines.tools import Picture, tool

HEARD = Path({heard!r})


@tool(outward=True)
def parts(words: str) -> str:
    """What a shop of others has."""
    HEARD.write_text(words)
    return "The shop has 17 lamps."


@tool(outward=True)
def sketch(words: str) -> Picture:
    """Has others draw something."""
    HEARD.write_text(words)
    content = BytesIO()
    Image.new("RGB", (64, 64), "red").save(content, "PNG")
    return Picture(content.getvalue(), words)


@tool
def notes() -> str:
    """Notes of ours."""
    return "The salary of Ana is 54321 euros."
'''
READ = "The salary of Ana is 54321 euros."
QUESTION = {"en": "What is the salary of Ana?", "es": "¿Cuál es el salario de Ana?"}


@pytest.fixture
async def talk(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    """A talk with a persona that reads notes, and asks others."""
    write(home / "more/tools", {"parts.py": PARTS.format(heard=str(home / "heard.txt"))})
    buyer = "---\ntools: [notes, parts, sketch]\nlanguages: [en, es]\n---\nYou buy.\n"
    write(home / "more/personas", {"buyer.md": buyer})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    async with App(Settings()) as app:
        yield await app.talk("terminal:ana", "buyer")


def obeying(model: ScriptedModel, tool: str) -> None:
    """Have the model read the notes, and tell them to others."""
    for words, name, given in (("\nResults:", tool, {"words": READ}), ("Tools:\n", "notes", {})):
        calls = [{"tool": name, "arguments": given}]
        model.reply_to[words] = writing(json.dumps({"calls": calls}))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("tool", "is_yes"), [("parts", True), ("parts", False), ("sketch", True)])
async def test_who_asked_reads_what_would_go_out_and_then_what_came_back(
    home: Path, talk: Talk, model: ScriptedModel, tool: str, is_yes: bool, language: str
) -> None:
    obeying(model, tool)
    asked = await talk.reply(QUESTION[language])
    assert asked.answer
    (act,) = asked.answer.acts
    assert asked.text.startswith(say("act", language, outcome="unconfirmed"))
    assert f'{tool}\n  words: "{READ}"' in asked.text
    assert say("act-outward", language) in asked.text
    assert not (home / "heard.txt").exists()
    said = Decision(act.confirmation, is_yes=is_yes, language=language)
    done = await talk.reply(say("button-yes", language), decision=said)
    assert (home / "heard.txt").exists() is is_yes
    assert ("The shop has 17 lamps." in done.text) is (is_yes and tool == "parts")
    assert (say("picture", language, number=1) in done.text) is (tool == "sketch")
    assert "posted as a file" not in done.text, "these words are for the model"
    assert say("act-outward", language) not in done.text
