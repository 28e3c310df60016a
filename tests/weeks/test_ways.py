"""`learn run` makes another search, where questions find too little in the other language."""

import asyncio
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from bot.app import App
from bot.learning_run import Wish, learn
from bot.regating import Regated, regate
from bot.settings import Settings
from knowledge.candidates import Candidates
from knowledge.conversations import Feedback
from knowledge.history import History
from pipelines.current import SEARCH
from tests.bot.team import Tertulia
from tests.fakes.scripted_model import ScriptedModel
from tests.weeks.office import CURATOR, agree, approve

pytestmark = pytest.mark.timeout(1200)
HANDBOOK = Path(__file__).parents[2] / "knowledge" / "examples" / "handbook"
ENGLISH = (
    "data-protection decisions equipment expenses holidays-2026 leave meeting-rooms onboarding "
    "opening-hours-averley profit-sharing security travel warranty-and-returns wifi"
)
SPANISH = (
    "decisiones equipos feriados-2026 garantia-y-devoluciones gastos horario-de-atencion "
    "incorporacion proteccion-de-datos reparto-de-excedentes salas-de-reuniones seguridad "
    "vacaciones viajes wifi"
)
ASKED, TOLD = "¿Cuántos pedales tiene el piano?", "El piano tiene 3 pedales."
FEW = {"fewest": 30, "learning_rate": 0.003, "strength": 0.2}


@pytest.fixture
def office(empty_home: Path, model: ScriptedModel, tertulia: Tertulia) -> Path:
    """An office with pages in two languages, and one of them in English alone."""
    model.answer = TOLD
    pages = empty_home / "pages"
    for language, names in (("en", ENGLISH), ("es", SPANISH)):
        (pages / language).mkdir(parents=True)
        for name in names.split():
            copy(HANDBOOK / language / f"{name}.md", pages / language)
    (pages / "piano.md").write_text("# Piano\n\nThe piano has 3 pedals.\n", "utf-8")
    assert tertulia("source", "add", "office", "files", "--path", str(pages)).code == 0
    assert tertulia("refresh", "--wait").code == 0
    agree(empty_home)
    return empty_home


async def rated() -> None:
    """Somebody asks, somebody else likes the answer, and the curator approves it."""
    async with App(Settings()) as app:
        said = await (await app.talk("terminal:ana", "helpdesk", "C1")).reply(ASKED)
        assert said.answer, said.error
        assert not said.answer.abstained, said.answer.text
        liked = Feedback(said.answer.reference, "terminal:ben", "up")
        await History(await app.database()).keep_feedback(liked)
        await approve(app)


async def learnt() -> dict[str, Any]:
    async with App(Settings()) as app:
        wish = Wish(CURATOR, count=1, tuning=FEW, ways=(SEARCH,))
        return (await learn(app, wish, lambda _: None)).as_json()


async def measured_anew() -> list[Regated]:
    async with App(Settings()) as app:
        return await regate(app, CURATOR, 1, lambda _: None)


async def state_of(name: str) -> str:
    async with App(Settings()) as app:
        return (await Candidates(await app.database()).one(name)).state


def test_a_search_that_was_learnt_is_measured_serves_and_goes_with_its_rows(
    office: Path, tertulia: Tertulia, model: ScriptedModel
) -> None:
    asyncio.run(rated())
    model.prompts.clear()
    value = asyncio.run(learnt())
    assert model.prompts == [], "no model is asked"
    (made,) = value["candidates"]
    failed = [rule["name"] for rule in made["failed"]]
    assert {"target-count", "answers en-count"} <= set(failed)
    assert "tools-count" not in failed, "what a search cannot change"
    assert "1 approved" in Path(made["report"]).read_text("utf-8")
    waived = [part for name in failed for part in ("--waive", name)]
    assert tertulia("learn", "promote", made["name"], *waived).code == 0
    receipt = tertulia("ask", ASKED, "--json").value["receipt"]
    assert receipt["learnt"] == {SEARCH: made["name"]}
    (again,) = asyncio.run(measured_anew())
    assert (again.name, again.is_taken_back, again.refuses_null) == (made["name"], False, True)
    tertulia("forget", "terminal:ana")
    assert asyncio.run(state_of(made["name"])) == "quarantined", "a row of it was forgotten"
    assert not list(Path(made["report"]).parent.rglob("*.map"))
    assert "learnt" not in tertulia("ask", ASKED, "--json").value["receipt"]
