"""What goes wrong with Slack, in our own words."""

from knowledge.errors import OperatorError, TransientError

NO_SOCKET = "Set SLACK_APP_TOKEN to an app token (xapp-...) with connections:write."
_ADVICE = {
    "missing_scope": "Install the app anew with what this prints: tertulia slack manifest",
    "not_in_channel": "Invite the app into the channel.",
    "channel_not_found": "Invite the app into the channel.",
    "invalid_auth": "Set SLACK_BOT_TOKEN to the token of the installed app.",
    "not_authed": "Set SLACK_BOT_TOKEN to the token of the installed app.",
    "account_inactive": "Install the app into the workspace again.",
    "token_revoked": "Install the app into the workspace again.",
    "token_expired": "Install the app into the workspace again.",
    "invalid_refresh_token": "Install the app into the workspace again.",
    "bad_client_secret": "Set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET to the app's credentials.",
    "invalid_client_id": "Set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET to the app's credentials.",
    "not_allowed_token_type": NO_SOCKET,
    "not_installed": "Name the workspace in SLACK_TEAMS, and install the app: /slack/install",
}
_UNTIL_MENDED = {
    *("missing_scope", "invalid_auth", "not_authed", "account_inactive", "token_revoked"),
    *("token_expired", "invalid_refresh_token", "bad_client_secret", "invalid_client_id"),
    *("not_allowed_token_type", "not_installed", "not_in_channel", "org_login_required"),
}
"""What Slack refuses until somebody has put it right, and then does."""
_IN_GENERAL = "Look the word up on Slack's pages: docs.slack.dev/reference/methods"


class SlackUnavailableError(TransientError):
    """Slack does not answer just now, or wants to be asked later.

    Attributes:
        is_uncertain: whether it may have done what it was asked to.
    """

    def __init__(self, message: str, *, is_uncertain: bool = False) -> None:
        super().__init__(message, what_to_do="It is tried again.")
        self.is_uncertain = is_uncertain


class SlackRefusedError(OperatorError):
    """Slack does not do what it is asked to.

    Attributes:
        code: Slack's own word for the reason, such as `not_in_channel`.
    """

    def __init__(self, method: str, code: str, *, needed: str = "") -> None:
        more = f" (needed: {needed})" if needed else ""
        what = _ADVICE.get(code, _IN_GENERAL)
        if method == "apps_connections_open":
            what = NO_SOCKET
        super().__init__(f"Slack refuses {method}: {code}{more}.", what_to_do=what)
        self.code = code
        self.is_for_good = code not in _UNTIL_MENDED


class SlackNotInstalledError(SlackRefusedError):
    """A workspace has not installed the app, or may not."""

    def __init__(self, team: str) -> None:
        super().__init__(f"a token for {team or 'no workspace'}", "not_installed")


class SlackScopeError(SlackRefusedError):
    """The app has not got a right that it needs."""
