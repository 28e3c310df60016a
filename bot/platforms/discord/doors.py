"""What Discord has named a time for is not asked before, whichever of our calls it was told."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace

import aiohttp
import discord

LONGEST_WAIT_S = 60.0
"""Discord may have us wait this long within a call; longer waits are ours."""
Key = tuple[str, str]


@dataclass(slots=True)
class Door:
    """One kind of request that Discord did not want just then.

    Attributes:
        until: when it may be asked again, by the clock of the event loop.
        passing: held by the one request that finds out whether it may.
    """

    until: float = 0.0
    passing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Doors:
    """Looks at every request and every answer: discord.py lets the one wait that was refused.

    Others to the same address, made at the same time, would come too early.
    """

    def __init__(self) -> None:
        self._doors: dict[Key, Door] = {}

    def trace(self) -> aiohttp.TraceConfig:
        """What discord.py hands to its connection."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._before)
        trace.on_request_end.append(self._after)
        trace.on_request_exception.append(self._failed)
        return trace

    async def _before(
        self,
        _: aiohttp.ClientSession,
        context: SimpleNamespace,
        request: aiohttp.TraceRequestStartParams,
    ) -> None:
        door = self._doors.get((request.method, request.url.path))
        if door is None:
            return
        await door.passing.acquire()
        context.door = door
        try:
            await _opened(door)
        except BaseException:
            _let_go(context)
            raise

    async def _after(
        self,
        _: aiohttp.ClientSession,
        context: SimpleNamespace,
        request: aiohttp.TraceRequestEndParams,
    ) -> None:
        key = request.method, request.url.path
        if request.response.status == 429:
            now = asyncio.get_running_loop().time()
            self._forget_open(now)
            door = self._doors.setdefault(key, Door())
            door.until = max(door.until, now + _pause_s(request.response.headers))
        else:
            self._doors.pop(key, None)
        _let_go(context)

    async def _failed(
        self,
        _: aiohttp.ClientSession,
        context: SimpleNamespace,
        request: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        del request
        _let_go(context)

    def _forget_open(self, now: float) -> None:
        """Keep only those that somebody waits for, or would have to."""
        kept = {k: d for k, d in self._doors.items() if d.until > now or d.passing.locked()}
        self._doors = kept


async def _opened(door: Door) -> None:
    """Wait until it may be asked.

    Raises:
        RateLimited: that takes too long for a call.
    """
    left_s = door.until - asyncio.get_running_loop().time()
    if left_s > LONGEST_WAIT_S:
        raise discord.RateLimited(left_s)
    if left_s > 0:
        await asyncio.sleep(left_s)


def _let_go(context: SimpleNamespace) -> None:
    door: Door | None = getattr(context, "door", None)
    if door:
        context.door = None
        door.passing.release()


def _pause_s(headers: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(headers.get("Retry-After", "1")))
    except ValueError:
        return 1.0
