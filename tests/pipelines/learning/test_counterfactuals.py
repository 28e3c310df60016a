"""The seams by which one thing is changed: none of them goes around who may read what."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.articles import Audience
from pipelines import personas
from pipelines.choosers.form import form, loose_form
from pipelines.evaluation.cases import Case
from pipelines.learning.corrections import SHOWN, Correction, correction_of, nearest, why_not
from pipelines.learning.counterfactuals import gold, says_all, states
from pipelines.models import Vectors
from pipelines.run_options import generation_options
from pipelines.tool import tool
from tests.pipelines.small_knowledge import PUBLIC, asked, chunk, pages, reading_closely

ANA, BEN = Audience.of("terminal:ana"), Audience.of("terminal:ben")
LEAVE = "How many days of paid leave does everybody have?"
SECRET = chunk("Pay", "Everybody on the board has 40 days of paid leave.", "en", audience=ANA)


@tool
def rooms(floor: int) -> str:
    """The rooms of a floor."""
    return str(floor)


async def test_what_is_put_first_comes_first_and_nothing_else_comes_in(tmp_path: Path) -> None:
    async with reading_closely(tmp_path, [*pages(), SECRET]) as retriever:
        last = (await retriever.retrieve(asked(LEAVE))).chunks[-1].chunk
        assert last.title != "Leave"
        usual = await retriever.retrieve(asked(LEAVE))
        turned = await retriever.preferring([last.id, SECRET.id]).retrieve(asked(LEAVE))
        ids = {one.chunk.id for one in turned.chunks}
        assert turned.chunks[0].chunk.id == last.id
        assert turned.chunks[0].score >= turned.chunks[1].score
        assert turned.chunks[0].reading is not None
        assert SECRET.id not in ids
        assert ids == {one.chunk.id for one in usual.chunks}
        alone = await retriever.preferring([last.id], only=[last.id, SECRET.id]).retrieve(
            asked(LEAVE)
        )
        assert [one.chunk.id for one in alone.chunks] == [last.id]
        nothing = await retriever.preferring((), only=()).retrieve(asked(LEAVE))
        assert nothing.chunks == ()
        same = await retriever.retrieve(asked(LEAVE))
        assert [one.chunk.id for one in same.chunks] == [one.chunk.id for one in usual.chunks]


async def test_who_may_read_it_is_shown_it_first(tmp_path: Path) -> None:
    async with reading_closely(tmp_path, [*pages(), SECRET]) as retriever:
        reader = Audience(PUBLIC.principals | ANA.principals)
        found = await retriever.preferring([SECRET.id]).retrieve(asked(LEAVE, audience=reader))
        assert found.chunks[0].chunk.id == SECRET.id
        ranking = await retriever.ranking(asked(LEAVE, audience=BEN))
        assert ranking == []
        assert SECRET.id in {one.id for one in await retriever.ranking(asked(LEAVE, audience=ANA))}


async def test_all_that_a_question_finds_is_looked_through(tmp_path: Path) -> None:
    many = [
        chunk(f"Note {n}", f"Somebody has {n} days of paid leave, says note {n}.", "en")
        for n in range(230)
    ]
    async with reading_closely(tmp_path, many) as retriever:
        assert len(await retriever.ranking(asked(LEAVE))) == 200


def test_gold_is_what_the_grader_finds_in_it_or_the_page_that_is_named() -> None:
    leave, wifi, *_ = ranking = pages()
    days = Case(question=LEAVE, facts=(("25 days",),))
    assert gold(days, ranking) == (leave,)
    assert states(days, [leave])
    assert gold(replace(days, facts=(("26 days",),)), ranking) == ()
    named = Case(question=LEAVE, facts=(("26 days",),), sources=("handbook:Wifi",))
    assert gold(named, ranking) == (wifi,)
    assert not states(named, [wifi])
    assert gold(replace(days, sources=("handbook:Wifi",)), ranking) == (wifi,)
    assert gold(Case(question=LEAVE, sources=("handbook:Gone",)), ranking) == ()
    assert says_all(days, "It is 25 days.")
    assert not says_all(Case(question=LEAVE, sources=("handbook:Wifi",)), "It is 25 days.")


async def embedded(texts: Sequence[str]) -> Vectors:
    """Vectors by the first number in each text: an angle, in degrees."""
    angles = [np.radians(float(text.split()[0])) for text in texts]
    return np.array([[np.cos(one), np.sin(one)] for one in angles], np.float32)


async def test_the_nearest_corrections_are_shown_and_never_the_case_itself() -> None:
    case = Case(question="0 days", facts=(("25 days",),))
    given = [
        Correction("0  Days", "It is 30.", PUBLIC),  # asks the same
        Correction("90 far", "Far away.", PUBLIC),
        Correction("30 near", "Near by.", PUBLIC),
        Correction("40 near", "Less near.", PUBLIC),
        Correction("50 near", "Even less near.", PUBLIC),
        Correction("5 reworded", "The same in other words.", PUBLIC),
        Correction("35 gives it away", "You have 25 days.", PUBLIC),
        Correction("32 of others", "A secret.", ANA),
    ]
    found = await nearest(case, PUBLIC, given, embedded)
    assert [one.question for one in found] == ["50 near", "40 near", "30 near"]
    assert len(found) == SHOWN
    assert await nearest(case, BEN, given, embedded) == ()
    assert [one.question for one in await nearest(case, ANA, given, embedded)] == ["32 of others"]


def test_a_row_teaches_its_facts() -> None:
    case = Case(question=LEAVE, facts=(("25 days", "25 días"), ("Marta",)), kind="fact")
    assert correction_of(case, PUBLIC) == Correction(LEAVE, "25 days. Marta.", PUBLIC, "fact")
    assert correction_of(Case(question=LEAVE), PUBLIC) is None


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (Case(question=LEAVE), "nobody has said"),
        (Case(question=LEAVE, facts=(("...",),)), "'...' has no word"),
        (Case(question=LEAVE, facts=(("25",),)), ""),
        (Case(question=LEAVE, sources=("a.md",)), ""),
        (Case(question=LEAVE, is_refused=True), ""),
    ],
)
def test_what_the_grader_cannot_judge_is_told(case: Case, why: str) -> None:
    assert why_not(case).startswith(why)
    assert bool(why_not(case)) is bool(why)


def test_a_call_can_be_asked_for_and_what_is_usual_stays_as_it_is() -> None:
    for make in (form, loose_form):
        calls = make([rooms], least=1)["json_schema"]["schema"]["properties"]["calls"]
        assert calls["minItems"] == 1
        assert "minItems" not in str(make([rooms]))


def test_chance_has_a_seed_where_one_is_wanted() -> None:
    usual = personas.load("helpdesk")
    assert "seed" not in generation_options(usual)
    assert generation_options(replace(usual, seed=2))["seed"] == 2
