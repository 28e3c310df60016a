"""The tokens of the workspaces that have installed the app; one that ends soon is renewed before.

A token that Slack rotates lives twelve hours, and what buys the next one works once: so one process
at a time buys, and writes down at once what it got.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from time import time
from typing import Any

import structlog
from slack_sdk.oauth.installation_store import Bot

from bot.platform_settings import SlackSettings
from bot.platforms.slack.calling import Answer, Calls
from bot.platforms.slack.errors import (
    SlackNotInstalledError,
    SlackRefusedError,
    SlackUnavailableError,
)
from bot.platforms.slack.installations import Installations
from bot.platforms.slack.memory import Memory
from knowledge.leases import Lease, LeaseLostError, LeaseTakenError
from knowledge.sources.website.pace import Clock

AHEAD_S = 2 * 3600
"""So long before its end a token is renewed."""
FRESH_S = 30.0
"""So long a process goes by what it has read; a refresh that failed is tried again after that."""
WAIT_S = 5.0
"""So long another process may take to renew a token that has ended."""
log = structlog.get_logger(__name__)


class Installed:
    """Where tokens come from where workspaces install the app.

    Args:
        installations: where they are kept.
        clock: by which what was read gets old.
    """

    def __init__(self, settings: SlackSettings, installations: Installations, clock: Clock) -> None:
        self._settings, self.installations = settings, installations
        self._bots: Memory[Bot] = Memory(clock, FRESH_S)
        self.are_many = len(settings.slack_teams) > 1

    def teams(self) -> Sequence[str]:
        """Those that may install the app."""
        return self._settings.slack_teams

    async def token(self, team: str, app: Calls) -> str:
        """The bot token of a workspace, good for a while.

        Raises:
            SlackNotInstalledError: the app is not installed there, or may not be.
            SlackUnavailableError: the token has ended, and Slack gives no other one just now.
        """
        if team not in self._settings.slack_teams:
            raise SlackNotInstalledError(team)
        return str((await self._bots.get(team, lambda: self._current(team, app))).bot_token)

    async def take(self, granted: Answer) -> None:
        """Keep what a workspace has granted, in the place of what it had granted before."""
        team, bot = str(granted["team"]["id"]), _granted(granted)
        await asyncio.shield(self._replace(team, bot))
        log.info("installed in a workspace", team=team)

    async def leave(self, team: str, at: datetime) -> None:
        """Forget a workspace that has thrown us out; not if it has taken us in again since."""
        bot = await self.installations.find(team)
        if bot is None or datetime.fromtimestamp(int(bot.installed_at), UTC) > at:
            return
        await self.installations.forget(team)
        self._bots.forget()
        log.info("left a workspace", team=team)

    async def _replace(self, team: str, bot: Bot) -> None:
        await self.installations.forget(team)
        await self.installations.keep(bot)
        self._bots.forget()

    async def _current(self, team: str, app: Calls) -> Bot:
        bot = await self._found(team)
        left_s = _left_s(bot)
        if left_s > AHEAD_S:
            return bot
        try:
            return await self._renewed_alone(team, app, wait_s=0.0 if left_s > 0 else WAIT_S)
        except SlackRefusedError as error:
            # As long as the token lasts all goes on; then Slack itself says that it has ended.
            log.warning("could not renew a token", team=team, reason=error.code)
        except (SlackUnavailableError, LeaseTakenError, LeaseLostError) as error:
            log.warning("could not renew a token yet", team=team, reason=error.kind)
            if left_s <= 0:
                raise SlackUnavailableError("The token of a workspace has ended.") from error
        return bot

    async def _renewed_alone(self, team: str, app: Calls, *, wait_s: float) -> Bot:
        async def work(_: Lease) -> Bot:
            # Who is told to stop meanwhile must still write down what was bought.
            return await asyncio.shield(self._renewed(team, app))

        leases = await self.installations.leases()
        return await leases.alone(f"slack token {team}", work, wait_s=wait_s)

    async def _renewed(self, team: str, app: Calls) -> Bot:
        bot = await self._found(team)
        if _left_s(bot) > AHEAD_S:  # another process was faster
            return bot
        said = await app.surely(
            "oauth_v2_access",
            **client_of(self._settings),
            grant_type="refresh_token",
            refresh_token=bot.bot_refresh_token,
        )
        bot.bot_token, bot.bot_refresh_token = said["access_token"], said.get("refresh_token")
        bot.bot_token_expires_at = int(time()) + int(said["expires_in"])
        await self.installations.keep(bot)
        log.info("renewed a token", team=team)
        return bot

    async def _found(self, team: str) -> Bot:
        bot = await self.installations.find(team)
        if bot is None:
            raise SlackNotInstalledError(team)
        return bot


def client_of(settings: SlackSettings) -> dict[str, Any]:
    """What the app shows of itself when it asks for tokens."""
    return {
        "client_id": settings.slack_client_id,
        "client_secret": settings.slack_client_secret.get_secret_value(),
    }


def _left_s(bot: Bot) -> float:
    """Seconds that a token is good for; without end where Slack does not rotate it."""
    return float("inf") if bot.bot_token_expires_at is None else bot.bot_token_expires_at - time()


def _granted(granted: Answer) -> Bot:
    ends = granted.get("expires_in")
    return Bot(
        app_id=str(granted.get("app_id") or ""),
        team_id=granted["team"]["id"],
        bot_token=granted["access_token"],
        bot_id="",
        bot_user_id=granted.get("bot_user_id", ""),
        bot_scopes=granted.get("scope", ""),
        bot_refresh_token=granted.get("refresh_token"),
        bot_token_expires_in=int(ends) if ends else None,
        installed_at=time(),
    )
