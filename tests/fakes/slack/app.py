"""The app as it is set up on Slack's pages: its secrets, scopes and events."""

from dataclasses import dataclass

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
)
EVENTS = (
    "agent_session_stopped",
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "file_shared",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
)


@dataclass
class SlackApp:
    """What its makers filled in.

    Attributes:
        scopes: what a workspace grants when it installs the app.
        events: what is sent; `message.im` and its like by their full names.
        request_url: where events go in HTTP mode; without it they go over Socket Mode.
        rotates_tokens: tokens of new installations live 12 hours.
    """

    app_id: str = "A0000000001"
    name: str = "Tertulia"
    client_id: str = "100.200"
    client_secret: str = "fake-client-secret"  # noqa: S105 (opens nothing)
    signing_secret: str = "fake-signing-secret"  # noqa: S105 (opens nothing)
    app_token: str = "xapp-1-A0000000001-fake"  # noqa: S105 (opens nothing)
    scopes: tuple[str, ...] = SCOPES
    events: tuple[str, ...] = EVENTS
    redirect_url: str = ""
    request_url: str | None = None
    rotates_tokens: bool = False
