"""What is seen while an answer is being made: the newest, one call at a time, at its own pace."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from knowledge.errors import TertuliaError

GAP_S = 1.2
"""Between the end of a call and the next one: Discord allows five changes in five seconds."""
TYPING_S = 8.0
"""Discord shows for ten seconds that somebody types."""
MOST_TYPING = 50
"""Nobody answers for longer than that: whoever began it has forgotten it."""
IN_FLIGHT_S = 10.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Screen:
    """Shows texts; those that come while one is on its way are skipped but for the newest.

    Attributes:
        put: shows one text.
        alive: shows that somebody is still at it.
        sleep: passes the time.
    """

    put: Callable[[str], Awaitable[None]]
    alive: Callable[[], Awaitable[None]]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _wanted: str = ""
    _told: asyncio.Event = field(default_factory=asyncio.Event)
    _calling: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_over: bool = False
    _tasks: "list[asyncio.Task[None]]" = field(default_factory=list)

    def show(self, text: str) -> None:
        """Show this soon."""
        if self._is_over or text == self._wanted:
            return
        self._wanted = text
        self._told.set()
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._live())]

    async def stop(self) -> None:
        """Show nothing more; a call that is on its way ends first, so that none comes after."""
        self._is_over = True
        await self.settled()
        await self.break_off()

    async def settled(self) -> None:
        """Wait for a call that is on its way, if there is one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IN_FLIGHT_S), self._calling:
                pass

    async def break_off(self) -> None:
        """Show nothing more, whatever is on its way: the connection ends."""
        self._is_over = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            async with self._calling:
                if self._is_over:
                    return
                await _quietly(self.put(self._wanted))
            await self.sleep(GAP_S)

    async def _live(self) -> None:
        """Show that somebody is at it, for as long as it takes."""
        for _ in range(MOST_TYPING):
            await self.sleep(TYPING_S)
            await _quietly(self.alive())


async def _quietly(shown: Awaitable[None]) -> None:
    try:
        await shown
    except TertuliaError as error:
        log.debug("failed to show", platform="discord", kind=error.kind)
