"""What tests of MCP share: a real server over its pipes and over HTTP, bad ones, a broker."""

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge.articles import Audience
from knowledge.conversations import Decision
from knowledge.database import close_database, open_database
from knowledge.tool_approvals import ToolApprovals
from knowledge.tool_calls import ToolCalled
from pipelines.mcp.connection import connected
from pipelines.mcp.server import Server
from pipelines.mcp.tools import AllTools
from pipelines.tool import Caller, Effect, Tool
from pipelines.tools import Broker, Call, Outcome
from tests.brokers import broker_of

ROOT = Path(__file__).parents[3]
BAD = ROOT / "tests/fakes/bad_mcp_server.py"
ANA = Caller("terminal:ana", Audience.of("everyone"), at=datetime(2026, 5, 4, tzinfo=UTC))
READ: dict[str, Effect] = {
    "Find-Customer": "read",
    "order": "read",
    "fail": "read",
    "draw": "read",
    "look": "read",
}


@dataclass
class World:
    """Servers, what is approved of them, and a broker for their tools.

    Attributes:
        calls: that were written down.
    """

    folder: Path
    approvals: ToolApprovals
    tools: AllTools
    broker: Broker
    calls: list[ToolCalled] = field(default_factory=list)

    async def approve(self, *names: str) -> None:
        for name in names:
            await self.tools.approve(await self.tools.standing(name))

    async def call(self, tool: str, **arguments: object) -> Outcome:
        return await self.broker.call(Call(tool, arguments), ANA, [tool])

    async def says_yes(self, asked: Outcome) -> Outcome:
        yes = Decision(asked.confirmation, is_yes=True)
        return await self.broker.confirmed(yes, ANA, [asked.call.tool])

    @property
    def starts(self) -> list[int]:
        """The processes that a server has had."""
        file = self.folder / "starts"
        return [int(line) for line in file.read_text().split()] if file.exists() else []


Open = Callable[..., Any]


def shop(folder: Path, **more: Any) -> Server:  # noqa: ANN401 (a test gives what it wants)
    """The real server, over its pipes."""
    return Server(
        name="shop",
        command=(sys.executable, "-m", "tests.fakes.mcp_server", str(folder)),
        folder=str(folder),
        **{"effects": READ, "environment": {"PYTHONPATH": str(ROOT)}, **more},
    )


def shop_at(url: str, **more: Any) -> Server:  # noqa: ANN401 (as above)
    """The same, over HTTP."""
    return Server(name="shop", url=url, **{"effects": READ, **more})


def bad(folder: Path, how: str, **more: Any) -> Server:  # noqa: ANN401 (a test gives what it wants)
    """A server that misbehaves."""
    return Server(
        name="bad",
        command=(sys.executable, str(BAD), how, str(folder)),
        folder=str(folder),
        **{"effects": READ, **more},
    )


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a world with a server; its programs are ended with the test."""
    engine = await open_database(f"sqlite:///{tmp_path}/tertulia.db")
    worlds: list[World] = []

    def open_world(server: Server, **own: Tool) -> World:
        approvals = ToolApprovals(engine)
        tools = AllTools(own, {server.name: server}, approvals, connected)
        world = World(tmp_path, approvals, tools, broker_of(tools, note))
        worlds.append(world)
        return world

    async def note(called: ToolCalled) -> None:
        worlds[-1].calls.append(called)

    yield open_world
    for world in worlds:
        await world.tools.close()
    await close_database(engine)


@pytest.fixture
async def world(opened: Open, web: str) -> World:
    """With the real server, over HTTP."""
    found: World = opened(shop_at(web))
    return found


@pytest.fixture
async def piped(opened: Open, tmp_path: Path) -> World:
    """The same over its pipes."""
    found: World = opened(shop(tmp_path))
    return found


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real server on loopback, one for all tests; its address."""
    folder = tmp_path_factory.mktemp("shop")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.fakes.mcp_server", str(folder), str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            server.kill()


def _wait_for(port: int) -> None:
    for _ in range(1200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail("the server does not begin")
