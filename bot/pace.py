"""Work in the background goes slow while somebody waits for an answer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

MOST_PAUSE_S = 20.0
"""Where people never stop asking, the work still goes on: a step each time this is over."""

Between = Callable[[], Awaitable[None]]
"""Awaited between two pieces of work: who asks goes first, and the work may end there."""


class Pace:
    """Counts the questions that are being answered in this process."""

    def __init__(self) -> None:
        self._answering = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Somebody waits for an answer in here."""
        self._answering += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._answering -= 1
            if not self._answering:
                self._quiet.set()

    def is_busy(self) -> bool:
        """Whether somebody waits for an answer."""
        return self._answering > 0

    async def pause(self, most_s: float = MOST_PAUSE_S) -> None:
        """Wait until nobody waits for an answer, but not for longer than this."""
        with suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                await self._quiet.wait()
