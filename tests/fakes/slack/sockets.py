"""Socket Mode: the app has connected to us, and we send through one of its connections."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

from aiohttp import WSMessage, WSMsgType, web

from tests.fakes.slack.deliveries import Attempt, Kind
from tests.fakes.slack.errors import Json, NotAcknowledgedError
from tests.fakes.slack.faults import Faults
from tests.fakes.slack.moments import Moments

AT_MOST = 10
GOODBYE_S = 10.0


@dataclass(eq=False)
class Link:
    """One connection.

    Attributes:
        is_leaving: nothing new goes through it.
    """

    socket: web.WebSocketResponse
    request: web.Request
    is_leaving: bool = False
    pending: dict[str, asyncio.Future[Json | None]] = field(default_factory=dict)

    async def send(self, frame: Json) -> None:
        """Write one frame."""
        await self.socket.send_str(json.dumps(frame))

    def end(self) -> None:
        """Who waits for an acknowledgement through it waits in vain."""
        for waiting in self.pending.values():
            if not waiting.done():
                waiting.set_exception(NotAcknowledgedError("connection_failed"))


class Sockets:
    """The connections of the app.

    Attributes:
        opened: how many connections there have been.
        pongs: signs of life that the app gave when asked.
        strays: acknowledgements that nobody waited for, too late or invented.
        frames: everything else that the app said.
    """

    late = "timeout"

    def __init__(self, moments: Moments, faults: Faults) -> None:
        self.links: list[Link] = []
        self.opened = 0
        self.pongs = 0
        self.strays: list[str] = []
        self.frames: list[object] = []
        self._moments = moments
        self._faults = faults
        self._tickets: set[str] = set()
        self._turn = count()
        self._changed = asyncio.Condition()
        self._goodbyes: set[asyncio.Task[None]] = set()

    def ticket(self) -> str:
        """What a connection must show; good for once."""
        ticket = uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection for as long as it lasts."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403, text="invalid ticket")
        self._tickets.discard(ticket)
        # Closing does not wait long for an app that is gone, and pongs are ours to hold back.
        socket = web.WebSocketResponse(timeout=1.0, autoping=False)
        await socket.prepare(request)
        link = Link(socket, request)
        with self._held(link):
            await self._greet(link)
            async for message in socket:
                await self._hear(link, message)
        return socket

    async def deliver(self, kind: Kind, payload: Json, attempt: Attempt) -> Json | None:
        """Send an envelope through one connection, and wait for its acknowledgement."""
        async with self._changed:
            await self._changed.wait_for(self._open_links)
        links = self._open_links()
        link = links[next(self._turn) % len(links)]
        envelope = _envelope(kind, payload, attempt)
        waiting = asyncio.get_running_loop().create_future()
        link.pending[envelope["envelope_id"]] = waiting
        try:
            await self._moments.sleep(self._faults.socket_delay_s)
            if not self._faults.are_sockets_silent:
                await link.send(envelope)
            answer: Json | None = await waiting
        except ConnectionError as error:
            raise NotAcknowledgedError("connection_failed") from error
        finally:
            link.pending.pop(envelope["envelope_id"], None)
        return answer if envelope["accepts_response_payload"] else None

    async def connected(self, links: int = 1, within_s: float = 10.0) -> None:
        """Wait until the app has that many connections; seconds are real ones."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(lambda: len(self._open_links()) >= links)

    async def warn(self) -> None:
        """Say that the connections will end soon; they go on for now."""
        for link in self._open_links():
            await link.send(_goodbye("warning"))

    async def refresh(self) -> None:
        """Ask for new connections, and close the old ones when the app has had time."""
        for link in self._open_links():
            link.is_leaving = True
            await link.send(_goodbye("refresh_requested"))
            task = asyncio.ensure_future(self._close_later(link))
            self._goodbyes.add(task)
            task.add_done_callback(self._goodbyes.discard)

    async def close(self) -> None:
        """Close all connections as one does."""
        for task in list(self._goodbyes):
            task.cancel()
        for link in list(self.links):
            await link.socket.close()

    def drop(self) -> None:
        """Cut all connections, without a word."""
        for link in list(self.links):
            if link.request.transport:
                link.request.transport.abort()

    async def ping(self) -> None:
        """Ask the app for a sign of life; it shows in `pongs`."""
        for link in self._open_links():
            await link.socket.ping(b"are you there")

    async def say(self, text: str) -> None:
        """Send any text, sound or not."""
        for link in self._open_links():
            await link.socket.send_str(text)

    def _open_links(self) -> list[Link]:
        return [link for link in self.links if not link.is_leaving and not link.socket.closed]

    @contextmanager
    def _held(self, link: Link) -> Iterator[None]:
        self.links.append(link)
        self.opened += 1
        try:
            yield
        finally:
            self.links.remove(link)
            link.end()

    async def _greet(self, link: Link) -> None:
        if len(self.links) > AT_MOST:
            await link.send(_goodbye("too_many_websockets"))
            await link.socket.close()
            return
        hello = {"type": "hello", "num_connections": len(self.links)}
        about = {"host": "fake", "approximate_connection_time": 18060}
        await link.send(hello | {"debug_info": about, "connection_info": {"app_id": "A"}})
        async with self._changed:
            self._changed.notify_all()

    async def _hear(self, link: Link, message: WSMessage) -> None:
        """One frame of the app."""
        if self._faults.are_sockets_silent:
            return
        if message.type == WSMsgType.PING:
            await link.socket.pong(message.data)
        elif message.type == WSMsgType.PONG:
            self.pongs += 1
        elif message.type == WSMsgType.TEXT:
            await self._moments.sleep(self._faults.socket_delay_s)
            self._take(link, message.data)

    def _take(self, link: Link, text: str) -> None:
        """An acknowledgement, if somebody waits for it."""
        try:
            frame = json.loads(text)
        except ValueError:
            frame = text
        name = frame.get("envelope_id") if isinstance(frame, dict) else None
        if name is None:
            self.frames.append(frame)
        elif name in link.pending and not link.pending[name].done():
            link.pending[name].set_result(frame.get("payload"))
        else:
            self.strays.append(name)

    async def _close_later(self, link: Link) -> None:
        await self._moments.sleep(GOODBYE_S)
        await link.socket.close()


def _envelope(kind: Kind, payload: Json, attempt: Attempt) -> Json:
    envelope: Json = {
        "envelope_id": str(uuid4()),
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind != "events_api",
    }
    if kind == "events_api":
        envelope |= {"retry_attempt": attempt.number, "retry_reason": attempt.reason}
    return envelope


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}}
