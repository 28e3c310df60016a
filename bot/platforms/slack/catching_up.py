"""After an outage: the messages for us that Slack has given up delivering."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import structlog

from bot.desk import Desk
from bot.platforms.slack.errors import SlackRefusedError
from bot.platforms.slack.listening import Listening
from bot.platforms.slack.spot import NAME
from bot.platforms.slack.workspaces import Ourselves, Workspaces
from knowledge.sources.website.pace import Clock

KINDS = "public_channel,private_channel,mpim,im"
MOST_CHANNELS, MOST_THREADS, MOST_MISSED = 200, 50, 200
"""Channels, threads that we took part in last, and messages of each that are looked through."""
PAUSE_S = 1.5
"""Slack takes 50 such calls a minute; some are left for the answers."""
log = structlog.get_logger(__name__)
Json = Mapping[str, Any]


class CatchingUp:
    """Reads what was written while nobody listened; what was taken before is known."""

    def __init__(
        self, desk: Desk, workspaces: Workspaces, listening: Listening, clock: Clock
    ) -> None:
        self._desk, self._workspaces, self._listening = desk, workspaces, listening
        self._clock = clock

    def places(self) -> list[str]:
        """The workspaces, each of which is read by itself."""
        return [f"{NAME}:{team}" for team in self._workspaces.teams()]

    async def read(self, place: str, since: datetime) -> None:
        """Take what was said in a workspace since then.

        Raises:
            SlackUnavailableError: it could not be read to its end now.
            SlackRefusedError: the token is good for nothing any more, for instance.
        """
        us = await self._workspaces.ourselves(place.removeprefix(f"{NAME}:"))
        async for message in self._said(us, since.timestamp()):
            await self._listening.hear(message, us)

    async def _said(self, us: Ourselves, since: float) -> AsyncIterator[Json]:
        """What was said in our channels and direct messages, then in threads of ours."""
        calls = await self._workspaces.calls(us.team)
        page = await calls.surely(
            "users_conversations", types=KINDS, exclude_archived=True, limit=MOST_CHANNELS
        )
        channels = [str(channel["id"]) for channel in page["channels"]]
        for channel in channels:
            async for message in self._read(us, since, "conversations_history", channel):
                yield message
        for channel, root in await self._threads(us):
            if channel in channels:
                async for message in self._read(us, since, "conversations_replies", channel, root):
                    yield message

    async def _threads(self, us: Ourselves) -> list[tuple[str, str]]:
        """Channels and first messages; what was asked in private has no thread."""
        prefix = f"{NAME}:{us.team}:"
        names = await self._desk.latest_of("conversation", prefix, MOST_THREADS)
        found = [name.removeprefix(prefix).partition(":") for name in names]
        return [(channel, root) for channel, _, root in found if ":" not in root]

    async def _read(
        self, us: Ourselves, since: float, method: str, channel: str, root: str = ""
    ) -> AsyncIterator[Json]:
        """The messages of a channel or a thread since then, oldest first."""
        await self._clock.sleep(PAUSE_S)
        thread = {"ts": root} if root else {}
        calls = await self._workspaces.calls(us.team)
        try:
            page = await calls.surely(
                method, channel=channel, oldest=f"{since:.6f}", limit=MOST_MISSED, **thread
            )
        except SlackRefusedError as error:  # a right is missing, or the thread is gone
            log.info("left out what was said meanwhile", channel=channel, reason=error.code)
            return
        for message in sorted(page["messages"], key=lambda one: float(one["ts"])):
            if float(message["ts"]) >= since:
                yield {**message, "channel": channel}
