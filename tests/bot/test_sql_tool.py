"""A query of tertulia.toml, from the question to the cited answer, in both languages."""

import json
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from bot.structure import Structure
from tests.bot.team import Tertulia, write
from tests.fakes.scripted_model import ScriptedModel, writing
from tests.knowledge.database_world import TeamDatabase

TABLE = """
[tools.sql]
url = "${SHOP_DATABASE}"

[tools.sql.queries.price_of]
sql = "SELECT question AS thing, answer AS price FROM faq WHERE question = :thing"
description = "The price of something in the shop."
audience = ["everyone"]
parameters.thing = "str"
"""


@pytest.fixture
def shop(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TeamDatabase:
    """A shop, and a clerk who may look at its prices."""
    team = TeamDatabase(f"sqlite:///{tmp_path / 'shop.db'}")
    team.put(7, "the drill costs 42 euros a day")
    structure = home / "tertulia.toml"
    structure.write_text(structure.read_text() + TABLE)
    write(home / "more/personas", {"clerk.md": "---\ntools: [query_price_of]\n---\nYou sell.\n"})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    monkeypatch.setenv("SHOP_DATABASE", team.url)
    return team


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What does the drill cost?", "The drill costs 42 euros a day."),
        ("¿Cuánto cuesta el taladro?", "El taladro cuesta 42 euros al día."),
    ],
)
async def test_rows_are_answered_from_and_cited(
    shop: TeamDatabase, model: ScriptedModel, question: str, answer: str
) -> None:
    call = {"tool": "query_price_of", "arguments": {"thing": "Question 7?"}}
    model.reply_to["\nResults:"] = writing(json.dumps({"calls": []}))
    model.reply_to["Tools:\n"] = writing(json.dumps({"calls": [call]}))
    model.answer = answer
    async with App(Settings()) as app:
        talk = await app.talk("terminal:ana", "clerk", "C1")
        said = await talk.reply(question)
    assert said.text == f"{answer.removesuffix('.')} [1]."
    assert said.answer
    (used,) = said.answer.receipt.tools
    assert (used.call, used.outcome) == ('query_price_of(thing="Question 7?")', "done")


def test_the_doctor_names_what_is_wrong_with_a_query(
    shop: TeamDatabase, home: Path, tertulia: Tertulia
) -> None:
    def found() -> list[tuple[str, str]]:
        checks = tertulia("doctor", "--json").value["checks"]
        return [(one["state"], one["message"]) for one in checks if one["name"] == "tools"]

    assert found()[0] == ("ok", "set up in tertulia.toml: query_price_of")
    structure = home / "tertulia.toml"
    structure.write_text(structure.read_text().replace("SELECT question", "DELETE question"))
    ((state, message),) = found()
    assert state == "broken"
    assert "[tools.sql] queries: price_of.sql: is not one single SELECT" in message
    assert Structure(structure).names() == ["team", "board"], "sources are read all the same"
