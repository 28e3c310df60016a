"""The session with one server of tools: opened when needed, kept, opened again where it broke."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import structlog

from pipelines.mcp.server import ServerError

MOST_CHANGES = 100
"""That a server may announce in one session: more is noise."""
LONGEST_PAUSE_S = 60.0
Listing = list[dict[str, Any]]
log = structlog.get_logger(__name__)


class Connected(Protocol):
    """A connection that is open: see connection.py."""

    changed: asyncio.Event

    @property
    def ended(self) -> asyncio.Event:
        """Set when it is known that it answers no more."""

    async def listing(self) -> Listing:
        """What the server says of its tools."""

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What a tool gives."""


Connect = Callable[[], AbstractAsyncContextManager[Connected]]


class ServerRestingError(ServerError):
    """A server has failed several times, and is left alone for a while."""


class Session:
    """Talks with one server.

    Args:
        name: of the server.
        connect: a connection, entered and left by a task of our own: the library wants it so.
        seen: is told whatever the server says of its tools, asked or not.
    """

    def __init__(self, name: str, connect: Connect, seen: Callable[[Listing], None]) -> None:
        self._name, self._connect, self._seen = name, connect, seen
        self._open: asyncio.Future[Connected] | None = None
        self._owner: asyncio.Task[None] | None = None
        self._leave = asyncio.Event()
        self._failures = 0
        self._not_before = 0.0

    async def listing(self) -> Listing:
        """What the server says of its tools now; a session that has broken meanwhile is renewed.

        Raises:
            ServerError: it does not answer, or has failed too often just now.
        """
        _, found = await self._looked()
        return found

    async def _looked(self) -> tuple[Connected, Listing]:
        is_new = self._open is None
        try:
            return await self._listed()
        except ServerError:
            if is_new:
                raise
        return await self._listed()

    async def _listed(self) -> tuple[Connected, Listing]:
        connection = await self._connection()
        try:
            found = await connection.listing()
        except ServerError:
            await self._broken(connection)
            raise
        self._seen(found)
        return connection, found

    async def call(
        self, tool: str, arguments: Mapping[str, Any], check: Callable[[], None]
    ) -> dict[str, Any]:
        """What a tool gives; never asked for twice, whatever happens.

        Args:
            tool: as the server calls it.
            arguments: for it.
            check: raises something where it may not be called, after what the server says of it
                just now and in the connection that is then used.

        Raises:
            ServerError: it does not answer.
        """
        connection, _ = await self._looked()
        check()
        try:
            given = await connection.call(tool, arguments)
        except ServerError:
            if connection.ended.is_set():
                await self._broken(connection)
            raise
        self._failures = 0
        return given

    async def close(self) -> None:
        """Hang up, and wait until that is done."""
        self._leave.set()
        if self._owner is not None:
            if self._open is not None and not self._open.done():  # it may take long to begin
                self._owner.cancel()
            await asyncio.wait({self._owner})

    async def _connection(self) -> Connected:
        if self._open is None:
            wait_s = self._not_before - asyncio.get_running_loop().time()
            if wait_s > 0:
                raise ServerRestingError(
                    f"The MCP server '{self._name}' has failed {self._failures} times in a row.",
                    what_to_do=f"It is tried again in {wait_s:.0f} s. `tertulia doctor` says more.",
                )
            self._open = asyncio.get_running_loop().create_future()
            self._leave = asyncio.Event()
            self._owner = asyncio.create_task(self._keep(self._open, self._leave))
        # Who gives up waiting does not end it: the next one finds it open.
        return await asyncio.shield(self._open)

    async def _keep(self, opened: "asyncio.Future[Connected]", leave: asyncio.Event) -> None:
        """Own the connection from its beginning to its end."""
        try:
            async with self._connect() as connection:
                opened.set_result(connection)
                await self._watch(connection, leave)
        except ServerError as error:
            log.warning("an MCP server failed", server=self._name, error=str(error))
            if not opened.done():
                opened.set_exception(error)
                opened.exception()  # looked at, even where nobody waits any more
        finally:
            opened.cancel()
            self._over(opened, is_failure=not leave.is_set())

    async def _watch(self, connection: Connected, leave: asyncio.Event) -> None:
        """Wait for the end; look at the tools again whenever they have changed."""
        for _ in range(MOST_CHANGES):
            await _first_of(leave, connection.ended, connection.changed)
            if leave.is_set() or connection.ended.is_set():
                return
            connection.changed.clear()
            self._seen(await connection.listing())
        log.warning("an MCP server changes all the time", server=self._name)

    async def _broken(self, connection: Connected) -> None:
        """End a session that answers no more, and whatever the server has started."""
        if self._open is not None and self._open.done() and self._open.result() is connection:
            connection.ended.set()
            owner = self._owner
            if owner is not None:
                await asyncio.wait({owner})

    def _over(self, opened: "asyncio.Future[Connected]", *, is_failure: bool) -> None:
        """Forget a session; after the second failure in a row, the server gets some rest."""
        if self._open is opened:
            self._open = None
        if is_failure:
            self._failures += 1
            pause_s = min(2.0 ** (self._failures - 2), LONGEST_PAUSE_S)
            now = asyncio.get_running_loop().time()
            self._not_before = now + pause_s if self._failures > 1 else now


async def _first_of(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
