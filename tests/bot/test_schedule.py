"""The schedule: each job once when it is due, late rather than never, and never beside itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.alarms import Alarm
from bot.jobs import Job, Shift
from bot.pace import Pace
from bot.rhythm import rhythm
from bot.schedule import Schedule
from knowledge.database import transaction
from knowledge.errors import OperatorError
from knowledge.leases import Leases
from knowledge.runs import Run, Runs
from tests.databases import opened

START = datetime(2026, 3, 28, 12, tzinfo=UTC)
MADRID = ZoneInfo("Europe/Madrid")
BOUND_S = 60.0
QUIET_S = 0.15
"""Several looks at the schedule: whatever would begin has begun by then."""


async def until(is_so: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait for something, but not for ever."""
    async with asyncio.timeout(BOUND_S):
        while True:
            found = is_so()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


class CountedRuns(Runs):
    """The ledger of jobs, which knows how often the schedule has looked at it."""

    looks = 0

    async def all(self) -> list[Run]:
        """Every job, counted."""
        found = await super().all()
        self.looks += 1
        return found


class HurriedRuns(Runs):
    """The ledger, in which another process makes a job due once somebody has looked at it."""

    is_quiet = False

    async def of(self, job: str) -> Run | None:
        """What is known of a job, which has changed by then."""
        found = await super().of(job)
        if not self.is_quiet:
            self.is_quiet = True
            await self.ask(job, datetime.now(UTC) + timedelta(minutes=1))
        return found


@dataclass
class World:
    """A schedule on a clock that stands still until a test moves it.

    Attributes:
        begun: when runs have begun, by that clock.
        breaks: what the next runs raise.
        hold: runs go on only while this is set.
    """

    engine: AsyncEngine
    clock: time_machine.Traveller
    begun: list[datetime] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    breaks: list[Exception] = field(default_factory=list)
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    pace: Pace = field(default_factory=Pace)
    loses_alarms: bool = False

    def __post_init__(self) -> None:
        self.hold.set()
        self.runs = CountedRuns(self.engine)
        self.now: Schedule | None = None

    def job(self, written: str = "every 15 minutes", *, name: str = "a") -> Job:
        return Job(name, rhythm(written, MADRID), self.work)

    async def work(self, shift: Shift) -> str:
        """One run: it notes that it was, and goes on for as long as the test wants."""
        self.begun.append(datetime.now(UTC))
        if self.breaks:
            raise self.breaks.pop(0)
        while not self.hold.is_set():
            await shift.checkpoint()
            await asyncio.sleep(0.01)
        return "3 found"

    async def alarm(self, alarm: Alarm) -> None:
        if self.loses_alarms:
            raise away()
        self.alarms.append(alarm)

    def schedule(self) -> Schedule:
        leases = Leases(self.engine, lease_s=1.0)
        return Schedule(self.runs, leases, pace=self.pace, alarms=self.alarm, tick_s=QUIET_S / 5)

    @asynccontextmanager
    async def running(self, *jobs: Job) -> AsyncIterator[Schedule]:
        """A schedule with these jobs, in the state of somebody who has just started it."""
        schedule = self.now = self.schedule()
        for job in jobs:
            await schedule.put(job)
        task = asyncio.create_task(schedule.run())
        try:
            yield schedule
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await schedule.stop(within_s=2)

    async def of(self, name: str = "a") -> Run:
        found = await self.runs.of(name)
        assert found
        return found

    async def go_to(self, moment: datetime) -> None:
        """The clock shows another time, the schedule has looked at it and done what is due."""
        self.clock.move_to(moment)
        await self.looked()
        await until(self.is_quiet)

    async def looked(self) -> None:
        """The schedule has looked again, and begun what it has found."""
        looks = self.runs.looks
        await until(lambda: self.runs.looks > looks + 2)

    def is_quiet(self) -> bool:
        """Whether nothing runs."""
        return self.now is None or not any(self.now.is_running(name) for name in "ab")

    async def times(self, count: int) -> None:
        """So many runs have come to their end, and no more."""
        await until(lambda: len(self.begun) >= count)
        await self.looked()
        await until(self.is_quiet)
        assert len(self.begun) == count


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(f"sqlite:///{tmp_path / 'x.db'}") as engine:
        with time_machine.travel(START, tick=False) as clock:
            yield World(engine, clock)


MINUTES = timedelta(minutes=1)


