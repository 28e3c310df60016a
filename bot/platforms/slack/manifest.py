"""The app as Slack's pages want it described: least scopes, commands, events."""

from typing import Any

from bot.platforms.slack.names import ASK_ABOUT, COMMANDS, PATH, SUMMARISE
from bot.wording import say

__all__ = ["EVENTS", "FAREWELLS", "PATH", "SCOPES", "manifest_of"]

SCOPES = (
    *("app_mentions:read", "assistant:write", "chat:write", "commands"),
    *("files:read", "files:write"),
    *("channels:history", "groups:history", "im:history", "mpim:history"),
    *("channels:read", "groups:read", "im:read", "mpim:read"),
    *("usergroups:read", "users:read"),
)
"""What the bot may: hear what is meant for it, answer, and see who reads along."""
EVENTS = (
    *("agent_session_stopped", "app_home_opened", "app_mention"),
    *("message.channels", "message.groups", "message.im", "message.mpim"),
)
FAREWELLS = ("app_uninstalled", "tokens_revoked")
"""What tells that a workspace has thrown the app out, where workspaces install it themselves."""


def manifest_of(
    *, name: str = "Tertulia", language: str = "en", url: str = "", redirect_url: str = ""
) -> dict[str, Any]:
    """What to paste on Slack's page for a new app.

    Args:
        name: of the app and its bot.
        language: of the commands' descriptions and of the shortcuts.
        url: where Slack sends requests, such as `https://bot.example.org/slack/events`; over a
            socket where it is empty.
        redirect_url: where browsers come back to, where workspaces install the app themselves.
    """
    events = EVENTS + (FAREWELLS if redirect_url else ())
    oauth: dict[str, Any] = {"scopes": {"bot": list(SCOPES)}}
    if redirect_url:
        oauth["redirect_urls"] = [redirect_url]
    return {
        "display_information": {"name": name, "description": say("app-description", language)},
        "features": _features(name, language, url),
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": _at(url) | {"bot_events": list(events)},
            "interactivity": _at(url) | {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": bool(redirect_url),
        },
    }


def _features(name: str, language: str, url: str) -> dict[str, Any]:
    command_url = {"url": url} if url else {}
    return {
        "agent_view": {"agent_description": say("app-description", language)},
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": [
            _shortcut(ASK_ABOUT, ("ask-about-title", "ask-about-description"), language),
            _shortcut(SUMMARISE, ("summarise-title", "summarise-description"), language),
        ],
        "slash_commands": [
            {
                "command": f"/{command}",
                "description": say(description, language),
                "usage_hint": say(hint, language).strip("-"),
                "should_escape": False,
            }
            | command_url
            for command, (description, hint) in COMMANDS.items()
        ],
    }


def _shortcut(name: str, keys: tuple[str, str], language: str) -> dict[str, str]:
    return {
        "type": "message",
        "callback_id": name,
        "name": say(keys[0], language),
        "description": say(keys[1], language),
    }


def _at(url: str) -> dict[str, Any]:
    return {"request_url": url} if url else {}
