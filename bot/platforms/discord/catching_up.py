"""After an outage: the messages for us that nobody has heard."""

from collections.abc import Iterator
from datetime import timedelta

import discord
import structlog

from bot.desk import Desk
from bot.platforms.discord.client import Client, Listener
from bot.platforms.discord.spot import NAME, channel
from knowledge.conversations import now
from knowledge.errors import TertuliaError

LONGEST_OUTAGE = timedelta(hours=24)
OVERLAP = timedelta(minutes=1)
MOST_DIRECT = 100
"""People who wrote to us last whose direct messages are looked through."""
MOST_MISSED = 200
"""Messages of one channel that are looked through."""
log = structlog.get_logger(__name__)
Room = discord.TextChannel | discord.Thread


async def catch_up(client: Client, desk: Desk, listener: Listener) -> None:
    """Take what was written since we last took something; what was taken before is known.

    Of direct messages those who wrote to us before are read again; Discord does not tell a bot
    who else has written to it.
    """
    latest = await desk.latest(NAME)
    if latest is None:
        return  # nobody has ever been answered from here
    since = max(latest, now() - LONGEST_OUTAGE) - OVERLAP
    first = discord.utils.time_snowflake(since)
    direct = [client.room(number, 0) for number in await _direct(desk)]
    for room in [one for one in _rooms(client) if (one.last_message_id or 0) >= first] + direct:
        try:
            async with client.calls.calling("reading what was missed"):
                after = discord.Object(first)
                missed = [m async for m in room.history(after=after, limit=MOST_MISSED)]
        except TertuliaError as error:
            log.warning("failed to catch up", platform=NAME, kind=error.kind)
            continue
        for message in missed:
            await listener.on_message(message)


async def _direct(desk: Desk) -> list[int]:
    """The ids of direct messages, those of who wrote last first."""
    prefix = channel(0, 0)[1].removesuffix("0")
    found = await desk.latest_of("channel", prefix, MOST_DIRECT)
    return [int(name.removeprefix(prefix)) for name in found]


def _rooms(client: Client) -> Iterator[Room]:
    """Every channel and thread that we see."""
    for guild in client.guilds:
        yield from guild.text_channels
        yield from guild.threads
