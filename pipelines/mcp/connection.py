"""A connection with one server of tools; the one file that speaks the protocol, with `mcp`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Self

import httpx2
from mcp import Client, MCPError
from mcp.client.stdio import get_default_environment
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp_types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    InputRequiredResult,
    ToolListChangedNotification,
    jsonrpc_message_adapter,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import TypeAdapter, ValidationError

from knowledge.cleaning import clean
from pipelines.mcp.process import Program, running
from pipelines.mcp.server import Server, ServerError
from pipelines.mcp.web import Web, hurry
from pipelines.tool_caller import PerhapsDoneError

CONNECT_S, LIST_S = 30.0, 10.0
MOST_TOOLS, MOST_PAGES = 200, 20
MOST_STRAY_LINES, MOST_TOLD = 100, 300
_FAULTS = (MCPError, OSError, httpx2.HTTPError, RuntimeError, ValueError)
_SPEAKING = (MCPError, OSError, RuntimeError, httpx2.HTTPError)
"""Errors that say what happened, and not how it was found out."""
_NO_SUCH_CALL = frozenset({INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND})
_RESULT: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(
    CallToolResult | InputRequiredResult
)
for _noisy in ("mcp", "client"):  # they log what servers say, and we say what is wrong ourselves
    logging.getLogger(_noisy).setLevel(logging.CRITICAL + 1)


class ServerAwayError(ServerError):
    """A server of tools does not answer, or not as it must."""


class CallLostError(ServerAwayError, PerhapsDoneError):
    """The same in the middle of a call: nobody knows how far it came."""


@dataclass(slots=True)
class Connection:
    """A connection that is open.

    Attributes:
        changed: set when the server says that its tools have changed.
    """

    server: Server
    client: Client
    way: Program | Web
    changed: asyncio.Event

    @property
    def ended(self) -> asyncio.Event:
        """Set when it is known that it answers no more."""
        return self.way.ended

    async def listing(self) -> list[dict[str, Any]]:
        """What the server says of its tools.

        Raises:
            ServerAwayError: it did not say so, or too much.
        """
        with _in_our_words(self.server, self.way):
            async with asyncio.timeout(LIST_S):
                return [tool async for tool in self._tools()]

    async def _tools(self) -> AsyncIterator[dict[str, Any]]:
        cursor, count = None, 0
        for _ in range(MOST_PAGES):
            page = await self.client.list_tools(cursor=cursor)
            for tool in page.tools:
                yield tool.model_dump(by_alias=True, mode="json", exclude_none=True)
            cursor, count = page.next_cursor, count + len(page.tools)
            if cursor is None or count > MOST_TOOLS:
                break
        if cursor is not None or count > MOST_TOOLS:
            raise RuntimeError(f"it offers more than {MOST_TOOLS} tools")

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What a tool gives.

        Raises:
            CallLostError: it did not answer, or asked for what no server is given.
            ServerAwayError: it has said that there is no such call.
        """
        request = CallToolRequest(
            params=CallToolRequestParams(name=tool, arguments=dict(arguments))
        )
        try:
            with _in_our_words(self.server, self.way):
                # Not `call_tool`: it would run the server's own expressions over what it sends.
                result = await self.client.session.send_request(request, _RESULT)
            if isinstance(result, InputRequiredResult):
                raise _failed(self.server, "it asked for something in the middle of a call")
        except ServerAwayError as error:
            if isinstance(error.__cause__, MCPError) and error.__cause__.code in _NO_SUCH_CALL:
                raise
            raise CallLostError(str(error), what_to_do=error.what_to_do) from error
        return result.model_dump(by_alias=True, mode="json", exclude_none=True)


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Connection]:
    """Connect with a server; to be left in the task that has entered it.

    Whatever a server may ask of those who use it (their model, their files, their answers) is
    refused, which is what the library does unless told otherwise.

    Raises:
        ServerError: a secret is not set, or a program cannot be started.
        ServerAwayError: it does not answer.
    """
    changed = asyncio.Event()

    async def heard(message: object) -> None:
        if isinstance(message, ToolListChangedNotification):
            changed.set()

    opened = _by_web(server) if server.url else _by_pipes(server)
    async with opened as (way, transport):
        with _in_our_words(server, way):
            about = Implementation(name="tertulia", version=version("tertulia"))
            client = Client(transport, cache=None, message_handler=heard, client_info=about)
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(CONNECT_S):
                    await stack.enter_async_context(client)
                if _tells_who_asks(client):
                    listening = asyncio.create_task(_listen(client, changed))
                    stack.push_async_callback(_cancelled, listening)
                yield Connection(server, client, way, changed)


