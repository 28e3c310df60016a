"""An HTTP server on loopback that answers what a test tells it to, faults included."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, Self


@dataclass(frozen=True)
class Request:
    """What somebody asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 (JSON has no narrower type)
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What the server says.

    Attributes:
        headers: beside the usual ones; an empty value leaves a usual one out.
        cut_at: bytes of the body after which the connection breaks.
        hang_at: bytes of the body after which nothing more comes.
        is_endless: the body comes again and again, until the other side hangs up.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    hang_at: int | None = None
    is_endless: bool = False

    @classmethod
    def of(cls, value: object, *, status: int = 200) -> "Reply":
        """A JSON reply."""
        return cls(json.dumps(value).encode(), status)

    @classmethod
    def stream(cls, *events: object, cut_at: int | None = None) -> "Reply":
        """Server-sent events; text goes out as it is, anything else as JSON."""
        lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
        body = "".join(f"data: {line}\n\n" for line in lines).encode()
        return cls(body, content_type="text/event-stream", cut_at=cut_at)


class LoopbackServer:
    """Answers every request with `respond(request)` and remembers the requests.

    Attributes:
        hung_up: set when the other side has closed a connection that we left hanging.
    """

    def __init__(self, respond: Callable[[Request], Reply]) -> None:
        self.respond = respond
        self.requests: list[Request] = []
        self.hung_up = asyncio.Event()
        self.url = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                request = await _read(reader)
                self.requests.append(request)
                await self._say(self.respond(request), reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _say(
        self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        headers = {
            "Content-Type": reply.content_type,
            "Content-Length": "" if reply.is_endless else str(len(reply.body)),
            "Connection": "close",
            **reply.headers,
        }
        lines = [f"HTTP/1.1 {reply.status} Status", *(f"{k}: {v}" for k, v in headers.items() if v)]
        end = reply.cut_at if reply.cut_at is not None else reply.hang_at
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body[:end])
        await writer.drain()
        while reply.is_endless:
            writer.write(reply.body)
            await writer.drain()
            await asyncio.sleep(0)  # draining gives nobody else a turn while there is room
        if reply.hang_at is not None:
            await reader.read()
            self.hung_up.set()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:]) if k}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


@contextmanager
def in_a_thread(respond: Callable[[Request], Reply]) -> Iterator[str]:
    """The address of a server that commands with their own event loop reach."""
    server = LoopbackServer(respond)
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
        yield server.url
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
