"""Reminders are told where they were asked for: at their time, late rather than never, and once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from bot.app import App
from bot.desk import Desk
from bot.egress import Egress, in_markdown
from bot.pace import Pace
from bot.posts import Post
from bot.reminding import RETRY, WhenDue, keep_reminding, tell, told_in_terminal
from bot.schedule import Schedule
from bot.settings import Settings
from knowledge.conversations import now
from knowledge.errors import TransientError
from knowledge.leases import Leases
from knowledge.reminders import Reminder, Reminders, job_of
from knowledge.turn import Turn
from knowledge.turns import Turns
from tests.bot.team import in_a_process
from tests.bot.test_inbox import SquareOfFiles, square
from tests.bot.test_schedule import until as until_async
from tests.bot.test_serve import served, until
from tests.databases import opened
from tests.fakes.platforms.square import Square, _lines

__all__ = ["square"]
START = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEA = Reminder("terminal:ana", "ana", "drink tea", START + timedelta(minutes=30))
JOB = job_of("square")


class BusyError(TransientError):
    """Not now."""


class Stubborn(Square):
    """A platform that fails the first time."""

    fails = True

    def later(self, turn: Turn, number: int, at: datetime) -> Turn:
        """Fail, but only once."""
        if self.fails:
            self.fails = False
            raise BusyError("Not now.", what_to_do="Later.")
        return super().later(turn, number, at)


class World:
    """A square in one process, on a clock that stands still until a test moves it."""

    def __init__(self, app: App, clock: time_machine.Traveller) -> None:
        self.app, self.clock = app, clock

    async def begins(self, kind: type[Square] = Square) -> None:
        """Know the square, and what Ana has asked there."""
        self.inbox = await self.app.inbox()
        self.platform = kind(Desk(self.app, self.inbox))
        self.inbox.worker.platforms["square"] = self.platform
        self.reminders = Reminders(await self.app.database())
        self.runs = await self.app.runs()
        asked = Turn("square", ("square:ana",), "ana", "terminal:ana", "Remind me", {"bench": 3})
        turns = self.inbox.turns
        kept = await turns.receive(asked, self.inbox.owners.ourselves)
        assert kept
        await turns.end(kept, "told")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Schedule]:
        """A schedule that tells what is due on the square."""
        leases = Leases(await self.app.database(), lease_s=1.0)
        schedule = Schedule(self.runs, leases, pace=Pace(), tick_s=0.03)
        await keep_reminding(schedule, self.inbox, self.reminders, self.platform)
        task = asyncio.create_task(schedule.run())
        try:
            yield schedule
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await schedule.stop(within_s=2)

    def posts(self) -> list[str]:
        """What was said on the square."""
        return [one["text"] for one in _lines("posts.jsonl")]

    async def told(self, count: int) -> None:
        """So much was told, and then nothing more."""
        await until_async(lambda: len(self.posts()) >= count)
        await asyncio.sleep(0.2)
        assert len(self.posts()) == count

    async def due_at(self) -> datetime | None:
        """When the job is due next."""
        found = await self.runs.of(JOB)
        assert found
        return found.due_at


@pytest.fixture
async def world(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.chdir(empty_home)
    (empty_home / "square").mkdir()
    async with App(Settings()) as app:
        with time_machine.travel(START, tick=False) as clock:
            yield World(app, clock)


async def test_each_is_told_at_its_time_and_the_job_is_due_with_the_next_one(world: World) -> None:
    await world.begins()
    async with world.running():
        assert await world.due_at() is None
        tea = await world.reminders.add(TEA)
        cake = replace(TEA, what="bake a cake", due_at=START + timedelta(hours=2), language="es")
        await world.reminders.add(cake)
        assert await world.due_at() == TEA.due_at
        world.clock.move_to(TEA.due_at - timedelta(seconds=1))
        await world.told(0)
        world.clock.move_to(TEA.due_at)
        await world.told(1)
        assert world.posts() == ["You asked me to remind you: drink tea"]
        await until_async(lambda: _is(world, cake.due_at))
        world.clock.move_to(cake.due_at)
        await world.told(2)
        assert world.posts()[1] == "Me pediste este recordatorio: bake a cake"
        await until_async(lambda: _is(world, None))
        assert not await world.reminders.told(tea.number)
    run = await world.runs.of(JOB)
    assert run
    assert (run.outcome, run.said, run.rhythm) == ("done", "1 told", WhenDue.text)
    assert await world.reminders.of("terminal:ana") == []


async def _is(world: World, due_at: datetime | None) -> bool:
    return await world.due_at() == due_at


async def test_what_was_cancelled_is_not_told(world: World) -> None:
    await world.begins()
    kept = await world.reminders.add(TEA)
    await world.reminders.cancel(kept.number, "terminal:ana")
    assert not await tell(kept, world.inbox, world.reminders, world.platform)
    async with world.running():
        world.clock.move_to(TEA.due_at)
        await world.told(0)


async def test_what_failed_is_told_at_the_next_try(world: World) -> None:
    await world.begins(Stubborn)
    await world.reminders.add(TEA)
    async with world.running():
        world.clock.move_to(TEA.due_at)
        await until_async(lambda: _is(world, TEA.due_at + RETRY))
        await world.told(0)
        world.clock.move_to(TEA.due_at + RETRY)
        await world.told(1)


@pytest.mark.parametrize("was_written", [True, False])
async def test_what_a_killed_process_was_about_to_tell_is_told_once(
    world: World, was_written: bool
) -> None:
    """It was killed before or after what it tells was written down."""
    await world.begins()
    kept = await world.reminders.add(replace(TEA, due_at=START))
    await world.reminders.claim(kept.number)
    if was_written:
        turn = Turn("square", (f"square:reminder:{kept.number}",), "ana", "", "")
        assert await world.inbox.announce(turn, Post("drink tea", "en"))
    async with world.running():
        await world.told(1)
    assert await world.reminders.of("terminal:ana") == []


async def test_what_was_written_down_and_not_posted_is_posted_by_the_next_process(
    world: World,
) -> None:
    await world.begins()
    gone, turn = "elsewhere:1:0", Turn("square", ("square:reminder:1",), "ana", "", "")
    assert await world.inbox.turns.receive(turn, gone, post=Post("drink tea", "en").as_json())
    assert await world.inbox.resume() == 1
    await world.told(1)
    assert world.posts() == ["drink tea"]
    assert not await world.inbox.announce(turn, Post("drink tea", "en"))


async def test_nobody_has_asked_what_is_told(world: World) -> None:
    """It is no question that counts, and not what was last heard of a platform."""
    await world.begins()
    before = await world.inbox.turns.latest("square")
    world.clock.shift(600)
    kept = await world.reminders.add(replace(TEA, due_at=START))
    await tell(kept, world.inbox, world.reminders, world.platform)
    await world.told(1)
    turns = world.inbox.turns
    assert await turns.latest("square") == before
    assert len(await turns.asked("terminal:ana", START - timedelta(1), before=99, most=9)) == 1


@pytest.mark.parametrize("chat", ["slack", "discord"])
@pytest.mark.parametrize(
    "words",
    ["1. *wash* __init__ `x`", "a < b & c | d", "# no heading", "- no list", r"C:\new\*", "[x](y)"],
)
def test_the_words_of_people_are_shown_as_they_are(words: str, chat: str) -> None:
    shown = Egress(chat).markdown(f"Remember: {in_markdown(words)}")
    assert Egress("terminal").markdown(shown) == f"Remember: {words}"


@pytest.fixture
def due_in_terminal(empty_home: Path) -> None:
    """Something that Ana wanted to be told in a terminal long ago, and something for later."""

    async def add() -> None:
        async with App(Settings()) as app:
            reminders = Reminders(await app.database())
            await reminders.add(replace(TEA, due_at=START, when="2026-05-04 14:00", language="es"))
            await reminders.add(replace(TEA, due_at=now() + timedelta(days=1)))

    asyncio.run(add())


def test_a_chat_begins_with_what_is_due(due_in_terminal: None) -> None:
    told = "Me pediste este recordatorio para el 2026-05-04 14:00, y entonces no estaba en marcha:"
    ben, ana, again = (
        in_a_process("chat", "--as", f"terminal:{who}", stdin="/help\n").out
        for who in ("ben", "ana", "ana")
    )
    assert " ".join(ana.split()).startswith(f"{told} drink tea")
    assert "drink tea" not in ben + again


async def test_what_is_due_in_a_terminal_is_given_once(world: World) -> None:
    await world.begins()
    await world.reminders.add(replace(TEA, conversation="terminal-1", due_at=START))
    given = await asyncio.gather(
        *(told_in_terminal(world.reminders, "terminal:ana") for _ in range(3))
    )
    assert sorted(given) == [[], [], ["You asked me to remind you: drink tea"]]


async def _remind_on_the_square(database: Path, seconds: float) -> None:
    async with opened(f"sqlite:///{database}") as engine:
        turns = Turns(engine)
        asked = Turn("square", ("square:x",), "ana", "terminal:ana", "Remind me")
        kept = await turns.receive(asked, "gone:1:0")
        if kept:
            await turns.end(kept, "told")
        wanted = replace(TEA, due_at=now() + timedelta(seconds=seconds), when="then")
        await Reminders(engine).add(wanted)


def test_it_is_told_once_by_several_processes_and_after_they_were_killed(
    square: SquareOfFiles, home: Path
) -> None:
    asyncio.run(_remind_on_the_square(home / "tertulia.db", -7200))
    with served() as one, served() as other:
        until(lambda: bool(square.posts()))
        one.tell()
        other.tell()
        assert (one.ended(), other.ended()) == (0, 0)
    (post,) = square.posts()
    assert post["text"] == (
        "You asked me to remind you on then, and I was not running then: drink tea"
    )
    asyncio.run(_remind_on_the_square(home / "tertulia.db", -1))
    with served() as one:
        until(lambda: len(square.posts()) == 2)
        one.process.kill()
        one.ended()
    with served() as one:
        square.say("z")
        until(lambda: len(square.posts("z")) == 1)
        one.tell()
        assert one.ended() == 0, one.said
    assert len(square.posts()) == 3
