"""A message of ours is taken away, also out of a thread that was put away meanwhile."""

import discord
import structlog

from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import ARCHIVED, GONE, DiscordRefusedError

log = structlog.get_logger(__name__)


async def remove(client: Client, room: discord.PartialMessageable, number: int) -> None:
    """Take a message away; what Discord refuses is logged, unless it is gone already.

    Raises:
        DiscordBusyError: not now.
    """
    try:
        await _deleted(client, room, number)
    except DiscordRefusedError as error:
        if error.code != GONE:
            log.warning("failed to remove a message", platform="discord", code=error.code)


async def _deleted(client: Client, room: discord.PartialMessageable, number: int) -> None:
    try:
        await _delete(client, room, number)
    except DiscordRefusedError as error:
        if error.code != ARCHIVED:
            raise
        await _open_again(client, room.id)
        await _delete(client, room, number)


async def _delete(client: Client, room: discord.PartialMessageable, number: int) -> None:
    async with client.calls.calling("removing a message"):
        await room.get_partial_message(number).delete()


async def _open_again(client: Client, number: int) -> None:
    """Discord puts it away by itself after a while; who may moderate threads opens locked ones."""
    async with client.calls.calling("opening a thread again"):
        thread = await client.fetch_channel(number)
        if isinstance(thread, discord.Thread):
            await thread.edit(archived=False)
