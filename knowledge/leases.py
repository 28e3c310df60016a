"""Leases: a row in the database by which exactly one process at a time does a piece of work.

No two clocks are compared, so neither a clock that jumps nor one that is wrong breaks a lease. Its
holder raises a counter again and again; whoever waits watches that counter on a clock of its own,
and takes over when it has stood still for the lease time.

Every lease that is taken gets a higher number, the fence. A process that was paused and wakes up
holds a number that has been passed: `Lease.check` and writes that compare fences refuse it.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import TypeVar

import structlog
from sqlalchemy import Column, Integer, String, Table, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.database import insert_missing, transaction
from knowledge.errors import TertuliaError, TransientError
from knowledge.instants import Instant
from knowledge.schema import METADATA

_LEASES = Table(
    "leases",
    METADATA,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("beat", Integer, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("beaten_at", Instant, nullable=False),
)
LEASE_S = 15.0
"""Seconds without a beat after which a holder counts as gone."""
_NOBODY = ""
_BEATS_A_LEASE = 4
T = TypeVar("T")
log = structlog.get_logger(__name__)


class LeaseTakenError(TransientError):
    """Somebody else is doing this work."""


class LeaseLostError(TransientError):
    """We were silent for too long, and somebody else may be doing this work now."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A lease as the database has it.

    Attributes:
        holder: who has it, as people read it, with a mark that no other holder has; empty where
            nobody has it.
        beaten_at: when it was last said to be alive, by the clock of the holder.
    """

    name: str
    holder: str
    fence: int
    beat: int
    taken_at: datetime
    beaten_at: datetime


class Leases:
    """The leases of one database, as one process sees them.

    Args:
        lease_s: seconds without a beat after which others take over; the same for all processes.
        clock: seconds that never jump.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        lease_s: float = LEASE_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._engine = engine
        self._lease_s = lease_s
        self._clock = clock
        self._watched: dict[str, tuple[tuple[int, int], float]] = {}

    async def alone(
        self, name: str, work: Callable[["Lease"], Awaitable[T]], *, wait_s: float = 0.0
    ) -> T:
        """Do this work while nobody else does work of this name.

        Args:
            name: of the lease; it is made where there is none.
            work: what to do with the lease.
            wait_s: seconds to wait for somebody who is at it, or more, until it shows whether that
                one is still alive (`lease_s` at most); 0 does not wait.

        Raises:
            LeaseTakenError: somebody else is at it.
            LeaseLostError: we could not say for too long that we are alive; the work was cancelled.
        """
        lease = await self._take(name, wait_s)
        try:
            return await _while_beating(lease, asyncio.ensure_future(work(lease)))
        finally:
            await self._release(lease)

    async def taken(self, beginning: str = "") -> list[Holding]:
        """All leases that somebody has, or had when it was killed, by name."""
        query = (
            select(_LEASES)
            .where(_LEASES.c.name.startswith(beginning, autoescape=True))
            .where(_LEASES.c.holder != _NOBODY)
            .order_by(_LEASES.c.name)
        )
        async with transaction(self._engine) as connection:
            return [Holding(*row) for row in await connection.execute(query)]

    async def forget_silent(self, beginning: str, *, longer_than: timedelta) -> None:
        """Remove the rows of names that nobody will ever use again."""
        old = _LEASES.c.beaten_at < datetime.now(UTC) - longer_than
        ours = _LEASES.c.name.startswith(beginning, autoescape=True)
        async with transaction(self._engine) as connection:
            await connection.execute(delete(_LEASES).where(ours, old))

    async def _take(self, name: str, wait_s: float) -> "Lease":
        until, first = self._clock() + wait_s, None
        while True:
            lease = await self._try(name)
            if lease is not None:
                return lease
            first = first or self._watched.get(name)
            is_alive = self._watched.get(name) != first
            if self._clock() >= until and (is_alive or not wait_s):
                raise await self._taken_error(name)
            await asyncio.sleep(self._lease_s / _BEATS_A_LEASE / 2)

    async def _try(self, name: str) -> "Lease | None":
        """The lease, if nobody has it or its holder has been silent for the lease time."""
        found = await self._found(name)
        if found is None:
            return await self._made(name)
        if found.holder != _NOBODY and not self._is_silent(found):
            return None
        return await self._taken_over(found)

    async def _found(self, name: str) -> Holding | None:
        async with transaction(self._engine) as connection:
            row = (await connection.execute(select(_LEASES).where(_LEASES.c.name == name))).first()
        return Holding(*row) if row else None

    async def _made(self, name: str) -> "Lease | None":
        now, holder = datetime.now(UTC), _ourselves()
        row = (name, holder, 1, 0, now, now)
        async with transaction(self._engine) as connection:
            made = insert_missing(_LEASES, self._engine).values(row).returning(_LEASES.c.name)
            is_ours = await connection.scalar(made) is not None
        return self._lease(name, holder, 1) if is_ours else None

    def _is_silent(self, found: Holding) -> bool:
        """Whether this beat has been the last one for the lease time, as far as we have watched."""
        beat, now = (found.fence, found.beat), self._clock()
        seen, since = self._watched.get(found.name, (None, now))
        if seen != beat:
            self._watched[found.name] = (beat, now)
            return False
        return now - since >= self._lease_s

    async def _taken_over(self, found: Holding) -> "Lease | None":
        """The lease, unless its row has changed since we looked."""
        now, holder, fence = datetime.now(UTC), _ourselves(), found.fence + 1
        same = (_LEASES.c.fence == found.fence, _LEASES.c.beat == found.beat)
        statement = _of(found.name).where(*same, _LEASES.c.holder == found.holder)
        values = {"holder": holder, "fence": fence, "beat": 0, "taken_at": now, "beaten_at": now}
        if not await changed(self._engine, statement.values(values)):
            return None
        self._watched.pop(found.name, None)
        if found.holder != _NOBODY:
            log.warning("took over", lease=found.name, fence=fence)
        return self._lease(found.name, holder, fence)

    def _lease(self, name: str, holder: str, fence: int) -> "Lease":
        return Lease(name, fence, holder, self._engine, self._lease_s, self._clock)

    async def _release(self, lease: "Lease") -> None:
        """Let the next one begin at once; where that fails, it begins after the lease time."""
        statement = _of(lease.name).where(_LEASES.c.fence == lease.fence)
        with suppress(TertuliaError):
            await changed(self._engine, statement.values(holder=_NOBODY))

    async def _taken_error(self, name: str) -> LeaseTakenError:
        found = await self._found(name)
        since = f" since {found.taken_at:%H:%M:%S} UTC" if found else ""
        who = people(found.holder) if found else "another process"
        return LeaseTakenError(
            f"'{name}' is being done by {who}{since}.",
            what_to_do="Nothing is wrong: wait until that has ended, then try again.",
        )


