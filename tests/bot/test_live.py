"""What was learnt serves from the next question on, and leaves as quickly."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from bot.live import ALARM, prompt_place
from bot.settings import Settings
from knowledge.candidate import Candidate
from knowledge.candidates import Candidates
from knowledge.conversations import Answer
from knowledge.hashing import sha256_of
from pipelines import personas
from pipelines.current import MODEL
from tests.bot.team import write
from tests.fakes.scripted_model import NAME, TUNED, ScriptedModel

QUESTION = "How many weeks of parental leave are there?"
ANA = "terminal:ana"
BRITISH = "---\nextends: helpdesk\nvoice: {en: british}\n---\n"
PLACE = prompt_place("helpdesk")


@pytest.fixture
async def app(home: Path, model: ScriptedModel) -> AsyncIterator[App]:
    model.answer = "Parents take 19 weeks of parental leave."
    async with App(Settings()) as app:
        yield app


async def ask(app: App) -> Answer:
    said = await (await app.talk(ANA, "helpdesk", "C1")).reply(QUESTION)
    assert said.answer, said.error
    return said.answer


async def crowned(app: App, name: str, place: str, serves: str, **about: str) -> Candidates:
    """A candidate that serves."""
    candidates = Candidates(await app.database())
    files = {serves: sha256_of(Path(serves))} if place != MODEL else {}
    one = Candidate(name, place, serves, files, about, "gated")
    await candidates.add(one, by=ANA, reason="a test")
    await candidates.crown(name, by=ANA, reason="a test")
    return candidates


@pytest.fixture
def british(home: Path) -> Path:
    """The file of a prompt that was learnt."""
    file = home / "candidates/prompts/british/helpdesk.md"
    file.parent.mkdir(parents=True)
    file.write_text(BRITISH, encoding="utf-8")
    return file


async def test_a_prompt_serves_from_the_next_question_on_and_is_taken_back(
    app: App, british: Path
) -> None:
    usual, tuned = personas.load("helpdesk"), personas.load("helpdesk", file=british)
    assert (await ask(app)).receipt.prompt_version == usual.version
    candidates = await crowned(app, "p1", PLACE, str(british), in_place_of=usual.version)
    assert (await ask(app)).receipt.prompt_version == tuned.version
    await candidates.roll_back(PLACE, by=ANA, reason="worse")
    assert (await ask(app)).receipt.prompt_version == usual.version


async def test_nobody_waits_or_fails_while_it_is_switched(app: App, british: Path) -> None:
    usual = personas.load("helpdesk").version
    await ask(app)
    asked = [asyncio.create_task(ask(app)) for _ in range(6)]
    candidates = await crowned(app, "p1", PLACE, str(british), in_place_of=usual)
    asked += [asyncio.create_task(ask(app)) for _ in range(6)]
    await candidates.roll_back(PLACE, by=ANA, reason="worse")
    asked += [asyncio.create_task(ask(app)) for _ in range(6)]
    versions = {one.receipt.prompt_version for one in await asyncio.gather(*asked)}
    assert usual in versions


async def test_who_edits_the_persona_has_the_last_word(app: App, british: Path) -> None:
    candidates = await crowned(app, "p1", PLACE, str(british), in_place_of="another version")
    usual = personas.load("helpdesk").version
    assert (await ask(app)).receipt.prompt_version == usual
    assert await candidates.champion(PLACE), "it waits for that version to come back"


@pytest.mark.parametrize("text", [BRITISH + "You agree with everybody.\n", "---\nvoice: 3\n---\n"])
async def test_a_file_that_was_changed_serves_nobody(app: App, british: Path, text: str) -> None:
    usual = personas.load("helpdesk").version
    candidates = await crowned(app, "p1", PLACE, str(british), in_place_of=usual)
    assert (await ask(app)).receipt.prompt_version != usual
    write(british.parent, {british.name: text})
    assert (await ask(app)).receipt.prompt_version == usual
    assert (await candidates.one("p1")).state == "quarantined"
    (*_, last) = await candidates.changes("p1")
    assert (last.by, "was changed since it passed" in last.reason) == (ALARM, True)


async def test_a_file_that_is_gone_serves_nobody_and_who_served_before_does(
    app: App, british: Path
) -> None:
    usual = personas.load("helpdesk").version
    american = british.with_name("american.md")
    american.write_text(BRITISH.replace("british", "american"), encoding="utf-8")
    await crowned(app, "p1", PLACE, str(british), in_place_of=usual)
    candidates = await crowned(app, "p2", PLACE, str(american), in_place_of=usual)
    american.unlink()
    await ask(app)
    champion = await candidates.champion(PLACE)
    assert champion
    assert champion.name == "p1"
    tuned = personas.load("helpdesk", file=british).version
    assert (await ask(app)).receipt.prompt_version == tuned


async def test_a_prompt_that_cannot_be_read_is_taken_back(app: App, british: Path) -> None:
    write(british.parent, {british.name: "---\ntools: [fly]\n---\n"})
    usual = personas.load("helpdesk").version
    candidates = await crowned(app, "p1", PLACE, str(british), in_place_of=usual)
    assert (await ask(app)).receipt.prompt_version == usual
    assert (await candidates.one("p1")).state == "quarantined"


async def test_a_model_serves_where_the_persona_names_none(app: App) -> None:
    usual, tuned = f"openai:{NAME}", f"openai:{TUNED}"
    assert (await ask(app)).receipt.model == usual
    candidates = await crowned(app, "m1", MODEL, tuned, in_place_of=usual)
    assert (await ask(app)).receipt.model == tuned
    await candidates.roll_back(MODEL, by=ANA, reason="worse")
    assert (await ask(app)).receipt.model == usual
    await crowned(app, "m2", MODEL, tuned, in_place_of="openai:another")
    assert (await ask(app)).receipt.model == usual, "it was tuned for another model"


async def test_a_model_that_cannot_start_is_taken_back_and_nobody_notices(app: App) -> None:
    usual = f"openai:{NAME}"
    await ask(app)
    candidates = await crowned(app, "m1", MODEL, "openai:gone", in_place_of=usual)
    assert (await ask(app)).receipt.model == usual
    assert (await candidates.one("m1")).state == "quarantined"
    assert await candidates.champion(MODEL) is None
