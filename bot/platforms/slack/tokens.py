"""Where the token for a workspace comes from."""

from bot.platform_settings import SlackSettings
from bot.platforms.slack.installations import Installations, Keeper
from bot.platforms.slack.rotating import Installed
from bot.platforms.slack.workspaces import OneToken
from knowledge.errors import UsageError
from knowledge.sources.website.pace import Clock


class SlackTokenError(UsageError):
    """A token that is needed is not set."""


def tokens_of(settings: SlackSettings, keeper: Keeper, clock: Clock) -> OneToken | Installed:
    """The token of the settings, or those of the workspaces that install the app.

    Raises:
        SlackTokenError: it is missing, or the way from Slack to us is.
    """
    if settings.is_installable:
        _check_installable(settings)
    elif not settings.slack_bot_token.get_secret_value():
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
    if settings.is_installable:
        return Installed(settings, Installations(settings.slack_client_id, keeper), clock)
    return OneToken(settings.slack_bot_token.get_secret_value())


def _check_installable(settings: SlackSettings) -> None:
    values = {
        "SLACK_CLIENT_ID": settings.slack_client_id,
        "SLACK_CLIENT_SECRET": settings.slack_client_secret.get_secret_value(),
        "SLACK_TEAMS": settings.slack_teams,
    }
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise SlackTokenError(
            f"Workspaces cannot install the app: {' and '.join(missing)} not set.",
            what_to_do="Set the app's credentials (Basic Information) and the ids of the "
            "workspaces that may install it: nobody else gets in.",
        )
    if settings.slack_bot_token.get_secret_value():
        raise SlackTokenError(
            "SLACK_BOT_TOKEN and SLACK_CLIENT_ID are both set; workspaces that install the app "
            "bring tokens of their own.",
            what_to_do="Remove SLACK_BOT_TOKEN, then install the app into your own workspace as "
            "well: /slack/install",
        )
