"""One socket of the gateway: what goes out over it, and how it is closed."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.fakes.discord.errors import Json

if TYPE_CHECKING:
    from aiohttp import web

    from tests.fakes.discord.sessions import Session

MOST_FRAMES = 120


class ClosedError(Exception):
    """The gateway closes the connection with a code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Connection:
    """One socket: frames go out in order, and none while it is silent."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.request, self.socket = request, socket
        self.session: Session | None = None
        self.is_silent = False
        self.is_closed_by_us = False
        self.frames_s: deque[float] = deque(maxlen=MOST_FRAMES + 1)
        self._frames: asyncio.Queue[Json | ClosedError] = asyncio.Queue()

    def send(self, frame: Json) -> None:
        """Put a frame on its way, as text."""
        if not self.is_silent:
            self._frames.put_nowait(frame)

    def close(self, code: int, reason: str = "") -> None:
        """Close it, after what is on its way."""
        self.is_closed_by_us = True
        self._frames.put_nowait(ClosedError(code, reason))

    async def write(self) -> None:
        """Send until it is closed."""
        while True:
            frame = await self._frames.get()
            with suppress(ConnectionError):
                if isinstance(frame, ClosedError):
                    await self.socket.close(code=frame.code, message=str(frame).encode())
                    return
                await self.socket.send_str(json.dumps(frame))
