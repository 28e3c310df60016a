"""Refreshing a source while nobody else does: as a job of the schedule, or by hand."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from bot.app import App
from bot.jobs import Job, Shift, ending
from bot.rhythm import Rhythm
from bot.source_entry import SourceEntry
from knowledge.errors import TertuliaError
from knowledge.leases import Lease
from knowledge.runs import Runs
from pipelines.indexing import Wish
from pipelines.refresh_report import RefreshReport

PREFIX = "refresh:"
BY_HAND_WAIT_S = 5.0
"""Who refreshes by hand waits this long for somebody who is at it, and is then told who."""


def job_name(source: str) -> str:
    """The name of the job that refreshes a source, and of its lease."""
    return f"{PREFIX}{source}"


def refresh_job(app: App, entry: SourceEntry, rhythm: Rhythm) -> Job:
    """The job that refreshes a source."""

    async def work(shift: Shift) -> str:
        return str(await app.index.refresh(entry, Wish(checkpoint=shift.checkpoint)))

    return Job(job_name(entry.name), rhythm, work, begins_at_once=True)


async def refresh_by_hand(app: App, entry: SourceEntry, wish: Wish) -> RefreshReport:
    """Refresh a source now; where it is on a schedule, what became of it is noted there.

    Raises:
        LeaseTakenError: somebody else is at it; says who.
    """
    leases, runs = await app.leases(), await app.runs()

    async def work(lease: Lease) -> RefreshReport:
        with_lease = replace(wish, checkpoint=lease.check)
        return await _noted(lease, runs, lambda: app.index.refresh(entry, with_lease))

    return await leases.alone(job_name(entry.name), work, wait_s=BY_HAND_WAIT_S)


async def forget_by_hand(app: App, source: str) -> int:
    """Take all that came from a source out of the index; the number of articles.

    Raises:
        LeaseTakenError: somebody is refreshing it; says who.
    """
    leases, runs = await app.leases(), await app.runs()

    async def work(lease: Lease) -> int:
        await runs.forget(lease.name)
        return await app.index.forget(source)

    return await leases.alone(job_name(source), work, wait_s=BY_HAND_WAIT_S)


async def _noted(
    lease: Lease, runs: Runs, refresh: Callable[[], Awaitable[RefreshReport]]
) -> RefreshReport:
    """The report of a refresh that changes nothing about when the next one is due.

    A failure is told to whoever asked for it; only those of the schedule are counted.
    """
    seen = await runs.of(lease.name)
    if seen is None:
        return await refresh()
    await runs.begin(lease.name, lease.fence, datetime.now(UTC))
    try:
        report = await refresh()
    except TertuliaError as error:
        said = f"{error} {error.what_to_do}"
        end = ending(seen, "failed", said, due_at=seen.due_at, missed="")
        end = replace(end, failures=seen.failures, alarm=seen.alarm)
        await runs.end(lease.name, lease.fence, end)
        raise
    end = ending(seen, "done", str(report), due_at=seen.due_at, missed="")
    await runs.end(lease.name, lease.fence, end)
    return report
