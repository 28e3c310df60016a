"""After an outage: the messages for us that Slack has given up delivering."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.desk import Desk
from bot.platforms.slack.errors import SlackRefusedError
from bot.platforms.slack.listening import Listening
from bot.platforms.slack.looking_again import LookingAgain
from bot.platforms.slack.spoken import mentions
from bot.platforms.slack.spot import NAME
from bot.platforms.slack.workspaces import Ourselves, Workspaces
from knowledge.sources.website.pace import Clock

KINDS = "public_channel,private_channel,mpim,im"
MOST_THREADS = 50
"""Threads that we took part in last, and as many of others in which somebody wrote last."""
BEFORE_S = timedelta(days=1).total_seconds()
"""So much older than what was missed a message may be that was edited, or in whose thread
somebody mentions us."""
OF_ONE_PAGE, MOST_PAGES = 200, 5
PAUSE_S = 1.5
"""Slack takes 50 such calls a minute; some are left for the answers."""
log = structlog.get_logger(__name__)
Json = Mapping[str, Any]
Thread = tuple[str, str]


class CatchingUp:
    """Reads what was written while nobody listened; what was taken before is known."""

    def __init__(
        self,
        desk: Desk,
        workspaces: Workspaces,
        listening: Listening,
        again: LookingAgain,
        clock: Clock,
    ) -> None:
        self._desk, self._workspaces, self._listening = desk, workspaces, listening
        self._again, self._clock = again, clock

    def places(self) -> list[str]:
        """The workspaces, each of which is read by itself."""
        return [f"{NAME}:{team}" for team in self._workspaces.teams()]

    async def read(self, place: str, since: datetime) -> None:
        """Look again at what waits for an answer, then take what was said since then.

        Raises:
            SlackUnavailableError: it could not be read to its end now.
            SlackRefusedError: the token is good for nothing any more, for instance.
        """
        us = await self._workspaces.ourselves(place.removeprefix(f"{NAME}:"))
        for turn in await self._again.left(us):
            await self._clock.sleep(PAUSE_S)
            await self._again.look(turn, us)
        async for message in self._said(us, since.timestamp()):
            await self._listening.hear(message, us)
            if message.get("edited"):  # an edit that we have heard of says nothing new
                changed = {"type": "message", "subtype": "message_changed", "message": message}
                await self._listening.hear({**changed, "channel": message["channel"]}, us)

    async def _said(self, us: Ourselves, since: float) -> AsyncIterator[Json]:
        """What was said in our channels and direct messages, then in their threads."""
        channels = await self._channels(us)
        replied: dict[Thread, float] = {}
        for channel in channels:
            for message in await self._read(us, "conversations_history", channel, since - BEFORE_S):
                if (latest := float(message.get("latest_reply", 0))) >= since:
                    replied[channel, message["ts"]] = latest
                if _is_new(message, since):
                    yield message
        ours = [one for one in await self._threads(us) if one[0] in channels]
        others = sorted(replied, key=lambda one: -replied[one])[:MOST_THREADS]
        for channel, root in dict.fromkeys([*ours, *others]):
            before = since - BEFORE_S
            thread = await self._read(us, "conversations_replies", channel, before, root)
            # Of an older one not all was read: we may have been asked there before that.
            for message in _since_asked(thread, us) if float(root) >= before else thread:
                if _is_new(message, since):
                    yield message

    async def _channels(self, us: Ourselves) -> list[str]:
        """Those that we are in."""
        asked = {"types": KINDS, "exclude_archived": True}
        found = await self._listed(us, "users_conversations", "channels", asked)
        return [str(one["id"]) for one in found]

    async def _threads(self, us: Ourselves) -> list[Thread]:
        """Channels and first messages; what was asked in private has no thread."""
        prefix = f"{NAME}:{us.team}:"
        names = await self._desk.latest_of("conversation", prefix, MOST_THREADS)
        found = [name.removeprefix(prefix).partition(":") for name in names]
        return [(channel, root) for channel, _, root in found if ":" not in root]

    async def _read(
        self, us: Ourselves, method: str, channel: str, oldest: float, root: str = ""
    ) -> list[Json]:
        """The messages of a channel or a thread since then, oldest first."""
        asked = {"channel": channel, "oldest": f"{oldest:.6f}"} | ({"ts": root} if root else {})
        try:
            found = await self._listed(us, method, "messages", asked)
        except SlackRefusedError as error:  # a right is missing, or the thread is gone
            log.info("left out what was said meanwhile", channel=channel, reason=error.code)
            return []
        found = [{**message, "channel": channel} for message in found]
        return sorted(found, key=lambda one: float(one["ts"]))

    async def _listed(self, us: Ourselves, method: str, what: str, asked: Json) -> list[Json]:
        """All that is listed; Slack shows what was written last first."""
        calls = await self._workspaces.calls(us.team)
        asked = {**asked, "limit": OF_ONE_PAGE}
        found = calls.pages(method, what, asked, most=MOST_PAGES, pause_s=PAUSE_S)
        return [one async for one in found]


def _since_asked(thread: Sequence[Json], us: Ourselves) -> Sequence[Json]:
    """What was said in a whole thread from our first part in it; before that nothing was for us."""
    ours = (
        number
        for number, one in enumerate(thread)
        if one.get("user") == us.user or us.user in mentions(str(one.get("text", "")))
    )
    return thread[next(ours, len(thread)) :]


def _is_new(message: Json, since: float) -> bool:
    """Whether it was said or edited since then; Slack tells the second of an edit."""
    edited = float((message.get("edited") or {}).get("ts", 0))
    return float(message["ts"]) >= since or edited >= since - 1
