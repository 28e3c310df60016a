"""The name of a thread that we begin is its question, and goes with it."""

import discord
import structlog

from bot.platforms.discord.client import Client
from bot.platforms.discord.spot import Spot
from knowledge.errors import TertuliaError

NAMELESS = "…"
log = structlog.get_logger(__name__)


async def take_name_away(client: Client, spot: Spot) -> None:
    """Let a thread say no longer what was asked; one that somebody else began stays as it is."""
    if not spot.thread:
        return
    try:
        async with client.calls.calling("taking a name away"):
            thread = await client.fetch_channel(spot.message)
            if isinstance(thread, discord.Thread):
                await thread.edit(name=NAMELESS, archived=False)
    except TertuliaError as error:
        log.info("failed to take a name away", platform="discord", kind=error.kind)