@dataclass(slots=True)
class Lease:
    """The right to do one piece of work, for as long as its number is the last one given out."""

    name: str
    fence: int
    holder: str
    _engine: AsyncEngine
    _lease_s: float
    _clock: Callable[[], float]

    async def check(self) -> None:
        """Look whether the lease is still ours.

        Raises:
            LeaseLostError: it is not.
        """
        query = select(_LEASES.c.fence).where(_LEASES.c.name == self.name)
        async with transaction(self._engine) as connection:
            fence = await connection.scalar(query)
        if fence != self.fence:
            raise self.lost()

    async def beat_until_lost(self) -> None:
        """Say again and again that we are alive; ends when others may believe that we are not."""
        said = self._clock()
        while self._clock() - said < self._lease_s * (1 - 1 / _BEATS_A_LEASE):
            await asyncio.sleep(self._lease_s / _BEATS_A_LEASE)
            began = self._clock()
            try:
                if not await self._beat():
                    return
                said = began
            except TertuliaError as error:
                log.warning("failed to renew a lease", lease=self.name, kind=error.kind)

    async def _beat(self) -> bool:
        statement = _of(self.name).where(_LEASES.c.fence == self.fence)
        values = {"beat": _LEASES.c.beat + 1, "beaten_at": datetime.now(UTC)}
        return await changed(self._engine, statement.values(values))

    def lost(self) -> LeaseLostError:
        """What to raise where the lease is no longer ours."""
        return LeaseLostError(
            f"Another process may be doing '{self.name}' now: this one was silent for more than "
            f"{self._lease_s:g} seconds.",
            what_to_do="Nothing is lost. If it happens often, this machine has too much to do.",
        )


async def changed(engine: AsyncEngine, statement: Update) -> bool:
    """Whether an update of one row found its row."""
    async with transaction(engine) as connection:
        return (await connection.execute(statement)).rowcount == 1


def people(holder: str) -> str:
    """A holder as people read it, without the mark."""
    return holder.rpartition(" ")[0]


async def _while_beating(lease: Lease, work: "asyncio.Future[T]") -> T:
    """The result of work that is cancelled when the lease is lost."""
    beating = asyncio.create_task(lease.beat_until_lost())
    try:
        await asyncio.wait((work, beating), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise lease.lost()
        return work.result()
    finally:
        work.cancel()
        beating.cancel()
        await asyncio.gather(work, beating, return_exceptions=True)


def _ourselves() -> str:
    """This process, and a mark by which each lease that it takes is known."""
    return f"process {os.getpid()} on {socket.gethostname()} {token_hex(4)}"


def _of(name: str) -> Update:
    return update(_LEASES).where(_LEASES.c.name == name)
