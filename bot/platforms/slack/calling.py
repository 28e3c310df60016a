"""Calls of Slack's Web API: never earlier than Slack wants, its errors in our words."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from typing import Any, Self

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.errors import (
    SlackRefusedError,
    SlackScopeError,
    SlackUnavailableError,
)
from knowledge.sources.website.pace import Clock

LONGEST_WAIT_S = 60.0
"""As long as this a call waits for the time that Slack has named; whoever called waits on."""
_LATER = {
    *("ratelimited", "internal_error", "fatal_error", "service_unavailable"),
    *("request_timeout", "rollup_error", "team_added_to_org"),
}
_UNREADABLE = (SlackClientError, aiohttp.ClientError, TimeoutError, ValueError, OSError)
Answer = Mapping[str, Any]
Key = tuple[str, str]
log = structlog.get_logger(__name__)


class Calls:
    """What is asked of Slack in one workspace.

    Args:
        client: with the token of the workspace; without retries of its own, which might post twice.
        clock: by which we wait.
    """

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._closed_until: dict[Key, float] = {}
        self._one_at_a_time: defaultdict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._scopes: frozenset[str] = frozenset()

    def with_token(self, token: str) -> Self:
        """The same with another token of the workspace: what Slack counts goes on."""
        self._client.token = token
        return self

    async def surely(self, method: str, **arguments: object) -> Answer:
        """Call, however long Slack wants us to wait for it, up to a minute.

        Args:
            method: as the SDK names it, such as `chat_postMessage`.
            **arguments: of the method, as Slack names them.

        Raises:
            SlackUnavailableError: not now.
            SlackRefusedError: never.
        """
        key, left_s = _key(method, arguments), LONGEST_WAIT_S
        while True:
            wait_s = self._wait_s(key)
            if wait_s > left_s:
                raise SlackUnavailableError(f"Slack wants {method} to wait {wait_s:g} s.")
            if wait_s > 0:
                left_s -= wait_s
                await self._clock.sleep(wait_s)
            answer = await self._tried(method, arguments)
            if answer is not None:
                return answer

    async def pages(
        self, method: str, what: str, asked: Answer, *, most: int = 100, pause_s: float = 0.0
    ) -> AsyncIterator[Any]:
        """What a method lists, one by one, read page by page.

        Args:
            method: as the SDK names it.
            what: the word for the list in what Slack answers, such as `members`.
            asked: arguments of the method; `limit` is how many stand on a page.
            most: pages that are read.
            pause_s: seconds before each page, so that others may call between.

        Raises:
            SlackUnavailableError, SlackRefusedError: as of any call, at any page.
        """
        for _ in range(most):
            if pause_s:
                await self._clock.sleep(pause_s)
            page = await self.surely(method, **asked)
            for one in page.get(what) or ():
                yield one
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            asked = {**asked, "cursor": cursor}

    async def scopes(self) -> frozenset[str]:
        """What the token allows.

        Raises:
            SlackUnavailableError, SlackRefusedError: Slack does not tell.
        """
        await self.surely("auth_test")
        return self._scopes

    async def upload(self, url: str, content: bytes) -> None:
        """Bring the bytes of a file where Slack wants them; nobody sees them by that.

        Raises:
            SlackUnavailableError: not now.
            SlackRefusedError: never.
        """
        session = self._client.session
        try:
            async with session.post(url, data=content, allow_redirects=False) as reply:  # type: ignore[union-attr]  # given by us
                status = reply.status
        except _UNREADABLE as error:
            raise SlackUnavailableError(f"upload: {type(error).__name__}") from error
        if status in (408, 429) or status >= 500:
            raise SlackUnavailableError(f"upload: {status}")
        if status != 200:
            raise SlackRefusedError("upload", f"status_{status}")

    async def at_once(self, method: str, **arguments: object) -> Answer | None:
        """Call now or not at all, for what is only shown by the way.

        Returns:
            What Slack says; empty where it may have done it, and None where it has not.
        """
        try:
            return await self._tried(method, arguments)
        except (SlackUnavailableError, SlackRefusedError) as error:
            log.info("could not show", method=method, reason=getattr(error, "code", error.kind))
            return {} if getattr(error, "is_uncertain", False) else None

    async def _tried(self, method: str, arguments: Mapping[str, object]) -> Answer | None:
        """The answer; None where Slack has named a time before which it wants no such call.

        One call of a kind is under way at a time: others would not know yet that they are early.
        """
        key = _key(method, arguments)
        async with self._one_at_a_time[key]:
            if self._wait_s(key) > 0:
                return None
            return await self._called(key, method, arguments)

    async def _called(
        self, key: Key, method: str, arguments: Mapping[str, object]
    ) -> Answer | None:
        try:
            response = await getattr(self._client, method)(**arguments)
        except SlackApiError as error:
            pause_s = _pause_s(error)
            if pause_s is None:
                raise _translated(method, error) from error
            until = self._clock.now() + pause_s
            self._closed_until[key] = max(until, self._closed_until.get(key, until))
            return None
        except _UNREADABLE as error:
            kind = type(error).__name__
            raise SlackUnavailableError(f"{method}: {kind}", is_uncertain=True) from error
        if method == "auth_test":
            self._scopes = _scopes(response.headers)
        answer: Answer = response.data if isinstance(response.data, dict) else {}
        return answer

    def _wait_s(self, key: Key) -> float:
        return self._closed_until.get(key, 0.0) - self._clock.now()


def _key(method: str, arguments: Mapping[str, object]) -> Key:
    """What Slack counts together: a method, and for posts their channel."""
    is_post = method == "chat_postMessage"
    return method, str(arguments.get("channel", "")) if is_post else ""


def _scopes(headers: Mapping[str, str]) -> frozenset[str]:
    told = next((value for key, value in headers.items() if key.lower() == "x-oauth-scopes"), "")
    return frozenset(scope.strip() for scope in told.split(",") if scope.strip())


def _pause_s(error: SlackApiError) -> float | None:
    response = error.response
    if getattr(response, "status_code", 0) != 429:
        return None
    headers = {key.lower(): value for key, value in response.headers.items()}
    try:
        return max(1.0, float(headers.get("retry-after", "1")))
    except ValueError:
        return 1.0


def _translated(method: str, error: SlackApiError) -> SlackUnavailableError | SlackRefusedError:
    data = getattr(error.response, "data", None)
    said = data if isinstance(data, dict) else {}
    code = str(said.get("error", ""))
    if not code or code in _LATER:
        status = getattr(error.response, "status_code", 0)
        return SlackUnavailableError(f"{method}: {code or status}", is_uncertain=True)
    if code == "missing_scope":
        return SlackScopeError(method, code, needed=str(said.get("needed", "")))
    return SlackRefusedError(method, code)
