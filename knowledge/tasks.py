"""Tasks that go on while nobody waits for them."""

import asyncio
from collections.abc import Awaitable
from typing import Any


def looked_at(task: "asyncio.Future[Any]") -> None:
    """Look at how something ended, as a callback: else asyncio complains that nobody did."""
    if not task.cancelled():
        task.exception()


async def to_its_end(work: Awaitable[None]) -> None:
    """Have something done to its end, though whoever waits for it is cut off meanwhile."""
    await asyncio.shield(asyncio.ensure_future(work))
