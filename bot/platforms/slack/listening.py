"""What is said on Slack, as turns: written down before Slack is told that we have it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bot.desk import Desk
from bot.platforms.slack.local import Local
from bot.platforms.slack.spoken import mentions, spoken
from bot.platforms.slack.spot import NAME, Spot, file_ids
from bot.platforms.slack.threads import Threads
from bot.platforms.slack.workspaces import Ourselves
from bot.wording import say
from knowledge.turn import Turn

SAID = (None, "file_share", "thread_broadcast", "bot_message")
"""Subtypes of messages in which somebody says something."""
EDITED_WITHIN_S = 60.0
"""Slack tells of an edit at once; the date of an earlier edit is told with every preview."""
Event = Mapping[str, Any]


class Listening:
    """Takes in what is meant for us.

    Args:
        threads: the answers that stand on Slack, or are just being written there.
    """

    def __init__(self, desk: Desk, local: Local, threads: Threads) -> None:
        self._desk, self._local, self._threads = desk, local, threads

    async def hear(self, event: Event, us: Ourselves, event_id: str = "") -> None:
        """Take an event in; when this returns nothing of it can be lost.

        Args:
            event: as Slack tells it, or a message as it stands in a channel.
            us: who we are there.
            event_id: by which a second delivery is known, too.
        """
        kind, subtype = event.get("type"), event.get("subtype")
        if kind == "agent_session_stopped":
            await self._stopped(event, us)
        elif kind not in ("message", "app_mention"):
            return
        elif subtype == "message_deleted" or _is_tombstone(event):
            await self._deleted(event, us)
        elif subtype == "message_changed":
            await self._changed(event, us)
        elif subtype in SAID:
            await self._said(event, event_id, us)

    async def _said(self, event: Event, event_id: str, us: Ourselves) -> None:
        spot = _spot(event, event["channel"], us)
        if not await self._is_for_us(event, spot, us):
            return
        turn = self._turn(event, spot, us)
        names = (f"{NAME}:{event_id}",) if event_id else ()
        await self._desk.take(replace(turn, keys=(spot.key, *names)))

    async def _changed(self, event: Event, us: Ourselves) -> None:
        """An edited question is answered anew; what merely got a preview is not.

        Nor is what a bot edits: some count up in one message for hours.
        """
        message = {"channel_type": event.get("channel_type", "")} | event["message"]
        if message.get("subtype") not in SAID or message.get("user") == us.user:
            return
        spot = _spot(message, event["channel"], us)
        known = await self._desk.turn(spot.key)
        if known and _is_of_bot(message):
            return
        if not known and not await self._asks_by(event, message, spot, us):
            return  # of what is older than a week nothing is known, nor whether it was answered
        spot = replace(spot, edition=str((message.get("edited") or {}).get("ts", "")))
        turn = self._turn(message, spot, us)
        # Slack tells the second of an edit: two in the same one differ in what they say.
        edition = f"{spot.edition_key}:{sha256(turn.text.encode()).hexdigest()[:8]}"
        second = int(float(spot.edition or spot.ts))
        edited_at = max(turn.sent_at, datetime.fromtimestamp(second + 1, UTC))
        turn = replace(turn, keys=(spot.key, edition), sent_at=edited_at)
        await self._desk.edit(spot.key, turn)

    async def _asks_by(self, edit: Event, message: Event, spot: Spot, us: Ourselves) -> bool:
        """Whether an edit makes a question of what was none; a mere reply would have been one."""
        is_addressed = spot.is_direct or us.user in mentions(str(message.get("text", "")))
        return _is_edit(edit) and is_addressed and await self._is_for_us(message, spot, us)

    async def _deleted(self, event: Event, us: Ourselves) -> None:
        ts = str(event.get("deleted_ts") or event["message"]["ts"])
        spot = Spot(us.team, event["channel"], "", ts, is_one_of_many=us.is_one_of_many)
        kept = await self._desk.delete(spot.key)
        if kept is None or not kept.turn.place:
            return  # of what was no question only its deletion is known
        posted = kept.posted_as if self._local.channel(spot).removes_answers else ""
        self._threads.remove(Spot.of(kept.turn.place), posted, is_open=kept.is_open)

    async def _stopped(self, event: Event, us: Ourselves) -> None:
        """Whoever has asked ends the answer, or who looks after Tertulia."""
        spot = _spot({**event, "ts": event["thread_ts"]}, event["channel"], us)
        asked = await self._pressed_at(spot)
        if asked is None:
            return
        is_admin = any(map(self._desk.is_admin, spot.person_names(spot.user)))
        if is_admin or spot.author == asked.author:
            key = Spot.of(asked.place).key
            await self._desk.stop(spot.conversation, asked.author, key)
        else:
            language = await self._local.language_of(spot)
            self._threads.tell(spot, say("stop-not-yours", language), language)

    async def _pressed_at(self, spot: Spot) -> Turn | None:
        """The question whose answer is being written in a thread, which has one stop button.

        As long as none is, somebody means what they have asked themselves.
        """
        waiting = await self._desk.open(NAME, spot.conversation)
        begun = [kept.turn for kept in waiting if kept.state != "received"]
        asked = [kept.turn for kept in waiting]
        own = [turn for turn in asked if turn.author == spot.author]
        return next(iter([*begun, *own, *asked]), None)

    async def _is_for_us(self, event: Event, spot: Spot, us: Ourselves) -> bool:
        """Whether somebody wants an answer of us."""
        named = mentions(str(event.get("text", "")))
        if _is_of_bot(event):
            return us.user in named and await self._is_admitted_bot(event, spot, us)
        if event["user"] == us.user:
            return False
        if event.get("type") == "app_mention" or us.user in named or spot.is_direct:
            return True
        if not spot.thread or named or not self._local.channel(spot).follows:
            return False
        # Below an answer that somebody has shown to all nothing was asked yet.
        is_ours = event.get("parent_user_id") == us.user
        return is_ours or await self._desk.takes_part(spot.conversation)

    async def _is_admitted_bot(self, event: Event, spot: Spot, us: Ourselves) -> bool:
        """Whether a bot may ask here, which it may once in each thread: two would never end."""
        ids = [str(event[key]) for key in ("bot_id", "user") if event.get(key)]
        names = {name for one in ids for name in spot.person_names(one)}
        if event.get("user") == us.user or not names & set(self._local.channel(spot).bots):
            return False
        return not await self._desk.takes_part(spot.conversation)

    def _turn(self, event: Event, spot: Spot, us: Ourselves) -> Turn:
        spot = replace(spot, files=file_ids(event))
        text = spoken(str(event.get("text", "")), without=us.user)
        sent_at = datetime.fromtimestamp(float(spot.ts), UTC)
        return replace(spot.turn(text, self._local.locale(spot)), sent_at=sent_at)


def _is_of_bot(event: Event) -> bool:
    return bool(event.get("bot_id") or not event.get("user"))


def _is_edit(event: Event) -> bool:
    """Whether a message was changed just now by whoever has written it, and got no preview."""
    edited_at = float((event["message"].get("edited") or {}).get("ts", 0))
    changed_at = float(event.get("event_ts") or event.get("ts") or edited_at)
    return changed_at - edited_at < EDITED_WITHIN_S


def _is_tombstone(event: Event) -> bool:
    """Whether a message was deleted that others had answered: something stays in its place."""
    return bool((event.get("message") or {}).get("subtype") == "tombstone")


def _spot(event: Event, channel: str, us: Ourselves) -> Spot:
    ts, thread = str(event["ts"]), str(event.get("thread_ts") or "")
    return Spot(
        team=us.team,
        channel=channel,
        user=str(event.get("user") or event.get("bot_id") or ""),
        ts=ts,
        thread="" if thread == ts else thread,  # what others have answered is in no thread itself
        is_direct=event.get("channel_type") == "im" or channel.startswith("D"),
        is_one_of_many=us.is_one_of_many,
    )
