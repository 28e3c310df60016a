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
    "not_allowed_token_type": NO_SOCKET,
}
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


class SlackScopeError(SlackRefusedError):
    """The app has not got a right that it needs."""
