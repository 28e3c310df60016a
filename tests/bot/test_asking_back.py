"""Where a question has two readings in the knowledge, the chat is asked which one, once."""

from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from knowledge.history import ASKED_BACK
from tests.bot.team import Tertulia, write
from tests.fakes.scripted_model import ScriptedModel, writing

PAGES = {
    "bikes.md": "# Bikes\n\nOur bikes are built here. The guarantee is two years from delivery.\n",
    "e-bikes.md": "# E-bikes\n\nAll have a motor. The guarantee is three years from delivery.\n",
    "bicis.md": "# Bicicletas\n\nSe montan aquí. La garantía es de dos años desde la entrega.\n",
    "electricas.md": "# Bicicletas eléctricas\n\nLlevan motor. La garantía es de tres años.\n",
}


@pytest.fixture
def shop(empty_home: Path, tmp_path: Path, tertulia: Tertulia) -> Path:
    """A home with the pages of a shop."""
    folder = write(tmp_path / "shop", PAGES)
    tertulia("source", "add", "shop", "files", "--path", str(folder))
    tertulia("refresh", "--wait")
    return empty_home


async def test_the_question_back_names_both_pages_and_the_reply_is_understood(
    shop: Path, model: ScriptedModel
) -> None:
    async with App(Settings()) as app:
        talk = await app.talk("terminal:ana", "helpdesk", "C1")
        said = await talk.reply("How long is the guarantee?")
        assert said.text == "Which do you mean: “Bikes” [1] or “E-bikes” [2]?"
        assert said.answer
        assert said.answer.reason == ASKED_BACK
        model.answer = "The guarantee is three years from delivery."
        told = await (await app.talk("terminal:ana", "helpdesk", "C1")).reply("the second one")
        assert told.text == "The guarantee is three years from delivery [1]."
        assert "How long is the guarantee? (E-bikes)" in model.last_prompt


async def test_a_title_that_was_chosen_chooses_no_calls(
    shop: Path, monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    write(shop / "more/personas", {"clerk.md": "---\ntools: [calculate]\n---\nYou know bikes.\n"})
    monkeypatch.setenv("EXTENSIONS_DIR", str(shop / "more"))
    model.reply_to["Tools:\n"] = writing('{"calls": []}')
    async with App(Settings()) as app:
        talk = await app.talk("terminal:ana", "clerk", "C3")
        await talk.reply("How long is the guarantee?")
        await talk.reply("the second one")
    asked = [str(one[-1]["content"]) for one in model.prompts]
    choosing = [text for text in asked if "Tools:\n" in text and "Today" in text]
    assert "Question: the second one" in choosing[-1]
    assert not any("(E-bikes)" in text for text in choosing)


async def test_it_is_asked_in_the_language_of_the_question(shop: Path) -> None:
    async with App(Settings()) as app:
        talk = await app.talk("terminal:ana", "helpdesk", "C2")
        said = await talk.reply("¿Cuánto dura la garantía?")
        assert said.text.startswith(
            "¿A qué te refieres: “Bicicletas” [1] o “Bicicletas eléctricas”"
        )
        again = await talk.reply("¿Cuánto dura la garantía?")
        assert again.answer
        assert again.answer.reason != ASKED_BACK
