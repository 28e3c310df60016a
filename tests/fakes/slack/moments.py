"""Slack's time, and the names it gives to things."""

import asyncio
import time
from collections.abc import Coroutine
from itertools import count
from typing import TypeVar

from knowledge.sources.website.pace import Clock

T = TypeVar("T")


class Moments:
    """The clock of the test, read as Slack writes time.

    The epoch is the real one when the fake starts, so that the times on messages look like today's.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._epoch = time.time() - clock.now()
        self._last_us = 0
        self._ids = count(1)

    def now(self) -> float:
        """Seconds since some moment."""
        return self.clock.now()

    def seconds(self) -> int:
        """Seconds since 1970."""
        return int(self._epoch + self.clock.now())

    def ts(self) -> str:
        """A new time stamp; no two are the same, and they grow."""
        self._last_us = max(self._last_us + 1, int((self._epoch + self.clock.now()) * 1_000_000))
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        """A new id in Slack's manner, such as `C0000000007`."""
        return f"{prefix}{next(self._ids):010d}"

    async def sleep(self, seconds: float) -> None:
        """Wait on the clock of the test."""
        await self.clock.sleep(seconds)

    async def within(self, seconds: float, work: Coroutine[object, object, T]) -> T:
        """What the work gives, if the clock does not reach the limit first.

        Raises:
            TimeoutError: it did; the work is cancelled.
        """
        doing = asyncio.ensure_future(work)
        limit = asyncio.ensure_future(self.clock.sleep(seconds))
        try:
            await asyncio.wait({doing, limit}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise TimeoutError
            return doing.result()
        finally:
            for task in (doing, limit):
                task.cancel()
            await asyncio.gather(doing, limit, return_exceptions=True)
