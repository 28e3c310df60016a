"""Calls to Discord: never before we are connected, never before the time that it has named."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from time import monotonic

from bot.platforms.discord.failures import DiscordBusyError, translated

CONNECTED_WITHIN_S = 30.0
BEHIND_S, QUIET_S = 2.0, 0.1
"""So long others go first at most; and so long after the last of them it is our turn: of fifty who
ask at once not all are there in the same moment."""
FIRST_S = 0.3
"""So long one call goes first at most: what Discord holds back is waited for inside it."""


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
        self._going_first, self._quiet_from_s = set[object](), 0.0
        self._nobody_first = asyncio.Event()
        self._nobody_first.set()

    @contextmanager
    def _first(self) -> Iterator[None]:
        """While this lasts, but no longer than a moment, all other calls wait."""
        call = object()
        self._going_first.add(call)
        self._nobody_first.clear()
        over = asyncio.get_running_loop().call_later(FIRST_S, self._went, call)
        try:
            yield
        finally:
            over.cancel()
            self._went(call)

    def _went(self, call: object) -> None:
        """Wait for this call no longer, if anybody still does."""
        if call not in self._going_first:
            return
        self._going_first.remove(call)
        self._quiet_from_s = asyncio.get_running_loop().time() + QUIET_S
        if not self._going_first:
            self._nobody_first.set()

    async def _after_those(self) -> None:
        """Let others go first, so that everybody sees a sign before anybody sees two.

        Discord lets fifty calls a second through.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(BEHIND_S):
                await self._nobody_first.wait()
                while (left_s := self._quiet_from_s - asyncio.get_running_loop().time()) > 0:
                    await asyncio.sleep(left_s)
                    await self._nobody_first.wait()

    @asynccontextmanager
    async def calling(self, doing: str, *, is_sign: bool = False) -> AsyncIterator[None]:
        """Errors of Discord as ours; the first sign that somebody sees goes before all else.

        Raises:
            DiscordBusyError: not now; also without a call, where Discord has said how long.
            DiscordRefusedError: never.
        """
        await self._wait(doing)
        if not is_sign:
            await self._after_those()
        left_s = self._not_before_s - self._clock()
        if left_s > 0:
            raise DiscordBusyError(f"Discord wants no call for {left_s:.0f} s: {doing}.")
        try:
            with self._first() if is_sign else nullcontext(), translated(doing):
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
