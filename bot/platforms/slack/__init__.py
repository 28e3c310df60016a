"""Slack as a platform: mentions, direct messages, threads, commands, buttons."""

from typing import TYPE_CHECKING

from knowledge.errors import OperatorError

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.platforms.slack.platform import Slack
    from bot.settings import Settings

MISSING = "Run: pip install '.[slack]' in Tertulia's folder"


class SlackMissingError(OperatorError):
    """The packages for Slack are not installed."""


def build(desk: "Desk") -> "Slack":
    """The workspaces of the settings.

    Raises:
        OperatorError: packages or tokens are missing.
    """
    try:
        import slack_bolt  # noqa: F401 (looks whether it is here)
    except ImportError as error:
        raise SlackMissingError(
            "Slack needs packages that are not installed.", what_to_do=MISSING
        ) from error
    from bot.platforms.slack.platform import Slack

    return Slack(desk)


async def examine(settings: "Settings") -> list[tuple[str, str, str]]:
    """What `tertulia doctor` says of Slack: state, message, what to do."""
    try:
        import slack_bolt  # noqa: F401 (looks whether it is here)
    except ImportError:
        return [("broken", "Slack needs packages that are not installed", MISSING)]
    from bot.platforms.slack.examining import examined

    return await examined(settings)