async def test_a_job_runs_when_it_is_due_and_not_before(world: World) -> None:
    async with world.running(world.job()):
        await world.go_to(START + 14 * MINUTES)
        assert world.begun == []
        await world.go_to(START + 15 * MINUTES)
        assert world.begun == [START + 15 * MINUTES]
        run = await world.of()
        assert (run.outcome, run.said, run.failures, run.alarm) == ("done", "3 found", 0, "")
        assert run.due_at == START + 30 * MINUTES
        await world.go_to(START + 31 * MINUTES)
        assert len(world.begun) == 2
        assert (await world.of()).due_at == START + 45 * MINUTES
    assert world.alarms == []


async def test_a_new_job_runs_at_once_where_it_says_so(world: World) -> None:
    job = world.job("0 2 * * *")
    async with world.running(Job("a", job.rhythm, job.work, begins_at_once=True)):
        await world.times(1)
    assert (await world.of()).due_at == datetime(2026, 3, 29, 2, tzinfo=MADRID) + timedelta(hours=1)
    never = rhythm("never", UTC)
    async with world.running(Job("b", never, world.work, begins_at_once=True)):
        await world.times(1)


async def test_what_was_missed_while_all_was_down_runs_once_at_the_start(world: World) -> None:
    async with world.running(world.job()):
        pass
    world.clock.move_to(START + timedelta(hours=8))
    async with world.running(world.job()):
        await world.times(1)
        run = await world.of()
        assert "it was due at" in run.alarm
        assert "7:45:00 later" in run.alarm
        assert world.alarms == [Alarm("a", run.alarm)]
        assert run.due_at == START + timedelta(hours=8, minutes=15)
        await world.go_to(START + timedelta(hours=8, minutes=15))
        assert (await world.of()).alarm == ""
    assert len(world.begun) == 2
    assert len(world.alarms) == 1


async def test_a_run_that_is_a_little_late_is_no_alarm(world: World) -> None:
    async with world.running(world.job("30 2 * * *")):
        pass
    world.clock.move_to(datetime(2026, 3, 29, 4, tzinfo=MADRID))
    async with world.running(world.job("30 2 * * *")):
        await world.times(1)
    assert world.alarms == []


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Madrid", "2026-03-29"),
        ("Europe/Madrid", "2026-10-25"),
        ("America/Santiago", "2026-09-06"),
        ("Australia/Lord_Howe", "2026-04-05"),
    ],
)
async def test_a_daily_job_runs_once_a_day_though_clocks_are_changed(
    world: World, zone: str, change: str
) -> None:
    local = ZoneInfo(zone)
    first = datetime.fromisoformat(change).replace(tzinfo=local) - timedelta(days=1)
    world.clock.move_to(first)
    at = "30 2 * * *" if zone != "America/Santiago" else "30 0 * * *"
    async with world.running(Job("a", rhythm(at, local), world.work)):
        for hour in range(0, 24 * 3, 6):
            await world.go_to(first.astimezone(UTC) + timedelta(hours=hour))
    days = [begun.astimezone(local).date() for begun in world.begun]
    assert days == [first.date() + timedelta(days=n) for n in range(3)]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
async def test_a_clock_that_jumps_makes_a_daily_job_neither_miss_nor_double(
    world: World, jump: timedelta
) -> None:
    at = datetime(2026, 5, 5, 2, 30, tzinfo=MADRID)
    world.clock.move_to(at - timedelta(hours=5))
    async with world.running(world.job("30 2 * * *")):
        for around in (at - 20 * MINUTES, at + 20 * MINUTES):
            await world.go_to(around)
            await world.go_to(around + jump)
        for hours in range(3, 24, 6):
            await world.go_to(at + timedelta(hours=hours))
        assert len(world.begun) == 1
        await world.go_to(at + timedelta(days=1))
        assert len(world.begun) == 2


async def test_a_clock_that_was_put_back_does_not_hold_up_what_counts_minutes(
    world: World,
) -> None:
    async with world.running(world.job()):
        await world.go_to(START - timedelta(days=1))
        assert (await world.of()).due_at == START - timedelta(days=1) + 15 * MINUTES
        await world.go_to(START - timedelta(days=1) + 15 * MINUTES)
        assert len(world.begun) == 1