def _tells_who_asks(client: Client) -> bool:
    """Whether a server speaks of changes only to those who ask; older ones tell everybody."""
    tools = client.server_capabilities.tools
    is_modern = client.protocol_version in MODERN_PROTOCOL_VERSIONS
    return bool(tools and tools.list_changed and is_modern)


async def _listen(client: Client, changed: asyncio.Event) -> None:
    """Hear of changes from a server that speaks of them only to those who ask."""
    with suppress(*_FAULTS):  # each call looks at the tools again in any case
        async with client.listen(tools_list_changed=True) as events:
            async for _ in events:
                changed.set()


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})


@asynccontextmanager
async def _by_pipes(server: Server) -> AsyncIterator[tuple[Program, Any]]:
    environment = get_default_environment() | server.filled(server.environment)
    async with running(
        server.name, server.command, environment=environment, folder=server.folder
    ) as program:
        yield program, _Pipes(program)


@dataclass(frozen=True, slots=True)
class _Pipes:
    """The lines of a program as the streams of messages that the library wants."""

    program: Program

    async def __aenter__(self) -> tuple["_Messages", "_Messages"]:
        return _Messages(self.program), _Messages(self.program)

    async def __aexit__(self, *_: object) -> None:
        """Nothing: whoever has started the program ends it."""


@dataclass(slots=True)
class _Messages:
    """Messages from a program and to it, a line each."""

    program: Program
    stray: int = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Nothing, as above."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage:
        while line := await self.program.line():
            try:
                return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
            except ValueError:  # many servers greet or log where only messages belong
                self.stray += 1
            if self.stray > MOST_STRAY_LINES:
                self.program.give_up("what it says is no message of the protocol")
        raise StopAsyncIteration

    receive = __anext__

    async def send(self, item: SessionMessage) -> None:
        """Say one."""
        await self.program.say(
            item.message.model_dump_json(by_alias=True, exclude_unset=True).encode()
        )


@asynccontextmanager
async def _by_web(server: Server) -> AsyncIterator[tuple[Web, Any]]:
    """A server on the web; the library follows no redirect that leaves its host."""
    web = Web()
    headers = {"accept-encoding": "identity"} | server.filled(server.headers)
    wrong = [
        name for name, value in headers.items() if not (value.isascii() and value.isprintable())
    ]
    if wrong:
        raise _failed(server, f"its header {wrong[0]} has a sign in it that cannot be sent")
    timeout = httpx2.Timeout(CONNECT_S, read=None)  # a stream may be silent for long
    hooks: dict[str, list[Callable[..., Any]]] = {"request": [hurry], "response": [web.look]}
    async with httpx2.AsyncClient(headers=headers, timeout=timeout, event_hooks=hooks) as http:
        yield web, streamable_http_client(server.address(), http_client=http)


@contextmanager
def _in_our_words(server: Server, way: Program | Web) -> Iterator[None]:
    try:
        yield
    except (*_FAULTS, ExceptionGroup) as error:
        reason = way.fault or _reason(error)
        if way.complaint and way.ended.is_set() and not way.fault:
            reason = f"{reason} ({way.complaint})"
        raise _failed(server, reason) from error


def _failed(server: Server, reason: str) -> ServerAwayError:
    return ServerAwayError(
        f"The MCP server '{server.name}' failed: {reason}.",
        what_to_do=f"Look at the server, and at [mcp.{server.name}] in tertulia.toml.",
    )


def _reason(error: BaseException) -> str:
    """Why something failed, on one line; the first of several reasons."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        return _line(f"it breaks the protocol at {place}: {first['msg']}")
    said = str(error) if isinstance(error, _SPEAKING) else ""
    return _line(said).rstrip(".") or f"what it said cannot be read ({type(error).__name__})"


def _line(text: str) -> str:
    """What a stranger said, on one line that is not long."""
    return " ".join(clean(text).split())[:MOST_TOLD]
