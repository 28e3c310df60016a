"""An event loop on which time passes faster, for all that waits in it, libraries included."""

import asyncio
import selectors
from collections.abc import Callable

from knowledge.sources.website.pace import Clock


class _Selector(selectors.DefaultSelector):
    """Waits a fraction of the time."""

    def __init__(self, times: float) -> None:
        super().__init__()
        self._times = times

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout and timeout / self._times)


class HurriedLoop(asyncio.SelectorEventLoop):
    """Its seconds are shorter.

    Args:
        times: how many of them go by in a real one.
    """

    def __init__(self, times: float) -> None:
        super().__init__(_Selector(times))
        self._times = times

    def time(self) -> float:
        """Seconds since some moment, as they pass here."""
        return super().time() * self._times


def hurried(times: float) -> Callable[[], HurriedLoop]:
    """What makes such a loop, for `asyncio.Runner`."""
    return lambda: HurriedLoop(times)


class LoopClock(Clock):
    """The time of the event loop."""

    def now(self) -> float:
        """Its seconds."""
        return asyncio.get_running_loop().time()
