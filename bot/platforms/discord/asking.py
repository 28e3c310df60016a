"""Questions by commands: written into the inbox first, acknowledged then."""

from dataclasses import replace

import discord
import structlog

from bot.desk import Desk
from bot.platforms.discord import hearing
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import translated
from bot.platforms.discord.spot import Files, Spot
from bot.platforms.discord.whereabouts import Rights
from knowledge.errors import TertuliaError

log = structlog.get_logger(__name__)


class Asking:
    """Takes questions that come by commands, menus and forms."""

    def __init__(self, client: Client, desk: Desk, rights: Rights) -> None:
        self._client, self._desk, self._rights = client, desk, rights

    async def ask(
        self,
        interaction: discord.Interaction,
        text: str,
        *,
        for_all: bool,
        reads: int = 0,
        files: Files = (),
    ) -> None:
        """Have a question answered where it was asked; for the asker alone unless it is for all.

        Args:
            interaction: by which somebody asks.
            text: the question.
            for_all: whether everybody there sees the answer.
            reads: a thread that is read for it.
            files: what is attached to the message that it is about.
        """
        here = spot_of_interaction(interaction, is_private=not for_all)
        spot = replace(here, reads=reads, files=files)
        channel = self._rights.channel(spot)
        turn = hearing.turn_of(
            spot,
            text,
            keys=(hearing.key(interaction.id),),
            locale=hearing.language(text, channel, interaction.locale.value),
        )
        with self._client.acknowledging(spot.mark):
            if await self._desk.take(turn):
                await defer(interaction, is_private=spot.is_private)


def spot_of_interaction(interaction: discord.Interaction, *, is_private: bool) -> Spot:
    """Where somebody has used a command."""
    return Spot(
        mark=str(interaction.id),
        user=interaction.user.id,
        guild=interaction.guild_id or 0,
        channel=interaction.channel_id or 0,
        parent=hearing.parent_of(interaction.channel),
        token=interaction.token,
        is_private=is_private and interaction.guild_id is not None,
    )


async def defer(interaction: discord.Interaction, *, is_private: bool) -> None:
    """Let the person see that we are thinking; where that is too late, go on all the same."""
    try:
        with translated("acknowledging"):
            await interaction.response.defer(thinking=True, ephemeral=is_private)
    except TertuliaError as error:
        log.warning("failed to acknowledge", platform="discord", kind=error.kind)
