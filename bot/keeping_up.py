"""Sees to it that nothing stays unheard that was said to us while we were away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from bot.desk import Desk
from knowledge.conversations import now
from knowledge.errors import TertuliaError

EVERY_S = 60.0
LONGEST_OUTAGE = timedelta(hours=24)
OVERLAP = timedelta(minutes=2)
"""So long a connection may be dead before that is noticed; what was heard twice is known."""
log = structlog.get_logger(__name__)


class KeepingUp:
    """Reads again what was missed when a connection begins; notes meanwhile how far we have heard.

    The mark of a place moves only once all that was missed there is taken, so that an end in the
    middle loses nothing, whoever writes meanwhile.

    Args:
        platform: its name; for places without a mark its last message counts.
        places: what is caught up with by itself, such as the workspaces.
        read: takes what was said in a place since then, and raises where that is not all.
        is_hearing: whether messages reach us just now.
        every_s: seconds between two marks, and between two tries.
    """

    def __init__(
        self,
        desk: Desk,
        platform: str,
        places: Callable[[], Sequence[str]],
        read: Callable[[str, datetime], Awaitable[None]],
        is_hearing: Callable[[], Awaitable[bool]],
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._desk, self._platform, self._places = desk, platform, places
        self._read, self._is_hearing, self._every_s = read, is_hearing, every_s
        self._connections = 0
        self._heard: set[str] = set()
        self._has_begun = asyncio.Event()

    def began(self) -> None:
        """A connection has begun: what was said before it may have been missed."""
        self._connections += 1
        self._heard.clear()
        self._has_begun.set()

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Go on with it while something else is done."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        await self._has_begun.wait()
        while True:
            self._has_begun.clear()
            for place in self._places():
                await self._look_at(place)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._has_begun.wait()

    async def _look_at(self, place: str) -> None:
        try:
            at, connection = now(), self._connections
            if place not in self._heard:
                await self._catch_up(place)
            elif not await self._is_hearing():
                return
            if connection == self._connections:  # else there is more that may have been missed
                self._heard.add(place)
                await self._desk.note_heard(place, at)
        except TertuliaError as error:
            log.warning("failed to catch up", platform=self._platform, kind=error.kind)
        except Exception as error:  # one place that fails must not take others along
            log.exception("failed to catch up", error=type(error).__name__)

    async def _catch_up(self, place: str) -> None:
        last = await self._desk.heard_until(place) or await self._desk.latest(self._platform)
        if last is not None:
            await self._read(place, max(last, now() - LONGEST_OUTAGE) - OVERLAP)
            log.info("caught up", platform=self._platform)