async def test_a_due_time_of_a_clock_that_was_years_ahead_is_put_right(world: World) -> None:
    async with world.running(world.job("30 2 * * *")):
        await world.go_to(START + timedelta(days=9000))
        await world.go_to(START)
        due_at = (await world.of()).due_at
        assert due_at == datetime(2026, 3, 29, 2, 30, tzinfo=MADRID).astimezone(UTC)


class SourceAwayError(OperatorError):
    """What a job fails with."""


def away() -> SourceAwayError:
    return SourceAwayError("The folder is gone.", what_to_do="Bring it back.")


async def test_an_alarm_that_cannot_be_handed_on_holds_up_nothing(world: World) -> None:
    world.loses_alarms = True
    async with world.running(world.job()):
        pass
    world.clock.shift(timedelta(hours=8))
    async with world.running(world.job()):
        await world.times(1)
        assert (await world.of()).outcome == "done"


async def test_three_failures_in_a_row_are_an_alarm_and_a_success_ends_it(world: World) -> None:
    world.breaks = [away(), ZeroDivisionError("oh"), away(), away()]
    async with world.running(world.job()):
        for count in (1, 2, 3, 4):
            await world.go_to(START + 15 * count * MINUTES)
            run = await world.of()
            assert (run.outcome, run.failures) == ("failed", count)
            assert run.due_at == START + 15 * (count + 1) * MINUTES
            assert bool(run.alarm) is (count >= 3)
        said = "It failed 3 times in a row. The folder is gone. Bring it back."
        assert world.alarms == [Alarm("a", said)]
        await world.go_to(START + 75 * MINUTES)
        run = await world.of()
        assert (run.outcome, run.failures, run.alarm) == ("done", 0, "")


async def test_a_fault_of_ours_is_noted_and_the_others_go_on(world: World) -> None:
    world.breaks = [ZeroDivisionError("oh")]
    async with world.running(world.job(), world.job(name="b")):
        await world.go_to(START + 15 * MINUTES)
    outcomes = sorted(run.outcome for run in await world.runs.all())
    assert outcomes == ["done", "failed"]
    assert any("ZeroDivisionError: oh" in run.said for run in await world.runs.all())


async def test_a_run_never_overlaps_itself(world: World) -> None:
    world.hold.clear()
    async with world.running(world.job()):
        world.clock.move_to(START + 15 * MINUTES)
        await until(lambda: len(world.begun) == 1)
        world.clock.move_to(START + timedelta(hours=3))
        await asyncio.sleep(QUIET_S)
        assert len(world.begun) == 1
        world.hold.set()
        await until(world.is_quiet)
        await asyncio.sleep(QUIET_S)
        assert len(world.begun) == 1
        assert (await world.of()).due_at == START + timedelta(hours=3, minutes=15)
    assert world.alarms == []


async def test_a_job_that_runs_elsewhere_is_left_alone(world: World) -> None:
    other = Leases(world.engine, lease_s=1.0)
    done = asyncio.Event()
    async with world.running(world.job()):
        busy = asyncio.create_task(other.alone("a", lambda _: done.wait()))
        await asyncio.sleep(QUIET_S)
        world.clock.move_to(START + 15 * MINUTES)
        await asyncio.sleep(QUIET_S * 3)
        assert world.begun == []
        done.set()
        await busy
        await world.times(1)


async def test_who_asks_gets_a_run_now_and_another_one_behind_a_run(world: World) -> None:
    world.hold.clear()
    async with world.running(world.job()) as schedule:
        await schedule.ask("a")
        await until(lambda: len(world.begun) == 1)
        world.clock.shift(5)
        await schedule.ask("a")
        world.hold.set()
        await world.times(2)


async def test_who_waits_for_an_answer_goes_first(world: World) -> None:
    world.hold.clear()
    async with world.running(world.job()) as schedule:
        with world.pace.answering():
            await schedule.ask("a")
            await until(lambda: len(world.begun) == 1)
            world.hold.set()
            with world.pace.answering():
                await asyncio.sleep(QUIET_S)
            assert world.pace.is_busy()
        await until(world.is_quiet)
    await world.pace.pause()
    with world.pace.answering():
        await world.pace.pause(most_s=0.01)


async def test_a_run_that_is_stopped_goes_on_at_the_next_start(world: World) -> None:
    world.hold.clear()
    async with world.running(world.job()):
        world.clock.move_to(START + 15 * MINUTES)
        await until(lambda: len(world.begun) == 1)
    run = await world.of()
    assert (run.outcome, run.failures) == ("stopped", 0)
    assert run.due_at == START + 15 * MINUTES
    world.hold.set()
    async with world.running(world.job()):
        await world.times(2)
    assert (await world.of()).outcome == "done"


