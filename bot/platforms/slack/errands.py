"""What is done after Slack was told that we have it, beside everything else."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog

from bot.platforms.slack.errors import SlackUnavailableError
from knowledge.sources.website.pace import Clock

PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0)
"""Seconds between two tries: some minutes in all."""
Done = TypeVar("Done")
log = structlog.get_logger(__name__)


class Errands:
    """Work that nobody waits for."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, work: Awaitable[object]) -> None:
        """Have something done."""
        task = asyncio.create_task(_done(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self, within_s: float = 2.0) -> None:
        """Let what is under way end, for a moment."""
        if self._running:
            _, left = await asyncio.wait(self._running, timeout=within_s)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)


async def insistently(do: Callable[[], Awaitable[Done]], clock: Clock) -> Done:
    """Do something that may be done twice, in spite of what is in Slack's way for some minutes.

    Raises:
        SlackUnavailableError: Slack does not do it for all that time.
        SlackRefusedError: never.
    """
    for pause_s in PAUSES_S:
        try:
            return await do()
        except SlackUnavailableError as error:
            log.info("try an errand again", reason=str(error), after_s=pause_s)
            await clock.sleep(pause_s)
    return await do()


async def all_done(works: Iterable[Awaitable[object]]) -> None:
    """Have several things done at a time; one that fails takes no other along."""
    await asyncio.gather(*map(_done, works))


async def _done(work: Awaitable[object]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 (one errand that fails must not take others along)
        log.warning("failed an errand", error=type(error).__name__, reason=str(error))
