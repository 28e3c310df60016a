"""The schedule: every job runs when it is due, once, in one process, and never beside itself.

What is due stands in the database (`Runs`); a lease lets one process at a time do a job, and the
fence of that lease goes along with all that is noted. A run that did not come to its end leaves its
job due: whoever takes over does it again. APScheduler wakes us at the right moment, and every few
seconds we look by ourselves: at clocks that jumped, at what another process left undone.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.alarms import Alarms, to_nobody
from bot.jobs import Job, Shift, run_if_due
from bot.pace import Pace
from knowledge.errors import TertuliaError
from knowledge.leases import Lease, Leases, LeaseTakenError
from knowledge.runs import Run, Runs

TICK_S = 5.0
GRACE_S = 6 * 3600
"""APScheduler drops what it could not begin for this long; our next look finds it again."""
_AT_ONCE = 4
"""Jobs that run side by side: each may hold a parser with memory of its own."""

log = structlog.get_logger(__name__)
logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # what matters of it we log ourselves


class Schedule:
    """The jobs that this process can do.

    Args:
        tick_s: seconds between two looks at what is due.
    """

    def __init__(
        self,
        runs: Runs,
        leases: Leases,
        *,
        pace: Pace,
        alarms: Alarms = to_nobody,
        tick_s: float = TICK_S,
    ) -> None:
        self._runs, self._leases, self._pace = runs, leases, pace
        self._alarms = alarms
        self._tick_s = tick_s
        self._jobs: dict[str, Job] = {}
        self._shifts: dict[str, Shift] = {}
        self._begun: dict[str, asyncio.Task[bool]] = {}
        self._elsewhere: set[str] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._is_stopping = False
        self._look_now = asyncio.Event()
        self._waker = AsyncIOScheduler(timezone=UTC)

    async def put(self, job: Job) -> None:
        """Take in a job, or another form of one; what is known of its runs stays."""
        self._jobs[job.name] = job
        now = datetime.now(UTC)
        await self._runs.enter(job.name, job.rhythm.text, job.first_due(now))
        seen = await self._runs.of(job.name)
        # A run that begins or ends meanwhile changes the row, which is then looked at anew.
        while seen and seen.rhythm != job.rhythm.text and not await self._moved(seen, job, now):
            seen = await self._runs.of(job.name)
        self._look_now.set()

    async def _moved(self, seen: Run, job: Job, now: datetime) -> bool:
        is_overdue = seen.due_at is not None and seen.due_at <= now
        following = job.rhythm.following(seen.started_at or now, now)
        due_at = seen.due_at if is_overdue else following
        return await self._runs.move(seen, rhythm=job.rhythm.text, due_at=due_at)

    async def drop(self, name: str) -> None:
        """Forget a job; a run of it ends at its next border."""
        self._jobs.pop(name, None)
        self.interrupt(name)
        await self._runs.forget(name)

    def interrupt(self, name: str) -> None:
        """End the run of a job, if there is one in this process, at its next border."""
        if name in self._shifts:
            self._shifts[name].is_stopping = True

    def is_running(self, name: str) -> bool:
        """Whether this process has begun a job, or is about to."""
        return name in self._begun

    async def ask(self, name: str) -> None:
        """Have a job run now, or once more if it is running."""
        await self._runs.ask(name, datetime.now(UTC))
        self._look_now.set()

    async def run(self) -> None:
        """Begin what is due, until this is cancelled; then `stop` ends what was begun."""
        self._waker.start()
        try:
            while True:
                self._look_now.clear()
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._tick_s):
                        await self._look_now.wait()
        finally:
            self._waker.shutdown(wait=False)

    async def stop(self, within_s: float) -> None:
        """End all runs at their next border; after this time, where they are.

        A run may be killed at any point and goes on next time. The border is only kinder.
        """
        self._is_stopping = True
        for name in self._shifts:
            self.interrupt(name)
        if self._begun:
            await asyncio.wait(self._begun.values(), timeout=within_s)
        left = list(self._begun.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _look(self) -> None:
        """Set the alarm clock of every job to what the database says now."""
        try:
            seen = {run.job: run for run in await self._runs.all()}
            for name, job in list(self._jobs.items()):
                if name in seen:
                    self._set(name, await self._believable(job, seen[name]))
        except TertuliaError as error:
            log.warning("failed to look at what is due", kind=error.kind)

    async def _believable(self, job: Job, seen: Run) -> datetime | None:
        """When a job is due; what a clock has noted that was far ahead is put right."""
        now = datetime.now(UTC)
        latest = job.rhythm.latest(now)
        if seen.due_at is None or latest is None or seen.due_at <= latest:
            return seen.due_at
        due_at = job.rhythm.following(now, now)
        await self._runs.move(seen, rhythm=seen.rhythm, due_at=due_at)
        log.warning("put a due time right", job=job.name)
        return due_at

    def _set(self, name: str, due_at: datetime | None) -> None:
        if name in self._begun or due_at is None:
            with suppress(JobLookupError):
                self._waker.remove_job(name)
            return
        self._waker.add_job(
            self._begin,
            "date",
            run_date=max(due_at, datetime.now(UTC)),
            args=[name],
            id=name,
            replace_existing=True,
            coalesce=True,
            misfire_grace_time=GRACE_S,
        )

    async def _begin(self, name: str) -> None:
        """Begin a job beside us, so that what wakes us is never held up."""
        if name not in self._begun and not self._is_stopping:
            self._begun[name] = asyncio.create_task(self._do(name), name=name)
            self._begun[name].add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[bool]") -> None:
        """Look at once when a job is due again; what could not be run is tried at the next look."""
        self._begun.pop(task.get_name())
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("failed unexpectedly", job=task.get_name(), exc_info=error)
        elif not task.cancelled() and task.result():
            self._look_now.set()

    async def _do(self, name: str) -> bool:
        """Run a job if nobody else does; whether it was looked at with its lease in our hands."""
        try:
            async with self._room:
                await self._leases.alone(name, self._shift)
        except LeaseTakenError:
            if name not in self._elsewhere:
                log.info("skipped", job=name, reason="it runs elsewhere")
            self._elsewhere.add(name)
        except TertuliaError as error:
            log.warning("failed to run", job=name, kind=error.kind)
        else:
            self._elsewhere.discard(name)
            return True
        return False

    async def _shift(self, lease: Lease) -> None:
        """Run a job, now that nobody else does."""
        job = self._jobs.get(lease.name)
        if job is None or self._is_stopping:
            return
        shift = self._shifts[job.name] = Shift(lease, self._pace)
        try:
            await run_if_due(job, shift, runs=self._runs, alarms=self._alarms)
        finally:
            del self._shifts[job.name]
