"""Where the token for a workspace comes from."""

from bot.platform_settings import SlackSettings
from bot.platforms.slack.workspaces import OneToken, Tokens
from knowledge.errors import UsageError


class SlackTokenError(UsageError):
    """A token that is needed is not set."""


def tokens_of(settings: SlackSettings) -> Tokens:
    """The token of the settings.

    Raises:
        SlackTokenError: it is missing, or the way from Slack to us is.
    """
    if not settings.slack_bot_token.get_secret_value():
        raise SlackTokenError(
            "PLATFORMS names slack, but SLACK_BOT_TOKEN is not set.",
            what_to_do="Set the app up as `tertulia slack manifest` says, and set the token.",
        )
    if not (
        settings.slack_app_token.get_secret_value()
        or settings.slack_signing_secret.get_secret_value()
    ):
        raise SlackTokenError(
            "Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set: Slack has no way to us.",
            what_to_do="Set SLACK_APP_TOKEN (a socket that we open), or for events over HTTP "
            "SLACK_SIGNING_SECRET.",
        )
    return OneToken(settings.slack_bot_token.get_secret_value())
