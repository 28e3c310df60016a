"""From an answer that somebody rated to a row in a file: with consent, and without names."""

import json
from pathlib import Path

import pytest

from tests.bot.learning_team import agree, say, write_down
from tests.bot.team import Tertulia
from tests.fakes.scripted_model import ScriptedModel

QUESTION = "How many weeks of parental leave are there?"
ANSWER = "Parents take 19 weeks of parental leave."
BETTER = "19 weeks, paid in full. Marta Ruiz (marta.ruiz@coop.example) knows more."
ANA, BEN = "terminal:ana", "terminal:ben"


@pytest.fixture
def team(home: Path, model: ScriptedModel) -> Path:
    """A team in which everybody agrees."""
    model.answer = ANSWER
    write_down(home)
    agree()
    return home


def ask(tertulia: Tertulia, author: str = ANA, question: str = QUESTION) -> str:
    """Ask; the reference of the answer."""
    answered = tertulia("ask", question, "--as", author, "--json").value
    assert not answered["abstained"]
    return str(answered["reference"])


def test_an_answer_that_was_corrected_becomes_a_row_of_a_file(
    team: Path, tertulia: Tertulia
) -> None:
    reference = ask(tertulia)
    say(reference, BEN, "down", fault="style", better=BETTER)
    found = tertulia("learn", "examples", "find", "--json").value
    name = f"E{reference[1:]}"
    assert (found["made"], found["left_out"]) == ([name], {})
    shown = tertulia("learn", "examples", "show", name, "--json").value
    assert shown["messages"] == [
        {"role": "user", "content": QUESTION},
        {
            "role": "assistant",
            "content": "19 weeks, paid in full. [PERSON_1] ([EMAIL_1]) knows more.",
        },
    ]
    assert (shown["kind"], shown["state"], shown["audience"]) == ("style", "waiting", ["everyone"])
    assert shown["consent"]["channel"] == "terminal:chat"
    assert shown["provenance"]["passages"][0]["article"] == "team:leave.md"
    assert tertulia("learn", "examples", "approve", name, "--as", "terminal:carla").code == 0
    made = tertulia("learn", "examples", "export", "--json").value
    assert (made["train"], made["eval"]) == (1, 0)
    (row,) = (Path(made["folder"]) / "train.jsonl").read_text().splitlines()
    assert json.loads(row) == {"messages": shown["messages"]}
    manifest = json.loads((Path(made["folder"]) / "manifest.json").read_text())
    assert manifest["rows"][0]["provenance"]["answer"] == reference
