"""`tertulia learn run`: what colleagues put right becomes a better prompt, or is refused."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.jobs import RunStoppedError
from bot.learning_run import Wish, learn
from bot.settings import Settings
from tests.bot.team import Tertulia
from tests.fakes.scripted_model import ScriptedModel
from tests.weeks.office import PEOPLE, Clerk, Fact, agree, approve, facts, week, write_pages

FACTS, LATER = facts(28)[:24], facts(28)[24:]


@pytest.fixture
def office(empty_home: Path, model: ScriptedModel, tertulia: Tertulia) -> Path:
    """An office whose pages are read, and in which everybody agrees."""
    model.thinks = Clerk([*FACTS, *LATER])
    write_pages(empty_home / "pages", [*FACTS, *LATER])
    added = tertulia("source", "add", "office", "files", "--path", str(empty_home / "pages"))
    assert (added.code, tertulia("refresh", "--wait").code) == (0, 0)
    agree(empty_home)
    return empty_home


def works(some: list[Fact]) -> float:
    """A week in which colleagues ask for these and the curator approves all rows."""

    async def work() -> float:
        async with App(Settings()) as app:
            share = await week(app, some)
            await approve(app)
            return share

    return asyncio.run(work())


def learnt(tertulia: Tertulia) -> dict[str, Any]:
    outcome = tertulia("learn", "run", "--questions", "4", "--as", "terminal:carla", "--json")
    assert outcome.code == 0, outcome.err
    value: dict[str, Any] = outcome.value
    return value


def test_what_people_put_right_is_learnt_measured_and_taken_back(
    office: Path, tertulia: Tertulia
) -> None:
    assert works(FACTS) == 0.5
    value = learnt(tertulia)
    assert value["triage"]["kinds"] == {"prompt": 12}
    assert value["no_candidate_because"] == []
    (made,) = value["candidates"]
    failed = {rule["name"]: rule["missing"] for rule in made["failed"]}
    assert all(name.endswith("-count") for name in failed), "few questions, and nothing else"
    assert failed["answers en-count"] == 96
    assert (made["place"], made["passes"], made["serves"]) == ("prompt:helpdesk", False, False)
    assert "12" not in Path(made["report"]).read_text("utf-8").split("## Why")[0]
    noted = LATER[1]
    assert tertulia("ask", noted.question, "--json").value["abstained"]
    waived = [part for name in failed for part in ("--waive", name)]
    assert tertulia("learn", "promote", made["name"], *waived).code == 0
    answered = tertulia("ask", noted.question, "--json").value
    assert noted.sentence.rstrip(".") in answered["answer"]
    assert tertulia("learn", "rollback").code == 0
    assert tertulia("ask", noted.question, "--json").value["abstained"]
    (file,) = Path(made["report"]).parent.glob("helpdesk.md")
    for person in PEOPLE:
        tertulia("forget", person)
    assert not file.exists(), "a row that stood in it was forgotten"
    (row,) = tertulia("learn", "status", "--json").value["candidates"]
    assert row["state"] == "quarantined"


def test_without_rows_nothing_is_asked_and_the_reason_is_told(
    office: Path, tertulia: Tertulia, model: ScriptedModel
) -> None:
    model.prompts.clear()
    value = learnt(tertulia)
    assert value["no_candidate_because"] == ["There is no row to learn from."]
    assert value["candidates"] == model.prompts == []


def test_a_run_ends_between_two_questions_when_it_is_told_to(
    office: Path, model: ScriptedModel
) -> None:
    works(FACTS[:6])
    model.prompts.clear()

    async def stopped() -> None:
        raise RunStoppedError("It was stopped.", what_to_do="The next run goes on from there.")

    async def work() -> None:
        async with App(Settings()) as app:
            await learn(app, Wish("schedule"), lambda _: None, stopped)

    with pytest.raises(RunStoppedError):
        asyncio.run(work())
    assert model.prompts == [], "nothing was asked before whoever waits was asked"


def test_what_is_missing_from_the_knowledge_is_told_and_never_learnt(
    office: Path, tertulia: Tertulia
) -> None:
    assert works(facts(34)[28:]) == 0, "no page says it"
    value = learnt(tertulia)
    assert value["triage"]["kinds"] == {"knowledge": 6}
    assert value["candidates"] == []
    assert "that is never learnt" in value["no_candidate_because"][0]
