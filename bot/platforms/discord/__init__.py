"""Discord: mentions, threads, direct messages, slash commands, over the gateway."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.platform_settings import DiscordSettings
from bot.structure import Structure
from knowledge.errors import UsageError

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.platforms.discord.invite import Application
    from bot.platforms.discord.platform import Discord
    from bot.settings import Settings


class DiscordMissingError(UsageError):
    """What talks to Discord is not installed, or there is no token for it."""


def build(desk: "Desk") -> "Discord":
    """Discord with the token of the settings.

    Raises:
        DiscordMissingError: there is no token, or discord.py is not installed.
    """
    with _prepared(desk.settings.discord):
        from bot.platforms.discord.platform import Discord

        return Discord(desk)


async def about(settings: DiscordSettings) -> "Application":
    """What Discord knows of our application.

    Raises:
        DiscordMissingError: there is no token, or discord.py is not installed.
        DiscordSettingsError: the token is wrong.
        DiscordUnreachableError: Discord cannot be reached.
    """
    with _prepared(settings):
        from bot.platforms.discord.invite import application

        return await application(settings)


async def examine(settings: "Settings") -> list[tuple[str, str, str]]:
    """What is right and what is not: a state, what it is, what to do."""
    found = await about(settings.discord)
    from bot.platforms.discord.invite import findings, shortcomings, told_in

    lacking = await shortcomings(found, settings.discord)
    name = Structure(settings.home.structure).told_in()
    told = await told_in(name, settings.discord)
    return [*findings(found, lacking, settings.discord), *told]


@contextmanager
def _prepared(settings: DiscordSettings) -> Iterator[None]:
    if not settings.discord_token.get_secret_value():
        raise DiscordMissingError(
            "There is no DISCORD_TOKEN.", what_to_do="docs/discord.md says where to get one."
        )
    try:
        yield
    except ImportError as error:
        raise DiscordMissingError(
            "Discord needs discord.py, which is not installed.",
            what_to_do="Install it: pip install '.[discord]' in Tertulia's folder",
        ) from error
