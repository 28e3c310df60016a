"""The workspaces that the app is installed in: who we are there, and how we call Slack."""

import math
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.calling import Calls
from bot.platforms.slack.memory import Memory
from bot.platforms.slack.quiet import QUIET
from knowledge.sources.website.pace import Clock

TIMEOUT_S = 30


class Tokens(Protocol):
    """Where the token for a workspace comes from."""

    async def token(self, team: str) -> str:
        """The bot token.

        Raises:
            SlackRefusedError: the app is not installed there.
        """


@dataclass(frozen=True, slots=True)
class OneToken:
    """The token of the settings, for the one workspace that it is of."""

    value: str

    async def token(self, team: str) -> str:
        """The same for whichever workspace it is."""
        return self.value


@dataclass(frozen=True, slots=True)
class Ourselves:
    """The app as a member of a workspace."""

    team: str
    user: str
    bot: str


class Workspaces:
    """Calls and identities, made when they are first needed.

    Args:
        api_url: of the Web API, with a slash at its end.
        clock: by which calls wait for what Slack wants.
    """

    def __init__(self, tokens: Tokens, api_url: str, clock: Clock) -> None:
        self._tokens, self._clock = tokens, clock
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        self.client = AsyncWebClient(base_url=api_url, session=self._session, logger=QUIET)
        self.client.retry_handlers.clear()  # a retry of theirs might post twice
        self._api_url = api_url
        self._calls: dict[str, Calls] = {}
        self._ourselves: Memory[Ourselves] = Memory(clock, math.inf)

    @property
    def session(self) -> aiohttp.ClientSession:
        """For what is asked of Slack beside its Web API."""
        return self._session

    async def calls(self, team: str) -> Calls:
        """Calls in a workspace."""
        token = await self._tokens.token(team)
        if token not in self._calls:
            client = AsyncWebClient(
                token, base_url=self._api_url, session=self._session, logger=QUIET
            )
            client.retry_handlers.clear()
            self._calls[token] = Calls(client, self._clock)
        return self._calls[token]

    async def token(self, team: str) -> str:
        """The bot token for a workspace."""
        return await self._tokens.token(team)

    async def ourselves(self, team: str) -> Ourselves:
        """Who we are in a workspace."""

        async def ask() -> Ourselves:
            said = await (await self.calls(team)).surely("auth_test")
            return Ourselves(said["team_id"], said["user_id"], said.get("bot_id", ""))

        return await self._ourselves.get(team, ask)

    async def authorize(self, team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        """What Bolt wants to know; it may fail, and then Slack delivers again.

        Bolt's own way acknowledges what it could not authorize, and the message would be lost.
        """
        team = team_id or enterprise_id or ""
        us = await self.ourselves(team)
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team,
            bot_user_id=us.user,
            bot_id=us.bot,
            bot_token=await self.token(team),
        )

    async def close(self) -> None:
        """Hang up."""
        await self._session.close()
