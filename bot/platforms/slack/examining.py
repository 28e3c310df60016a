"""What `tertulia doctor` says of Slack: tokens, scopes, and the way from Slack to us."""

import re

import structlog

from bot.app import App
from bot.channels import is_full_name
from bot.platform_settings import SlackSettings
from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errors import (
    NO_SOCKET,
    SlackNotInstalledError,
    SlackRefusedError,
    SlackUnavailableError,
)
from bot.platforms.slack.manifest import SCOPES
from bot.platforms.slack.names import INSTALL_PATH, PATH, REDIRECT_PATH
from bot.platforms.slack.spot import NAME, Spot
from bot.platforms.slack.tokens import tokens_of
from bot.platforms.slack.workspaces import Workspaces
from bot.settings import Settings
from knowledge.errors import TertuliaError
from knowledge.sources.website.pace import Clock

log = structlog.get_logger(__name__)
Said = tuple[str, str, str]
OPTIONAL = {
    "files:write": "pictures that were drawn cannot be posted",
    "usergroups:read": "sources that name user groups are closed to their members",
}
INSTALL = "Install the app anew with what this prints: tertulia slack manifest"
_SHORT = re.compile(r"slack:[A-SU-Z][A-Z0-9]+")


async def examined(settings: Settings) -> list[Said]:
    """State, message and what to do, for each thing that was looked at."""
    slack, clock = settings.slack, Clock()
    async with App(settings) as app:
        try:
            tokens = tokens_of(slack, app, clock)
        except TertuliaError as error:
            return [("broken", str(error), error.what_to_do)]
        workspaces = Workspaces(tokens, slack.slack_api_url, clock)
        try:
            found = [one for team in _teams(slack) for one in await _team(workspaces, team, slack)]
            found += await _way(workspaces.app, slack)
            found += await _told_in(app.structure.told_in(), workspaces)
        except TertuliaError as error:
            return [("broken", str(error), error.what_to_do)]
        finally:
            await workspaces.close()
        return [*found, *(_short_names(app) if workspaces.are_many else [])]


def _teams(settings: SlackSettings) -> tuple[str, ...]:
    """The workspaces to look at; the one of the token has no name yet."""
    return settings.slack_teams if settings.is_installable else ("",)


async def _team(workspaces: Workspaces, team: str, settings: SlackSettings) -> list[Said]:
    try:
        return await _bot(await workspaces.calls(team))
    except SlackNotInstalledError:
        page = f"{settings.slack_public_url or 'https://YOUR-ADDRESS'}{INSTALL_PATH}"
        return [("note", f"Slack: {team} has not installed the app yet", f"Open there: {page}")]
    except SlackRefusedError as error:
        where = f" in {team}" if team else ""
        return [("broken", f"Slack{where}: {error}", error.what_to_do)]


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


async def _way(app: Calls, settings: SlackSettings) -> list[Said]:
    """Whether a socket can be opened; over HTTP, Slack itself checks the address."""
    pages = (INSTALL_PATH, REDIRECT_PATH) if settings.is_installable else ()
    token = settings.slack_app_token.get_secret_value()
    paths = pages if token else (PATH, *pages)
    here = f"{settings.slack_http_host}:{settings.slack_http_port}"
    found = [("ok", f"Slack: requests are taken at {here}{path}", "") for path in paths]
    if pages and not settings.slack_public_url:
        found.append(
            ("note", "Slack: SLACK_PUBLIC_URL is not set", "Set it to where browsers reach us.")
        )
    if not token:
        return found
    try:
        await app.surely("apps_connections_open", app_token=token)
    except SlackRefusedError as error:
        return [*found, ("broken", f"Slack: no socket: {error.code}", NO_SOCKET)]
    return [*found, ("ok", "Slack: a socket can be opened", "")]


async def _told_in(name: str, workspaces: Workspaces) -> list[Said]:
    """Whether we may write in the channel where alarms are told, if that is one of Slack."""
    if not (name.startswith(f"{NAME}:") and is_full_name(name)):
        return []
    spot, where = Spot.alone(name, is_one_of_many=True), f"Slack: told_in = {name}"
    try:
        calls = await workspaces.calls(spot.team)
        about = (await calls.surely("conversations_info", channel=spot.channel))["channel"]
    except SlackRefusedError as error:
        return [("broken", f"{where}: {error}", error.what_to_do)]
    if about.get("is_member") is False:
        return [("broken", f"{where}: the app is not in that channel", "Invite the app into it.")]
    return [("ok", f"{where}: the app is in that channel", "")]


def _short_names(app: App) -> list[Said]:
    """Names that would hold in any workspace, and so hold in none where there are several."""
    named = set(app.settings.platforms.admins)
    for source in app.structure.sources():
        named |= source.audience.principals
    for channel, table in app.structure.table("channels").items():
        named |= {channel, *table.get("ask", ()), *table.get("bots", ())}
    return [
        (
            "note",
            f"Slack: {name} names nobody and nothing, since there are several workspaces",
            "Name it with its workspace: slack:T1:user:U7, slack:T1:chan:C9, slack:T1:group:S4",
        )
        for name in sorted(named)
        if _SHORT.fullmatch(name)
    ]


async def check(workspaces: Workspaces, settings: SlackSettings) -> None:
    """Look whether the tokens are good, before we serve with them.

    Raises:
        SlackRefusedError: one is not. That Slack does not answer just now is no reason to stop.
    """
    try:
        if not settings.is_installable:
            await workspaces.ourselves("")
        if token := settings.slack_app_token.get_secret_value():
            await workspaces.app.surely("apps_connections_open", app_token=token)
    except SlackUnavailableError as error:
        log.warning("could not reach Slack yet", reason=str(error))
