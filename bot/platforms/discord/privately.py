"""What is said to one person alone, in response to a command or a button."""

from collections.abc import Collection

import discord
import structlog

from bot.desk import Desk
from bot.orders import failure
from bot.platforms.discord import spot as names
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import translated
from bot.platforms.discord.posting import NOBODY
from bot.platforms.discord.spot import spot_of
from bot.platforms.discord.texts import MOST_PLAIN, in_one_line, outgoing
from bot.wording import say
from knowledge.errors import TertuliaError
from knowledge.turn import Turn

log = structlog.get_logger(__name__)


async def tell(interaction: discord.Interaction, text: str, *, links: Collection[str] = ()) -> None:
    """Say this to whoever has used the command or the button, in as many messages as it takes."""
    language = interaction.locale.value[:2]
    with translated("responding"):
        for part in outgoing(text, links=links, language=language, limit=MOST_PLAIN):
            if not interaction.response.is_done():
                await interaction.response.send_message(
                    part, ephemeral=True, allowed_mentions=NOBODY, suppress_embeds=True
                )
            else:
                await interaction.followup.send(
                    part, ephemeral=True, allowed_mentions=NOBODY, suppress_embeds=True
                )


async def tell_failure(desk: Desk, interaction: discord.Interaction, error: TertuliaError) -> None:
    """Say why something did not work, so that nobody waits for it; that may be lost."""
    log.warning("failed to respond", platform="discord", kind=error.kind)
    person, language = names.person(interaction.user.id), interaction.locale.value[:2]
    try:
        await tell(interaction, failure(desk, person, error, language))
    except TertuliaError as unsaid:
        log.info("failed to say why", platform="discord", kind=unsaid.kind)


async def tell_asker(client: Client, turn: Turn, text: str) -> None:
    """Say this to whoever has asked, in direct messages, and what it is about."""
    language = turn.locale[:2]
    about = say("about-your-question", language, question=in_one_line(turn.text))
    await tell_directly(client, spot_of(turn).user, f"{about} {text}", language)


async def tell_directly(client: Client, user: int, text: str, language: str) -> None:
    """Say this to somebody in direct messages; who takes none is not told."""
    async with client.calls.calling("writing directly"):
        room = await client.create_dm(discord.Object(user))
        for part in outgoing(text, language=language, limit=MOST_PLAIN):
            await room.send(part, allowed_mentions=NOBODY, suppress_embeds=True)
