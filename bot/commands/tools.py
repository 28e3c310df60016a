"""`tertulia tools`: what the model may call, and which tools of MCP servers an admin approves."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from difflib import unified_diff
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot import console
from bot.settings import Settings
from knowledge.errors import UsageError

if TYPE_CHECKING:
    from pipelines.mcp.offers import Offer
    from pipelines.mcp.tools import AllTools, Standing

Found = TypeVar("Found")
STATES = {
    "approved": "approved",
    "new": "not approved",
    "changed": "changed since it was approved",
    "gone": "approved, and no longer offered",
    "unusable": "cannot be used",
}
WAITING = ("new", "changed")
command = typer.Typer()


class NotAsReadError(UsageError):
    """A tool is to be approved that nobody has read as it is now."""


@command.callback(invoke_without_command=True)
def list_tools(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """List all tools: what each does, where it comes from, and whether it may be called.

    Example: tertulia tools
    """
    if context.invoked_subcommand is not None:
        return
    values, away = asyncio.run(_with_tools(_listed))
    if as_json:
        console.show_json({"tools": values, "unreachable": away})
        return
    for value in values:
        console.show("{name:40} {effect:11} {state:30} {origin}".format(**value))
        if value["reason"] or value["fingerprint"]:
            console.show(f"{'':40} {value['reason'] or 'to be read as ' + value['fingerprint']}")
    for said in away:
        console.tell(said)


Name = Annotated[str, typer.Argument(help="As `tertulia tools` lists it: SERVER_TOOL.")]


@command.command("approve")
def approve(
    name: Name,
    *,
    as_read: Annotated[
        str, typer.Option("--as", help="What you have read: the fingerprint of --dry-run.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be approved.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Let a tool of an MCP server be called, as you have read it; shows what that is.

    Example: tertulia tools approve crm_find_customer --dry-run
    """

    async def work(tools: "AllTools") -> "Standing":
        standing = await tools.standing(name)
        if not dry_run:
            _check_read(standing, as_read)
            await tools.approve(standing)
        return standing

    standing = asyncio.run(_with_tools(work))
    if as_json:
        console.show_json(
            {"approved": not dry_run, "tool": standing.offer.said, **_value(standing)}
        )
        return
    console.show(_shown(standing))
    if standing.reason:
        console.tell(f"It cannot be used: {standing.reason}.")
    elif dry_run:
        told = f"tertulia tools approve {name} --as {standing.offer.as_read}"
        console.tell(f"Nothing is changed. To approve just this: {told}")
    else:
        console.tell(f"Approved. To take that back: tertulia tools revoke {name}")


def _check_read(standing: "Standing", as_read: str) -> None:
    """Refuse to approve other words than those that were read: a server may change them meanwhile.

    Raises:
        NotAsReadError: nothing was read, or something else.
    """
    name, now = standing.offer.name, standing.offer.as_read
    if as_read == now or standing.state in ("unusable", "gone"):
        return  # what cannot be approved at all is refused with its reason
    read_it = f"tertulia tools approve {name} --dry-run"
    if not as_read:
        raise NotAsReadError(
            f"Nobody has said what they have read of '{name}'.",
            what_to_do=f"Read it, and add the --as that stands below it: {read_it}",
        )
    raise NotAsReadError(
        f"'{name}' is not what you have read: it is {now} now, and not {as_read}.",
        what_to_do=f"Its server says something else by now. Read it again: {read_it}",
    )


@command.command("revoke")
def revoke(
    name: Name,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Take an approval back: the tool is not called any more.

    Example: tertulia tools revoke crm_find_customer
    """

    async def work(tools: "AllTools") -> bool:
        return await tools.revoke(name)

    revoked = asyncio.run(_with_tools(work))
    if as_json:
        console.show_json({"revoked": revoked, "name": name})
    else:
        console.tell(f"{name} is not approved" + (" any more." if revoked else "."))


async def _with_tools(work: "Callable[[AllTools], Awaitable[Found]]") -> Found:
    from bot.app import App

    settings = Settings()
    async with App(settings) as app:
        app.structure.table("mcp")  # whoever asks for the servers hears what is wrong with them
        return await work(await app.cast.tools())


async def _listed(tools: "AllTools") -> tuple[list[dict[str, str]], list[str]]:
    """All tools, as they are shown; and why servers could not be asked."""
    from knowledge.errors import OperatorError

    values = [
        {
            "name": one.name,
            "effect": one.effect,
            "state": "own",
            "reason": "",
            "fingerprint": "",
            "origin": one.origin,
        }
        for one in tools.own.values()
    ]
    away = []
    for found in (await tools.standings()).values():
        if isinstance(found, OperatorError):
            away.append(f"{found} {found.what_to_do}")
        else:
            values += map(_value, found)
    return values, away


def _value(standing: "Standing") -> dict[str, str]:
    return {
        "name": standing.offer.name,
        "effect": standing.offer.effect,
        "state": STATES[standing.state],
        "reason": standing.reason,
        "fingerprint": standing.offer.as_read if standing.state in WAITING else "",
        "origin": f"MCP server {standing.offer.server.name}",
    }


def _shown(standing: "Standing") -> str:
    """What is approved, and how it differs from what was approved before."""
    now = _lines(standing.offer)
    if standing.state != "changed" or standing.approved is None:
        return "\n".join(now)
    changes = unified_diff(_lines(standing.approved), now, "approved before", "now", n=99)
    return "\n".join(line.rstrip("\n") for line in changes)


def _lines(offer: "Offer") -> list[str]:
    """Every word that is approved, a line each; what nobody would see is written as its code."""
    hints = json.dumps(offer.said.get("annotations", {}), sort_keys=True)
    schema = json.dumps(offer.said["inputSchema"], indent=2, sort_keys=True, ensure_ascii=False)
    said = f"{offer.said.get('description', '')}\n{schema}"
    return [
        f"{offer.name}: {offer.effect}, of MCP server {offer.server.name}",
        f"called there: {_visible(offer.tool)}   hints: {_visible(hints)}",
        *map(_visible, said.split("\n")),
    ]


def _visible(line: str) -> str:
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in line)
