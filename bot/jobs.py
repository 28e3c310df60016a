"""Jobs: a name, a rhythm and a function; and what one run of a job is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.alarms import Alarm, Alarms, sound
from bot.pace import Pace
from bot.rhythm import Rhythm
from knowledge.errors import TertuliaError, TransientError
from knowledge.leases import Lease, LeaseLostError
from knowledge.runs import Ending, Run, Runs

MANY_FAILURES = 3
"""Failures in a row after which somebody should look at a job."""
_LATE = timedelta(hours=1)
_NEVER_LATE = timedelta(seconds=30)

log = structlog.get_logger(__name__)


class RunStoppedError(TransientError):
    """A run was told to stop; the next one goes on from there."""


@dataclass(slots=True)
class Shift:
    """One run of a job, as its function sees it.

    Attributes:
        lease: its fence goes along with what the function writes down about the run.
        is_stopping: whether the run shall end at the next border.
    """

    lease: Lease
    pace: Pace
    is_stopping: bool = False

    async def checkpoint(self) -> None:
        """To be awaited at every border of the work: who asks goes first, and work ends here.

        Raises:
            RunStoppedError: Tertulia stops, or the job has changed.
            LeaseLostError: another process may be doing this by now.
        """
        await self.pace.pause()
        if self.is_stopping:
            raise RunStoppedError("It was stopped.", what_to_do="The next run goes on from there.")
        await self.lease.check()


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again and again.

    Attributes:
        name: also the name of its lease.
        work: what it does; returns a few words about what it did. A `TertuliaError` that it
            raises is noted as a failure.
        begins_at_once: whether a job that never ran is due at once, or when its rhythm says.
    """

    name: str
    rhythm: Rhythm
    work: Callable[[Shift], Awaitable[str]]
    begins_at_once: bool = False

    def first_due(self, now: datetime) -> datetime | None:
        """When a job that never ran is due."""
        following = self.rhythm.following(now, now)
        return now if self.begins_at_once and following else following


async def run_if_due(job: Job, shift: Shift, *, runs: Runs, alarms: Alarms) -> None:
    """Run a job whose lease we have, unless another process has done it meanwhile.

    Raises:
        LeaseLostError: another process has begun a run; nothing more was noted.
    """
    seen, now = await runs.of(job.name), datetime.now(UTC)
    if seen is None or seen.due_at is None or seen.due_at > now:
        return
    missed = _missed(job.rhythm, seen.due_at, now)
    if not await runs.begin(job.name, shift.lease.fence, now, alarm=missed):
        raise shift.lease.lost()
    if missed:
        await sound(Alarm(job.name, missed), alarms)
    log.info("began", job=job.name)
    outcome, said = await _outcome(job, shift)
    # One that was stopped is due as before: it goes on as soon as somebody can.
    following = job.rhythm.following(seen.due_at, datetime.now(UTC))
    due_at = seen.due_at if outcome == "stopped" else following
    end = ending(seen, outcome, said, due_at=due_at, missed=missed)
    if not await runs.end(job.name, shift.lease.fence, end):
        raise shift.lease.lost()
    log.info("ended", job=job.name, outcome=outcome, failures=end.failures)
    if outcome == "failed" and end.failures == MANY_FAILURES:
        await sound(Alarm(job.name, end.alarm), alarms)


async def _outcome(job: Job, shift: Shift) -> tuple[str, str]:
    """How the work ended, and what there is to say about it."""
    try:
        return "done", await job.work(shift)
    except RunStoppedError as error:
        return "stopped", f"{error} {error.what_to_do}"
    except LeaseLostError:
        raise
    except TertuliaError as error:
        return "failed", f"{error} {error.what_to_do}"
    except Exception as error:  # one job that breaks must not take the others along
        log.exception("failed unexpectedly", job=job.name, error=type(error).__name__)
        return "failed", f"Something unexpected happened: {type(error).__name__}: {error}"


def ending(seen: Run, outcome: str, said: str, *, due_at: datetime | None, missed: str) -> Ending:
    """What to note about a run that ends now.

    Args:
        seen: the job before this run.
        outcome: `done`, `failed` or `stopped`.
        said: what it did, or why it failed.
        due_at: when the job is due again.
        missed: what to say if it began too late.
    """
    failures = {"done": 0, "failed": seen.failures + 1}.get(outcome, seen.failures)
    alarm = missed or ("" if outcome == "done" else seen.alarm)
    if outcome == "failed" and failures >= MANY_FAILURES:
        alarm = f"It failed {failures} times in a row. {said}"
    return Ending(datetime.now(UTC), outcome, said, failures, alarm, due_at, seen.due_at)


def _missed(rhythm: Rhythm, due: datetime, now: datetime) -> str:
    """What to say about a run that begins after the next one was due, or more than an hour late."""
    following = rhythm.following(due, due)
    allowed = min(following - due, _LATE) if following else _LATE
    if now - due <= max(allowed, _NEVER_LATE):
        return ""
    late = timedelta(seconds=round((now - due).total_seconds()))
    return (
        f"A run was missed: it was due at {due.astimezone():%Y-%m-%d %H:%M %Z} and began {late} "
        "later. Was `tertulia serve` running?"
    )
