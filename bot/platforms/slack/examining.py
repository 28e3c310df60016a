"""What `tertulia doctor` says of Slack: tokens, scopes, and the way from Slack to us."""

import structlog

from bot.platform_settings import SlackSettings
from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errors import NO_SOCKET, SlackRefusedError, SlackUnavailableError
from bot.platforms.slack.manifest import SCOPES
from bot.platforms.slack.names import PATH
from bot.platforms.slack.tokens import tokens_of
from bot.platforms.slack.workspaces import Workspaces
from knowledge.errors import TertuliaError
from knowledge.sources.website.pace import Clock

log = structlog.get_logger(__name__)
Said = tuple[str, str, str]
OPTIONAL = {"usergroups:read": "sources that name user groups are closed to their members"}
INSTALL = "Install the app anew with what this prints: tertulia slack manifest"


async def examined(settings: SlackSettings) -> list[Said]:
    """State, message and what to do, for each thing that was looked at."""
    try:
        tokens = tokens_of(settings)
    except TertuliaError as error:
        return [("broken", str(error), error.what_to_do)]
    workspaces = Workspaces(tokens, settings.slack_api_url, Clock())
    try:
        calls = await workspaces.calls("")
        return [*await _bot(calls), *await _way(calls, settings)]
    except TertuliaError as error:
        return [("broken", str(error), error.what_to_do)]
    finally:
        await workspaces.close()


async def _bot(calls: Calls) -> list[Said]:
    granted = await calls.scopes()
    missing = [scope for scope in SCOPES if scope not in granted]
    needed = [scope for scope in missing if scope not in OPTIONAL]
    said = await calls.surely("auth_test")
    found = [("ok", f"Slack: {said['user']} in {said['team']}", "")]
    if needed:
        found.append(("broken", f"Slack: the app has not got {', '.join(needed)}", INSTALL))
    found += [
        ("note", f"Slack: without {scope}, {OPTIONAL[scope]}", INSTALL)
        for scope in missing
        if scope in OPTIONAL
    ]
    more = sorted(set(granted) - set(SCOPES))
    if more:
        text = f"Slack: the app has more rights than it needs: {', '.join(more)}"
        found.append(("note", text, INSTALL))
    return found


async def _way(calls: Calls, settings: SlackSettings) -> list[Said]:
    """Whether a socket can be opened; over HTTP, Slack itself checks the address."""
    token = settings.slack_app_token.get_secret_value()
    if not token:
        where = f"{settings.slack_http_host}:{settings.slack_http_port}{PATH}"
        return [("ok", f"Slack: requests are taken at {where}", "")]
    try:
        await calls.surely("apps_connections_open", app_token=token)
    except SlackRefusedError as error:
        return [("broken", f"Slack: no socket: {error.code}", NO_SOCKET)]
    return [("ok", "Slack: a socket can be opened", "")]


async def check(workspaces: Workspaces, settings: SlackSettings) -> None:
    """Look whether the tokens are good, before we serve with them.

    Raises:
        SlackRefusedError: one is not. That Slack does not answer just now is no reason to stop.
    """
    try:
        await workspaces.ourselves("")
        if token := settings.slack_app_token.get_secret_value():
            await (await workspaces.calls("")).surely("apps_connections_open", app_token=token)
    except SlackUnavailableError as error:
        log.warning("could not reach Slack yet", reason=str(error))
