"""The mark up to which a place was heard moves only when nothing before it is missing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.desk import Desk
from bot.keeping_up import LONGEST_OUTAGE, OVERLAP, KeepingUp
from bot.settings import Settings
from knowledge.errors import TransientError

HERE, THERE = "slack:T1", "slack:T2"


class Place:
    """Two workspaces, and what was asked of them.

    Attributes:
        refuses: how often the next readings fail, and with what.
        reads_on: set once a reading may end.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk, self.read_since = desk, list[tuple[str, datetime]]()
        self.refuses: list[Exception] = []
        self.reads_on = asyncio.Event()
        self.reads_on.set()
        self.is_up, self.asked = True, 0
        self.keeping_up = KeepingUp(
            desk, "slack", lambda: [HERE, THERE], self.read, self.is_hearing, every_s=0.01
        )

    async def read(self, place: str, since: datetime) -> None:
        self.read_since.append((place, since))
        await self.reads_on.wait()
        if place == HERE and self.refuses:
            raise self.refuses.pop()

    async def is_hearing(self) -> bool:
        self.asked += 1
        return self.is_up

    async def mark(self, place: str = HERE) -> datetime:
        found = await self.desk.heard_until(place)
        return found or datetime.min.replace(tzinfo=UTC)

    async def moves(self, beyond: datetime, place: str = HERE) -> None:
        for _ in range(2000):
            if await self.mark(place) > beyond:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("The mark stands still.")


@pytest.fixture
async def place(home: Path) -> AsyncIterator[Place]:
    async with App(Settings()) as app:
        yield Place(Desk(app, await app.inbox()))


async def until(condition: Callable[[], object]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("It does not come to that.")


async def test_without_a_mark_and_a_message_there_is_nothing_to_read(place: Place) -> None:
    async with place.keeping_up.beside():
        assert await place.desk.heard_until(HERE) is None
        place.keeping_up.began()
        await place.moves(await place.mark())
    assert not place.read_since


async def test_the_mark_moves_by_itself_only_while_messages_reach_us(place: Place) -> None:
    async with place.keeping_up.beside():
        place.keeping_up.began()
        await place.moves(await place.mark())
        await place.moves(await place.mark())
        place.is_up = False
        asked = place.asked
        await until(lambda: place.asked > asked + 2)
        stood, asked = await place.mark(), place.asked
        await until(lambda: place.asked > asked + 4)
        assert await place.mark() == stood


async def test_what_was_missed_is_read_from_the_mark_on_a_day_at_most(place: Place) -> None:
    now = datetime.now(UTC)
    await place.desk.note_heard(HERE, now - timedelta(hours=3))
    await place.desk.note_heard(THERE, now - timedelta(days=30))
    async with place.keeping_up.beside():
        place.keeping_up.began()
        await until(lambda: len(place.read_since) == 2)
    since = dict(place.read_since)
    assert since[HERE] == now - timedelta(hours=3) - OVERLAP
    assert since[THERE] >= now - LONGEST_OUTAGE - OVERLAP


async def test_an_end_while_we_catch_up_leaves_the_mark_where_it_was(place: Place) -> None:
    stood = datetime.now(UTC) - timedelta(hours=1)
    await place.desk.note_heard(HERE, stood)
    place.reads_on.clear()
    async with place.keeping_up.beside():
        place.keeping_up.began()
        await until(lambda: place.read_since)
    assert await place.mark() == stood


@pytest.mark.parametrize("error", [TransientError("away", what_to_do="Wait."), ValueError("odd")])
async def test_what_could_not_be_read_is_read_again_and_holds_up_nobody_else(
    place: Place, error: Exception
) -> None:
    stood = datetime.now(UTC) - timedelta(hours=1)
    await place.desk.note_heard(HERE, stood)
    await place.desk.note_heard(THERE, stood)
    place.refuses = [error]
    async with place.keeping_up.beside():
        place.keeping_up.began()
        await place.moves(stood, THERE)
        await place.moves(stood)
    since = [since for where, since in place.read_since if where == HERE]
    assert since == [stood - OVERLAP] * 2


async def test_a_connection_that_begins_while_we_catch_up_is_caught_up_with_too(
    place: Place,
) -> None:
    stood = datetime.now(UTC) - timedelta(hours=1)
    await place.desk.note_heard(HERE, stood)
    place.reads_on.clear()
    async with place.keeping_up.beside():
        place.keeping_up.began()
        await until(lambda: place.read_since)
        place.keeping_up.began()
        place.reads_on.set()
        await until(lambda: [where for where, _ in place.read_since].count(HERE) == 2)
        await place.moves(stood)
    assert [since for where, since in place.read_since if where == HERE] == [stood - OVERLAP] * 2
