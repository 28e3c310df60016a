"""`tertulia discord`: what to do when Discord is set up."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot import console
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.platforms.discord.invite import Application

HELP = """Set up Discord: the address that invites the bot.

Example: tertulia discord invite
"""
command = typer.Typer(no_args_is_help=True, help=HELP)


@command.callback()
def _group() -> None:
    """Keep `invite` a command of its own."""


@command.command("invite")
def invite(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Print the address that invites the bot to a server, with the least rights.

    Example: tertulia discord invite
    """
    about = asyncio.run(_application())
    if as_json:
        console.show_json({"invite": about.invite, "servers": list(about.servers.values())})
        return
    console.show(about.invite)
    there = ", ".join(about.servers.values())
    console.tell("Open it in a browser, choose your server, and confirm.")
    console.tell(f"{about.name} is on: {there}." if there else f"{about.name} is on no server yet.")


async def _application() -> "Application":
    from bot.platforms.discord import about

    return await about(Settings().discord)
