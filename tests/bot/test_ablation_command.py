"""`tertulia learn ablation`: what each of the four ways adds to a team's answers."""

from pathlib import Path

import pytest
from PIL import Image

from tests.bot.faulty import Reader
from tests.bot.team import Tertulia
from tests.fakes.scripted_model import ScriptedModel

WEEKS = "How many weeks of parental leave are there?"
SAYS_WEEKS = "Parents take 19 weeks of parental leave."


@pytest.fixture
def questions(home: Path, model: ScriptedModel) -> str:
    model.thinks = Reader([SAYS_WEEKS])
    path = home / "questions.csv"
    path.write_text(f"question;answer\n{WEEKS};19 weeks\nWho sings?;Marta sings\n", "utf-8")
    return str(path)


def test_each_way_is_measured_on_the_same_questions(questions: str, tertulia: Tertulia) -> None:
    outcome = tertulia("learn", "ablation", questions, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    value = outcome.value
    assert [one["with"] for one in value["steps"]] == ["prompt", "retrieval", "tools", "tuned"]
    assert [one["right"] for one in value["steps"]] == [0.0, 0.5, 0.5, 0.5]
    assert (value["questions"], value["learnt"], value["persona"]) == (2, {}, "helpdesk")
    low, high = value["steps"][1]["interval"]
    assert low < 0.5 < high
    with Image.open(value["chart"]) as image:
        assert image.format == "PNG"


def test_people_read_what_each_way_adds(questions: str, tertulia: Tertulia) -> None:
    said = tertulia("learn", "ablation", questions).out
    assert "Right answers of 2 questions of questions.csv:" in said
    line = next(line for line in said.splitlines() if "+ retrieval" in line)
    assert "50 %" in line
    assert "+50" in line


def test_a_table_without_answers_is_told(home: Path, tertulia: Tertulia) -> None:
    path = home / "questions.csv"
    path.write_text("question\nWho sings?\n", "utf-8")
    outcome = tertulia("learn", "ablation", str(path), "--json")
    assert outcome.code == 2
    assert "Of no question in" in outcome.error["message"]
    assert tertulia("learn", "ablation", "none.csv", "--json").code == 2


def test_who_has_nobody_of_that_name_is_told(questions: str, tertulia: Tertulia) -> None:
    outcome = tertulia("learn", "ablation", questions, "--persona", "helpdex", "--json")
    assert outcome.code == 2
    assert "helpdesk" in outcome.error["what_to_do"]
