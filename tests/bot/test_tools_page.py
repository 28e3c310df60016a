"""What docs/tools.md asks its first tool is answered to the end, in both languages."""

import json
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from tests.bot.team import write
from tests.fakes.scripted_model import ScriptedModel, writing
from tests.pipelines.tools.test_docs import block

ASKED = {"free_rooms": {"day": "2026-05-04", "people": 8}}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "Which rooms are free on 4 May 2026 for 8 people?",
            "The room Duero is free on 4 May 2026",
        ),
        (
            "¿Qué salas están libres el 4 de mayo de 2026 para 8 personas?",
            "La sala Duero está libre el 4 de mayo de 2026",
        ),
    ],
)
async def test_the_question_of_the_page_is_answered(
    home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch, question: str, answer: str
) -> None:
    write(home / "more/tools", {"meeting_rooms.py": block("python")})
    write(home / "more/personas", {"receptionist.md": block("markdown")})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    calls = [{"tool": name, "arguments": given} for name, given in ASKED.items()]
    model.reply_to["\nResults:"] = writing('{"calls": []}')
    model.reply_to["Tools:\n"] = writing(json.dumps({"calls": calls}))
    model.answer = f"{answer}."
    async with App(Settings()) as app:
        reply = await (await app.talk("terminal:ana", "receptionist")).reply(question)
    assert reply.answer
    assert reply.answer.text == f"{answer} [1]."
