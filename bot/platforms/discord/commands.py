"""The slash commands and the entries in the menu of a message."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.app_commands import AppCommandContext, AppInstallationType, Choice, CommandTree

from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import translated
from bot.platforms.discord.privately import tell
from bot.platforms.discord.translating import Translator, words
from bot.platforms.discord.using import Using
from bot.replying import UnexpectedError
from bot.wording import say
from knowledge.errors import TertuliaError

PLACES = AppCommandContext(guild=True, dm_channel=True, private_channel=False)
OWNERS = AppInstallationType(guild=True, user=False)
"""Servers install us, and not single people, who could take us along anywhere."""
ONLY_ME, ALL = "me", "all"
MOST_CHOICES = 25
NAMES = {
    "ask": ("discord-ask", "discord-ask-description"),
    "sources": ("discord-sources", "discord-sources-description"),
    "persona": ("discord-persona", "discord-persona-description"),
    "learn": ("discord-learn", "discord-learn-description"),
    "refresh": ("discord-refresh", "discord-refresh-description"),
    "help": ("discord-help", "discord-help-description"),
}
"""The keys of the name and of the description of a command."""
log = structlog.get_logger(__name__)
Interaction = discord.Interaction


class Tree(CommandTree[Client]):
    """All commands; what goes wrong with one of them is told to whoever used it."""

    def __init__(self, client: Client, using: Using) -> None:
        super().__init__(client, allowed_contexts=PLACES, allowed_installs=OWNERS)
        self._using = using

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Whether it is known who reads along: not in a group, where that may be anybody.

        Discord offers nothing there, but people may have kept commands of another version.
        """
        if interaction.guild_id or interaction.context.dm_channel:
            return True
        if interaction.type is discord.InteractionType.application_command:
            await tell(interaction, say("discord-not-in-groups", interaction.locale.value[:2]))
        return False

    async def on_error(self, interaction: Any, error: app_commands.AppCommandError) -> None:  # noqa: ANN401 (discord.py types it by client)
        """Say that it did not work, and why where that is known."""
        cause = error.__cause__ or error
        if not isinstance(cause, TertuliaError):
            log.error("failed unexpectedly", platform="discord", error=type(cause).__name__)
            cause = UnexpectedError("Something unexpected happened.", what_to_do="See the log.")
        await self._using.failed(interaction, cause)


def tree_of(client: Client, using: Using) -> Tree:
    """The commands, ready to be registered."""
    tree = Tree(client, using)
    tree.add_command(_ask(using))
    tree.add_command(_sources(using))
    tree.add_command(_persona(using))
    tree.add_command(_learn(using))
    tree.add_command(_refresh(using))
    tree.add_command(_help(using))
    tree.add_command(_menu("discord-menu-ask", using.ask_about))
    tree.add_command(_menu("discord-menu-summarise", using.summarise))
    return tree


async def register(tree: Tree) -> bool:
    """Tell Discord of the commands; one that is known is not made anew. False: it did not work."""
    await tree.set_translator(Translator())
    try:
        with translated("registering commands"):
            await tree.sync()
    except TertuliaError as error:
        log.warning("failed to register commands", platform="discord", kind=error.kind)
        return False
    return True


def _ask(using: Using) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(
        question=words("discord-ask-question"), visible=words("discord-ask-visible")
    )
    @app_commands.rename(
        question=words("discord-ask-question-name"), visible=words("discord-ask-visible-name")
    )
    @app_commands.choices(
        visible=[
            Choice(name=words("discord-ask-only-me"), value=ONLY_ME),
            Choice(name=words("discord-ask-for-all"), value=ALL),
        ]
    )
    async def ask(
        interaction: Interaction,
        question: app_commands.Range[str, 1, 4000],
        visible: Choice[str] | None = None,
    ) -> None:
        is_for_all = visible is not None and visible.value == ALL
        await using.ask(interaction, question, for_all=is_for_all)

    return _command("ask", ask)


def _sources(using: Using) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(answer=words("discord-sources-answer"))
    @app_commands.rename(answer=words("discord-sources-answer-name"))
    async def sources(
        interaction: Interaction, answer: app_commands.Range[str, 1, 20] = ""
    ) -> None:
        await using.sources(interaction, answer.strip().upper())

    return _command("sources", sources)


def _persona(using: Using) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(name=words("discord-persona-name"))
    async def persona(interaction: Interaction, name: str) -> None:
        await using.persona(interaction, name)

    async def offered(interaction: Interaction, typed: str) -> list[Choice[str]]:
        names = await using.personas(interaction)
        return [Choice(name=one, value=one) for one in _near(names, typed)]

    command = _command("persona", persona)
    command.autocomplete("name")(offered)
    return command


def _help(using: Using) -> app_commands.Command[Any, ..., None]:
    async def help_(interaction: Interaction) -> None:
        await using.help(interaction)

    return _command("help", help_)


def _learn(using: Using) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(what=words("discord-learn-what"))
    async def learn(interaction: Interaction, what: app_commands.Range[str, 1, 2000] = "") -> None:
        await using.learn(interaction, what)

    return _command("learn", learn)


def _refresh(using: Using) -> app_commands.Command[Any, ..., None]:
    @app_commands.describe(source=words("discord-refresh-source"))
    @app_commands.rename(source=words("discord-refresh-source-name"))
    async def refresh(
        interaction: Interaction, source: app_commands.Range[str, 1, 40] = ""
    ) -> None:
        await using.refresh(interaction, source)

    return _command("refresh", refresh)


def _near(names: list[str], typed: str) -> list[str]:
    """Those that hold what somebody has typed so far."""
    return [name for name in names if typed.lower() in name.lower()][:MOST_CHOICES]


def _command(key: str, do: Any) -> app_commands.Command[Any, ..., None]:  # noqa: ANN401 (its parameters become the options)
    name, description = NAMES[key]
    return app_commands.Command(name=words(name), description=words(description), callback=do)


def _menu(key: str, do: Callable[[Interaction, discord.Message], Awaitable[None]]) -> Any:  # noqa: ANN401 (discord.py types it by client)
    async def chosen(interaction: Interaction, message: discord.Message) -> None:
        await do(interaction, message)

    return app_commands.ContextMenu(name=words(key), callback=chosen)
