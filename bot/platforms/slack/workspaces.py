"""The workspaces that the app is installed in: who we are there, and how we call Slack."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errors import SlackNotInstalledError
from bot.platforms.slack.memory import Memory
from bot.platforms.slack.quiet import QUIET
from knowledge.sources.website.pace import Clock

TIMEOUT_S = 30


class Tokens(Protocol):
    """Where the token for a workspace comes from.

    Attributes:
        are_many: whether there may be several workspaces: ids are unique in one alone.
    """

    are_many: bool

    def teams(self) -> Sequence[str]:
        """The workspaces that the app may be in; an empty id where there is but one."""

    async def token(self, team: str, app: Calls) -> str:
        """The bot token.

        Args:
            team: id of the workspace.
            app: calls that the app makes as itself, to renew a token for instance.

        Raises:
            SlackNotInstalledError: the app is not installed there.
        """

    async def leave(self, team: str, at: datetime) -> None:
        """Forget the token of a workspace that had the app no longer at this moment."""


@dataclass(slots=True)
class OneToken:
    """The token of the settings, for the one workspace that it is of."""

    value: str
    are_many: bool = False

    def teams(self) -> Sequence[str]:
        """The one, whatever its id."""
        return ("",)

    async def token(self, team: str, app: Calls) -> str:
        """The same for whichever workspace it is."""
        return self.value

    async def leave(self, team: str, at: datetime) -> None:
        """Nothing: the settings are not ours to change."""


@dataclass(frozen=True, slots=True)
class Ourselves:
    """The app as a member of a workspace.

    Attributes:
        is_one_of_many: whether this is one of several workspaces.
    """

    team: str
    user: str
    bot: str
    is_one_of_many: bool = False


class Workspaces:
    """Calls and identities, made when they are first needed.

    Attributes:
        are_many: whether there may be several workspaces.
        app: calls that the app makes as itself, in no workspace.

    Args:
        api_url: of the Web API, with a slash at its end.
        clock: by which calls wait for what Slack wants.
    """

    def __init__(self, tokens: Tokens, api_url: str, clock: Clock) -> None:
        self._tokens, self._clock = tokens, clock
        self.are_many = tokens.are_many
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        self.client = AsyncWebClient(base_url=api_url, session=self._session, logger=QUIET)
        self.client.retry_handlers.clear()  # a retry of theirs might post twice
        self._api_url = api_url
        self.app = Calls(self.client, clock)
        self._calls: dict[str, Calls] = {}
        self._ourselves: Memory[Ourselves] = Memory(clock, math.inf)

    def teams(self) -> Sequence[str]:
        """The workspaces that the app may be in; an empty id where there is but one."""
        return self._tokens.teams()

    @property
    def session(self) -> aiohttp.ClientSession:
        """For what is asked of Slack beside its Web API."""
        return self._session

    async def calls(self, team: str) -> Calls:
        """Calls in a workspace."""
        token = await self.token(team)
        if team not in self._calls:
            client = AsyncWebClient(base_url=self._api_url, session=self._session, logger=QUIET)
            client.retry_handlers.clear()
            self._calls[team] = Calls(client, self._clock)
        return self._calls[team].with_token(token)

    async def token(self, team: str) -> str:
        """The bot token for a workspace."""
        return await self._tokens.token(team, self.app)

    async def leave(self, team: str, at: datetime) -> None:
        """A workspace had the app no longer at this moment."""
        await self._tokens.leave(team, at)
        self._ourselves.forget()

    async def ourselves(self, team: str) -> Ourselves:
        """Who we are in a workspace."""

        async def ask() -> Ourselves:
            said = await (await self.calls(team)).surely("auth_test")
            bot = said.get("bot_id", "")
            return Ourselves(said["team_id"], said["user_id"], bot, self.are_many)

        return await self._ourselves.get(team, ask)

    async def authorize(self, team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        """What Bolt wants to know; it may fail, and then Slack delivers again.

        Bolt's own way acknowledges what it could not authorize, and the message would be lost.
        """
        team = team_id or enterprise_id or ""
        try:
            us, token = await self.ourselves(team), await self.token(team)
        except SlackNotInstalledError:  # the reception says what becomes of it
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team)
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team,
            bot_user_id=us.user,
            bot_id=us.bot,
            bot_token=token,
        )

    async def close(self) -> None:
        """Hang up."""
        await self._session.close()
