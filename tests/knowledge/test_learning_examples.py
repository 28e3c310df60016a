"""Rows to learn from are kept, decided once, and forgotten for good; on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from knowledge.database import close_database, open_database
from knowledge.learning_examples import Example, LearningExamples, MadeSet
from knowledge.rated_answers import RatedAnswers
from tests.pipelines.learning.rows import row


@pytest.fixture
async def kept(database_url: str) -> AsyncIterator[LearningExamples]:
    engine = await open_database(database_url)
    yield LearningExamples(engine)
    await close_database(engine)


def waiting(name: str, **more: Any) -> Example:  # noqa: ANN401 (passed on)
    return replace(row(name, **more), state="waiting")


async def test_a_row_is_kept_as_it_is(kept: LearningExamples) -> None:
    one = waiting(
        "E-1", asked="¿Qué \0 es?", passages=["p"], people=("t:ana", "t:ben"), doubts=("x",)
    )
    assert await kept.renew(one)
    found = await kept.named("E-1")
    assert found == replace(
        one, messages=({"role": "user", "content": "¿Qué  es?"}, one.messages[1])
    )
    assert await kept.named("E-2") is None


async def test_rows_come_in_the_order_of_their_questions(kept: LearningExamples) -> None:
    await kept.put([row("b", day=2), row("a", day=3), row("c", day=1)])
    assert [one.id for one in await kept.all()] == ["c", "b", "a"]
    assert await kept.all("waiting", "rejected") == []


async def test_what_a_curator_decided_is_not_made_anew(kept: LearningExamples) -> None:
    await kept.renew(waiting("a"))
    assert await kept.renew(replace(waiting("a"), opinion="up"))
    (one,) = await kept.all()
    assert one.opinion == "up"
    assert await kept.decide(one, "rejected", "t:carla")
    assert not await kept.renew(waiting("a"))
    (one,) = await kept.all("rejected")
    assert (one.curator, one.decided_at is not None) == ("t:carla", True)
    assert await kept.decide(one, "approved", "t:carla"), "curators may change their minds"


async def test_of_what_is_forgotten_only_the_name_is_left(kept: LearningExamples) -> None:
    one = waiting("a", people=("t:ana",), given="old", passages=["p"])
    await kept.put([one, waiting("b", people=("t:ben",))])
    assert [o.id for o in await kept.of_person("t:ana")] == ["a"]
    assert await kept.forget(["a", "unknown"]) == ["a"]
    assert await kept.forget(["a"]) == []
    found = await kept.named("a")
    assert found
    assert (found.state, found.messages, found.given, found.people) == ("forgotten", (), "", ())
    assert (dict(found.provenance), dict(found.consent)) == ({}, {})
    assert found.audience.principals == frozenset()
    assert not await kept.renew(one), "it is not made anew"
    assert not await kept.decide(one, "approved", "t:carla")


async def test_who_agrees_has_agreed_since_the_first_time(kept: LearningExamples) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    await kept.agree("t:ana", first)
    await kept.agree("t:ana", first + timedelta(days=1))
    assert await kept.consents() == {"t:ana": first}
    await kept.disagree("t:ana")
    await kept.agree("t:ana", first + timedelta(days=2))
    assert await kept.consents() == {"t:ana": first + timedelta(days=2)}


async def test_a_row_that_measures_goes_on_to_measure(kept: LearningExamples) -> None:
    await kept.put([row("a"), row("b")])
    await kept.assign({"a": "eval", "b": "train"})
    await kept.assign({"a": "train", "b": ""})
    assert [one.split for one in await kept.all()] == ["eval", "train"]
    (one, _) = await kept.all()
    await kept.forget([one.id])
    assert (await kept.all("forgotten"))[0].split == "eval"


async def test_sets_tell_what_is_to_be_trained_anew(kept: LearningExamples) -> None:
    await kept.add_set(MadeSet("s1", "/sets/s1", ("a", "b")))
    await kept.add_set(MadeSet("s2", "/sets/s2", ("c",)))
    await kept.add_set(MadeSet("s1", "/elsewhere", ()))
    for _ in range(2):
        await kept.made_of("s1", "model-1")
    (found,) = await kept.holding(["a", "x"])
    assert (found.id, found.folder, found.made_of_it) == ("s1", "/sets/s1", ("model-1",))
    assert await kept.holding(["x"]) == []


async def test_where_nothing_was_rated_there_is_nothing(database_url: str) -> None:
    engine = await open_database(database_url)
    answers = RatedAnswers(engine)
    assert await answers.all() == []
    assert await answers.first_seen() == {}
    assert await answers.still(["T-1"]) == set()
    await close_database(engine)
