"""Ends a process that serves: in order when it is told to, at once when it is told twice."""

import asyncio
import os
import signal
from collections.abc import Callable
from threading import Timer
from time import monotonic

import structlog

from bot import INTERRUPTED

LIMIT_S = 28.0
"""Seconds from the first signal to the end, whatever hangs: nothing is lost by it, since all work
may be killed at any point and goes on from there."""
_ONE_AND_THE_SAME_S = 0.3
"""`timeout` and some terminals send a signal to us and to our whole group: that is one wish."""
log = structlog.get_logger(__name__)


class Stopping:
    """Whether this process was told to stop, by SIGTERM or SIGINT (Ctrl+C).

    Args:
        leave: ends the process at once with an exit code.
    """

    def __init__(
        self, *, limit_s: float = LIMIT_S, leave: Callable[[int], None] = os._exit
    ) -> None:
        self.told = asyncio.Event()
        self._told_at = 0.0
        self._leave = leave
        self._limit = Timer(limit_s, leave, (0,))
        self._limit.daemon = True

    def listen(self) -> None:
        """Take the signals of this process, for as long as the event loop runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.tell)

    def tell(self) -> None:
        """Stop: in order the first time, at once the second time."""
        if self.told.is_set():
            if monotonic() - self._told_at > _ONE_AND_THE_SAME_S:
                self._leave(INTERRUPTED)
            return
        log.info("stopping")
        self._told_at = monotonic()
        self.told.set()
        self._limit.start()

    def over(self) -> None:
        """All has ended in time."""
        self._limit.cancel()
