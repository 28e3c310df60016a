"""What the slash commands and the menu of a message do."""

from collections import OrderedDict

import discord

from bot.desk import Desk
from bot.learning_chat import Learner
from bot.orders import choose_persona, refreshing, unknown_source
from bot.platforms.discord import hearing
from bot.platforms.discord import spot as names
from bot.platforms.discord.asking import Asking, spot_of_interaction
from bot.platforms.discord.clicking import Clicking
from bot.platforms.discord.failures import translated
from bot.platforms.discord.forms import ABOUT, OPINION, about_form, filled_in
from bot.platforms.discord.privately import tell, tell_failure
from bot.platforms.discord.sinks import Sinks
from bot.platforms.discord.spot import Files, Spot
from bot.platforms.discord.whereabouts import Rights
from bot.wording import say
from knowledge.errors import TertuliaError

MOST_MESSAGES = 500
"""Messages about which somebody may still send a form."""


class Using:
    """Does what people ask for by commands, menus and forms."""

    def __init__(
        self, desk: Desk, rights: Rights, sinks: Sinks, asking: Asking, clicking: Clicking
    ) -> None:
        self._desk, self._rights, self._sinks = desk, rights, sinks
        self._asking, self._clicking = asking, clicking
        self._about: OrderedDict[str, tuple[str, Files]] = OrderedDict()

    async def ask(self, interaction: discord.Interaction, question: str, *, for_all: bool) -> None:
        """Answer a question."""
        await self._asking.ask(interaction, question, for_all=for_all)

    async def ask_about(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Ask what somebody would like to know about a message."""
        text = hearing.said(message, interaction.client.user) if interaction.client.user else ""
        self._about[str(interaction.id)] = text, hearing.files_of(message)
        if len(self._about) > MOST_MESSAGES:
            self._about.popitem(last=False)
        with translated("opening a form"):
            form = about_form(interaction.id, _language(interaction))
            await interaction.response.send_modal(form)

    async def summarise(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Say what a thread is about, to whoever wants to know."""
        language, room = _language(interaction), message.channel
        thread = room if isinstance(room, discord.Thread) else message.thread
        if thread is None:
            await tell(interaction, say("discord-no-thread", language))
        elif not self._desk.settings.discord.discord_message_content:
            await tell(interaction, say("discord-cannot-read", language))
        else:
            text = say("summarise-question", language)
            await self._asking.ask(interaction, text, for_all=False, reads=thread.id)

    async def on_form(self, interaction: discord.Interaction) -> None:
        """Take in a form that somebody has sent."""
        name, fields = filled_in(interaction)
        try:
            if name.startswith(OPINION):
                await self._clicking.opinion(interaction, name, fields)
            elif name.startswith(ABOUT):
                await self._asked_about(interaction, name.removeprefix(ABOUT), fields["question"])
        except TertuliaError as error:
            await self.failed(interaction, error)

    async def sources(self, interaction: discord.Interaction, reference: str) -> None:
        """Show the sources of an answer; of the last one here where none is named."""
        with translated("acknowledging"):
            await interaction.response.defer(thinking=True, ephemeral=True)
        spot = spot_of_interaction(interaction, is_private=True)
        author = names.person(spot.user)
        reference = reference or await self._desk.last_answer(author, spot.counted_as)
        if reference:
            await self._clicking.sources(interaction, reference)
        else:
            await tell(interaction, await self._known_sources(interaction, spot))

    async def personas(self, interaction: discord.Interaction) -> list[str]:
        """Who may answer where somebody types a command."""
        spot = spot_of_interaction(interaction, is_private=False)
        return await self._desk.personas(self._rights.channel(spot))

    async def persona(self, interaction: discord.Interaction, name: str) -> None:
        """Have somebody else answer what this person asks here."""
        spot, language = spot_of_interaction(interaction, is_private=False), _language(interaction)
        place = spot.counted_as, self._rights.channel(spot)
        said = await choose_persona(self._desk, names.person(spot.user), place, name, language)
        await tell(interaction, said)

    async def _known_sources(self, interaction: discord.Interaction, spot: Spot) -> str:
        """What is read here at all."""
        language = _language(interaction)
        person = await self._rights.person(spot.user, spot.guild)
        known = self._desk.known_sources(person.rights, self._rights.channel(spot))
        if not known:
            return say("no-knowledge", language)
        return "\n".join((say("known-sources", language), *(f"- {name}" for name in known)))

    async def learn(self, interaction: discord.Interaction, what: str) -> None:
        """Do what somebody says of learning."""
        with translated("acknowledging"):
            await interaction.response.defer(thinking=True, ephemeral=True)
        spot = spot_of_interaction(interaction, is_private=True)
        rights = (await self._rights.person(spot.user, spot.guild)).rights
        name = names.person(spot.user)
        said = await self._desk.learn(Learner(name, [name], rights), what, _language(interaction))
        await tell(interaction, said)

    async def refresh(self, interaction: discord.Interaction, source: str) -> None:
        """Have sources refreshed, where somebody who may asks for it."""
        if not self._desk.is_admin(names.person(interaction.user.id)):
            await tell(interaction, say("admins-only", _language(interaction)))
            return
        language, wanted = _language(interaction), [source] if source else []
        if unknown := unknown_source(self._desk, wanted, language):
            await tell(interaction, unknown)
            return
        asked = await self._desk.refresh(wanted)
        await tell(interaction, refreshing(asked, language))

    async def failed(self, interaction: discord.Interaction, error: TertuliaError) -> None:
        """Say why something did not work."""
        await tell_failure(self._desk, interaction, error)

    async def help(self, interaction: discord.Interaction) -> None:
        """Say what we understand."""
        await tell(interaction, say("discord-help-text", _language(interaction)))

    async def _asked_about(
        self, interaction: discord.Interaction, number: str, question: str
    ) -> None:
        about = self._about.pop(number, None)
        if about is None:
            await tell(interaction, say("discord-menu-again", _language(interaction)))
            return
        text, files = about
        asked = "\n\n".join(filter(None, (question, text)))
        await self._asking.ask(interaction, asked, for_all=False, files=files)


def _language(interaction: discord.Interaction) -> str:
    return interaction.locale.value[:2]
