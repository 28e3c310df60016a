"""What is done after Slack was told that we have it, beside everything else."""

import asyncio
from collections.abc import Awaitable

import structlog

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


async def _done(work: Awaitable[object]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 (one errand that fails must not take others along)
        log.warning("failed an errand", error=type(error).__name__, reason=str(error))
