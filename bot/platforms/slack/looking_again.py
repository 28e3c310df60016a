"""A question from before we listened is looked at once more before it is answered."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.desk import Desk
from bot.platforms.slack.errors import SlackRefusedError, SlackUnavailableError
from bot.platforms.slack.listening import Listening
from bot.platforms.slack.spot import NAME, Spot
from bot.platforms.slack.workspaces import Ourselves, Workspaces
from knowledge.conversations import now
from knowledge.tasks import to_its_end
from knowledge.turn import NOBODY, Turn

FEW = 10
"""Messages of a thread: that above it is among them."""
_GONE = "thread_not_found"
Json = Mapping[str, Any]


class LookingAgain:
    """Finds what was changed or taken back while nobody listened, and has that heard."""

    def __init__(self, desk: Desk, workspaces: Workspaces, listening: Listening) -> None:
        self._desk, self._workspaces, self._listening = desk, workspaces, listening
        self._since = datetime.max.replace(tzinfo=UTC)
        self._looked_at: set[str] = set()

    def began(self) -> None:
        """From now on we hear what becomes of a message."""
        self._since = now()
        self._looked_at.clear()

    async def at(self, turn: Turn) -> None:
        """Go on only with a question that stands as it is written here.

        That one is gone or reads otherwise is heard as if Slack had told it. That ends the
        answer which waits for us, so that we are cut off then. What Slack does not show is
        answered as we know it.
        """
        try:
            us = await self._workspaces.ourselves(Spot.of(turn.place).team)
            await self.look(turn, us)
        except (SlackUnavailableError, SlackRefusedError):
            return

    async def left(self, us: Ourselves) -> list[Turn]:
        """The questions of a workspace that wait for an answer, and have to be looked at."""
        waiting = [kept.turn for kept in await self._desk.open(NAME)]
        return [one for one in waiting if Spot.of(one.place).team == us.team and self._is_due(one)]

    async def look(self, turn: Turn, us: Ourselves) -> None:
        """Look at one, once; where Slack does not show it, leave it as it is.

        Raises:
            SlackUnavailableError: Slack does not tell just now.
        """
        if not self._is_due(turn):
            return
        spot = Spot.of(turn.place)
        self._looked_at.add(spot.edition_key)
        try:
            message = await self._found(spot)
        except SlackUnavailableError:
            self._looked_at.discard(spot.edition_key)
            raise
        except SlackRefusedError as error:
            if error.code != _GONE:
                return
            message = None
        told = _told(spot, message)
        if told:
            await to_its_end(self._listening.hear(told, us))

    def _is_due(self, turn: Turn) -> bool:
        spot = Spot.of(turn.place)
        # A press is no message: not to find one does not mean that it was taken back. Nor is what
        # we say of our own accord.
        is_message = turn.author != NOBODY and not spot.is_private and not turn.decision
        is_old = turn.sent_at < self._since
        return is_message and is_old and spot.edition_key not in self._looked_at

    async def _found(self, spot: Spot) -> Json | None:
        """The message as it reads now; None where it is gone."""
        calls = await self._workspaces.calls(spot.team)
        is_reply = spot.thread not in ("", spot.ts)
        method = "conversations_replies" if is_reply else "conversations_history"
        asked = {"channel": spot.channel} | ({"ts": spot.thread} if is_reply else {})
        page = await calls.surely(
            method, oldest=spot.ts, latest=spot.ts, inclusive=True, limit=FEW, **asked
        )
        return next((one for one in page["messages"] if one["ts"] == spot.ts), None)


def _told(spot: Spot, message: Json | None) -> Json | None:
    """What Slack would have told of that; None where there is nothing to tell."""
    event = {"type": "message", "channel": spot.channel}
    if message is None or message.get("subtype") == "tombstone":
        return {**event, "subtype": "message_deleted", "deleted_ts": spot.ts}
    if not message.get("edited"):
        return None
    return {**event, "subtype": "message_changed", "message": message}
