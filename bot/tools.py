"""All tools of an app: ours, the team's, and those of the servers in `tertulia.toml`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.source_entry import StructureError
from bot.tool_servers import servers
from knowledge.errors import suggestion
from knowledge.tool_approvals import ToolApprovals
from pipelines import personas
from pipelines.mcp.server import ServerError
from pipelines.mcp.tools import AllTools
from pipelines.personas import PersonaError
from pipelines.tool import Tool

if TYPE_CHECKING:
    from bot.app import App
    from pipelines.mcp.server import Server
    from pipelines.mcp.session import Connected
    from pipelines.mcp.tools import Standing

Said = tuple[str, str, str]
"""A state, what is so, and what to do."""
APPROVE = "tertulia tools approve"
log = structlog.get_logger(__name__)


async def opened(app: "App", own: Mapping[str, Tool]) -> AllTools:
    """The tools, closed when the app is; no server is asked before one of its tools is called.

    Args:
        app: with the servers that its file names.
        own: ours and the team's.
    """
    approvals = ToolApprovals(await app.database())
    tools = AllTools(own, _servers(app), approvals, _connected)
    app.close_at_end(tools.close)
    await tools.renew()
    return tools


def _servers(app: "App") -> "dict[str, Server]":
    """The servers; none where the file is wrong: most people are answered without."""
    try:
        return servers(app.structure.table("mcp"), app.settings.home.tertulia_home)
    except StructureError as error:
        log.warning("no MCP server is used", error=str(error), do=error.what_to_do)
        return {}


def _connected(server: "Server") -> "AbstractAsyncContextManager[Connected]":
    """A connection; what speaks the protocol is loaded when the first server is asked."""
    from pipelines.mcp.connection import connected

    return connected(server)


async def findings(app: "App") -> list[Said]:
    """What an admin should know of the servers' tools: `ok`, `note` or `broken`, and what to do.

    Raises:
        StructureError: the file is written wrong.
        ToolFilesError: files of tools are wrong.
    """
    found: list[Said] = []
    if not app.structure.table("mcp"):
        return found
    for server, standings in (await (await app.cast.tools()).standings()).items():
        if isinstance(standings, ServerError):
            found.append(("broken", str(standings), standings.what_to_do))
        else:
            found += _of_server(server, standings)
            found += _misnamed(app.settings.home.personas, server, standings)
    return found


def _of_server(server: str, standings: "Sequence[Standing]") -> Iterator[Said]:
    """How many of its tools may be called, and why others may not."""
    by_state = {one.state: [s for s in standings if s.state == one.state] for one in standings}
    able, new = len(by_state.get("approved", [])), by_state.get("new", [])
    yield "ok", f"MCP server {server}: {able} of {len(standings)} tools approved", ""
    if new:
        names = ", ".join(one.offer.name for one in new)
        yield "note", f"not approved yet: {names}", f"Read them: {APPROVE} NAME --dry-run"
    yield from _misspelt(server, standings)
    for one in by_state.get("unusable", []):
        said = f"{server} offers '{one.offer.shown}', which cannot be used: {one.reason}"
        yield "note", said, "The server would have to change that."
    for one in by_state.get("changed", []):
        said = f"{one.offer.name} has changed since it was approved, and is refused"
        yield "broken", said, f"Read what has changed: {APPROVE} {one.offer.name} --dry-run"
    for one in by_state.get("gone", []):
        said = f"{one.offer.name} is approved, and {server} offers it no longer"
        yield "broken", said, f"Look at the server, or: tertulia tools revoke {one.offer.name}"


def _misspelt(server: str, standings: "Sequence[Standing]") -> Iterator[Said]:
    """What the file says of tools that the server does not offer."""
    if not standings:
        return
    offered = {one.offer.tool for one in standings}
    written = standings[0].offer.server
    for tool in dict.fromkeys((*written.tools, *written.effects)):
        if tool not in offered:
            said = f"[mcp.{server}] names '{tool}', which the server does not offer"
            yield "note", said, suggestion(tool, [one.offer.shown for one in standings])


def _misnamed(folder: Path | None, server: str, standings: "Sequence[Standing]") -> Iterator[Said]:
    """What personas want of a server that it has not."""
    offered = [one.offer.name for one in standings]
    for name in personas.names(folder):
        with suppress(PersonaError):  # told by the check of the personas
            wanted = personas.load(name, folder).tools
            for one in (one for one in wanted if one.startswith(f"{server}_")):
                if one not in offered:
                    said = f"persona '{name}' names '{one}', which MCP server {server} has not"
                    yield "broken", said, suggestion(one, offered)
