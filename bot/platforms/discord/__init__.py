"""Discord: mentions, threads, direct messages, slash commands, over the gateway."""

from typing import TYPE_CHECKING

from knowledge.errors import UsageError

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.platforms.discord.platform import Discord


class DiscordMissingError(UsageError):
    """What talks to Discord is not installed, or there is no token for it."""


def build(desk: "Desk") -> "Discord":
    """Discord with the token of the settings.

    Raises:
        DiscordMissingError: there is no token, or discord.py is not installed.
    """
    if not desk.settings.discord.discord_token.get_secret_value():
        raise DiscordMissingError(
            "PLATFORMS names discord, but there is no DISCORD_TOKEN.",
            what_to_do="docs/discord.md says where to get one.",
        )
    try:
        from bot.platforms.discord.platform import Discord
    except ImportError as error:
        raise DiscordMissingError(
            "PLATFORMS names discord, which needs discord.py; that is not installed.",
            what_to_do="Install it: pip install 'tertulia[discord]'",
        ) from error
    return Discord(desk)
