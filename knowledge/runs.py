"""What became of scheduled jobs: when each last ran, with which outcome, and when it is due."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, String, Table, Text, case, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.database import insert_missing, transaction
from knowledge.instants import Instant
from knowledge.leases import changed
from knowledge.schema import METADATA

_RUNS = Table(
    "job_runs",
    METADATA,
    Column("job", String, primary_key=True),
    Column("rhythm", Text, nullable=False),
    Column("due_at", Instant),
    Column("fence", Integer, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("outcome", String, nullable=False),
    Column("said", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("alarm", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Run:
    """The last run of a job, and the next one.

    Attributes:
        due_at: when the next run is due; None where it only runs when somebody asks for it. A run
            that has not come to its end leaves this in the past, so that it is done again.
        fence: the number of the lease under which it last ran.
        outcome: empty (never ran), `running`, `done`, `failed` or `stopped`.
        said: what the run did, or why it failed.
        failures: how many runs in a row have failed.
        alarm: what somebody should look at; empty where all is well.
    """

    job: str
    rhythm: str
    due_at: datetime | None
    fence: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""
    said: str = ""
    failures: int = 0
    alarm: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended.

    Attributes:
        due_at: when the next one is due.
        was_due_at: when this one was; somebody who has asked for another run meanwhile is heard.
    """

    at: datetime
    outcome: str
    said: str
    failures: int
    alarm: str
    due_at: datetime | None
    was_due_at: datetime | None


class Runs:
    """The ledger of all jobs, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> list[Run]:
        """Every job that was ever entered, by name."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(select(_RUNS).order_by(_RUNS.c.job))
            return [Run(*row) for row in rows]

    async def of(self, job: str) -> Run | None:
        """One job; None where it was never entered."""
        async with transaction(self._engine) as connection:
            row = (await connection.execute(select(_RUNS).where(_RUNS.c.job == job))).first()
        return Run(*row) if row else None

    async def enter(self, job: str, rhythm: str, due_at: datetime | None) -> None:
        """Note a job that is new; one that is known keeps what is known of it."""
        row = {"job": job, "rhythm": rhythm, "due_at": due_at, "fence": 0}
        row |= {"outcome": "", "said": "", "failures": 0, "alarm": ""}
        async with transaction(self._engine) as connection:
            await connection.execute(insert_missing(_RUNS, self._engine).values(row))

    async def move(self, seen: Run, *, rhythm: str, due_at: datetime | None) -> bool:
        """Note another rhythm or due time, unless somebody else has changed it meanwhile."""
        same = _RUNS.c.due_at.is_(None) if seen.due_at is None else _RUNS.c.due_at == seen.due_at
        statement = update(_RUNS).where(_RUNS.c.job == seen.job, same)
        return await changed(self._engine, statement.values(rhythm=rhythm, due_at=due_at))

    async def ask(self, job: str, at: datetime) -> None:
        """Make a job due at this time, if it is not due earlier; one that runs, once more."""
        is_running = _RUNS.c.outcome == "running"
        later = or_(_RUNS.c.due_at.is_(None), _RUNS.c.due_at > at, is_running)
        asked = update(_RUNS).where(_RUNS.c.job == job, later).values(due_at=at)
        await changed(self._engine, asked)

    async def begin(self, job: str, fence: int, at: datetime, *, alarm: str = "") -> bool:
        """Note that a run begins; False where a higher fence has been seen, or no such job."""
        values = {"fence": fence, "started_at": at, "ended_at": None, "outcome": "running"}
        if alarm:
            values["alarm"] = alarm
        current = update(_RUNS).where(_RUNS.c.job == job, _RUNS.c.fence <= fence)
        return await changed(self._engine, current.values(values))

    async def end(self, job: str, fence: int, ending: Ending) -> bool:
        """Note how a run ended; False where another one has begun since."""
        due_at = case((_RUNS.c.due_at == ending.was_due_at, ending.due_at), else_=_RUNS.c.due_at)
        statement = update(_RUNS).where(_RUNS.c.job == job, _RUNS.c.fence == fence)
        values = {
            "ended_at": ending.at,
            "outcome": ending.outcome,
            "said": ending.said,
            "failures": ending.failures,
            "alarm": ending.alarm,
            "due_at": due_at,
        }
        return await changed(self._engine, statement.values(values))

    async def forget(self, job: str) -> None:
        """Remove a job that is no longer there."""
        async with transaction(self._engine) as connection:
            await connection.execute(delete(_RUNS).where(_RUNS.c.job == job))
