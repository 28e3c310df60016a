"""Where the reply to a turn goes: messages of a channel, a thread, direct messages."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from hashlib import blake2s
from typing import Any, Literal, Protocol

import discord

from bot.platforms.discord import removing
from bot.platforms.discord.buttons import STOP, Press, presses
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import ARCHIVED, GONE, TOO_OLD, DiscordRefusedError
from bot.platforms.discord.spot import Posted, Spot, posted_of
from bot.platforms.discord.views import Layout

NOBODY = discord.AllowedMentions.none()
ARCHIVED_AFTER_MINUTES: Literal[1440] = 1440
THREAD_EXISTS = 160004
LOOKED_AT = 50
"""Messages among which one of ours is looked for."""


class Outlet(Protocol):
    """Where one reply is shown; all methods raise the errors of `failures`."""

    async def begin(self, view: Layout) -> Posted:
        """Show something for the first time."""

    async def change(self, shown: Posted, views: Sequence[Layout]) -> Posted:
        """Show this instead, in as many messages as there are views."""

    async def typing(self) -> None:
        """Show for some seconds that somebody types."""

    async def found(self) -> tuple[Posted, Press | None]:
        """What an earlier process has shown, with a button of it; nothing where it has not."""

    async def remove(self, shown: Posted) -> None:
        """Take away what was shown."""


class InChannel:
    """A reply as messages of a channel; a thread is begun for it where the spot says so.

    What was sent is known by its place in the reply, and so is what is still to be removed: where
    something gets in the way neither is done twice.
    """

    def __init__(self, client: Client, spot: Spot) -> None:
        self._client, self._spot, self._calls = client, spot, client.calls
        self._room: discord.PartialMessageable | None = None
        self._parts: dict[int, int] = {}
        self._left_over: list[int] = []

    async def begin(self, view: Layout) -> Posted:
        """Show something for the first time, in the place of the answer that there was."""
        earlier = posted_of(self._spot.answer)
        if earlier.messages:
            return await self.change(earlier, [view])
        room = await self._replying_room()
        self._parts[0] = await self._sent(room, view, 0)
        return Posted(room.id, (self._parts[0],))

    async def change(self, shown: Posted, views: Sequence[Layout]) -> Posted:
        """Show this instead; a message that can be changed no longer is sent anew."""
        room = self._room_of(shown.channel)
        known = dict(enumerate(shown.messages)) | self._parts
        for n, view in enumerate(views):
            known[n] = self._parts[n] = await self._part(room, view, n, known.get(n, 0))
        for n in [*known][len(views) :]:
            self._left_over.append(known.pop(n))
            self._parts.pop(n, None)
        while self._left_over:
            await removing.remove(self._client, room, self._left_over[-1])
            self._left_over.pop()
        return Posted(shown.channel, tuple(known.values()))

    async def typing(self) -> None:
        """Show for some seconds that somebody types."""
        room = await self._replying_room()
        async with self._calls.calling("typing"):
            await room.typing()

    async def found(self) -> tuple[Posted, Press | None]:
        """What an earlier process has shown, by the mark in its buttons."""
        async for message in self._ours():
            for press in presses(message):
                if press.mark == self._spot.mark:
                    return Posted(message.channel.id, (message.id,)), press
        return Posted(), None

    async def remove(self, shown: Posted) -> None:
        """Take away what was shown, and what was sent before something got in the way."""
        room, more = self._room_of(shown.channel), (*self._parts.values(), *self._left_over)
        for number in dict.fromkeys((*shown.messages, *more)) if shown.messages else ():
            await removing.remove(self._client, room, number)

    async def _replying_room(self) -> discord.PartialMessageable:
        if self._room is None:
            began = 0
            if self._spot.thread:
                began = await self._thread()
            self._room = self._room_of(began or self._spot.channel)
        return self._room

    async def _thread(self) -> int:
        """A thread that begins at the question; 0 where there can be none."""
        room = self._room_of(self._spot.channel)
        question = room.get_partial_message(self._spot.message)
        try:
            async with self._calls.calling("beginning a thread", is_sign=True):
                thread = await question.create_thread(
                    name=self._spot.thread, auto_archive_duration=ARCHIVED_AFTER_MINUTES
                )
        except DiscordRefusedError as error:
            return self._spot.message if error.code == THREAD_EXISTS else 0
        return thread.id

    def _room_of(self, number: int) -> discord.PartialMessageable:
        return self._client.room(number, self._spot.guild)

    async def _part(
        self, room: discord.PartialMessageable, view: Layout, n: int, number: int
    ) -> int:
        """Show one of several messages: in the place of this one, if it can still be changed."""
        if not number:
            return await self._sent(room, view, n)
        if await self._edited(room, number, view):
            return number
        anew = await self._sent(room, view, n, instead_of=number)
        self._left_over.append(number)
        return anew

    async def _sent(
        self, room: discord.PartialMessageable, view: Layout, n: int, *, instead_of: int = 0
    ) -> int:
        """Sent once, also where this process ends before it hears of it: the nonce sees to that."""
        name = f"{self._spot.mark}.{n}.{instead_of}"
        nonce = blake2s(name.encode(), digest_size=12).hexdigest()
        # Of a reply in a thread of its own the thread has been the first sign.
        is_sign = not n and not instead_of and room.id == self._spot.channel
        async with self._calls.calling("posting", is_sign=is_sign):
            message: discord.Message = await room.send(
                view=view,
                files=view.files(),
                nonce=nonce,
                allowed_mentions=NOBODY,
                **self._in_reply(room, n),
            )
        return message.id

    def _in_reply(self, room: discord.PartialMessageable, n: int) -> dict[str, Any]:
        """What points back to the question, where that stands in the same channel."""
        if n or not self._spot.message or room.id != self._spot.channel:
            return {}
        question = discord.MessageReference(
            message_id=self._spot.message,
            channel_id=self._spot.channel,
            fail_if_not_exists=False,
        )
        return {"reference": question}

    async def _edited(self, room: discord.PartialMessageable, number: int, view: Layout) -> bool:
        """False where the message is deleted or too old, or its thread was put away meanwhile."""
        try:
            async with self._calls.calling("changing a message"):
                await room.get_partial_message(number).edit(
                    view=view, attachments=view.files(), allowed_mentions=NOBODY
                )
        except DiscordRefusedError as error:
            if error.code not in (GONE, TOO_OLD, ARCHIVED):
                raise
            return False
        return True

    async def _ours(self) -> AsyncIterator[discord.Message]:
        """Our last messages where the reply may stand, newest first."""
        rooms = [self._spot.message] if self._spot.thread else []
        for number in (*rooms, self._spot.channel):
            found: list[discord.Message] = []
            with suppress(DiscordRefusedError):  # no thread was begun
                async with self._calls.calling("reading what was posted"):
                    found = [m async for m in self._room_of(number).history(limit=LOOKED_AT)]
            for message in found:
                if message.author == self._client.user:
                    yield message


def is_whole(press: Press | None) -> bool:
    """Whether this button stands below a reply, and not below one in the making."""
    return press is not None and press.act != STOP