async def test_a_run_that_comes_to_no_border_is_cancelled_and_done_again(world: World) -> None:
    async def hang(_: Shift) -> str:
        world.begun.append(datetime.now(UTC))
        await asyncio.Event().wait()
        return ""

    schedule = world.schedule()
    await schedule.put(Job("a", rhythm("every minute", UTC), hang, begins_at_once=True))
    task = asyncio.create_task(schedule.run())
    await until(lambda: len(world.begun) == 1)
    await schedule.stop(within_s=0.05)
    task.cancel()
    async with world.running(world.job("every minute")):
        await world.times(2)


async def test_a_job_that_is_dropped_ends_and_is_forgotten(world: World) -> None:
    world.hold.clear()
    async with world.running(world.job(), world.job(name="b")) as schedule:
        await schedule.ask("a")
        await until(lambda: len(world.begun) == 1)
        await schedule.drop("a")
        await schedule.drop("b")
        await until(lambda: not schedule.is_running("a"))
        assert await world.runs.all() == []


async def test_another_rhythm_counts_from_now_on(world: World) -> None:
    async with world.running(world.job("every week")) as schedule:
        await schedule.put(world.job("every 10 minutes"))
        assert (await world.of()).due_at == START + 10 * MINUTES
        await world.go_to(START + 11 * MINUTES)
        assert len(world.begun) == 1
        await schedule.put(world.job("every hour"))
        assert (await world.of()).due_at == START + 71 * MINUTES
        await schedule.put(world.job("never"))
        assert (await world.of()).due_at is None
    world.clock.move_to(START + timedelta(days=9))


async def test_another_rhythm_counts_though_the_job_changes_meanwhile(world: World) -> None:
    await world.schedule().put(world.job("every 10 minutes"))
    hurried = Schedule(HurriedRuns(world.engine), Leases(world.engine), pace=world.pace)
    await hurried.put(world.job("every hour"))
    run = await world.runs.of("a")
    assert run
    assert run.rhythm == "every hour"


async def test_what_was_due_stays_due_though_its_rhythm_has_changed(world: World) -> None:
    async with world.running(world.job("every 10 minutes")):
        pass
    world.clock.move_to(START + 15 * MINUTES)
    async with world.running(world.job("every week")):
        await world.times(1)


async def test_a_database_that_fails_for_a_while_holds_up_nothing_for_good(world: World) -> None:
    async def rename(old: str, new: str) -> None:
        async with transaction(world.engine) as connection:
            await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    async with world.running(world.job()):
        for table in ("job_runs", "leases"):
            count = len(world.begun)
            await rename(table, "away")
            world.clock.move_to(await_due := START + 15 * (count + 1) * MINUTES)
            await asyncio.sleep(QUIET_S)
            await rename("away", table)
            await world.times(count + 1)
            assert world.begun[-1] == await_due


async def test_a_lease_that_is_lost_in_a_run_ends_it_and_notes_nothing(world: World) -> None:
    world.hold.clear()
    async with world.running(world.job()) as schedule:
        await schedule.ask("a")
        await until(lambda: len(world.begun) == 1)
        async with transaction(world.engine) as connection:
            await connection.execute(text("UPDATE leases SET fence = 7, holder = ''"))
        await until(lambda: len(world.begun) == 2)
        world.hold.set()
        await until(world.is_quiet)
    assert (await world.of()).fence == 8
    assert len(world.begun) == 2


async def test_whoever_has_been_overtaken_cannot_end_a_run(world: World) -> None:
    async def be_overtaken(shift: Shift) -> str:
        await world.runs.begin("a", shift.lease.fence + 1, datetime.now(UTC))
        return "too late"

    schedule = world.schedule()
    await schedule.put(Job("a", rhythm("every minute", UTC), be_overtaken, begins_at_once=True))
    task = asyncio.create_task(schedule.run())

    async def is_overtaken() -> bool:
        return (await world.of()).fence >= 2

    await until(is_overtaken)
    await asyncio.sleep(QUIET_S)
    task.cancel()
    await schedule.stop(within_s=1)
    assert (await world.of()).outcome == "running"
