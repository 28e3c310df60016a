"""After an outage: the messages for us that nobody has heard."""

from collections.abc import Iterator
from datetime import timedelta

import discord
import structlog

from bot.desk import Desk
from bot.platforms.discord.client import Client, Listener
from bot.platforms.discord.spot import NAME
from knowledge.conversations import now
from knowledge.errors import TertuliaError

LONGEST_OUTAGE = timedelta(hours=24)
OVERLAP = timedelta(minutes=1)
MOST_MISSED = 200
"""Messages of one channel that are looked through."""
log = structlog.get_logger(__name__)
Room = discord.TextChannel | discord.Thread


async def catch_up(client: Client, desk: Desk, listener: Listener) -> None:
    """Take what was written since we last took something; what was taken before is known.

    Direct messages are left out: Discord does not tell a bot who has written to it.
    """
    latest = await desk.latest(NAME)
    if latest is None:
        return  # nobody has ever been answered from here
    since = max(latest, now() - LONGEST_OUTAGE) - OVERLAP
    first = discord.utils.time_snowflake(since)
    for room in _rooms(client):
        if (room.last_message_id or 0) < first:
            continue
        try:
            async with client.calls.calling("reading what was missed"):
                after = discord.Object(first)
                missed = [m async for m in room.history(after=after, limit=MOST_MISSED)]
        except TertuliaError as error:
            log.warning("failed to catch up", platform=NAME, kind=error.kind)
            continue
        for message in missed:
            await listener.on_message(message)


def _rooms(client: Client) -> Iterator[Room]:
    """Every channel and thread that we see."""
    for guild in client.guilds:
        yield from guild.text_channels
        yield from guild.threads
