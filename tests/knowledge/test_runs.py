"""The ledger of jobs: what is noted stays, and nobody with an old number notes anything."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from knowledge.runs import Ending, Run, Runs
from tests.databases import opened

DUE = datetime(2026, 3, 29, 2, 30, 0, 5, tzinfo=UTC)
LATER = DUE + timedelta(hours=1)
DONE = Ending(LATER, "done", "3 found", 0, "", LATER, DUE)


@pytest.fixture
async def runs(database_url: str) -> AsyncIterator[Runs]:
    async with opened(database_url) as engine:
        yield Runs(engine)


async def job(runs: Runs, name: str = "a") -> Run:
    found = await runs.of(name)
    assert found
    return found


async def test_a_job_is_entered_once(runs: Runs) -> None:
    await runs.enter("a", "every hour", DUE)
    await runs.enter("a", "every day", LATER)
    await runs.enter("b", "never", None)
    assert await runs.all() == [Run("a", "every hour", DUE), Run("b", "never", None)]
    assert await runs.of("c") is None
    await runs.forget("a")
    assert await runs.all() == [Run("b", "never", None)]


async def test_points_in_time_are_the_same_whatever_their_zone(runs: Runs) -> None:
    await runs.enter("a", "every hour", DUE.astimezone(ZoneInfo("America/Lima")))
    assert (await job(runs)).due_at == DUE
    assert (await job(runs)).due_at == DUE.astimezone(ZoneInfo("Asia/Tokyo"))


async def test_a_run_leaves_its_outcome_and_the_next_due_time(runs: Runs) -> None:
    await runs.enter("a", "every hour", DUE)
    assert await runs.begin("a", 1, DUE, alarm="late")
    running = await job(runs)
    assert (running.outcome, running.due_at, running.alarm) == ("running", DUE, "late")
    assert await runs.end("a", 1, DONE)
    wanted = Run("a", "every hour", LATER, 1, DUE, LATER, "done", "3 found", 0, "")
    assert await job(runs) == wanted


async def test_an_older_number_notes_nothing(runs: Runs) -> None:
    await runs.enter("a", "every hour", DUE)
    assert await runs.begin("a", 1, DUE)
    assert await runs.begin("a", 2, LATER)
    before = await job(runs)
    assert not await runs.end("a", 1, DONE)
    assert not await runs.begin("a", 1, LATER)
    assert await job(runs) == before
    assert await runs.end("a", 2, DONE)


async def test_a_job_that_is_gone_is_not_begun(runs: Runs) -> None:
    assert not await runs.begin("a", 1, DUE)


async def test_who_asks_while_a_job_runs_gets_another_run(runs: Runs) -> None:
    await runs.enter("a", "every hour", DUE)
    await runs.ask("a", LATER)
    assert (await job(runs)).due_at == DUE
    await runs.begin("a", 1, DUE)
    asked = DUE + timedelta(seconds=1)
    await runs.ask("a", asked)
    await runs.end("a", 1, DONE)
    assert (await job(runs)).due_at == asked


async def test_who_asks_for_what_is_never_due_is_heard(runs: Runs) -> None:
    await runs.enter("a", "never", None)
    await runs.ask("a", DUE)
    assert (await job(runs)).due_at == DUE
    await runs.begin("a", 1, DUE)
    await runs.end("a", 1, replace(DONE, due_at=None))
    assert (await job(runs)).due_at is None


async def test_a_due_time_is_moved_by_one_alone(runs: Runs) -> None:
    await runs.enter("a", "every hour", DUE)
    seen = await job(runs)
    assert await runs.move(seen, rhythm="every day", due_at=LATER)
    assert not await runs.move(seen, rhythm="every week", due_at=DUE)
    moved = await job(runs)
    assert (moved.rhythm, moved.due_at) == ("every day", LATER)
    assert await runs.move(moved, rhythm="never", due_at=None)
    assert await runs.move(await job(runs), rhythm="every hour", due_at=DUE)
