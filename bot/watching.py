"""Sources that notice changes by themselves are refreshed as soon as they do."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import structlog

from knowledge.errors import TertuliaError
from knowledge.sources import Source, WatchedSource

AGAIN_S = 60.0
"""Seconds after which a source that could not be watched is tried again."""
log = structlog.get_logger(__name__)


class Watchers:
    """One task for each source that is watched.

    Args:
        ask: called with the source's name when something in it may have changed.
    """

    def __init__(self, ask: Callable[[str], Awaitable[None]], *, again_s: float = AGAIN_S) -> None:
        self._ask = ask
        self._again_s = again_s
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def watch(self, source: Source) -> None:
        """Watch a source, in the place of an earlier one of its name, if it can be watched."""
        self.leave(source.name)
        if isinstance(source, WatchedSource):
            self._tasks[source.name] = asyncio.create_task(self._follow(source.name, source))

    def leave(self, name: str) -> None:
        """Watch a source no longer."""
        if name in self._tasks:
            self._tasks.pop(name).cancel()

    async def stop(self) -> None:
        """Watch nothing any longer."""
        tasks = list(self._tasks.values())
        for name in list(self._tasks):
            self.leave(name)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, name: str, source: WatchedSource) -> None:
        while True:
            try:
                async with aclosing(source.watch()) as changes:
                    async for _ in changes:
                        await self._ask(name)
            except TertuliaError as error:
                log.warning("failed to watch a source", source=name, kind=error.kind)
            except Exception as error:  # it is refreshed in its rhythm, too
                log.exception("failed to watch a source", source=name, error=type(error).__name__)
            await asyncio.sleep(self._again_s)
