"""What the buttons below replies do, and the forms that they open."""

from collections.abc import Awaitable, Callable

import discord

from bot.desk import Desk
from bot.places import Person
from bot.platforms.discord import hearing
from bot.platforms.discord import spot as names
from bot.platforms.discord.asking import spot_of_interaction
from bot.platforms.discord.buttons import Press
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import translated
from bot.platforms.discord.forms import OPINION, opinion_form
from bot.platforms.discord.privately import tell, tell_failure
from bot.platforms.discord.texts import fenced, source_lines
from bot.platforms.discord.whereabouts import Rights
from bot.wording import say
from knowledge.errors import TertuliaError

Click = Callable[[discord.Interaction, Press], Awaitable[None]]


class Clicking:
    """Does what buttons and forms ask for; who has pressed them reads the response alone."""

    def __init__(self, client: Client, desk: Desk, rights: Rights) -> None:
        self._client, self._desk, self._rights = client, desk, rights
        self._acts: dict[str, Click] = {
            "up": self._up,
            "down": self._down,
            "quotes": self._quotes,
            "why": self._why,
            "yes": self._decided,
            "no": self._decided,
            "stop": self._stop,
        }

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Do what a button asks for."""
        try:
            await self._acts[press.act](interaction, press)
        except TertuliaError as error:
            await tell_failure(self._desk, interaction, error)

    async def opinion(
        self, interaction: discord.Interaction, name: str, fields: dict[str, str]
    ) -> None:
        """Note what somebody has written into the form below an answer."""
        reference = name.removeprefix(OPINION)
        author = names.person(interaction.user.id)
        fault, better = fields.get("fault", ""), fields.get("better", "")
        is_kept = await self._desk.rate(reference, author, "down", fault=fault, better=better)
        await _noted(interaction, reference, is_kept=is_kept)

    async def sources(self, interaction: discord.Interaction, reference: str) -> None:
        """Show what an answer rests on, with quotes, to somebody who may read that."""
        language = _language(interaction)
        person = await self._person(interaction)
        links = await self._desk.sources(reference, person.rights)
        if links is None:
            await tell(interaction, say("answer-not-open", language))
            return
        text = source_lines(links, language, quotes=True) or say("no-sources", language)
        await tell(interaction, text, links=[link.url for link in links if link.url])

    async def _up(self, interaction: discord.Interaction, press: Press) -> None:
        author = names.person(interaction.user.id)
        is_kept = await self._desk.rate(press.reference, author, "up")
        await _noted(interaction, press.reference, is_kept=is_kept)

    async def _down(self, interaction: discord.Interaction, press: Press) -> None:
        author = names.person(interaction.user.id)
        if not await self._desk.rate(press.reference, author, "down"):
            await _noted(interaction, press.reference, is_kept=False)
            return
        with translated("opening a form"):
            form = opinion_form(press.reference, _language(interaction))
            await interaction.response.send_modal(form)

    async def _quotes(self, interaction: discord.Interaction, press: Press) -> None:
        await self._think(interaction)
        await self.sources(interaction, press.reference)

    async def _why(self, interaction: discord.Interaction, press: Press) -> None:
        await self._think(interaction)
        person = await self._person(interaction)
        text = await self._desk.why(press.reference, person.rights, _language(interaction))
        shown = fenced(text) if text else say("answer-not-open", _language(interaction))
        await tell(interaction, shown)

    async def _decided(self, interaction: discord.Interaction, press: Press) -> None:
        """Hand on what somebody said to what they were asked to confirm."""
        flags = interaction.message.flags if interaction.message else None
        spot = spot_of_interaction(interaction, is_private=bool(flags and flags.ephemeral))
        keys, locale = (hearing.key(interaction.id),), _language(interaction)
        turn = hearing.turn_of(spot, "", keys=keys, locale=locale)
        is_yes = press.act == "yes"
        with self._client.acknowledging(spot.mark):
            told = await self._desk.decide(press.reference, turn, is_yes=is_yes)
            if told:
                await tell(interaction, say(told, _language(interaction)))
            else:
                with translated("acknowledging"):
                    await interaction.response.defer()

    async def _stop(self, interaction: discord.Interaction, press: Press) -> None:
        """Whoever has asked ends the answer, or who looks after Tertulia."""
        who = names.person(interaction.user.id)
        turn = await self._desk.waiting(hearing.key(press.mark))
        if turn is None:
            await tell(interaction, say("nothing-to-stop", _language(interaction)))
        elif turn.author != who and not self._desk.is_admin(who):
            await tell(interaction, say("stop-not-yours", _language(interaction)))
        else:
            with translated("acknowledging"):
                await interaction.response.defer()
            await self._desk.stop(turn.conversation, turn.author, turn.keys[0])

    async def _person(self, interaction: discord.Interaction) -> Person:
        guild, here = interaction.guild_id or 0, interaction.channel_id or 0
        return await self._rights.person(interaction.user.id, guild, here)

    async def _think(self, interaction: discord.Interaction) -> None:
        with translated("acknowledging"):
            await interaction.response.defer(thinking=True, ephemeral=True)


async def _noted(interaction: discord.Interaction, reference: str, *, is_kept: bool) -> None:
    """Thank for an opinion, or say why it came to nothing."""
    key = "thanks" if is_kept else "no-longer-kept"
    await tell(interaction, say(key, _language(interaction), reference=reference))


def _language(interaction: discord.Interaction) -> str:
    return interaction.locale.value[:2]
