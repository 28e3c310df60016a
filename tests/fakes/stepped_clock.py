"""A clock that stands still until a test lets time pass."""

import asyncio
import heapq
from itertools import count

from knowledge.sources.website.pace import Clock


class SteppedClock(Clock):
    """Goes on only by `advance`; who waits wakes at the moment they waited for, in order."""

    def __init__(self) -> None:
        self._now = 0.0
        self._order = count()
        self._waiting: list[tuple[float, int, asyncio.Event]] = []

    def now(self) -> float:
        """Seconds that tests have let pass."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until that much time was let pass."""
        if seconds <= 0:
            return await asyncio.sleep(0)
        woken = asyncio.Event()
        heapq.heappush(self._waiting, (self._now + seconds, next(self._order), woken))
        await woken.wait()
        return None

    async def advance(self, seconds: float) -> None:
        """Let time pass, with a turn for everybody who wakes on the way."""
        end = self._now + seconds
        await _let_others_run()
        while self._waiting and self._waiting[0][0] <= end:
            self._now, _, woken = heapq.heappop(self._waiting)
            woken.set()
            await _let_others_run()
        self._now = end
        await _let_others_run()


async def _let_others_run() -> None:
    """Some turns of the event loop: what wakes may wait again within them."""
    for _ in range(10):
        await asyncio.sleep(0)
