"""Reminders are kept until they were told once or are not wanted, on each kind of database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.reminders import (
    MOST_OPEN,
    SAID_ONCE_IN,
    Reminder,
    Reminders,
    TooManyRemindersError,
    job_of,
)
from knowledge.runs import Runs
from knowledge.turn import NOBODY, Turn
from knowledge.turns import Turns
from tests.databases import opened

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEA = Reminder("terminal:ana", "C1", "tea", START + timedelta(hours=1), "es", "at one")
ALARM = Reminder(NOBODY, "slack:T1:chan:C9", "It failed.", START, "es", "then", "slack")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still."""
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An empty database, of each kind."""
    async with opened(database_url) as engine:
        yield engine


@pytest.fixture
def reminders(engine: AsyncEngine) -> Reminders:
    """The reminders in it."""
    return Reminders(engine)


async def test_one_is_kept_as_it_was_wanted_and_due_when_its_time_has_come(
    reminders: Reminders, clock: time_machine.Traveller
) -> None:
    kept = await reminders.add(TEA)
    assert replace(kept, number=0) == replace(TEA, platform="terminal")
    later = await reminders.add(replace(TEA, due_at=START + timedelta(days=1)))
    assert await reminders.of("terminal:ana") == [kept, later]
    assert await reminders.of("terminal:ben") == []
    assert await reminders.due("terminal") == []
    clock.move_to(TEA.due_at)
    assert await reminders.due("terminal") == [kept]
    assert await reminders.due("terminal", "terminal:ana") == [kept]
    assert await reminders.due("terminal", "terminal:ben") == []
    assert await reminders.due("slack") == []


async def test_it_goes_where_the_person_last_asked_something_in_the_conversation(
    reminders: Reminders, engine: AsyncEngine
) -> None:
    turns = Turns(engine)
    for n, author in enumerate(("slack:U1", "slack:U1", "slack:U2")):
        place = {"channel": "C9", "n": n}
        await turns.receive(Turn("slack", (f"slack:{n}",), "C1", author, "?", place), "one:1:1")
    kept = await reminders.add(replace(TEA, person="slack:U1"))
    assert (kept.platform, kept.place) == ("slack", {"channel": "C9", "n": 1})
    assert (await reminders.add(replace(TEA, person="slack:U3"))).platform == "terminal"


async def test_whoever_serves_its_platform_wakes_up_for_it(
    reminders: Reminders, engine: AsyncEngine
) -> None:
    runs, job = Runs(engine), job_of("terminal")
    await reminders.add(TEA)
    assert await runs.of(job) is None
    await runs.enter(job, "when one is due", None)
    await reminders.add(replace(TEA, due_at=START + timedelta(hours=3)))
    await reminders.add(replace(TEA, due_at=START + timedelta(hours=2)))
    found = await runs.of(job)
    assert found
    assert found.due_at == TEA.due_at, "the first of all"
    await runs.begin(job, 1, START)
    await reminders.add(replace(TEA, due_at=START + timedelta(hours=9)))
    found = await runs.of(job)
    assert found
    assert found.due_at == TEA.due_at, "one that comes in while it runs does not put it off"
    await reminders.wake("terminal", not_before=START + timedelta(hours=4))
    found = await runs.of(job)
    assert found
    assert found.due_at == START + timedelta(hours=4)


async def test_one_is_told_once_whoever_tries(reminders: Reminders) -> None:
    kept = await reminders.add(TEA)
    assert await reminders.claim(kept.number)
    assert await reminders.claim(kept.number), "the process that had it may have been killed"
    assert sorted(await asyncio.gather(*(reminders.told(kept.number) for _ in range(4)))) == [
        *[False] * 3,
        True,
    ]
    assert not await reminders.claim(kept.number)
    assert await reminders.of("terminal:ana") == []


async def test_whoever_wanted_one_can_take_it_back_until_it_is_being_told(
    reminders: Reminders,
) -> None:
    kept, other = await reminders.add(TEA), await reminders.add(TEA)
    assert not await reminders.cancel(kept.number, "terminal:ben")
    assert await reminders.cancel(kept.number, "terminal:ana")
    assert not await reminders.cancel(kept.number, "terminal:ana")
    assert not await reminders.claim(kept.number)
    assert await reminders.claim(other.number)
    assert not await reminders.cancel(other.number, "terminal:ana")
    assert not await reminders.cancel(99, "terminal:ana")


async def test_nobody_has_more_open_than_anybody_would_read(reminders: Reminders) -> None:
    for _ in range(MOST_OPEN):
        last = await reminders.add(TEA)
    with pytest.raises(TooManyRemindersError, match="50 open reminders"):
        await reminders.add(TEA)
    assert len(await reminders.of("terminal:ana")) == MOST_OPEN
    await reminders.add(replace(TEA, person="terminal:ben"))
    await reminders.cancel(last.number, "terminal:ana")
    await reminders.add(TEA)


async def test_what_is_long_over_is_forgotten(
    reminders: Reminders, clock: time_machine.Traveller
) -> None:
    kept = await reminders.add(TEA)
    await reminders.cancel(kept.number, "terminal:ana")
    clock.move_to(START + timedelta(days=60))
    await reminders.add(replace(TEA, due_at=START + timedelta(days=61)))
    assert not await reminders.told(kept.number)


async def test_what_a_channel_is_told_waits_for_its_platform_and_is_nobodys(
    reminders: Reminders, engine: AsyncEngine, clock: time_machine.Traveller
) -> None:
    runs, said = Runs(engine), replace(ALARM, due_at=START)
    await runs.enter(job_of("slack"), "when one is due", None)
    assert await reminders.announce(said)
    assert not await reminders.announce(said), "another process has noticed the same"
    assert await reminders.announce(replace(said, conversation="slack:T1:chan:C8"))
    (one, other) = await reminders.due("slack")
    assert replace(one, number=0) == said
    assert other.conversation == "slack:T1:chan:C8"
    found = await runs.of(job_of("slack"))
    assert found
    assert found.due_at == START
    assert await reminders.told(one.number)
    assert not await reminders.announce(said)
    clock.shift(SAID_ONCE_IN)
    assert await reminders.announce(replace(said, due_at=START + SAID_ONCE_IN))


async def test_no_more_waits_for_a_channel_than_anybody_would_read(reminders: Reminders) -> None:
    for number in range(MOST_OPEN):
        await reminders.announce(replace(ALARM, what=f"{number}"))
    with pytest.raises(TooManyRemindersError):
        await reminders.announce(ALARM)
    await reminders.add(TEA)
