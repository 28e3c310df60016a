"""Calls to Discord: never before we are connected, never before the time that it has named."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic

from bot.platforms.discord.failures import DiscordBusyError, translated

CONNECTED_WITHIN_S = 30.0
BEHIND_S = 2.0


class Calls:
    """Lets calls through, one door for all of them.

    Args:
        clock: tells the time, in seconds.
        within_s: seconds to wait for a connection.

    Attributes:
        connected: set once everything about our servers is known.
    """

    def __init__(
        self, clock: Callable[[], float] = monotonic, *, within_s: float = CONNECTED_WITHIN_S
    ) -> None:
        self.connected = asyncio.Event()
        self._clock, self._within_s = clock, within_s
        self._not_before_s = 0.0
        self._going_first = 0
        self._nobody_first = asyncio.Event()
        self._nobody_first.set()

    @contextmanager
    def going_first(self) -> Iterator[None]:
        """While this lasts, what stands behind `after_those` waits for a moment."""
        self._going_first += 1
        self._nobody_first.clear()
        try:
            yield
        finally:
            self._going_first -= 1
            if not self._going_first:
                self._nobody_first.set()

    async def after_those(self) -> None:
        """Let others go first, so that everybody sees a sign before anybody sees two.

        Discord lets fifty calls a second through.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(BEHIND_S):
                await self._nobody_first.wait()

    @asynccontextmanager
    async def calling(self, doing: str) -> AsyncIterator[None]:
        """Errors of Discord as ours.

        Raises:
            DiscordBusyError: not now; also without a call, where Discord has said how long.
            DiscordRefusedError: never.
        """
        await self._wait(doing)
        left_s = self._not_before_s - self._clock()
        if left_s > 0:
            raise DiscordBusyError(f"Discord wants no call for {left_s:.0f} s: {doing}.")
        try:
            with translated(doing):
                yield
        except DiscordBusyError as error:
            self._not_before_s = max(self._not_before_s, self._clock() + error.wait_s)
            raise

    async def _wait(self, doing: str) -> None:
        try:
            async with asyncio.timeout(self._within_s):
                await self.connected.wait()
        except TimeoutError as error:
            raise DiscordBusyError(f"There is no connection to Discord for {doing}.") from error
