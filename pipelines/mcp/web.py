"""A server of tools on the web: what it says is bounded, and what it refuses is remembered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from pipelines.mcp.process import FLOOD, GRACE_S, MOST_BYTES


@dataclass(slots=True)
class Web:
    """What is known of a server on the web, as of a program."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    fault: str = ""
    complaint: str = ""

    async def look(self, response: httpx2.Response) -> None:
        """Remember a refusal; let nobody say more than we listen to."""
        if response.status_code in (401, 403):
            self.fault = (
                f"it lets nobody in without the right headers (HTTP {response.status_code})"
            )
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.StreamError("it compresses what it was asked to leave as it is")
        response.stream = _Bounded(response.stream, self)


@dataclass(slots=True)
class _Bounded(httpx2.AsyncByteStream):
    """A body that ends with an error where it does not end by itself."""

    whole: Any
    web: Web

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for piece in self.whole:
            read += len(piece)
            if read > MOST_BYTES:
                self.web.fault = FLOOD
                raise httpx2.StreamError(FLOOD)
            yield piece

    async def aclose(self) -> None:
        """Hang up."""
        await self.whole.aclose()


async def hurry(request: httpx2.Request) -> None:
    """Nobody waits long for the answer to a goodbye."""
    if request.method == "DELETE":
        request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), GRACE_S)
