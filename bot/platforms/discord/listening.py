"""Messages of people become turns; what they change or take back, too."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
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
from knowledge.errors import TertuliaError
from knowledge.turn import Turn

PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Between tries to write a message down: Discord does not send it again."""
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
        turn = await self._turn(message)
        if turn:
            await insistently(lambda: self._desk.take(turn))

    async def on_edit(self, message: discord.Message) -> None:
        """Answer a changed question once more; Discord also tells of changes that are its own."""
        if message.edited_at is None:
            return
        version = int(message.edited_at.timestamp() * 1000)
        turn = await self._turn(message, version=version)
        if turn:
            await self._edited(hearing.key(message.id), turn)

    async def _edited(self, key: str, turn: Turn) -> None:
        """Hear an edit once: after an outage it may come from several sides at the same time."""
        async with self._editing.of(key):
            await self._edited_now(key, turn)

    async def _edited_now(self, key: str, turn: Turn) -> None:
        if not await insistently(lambda: self._desk.is_news(key, turn)):
            return
        earlier = await self._desk.turn(key)
        if earlier:
            turn = await self._sinks.handed_on(earlier, turn)
        await insistently(lambda: self._desk.edit(key, turn))

    async def on_delete(self, message: int) -> None:
        """Answer a deleted question no longer; where the team wants it, take the answer away."""
        key = hearing.key(message)
        # Discord tells everything in order; what goes most often are drafts of ours.
        kept = await insistently(lambda: self._desk.delete(key, may_come=False))
        if kept is None:
            return
        is_removed = self._rights.channel(spot_of(kept.turn)).removes_answers
        posted_as = kept.posted_as or self._sinks.shown(kept.turn)
        await self._sinks.remove(kept.turn, posted_as if is_removed else "")
        if kept.is_open:
            await self._sinks.tidy_up(kept.turn)
        if is_removed:
            await take_name_away(self._client, spot_of(kept.turn))

    async def _turn(self, message: discord.Message, *, version: int = 0) -> Turn | None:
        us = self._client.user
        if us is None or message.author == us or not hearing.is_for_us(message, us, ANY):
            return None  # most of what is said, without a look at the file
        text = hearing.said(message, us)
        mark = f"{message.id}.{version}" if version else str(message.id)
        spot = hearing.spot_of_message(message, us, text, mark)
        channel = self._rights.channel(spot)
        if not hearing.is_said(message, channel) or not hearing.is_for_us(message, us, channel):
            return None
        turn = hearing.turn_of(
            spot,
            text,
            keys=(f"discord:{mark}",),
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


async def insistently(do: Callable[[], Awaitable[Done]]) -> Done:
    """Do something with the database, in spite of what is in its way for a minute."""
    for pause_s in PAUSES_S:
        try:
            return await do()
        except TertuliaError as error:
            log.warning("failed to write down", platform="discord", kind=error.kind)
            await asyncio.sleep(pause_s)
    return await do()
