"""Messages of people become turns; what they change or take back, too."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat
from typing import TypeVar

import discord
import structlog

from bot.channels import Channel
from bot.desk import Desk
from bot.one_at_a_time import OneAtATime
from bot.platforms.discord import hearing
from bot.platforms.discord.client import Client
from bot.platforms.discord.naming import take_name_away
from bot.platforms.discord.sinks import Sinks
from bot.platforms.discord.spot import spot_of
from bot.platforms.discord.whereabouts import Rights
from knowledge.conversations import now
from knowledge.errors import TertuliaError
from knowledge.turn import KeptTurn, Turn

PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Between tries of what Discord is asked for: about a minute."""
LONGEST_PAUSE_S, LONGEST_TIMES = 30.0, 2_880
"""Between tries to write something down, and how many: Discord does not send it again, and what is
read anew after an end begins two minutes before the last mark. A day in all."""
EDITED_WITHIN = timedelta(hours=1)
"""Discord tells of an edit at once, or when a session goes on; the date of an earlier one is told
with every pin and preview. What was edited lately and heard is known for longer than this."""
ANY = Channel()
Done = TypeVar("Done")
log = structlog.get_logger(__name__)


class Listening:
    """Hears messages and writes those that are meant for us into the inbox."""

    def __init__(self, client: Client, desk: Desk, rights: Rights, sinks: Sinks) -> None:
        self._client, self._desk, self._rights, self._sinks = client, desk, rights, sinks
        self._editing = OneAtATime()

    async def on_message(self, message: discord.Message) -> None:
        """Take a message, if it is meant for us."""
        turn = await self._turn(message, str(message.id))
        if turn:
            edition = hearing.key(_edition(message) or message.id)
            named = replace(turn, keys=tuple(dict.fromkeys((*turn.keys, edition))))
            await insistently(lambda: self._desk.take(named))

    async def on_edit(self, message: discord.Message) -> None:
        """Answer a changed question once more; Discord also tells of changes that are its own."""
        edition = _edition(message)
        if not edition:
            return
        turn = await self._turn(message, edition, was_asked=await self._was_asked(message))
        if turn:
            await self._edited(hearing.key(message.id), turn)

    async def _edited(self, key: str, turn: Turn) -> None:
        """Hear an edit once: after an outage it may come from several sides at the same time."""
        async with self._editing.of(key):
            await self._edited_now(key, turn)

    async def _edited_now(self, key: str, turn: Turn) -> None:
        if not await insistently(lambda: self._desk.is_news(key, turn)):
            return
        earlier = await insistently(lambda: self._desk.turn(key))
        if earlier:
            turn = await self._sinks.handed_on(earlier, turn)
        elif now() - turn.sent_at > EDITED_WITHIN:
            return  # of what is older than a week nothing is known, nor whether it was answered
        is_ours = await insistently(lambda: self._desk.edit(key, turn))
        if earlier and is_ours:
            left = await self._sinks.follow(earlier, turn)
            await insistently(lambda: self._sinks.outlet(earlier).remove(left), PAUSES_S)

    async def on_delete(self, message: int) -> None:
        """Answer a deleted question no longer; where the team wants it, take the answer away."""
        key = hearing.key(message)
        # Discord tells everything in order; what goes most often are drafts of ours.
        kept = await insistently(lambda: self._desk.delete(key, may_come=False))
        if kept is None:
            return
        is_removed = self._rights.channel(spot_of(kept.turn)).removes_answers
        await insistently(lambda: self._remove(kept, is_removed=is_removed), PAUSES_S)
        if kept.is_open:
            await self._sinks.tidy_up(kept.turn)
        if is_removed:
            await take_name_away(self._client, spot_of(kept.turn))

    async def _remove(self, kept: KeptTurn, *, is_removed: bool) -> None:
        """Take away what is shown of a question that is gone: of an answer only if it is wanted."""
        shown = kept.posted_as or self._sinks.shown(kept.turn)
        await self._sinks.remove(kept.turn, shown if is_removed or kept.is_open else "")

    async def _was_asked(self, message: discord.Message) -> bool:
        """Whether it was a question before, of which we are told how it reads now."""
        if message.author.bot or not hearing.is_told(message):
            return False
        return bool(await insistently(lambda: self._desk.turn(hearing.key(message.id))))

    async def _turn(
        self, message: discord.Message, mark: str, *, was_asked: bool = False
    ) -> Turn | None:
        us = self._client.user
        if us is None or message.author == us:
            return None
        if not (was_asked or hearing.is_for_us(message, us, ANY)):
            return None  # most of what is said, without a look at the file
        text = hearing.said(message, us)
        spot = hearing.spot_of_message(message, us, text, mark)
        channel = self._rights.channel(spot)
        if not hearing.is_said(message, channel):
            return None
        if not (was_asked or hearing.is_for_us(message, us, channel)):
            return None
        turn = hearing.turn_of(
            spot,
            text,
            keys=(hearing.key(mark),),
            locale=hearing.language(text, channel),
            root=await self._root(message, us),
        )
        if message.author.bot and await self._desk.takes_part(turn.conversation):
            return None  # two bots would go on for ever
        return replace(turn, sent_at=message.edited_at or message.created_at)

    async def _root(self, message: discord.Message, us: discord.ClientUser) -> str:
        """The conversation that a reply in a channel goes on with."""
        question = hearing.answered_key(message, us)
        earlier = await insistently(lambda: self._desk.turn(question)) if question else None
        return earlier.conversation if earlier else question


def _edition(message: discord.Message) -> str:
    """What a message is called as it reads since it was edited; empty where it never was."""
    edited_at = message.edited_at
    return f"{message.id}.{int(edited_at.timestamp() * 1000)}" if edited_at else ""


async def insistently(
    do: Callable[[], Awaitable[Done]], pauses: Iterable[float] | None = None
) -> Done:
    """Do something in spite of what is in its way for a while.

    Args:
        do: asks the database, unless pauses are given.
        pauses: seconds between two tries; without them it is tried for a day.
    """
    for pause_s in pauses or chain(PAUSES_S, repeat(LONGEST_PAUSE_S, LONGEST_TIMES)):
        try:
            return await do()
        except TertuliaError as error:
            log.warning("failed to write down", platform="discord", kind=error.kind)
            await asyncio.sleep(pause_s)
    return await do()
