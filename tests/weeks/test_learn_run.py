"""`tertulia learn run`: what colleagues put right becomes a better prompt, or is refused."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.jobs import RunStoppedError
from bot.learning_run import Wish, learn
from bot.regating import Regated, regate
from bot.settings import Settings
from pipelines.learning.regression import questions
from tests.bot.faulty import chooses_calls
from tests.bot.team import Tertulia
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import NOT_FOUND, ScriptedModel, saying
from tests.weeks.office import NOTE, PEOPLE, Clerk, Fact, agree, approve, facts, week, write_pages

pytestmark = pytest.mark.timeout(900)  # beside other work on the machine
FACTS, LATER = facts(28)[:24], facts(28)[24:]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented company, read once for all tests here: its vectors take a minute."""
    return tmp_path_factory.mktemp("company")


@pytest.fixture
def office(empty_home: Path, model: ScriptedModel, tertulia: Tertulia, company: Path) -> Path:
    """An office whose pages are read, and in which everybody agrees."""
    (empty_home / "learning").mkdir()
    (empty_home / "learning/questions").symlink_to(company)
    model.thinks = Clerk([*FACTS, *LATER])
    write_pages(empty_home / "pages", [*FACTS, *LATER])
    added = tertulia("source", "add", "office", "files", "--path", str(empty_home / "pages"))
    assert (added.code, tertulia("refresh", "--wait").code) == (0, 0)
    agree(empty_home)
    return empty_home


class Reader(Clerk):
    """A clerk who also reads the pages of the invented company.

    Args:
        company: where these are.
        is_spoilt: whether they lose their way there once they see notes: a new version of a model.
    """

    def __init__(self, company: Path, *, is_spoilt: bool = False) -> None:
        super().__init__(FACTS)
        self._cases, self._is_spoilt = questions(company, 4).answers, is_spoilt

    def __call__(self, asked: dict[str, Any]) -> Reply:
        """The reply to one request."""
        said = [str(one["content"]) for one in asked["messages"]]
        for case in self._cases if chooses_calls(asked) is None else ():
            lines = [line for line in said[-1].splitlines() if case.question not in line]
            found = [line for line in lines if any(word in line for word in case.facts[0])]
            if case.question in said[-1] and found:
                is_lost = self._is_spoilt and any(NOTE.search(one) for one in said[1:-1])
                return saying(NOT_FOUND if is_lost else found[0])
        return super().__call__(asked)


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


def regated() -> list[Regated]:
    async def work() -> list[Regated]:
        async with App(Settings()) as app:
            return await regate(app, "terminal:carla", 4, lambda _: None)

    return asyncio.run(work())


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
    promote(tertulia, made)
    answered = tertulia("ask", noted.question, "--json").value
    assert noted.sentence.rstrip(".") in answered["answer"]
    assert list(answered["receipt"]["learnt"].items()) == [("prompt:helpdesk", made["name"])]
    assert tertulia("learn", "rollback").code == 0
    assert tertulia("ask", noted.question, "--json").value["abstained"]
    (file,) = Path(made["report"]).parent.glob("helpdesk.md")
    for person in PEOPLE:
        tertulia("forget", person)
    assert not file.exists(), "a row that stood in it was forgotten"
    (row,) = tertulia("learn", "status", "--json").value["candidates"]
    assert row["state"] == "quarantined"


def promote(tertulia: Tertulia, made: dict[str, Any]) -> None:
    """Have a candidate serve, whatever rules it breaks."""
    waived = [part for rule in made["failed"] for part in ("--waive", rule["name"])]
    assert tertulia("learn", "promote", made["name"], *waived).code == 0


def test_what_serves_is_measured_anew_and_leaves_once_it_does_harm(
    office: Path, tertulia: Tertulia, model: ScriptedModel, company: Path
) -> None:
    model.thinks = Reader(company)
    works(FACTS)
    (made,) = learnt(tertulia)["candidates"]
    promote(tertulia, made)
    (again,) = regated()
    assert (again.is_taken_back, again.refuses_null) == (False, True)
    assert {rule.name for rule in again.worse} <= {"latency"}, "seconds of a machine at work"
    model.thinks = Reader(company, is_spoilt=True)
    (again,) = regated()
    assert again.is_taken_back
    assert "answers en-kept" in {rule.name for rule in again.worse}
    assert "serves no more; " in str(again)
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
