"""Where the reply to a turn goes: messages of a channel, a thread, direct messages."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from hashlib import blake2s
from typing import Any, Literal, Protocol

import discord

from bot.platforms.discord.buttons import STOP, Press, presses
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import GONE, TOO_OLD, DiscordRefusedError
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
    """A reply as messages of a channel; a thread is begun for it where the spot says so."""

    def __init__(self, client: Client, spot: Spot) -> None:
        self._client, self._spot, self._calls = client, spot, client.calls
        self._room: discord.PartialMessageable | None = None

    async def begin(self, view: Layout) -> Posted:
        """Show something for the first time, in the place of the answer that there was."""
        earlier = posted_of(self._spot.answer)
        if earlier.messages:
            return await self.change(earlier, [view])
        room = await self._replying_room()
        await self._calls.after_those()
        return Posted(room.id, (await self._sent(room, view, 0),))

    async def change(self, shown: Posted, views: Sequence[Layout]) -> Posted:
        """Show this instead; a message that is gone, or too old to be changed, is sent anew."""
        room = self._room_of(shown.channel)
        numbers: list[int] = []
        for n, view in enumerate(views):
            number = shown.messages[n] if n < len(shown.messages) else 0
            if not number:
                numbers.append(await self._sent(room, view, n))
            elif await self._edited(room, number, view):
                numbers.append(number)
            else:
                numbers.append(await self._sent(room, view, n + 100))
                await self.remove(Posted(shown.channel, (number,)))
        await self.remove(Posted(shown.channel, shown.messages[len(views) :]))
        return Posted(shown.channel, tuple(numbers))

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
        """Take away what was shown."""
        room = self._room_of(shown.channel)
        for number in shown.messages:
            with suppress(DiscordRefusedError):  # it is gone already
                async with self._calls.calling("removing a message"):
                    await room.get_partial_message(number).delete()

    async def _replying_room(self) -> discord.PartialMessageable:
        if self._room is None:
            began = 0
            if self._spot.thread:
                with self._calls.going_first():
                    began = await self._thread()
            self._room = self._room_of(began or self._spot.channel)
        return self._room

    async def _thread(self) -> int:
        """A thread that begins at the question; 0 where there can be none."""
        room = self._room_of(self._spot.channel)
        question = room.get_partial_message(self._spot.message)
        try:
            async with self._calls.calling("beginning a thread"):
                thread = await question.create_thread(
                    name=self._spot.thread, auto_archive_duration=ARCHIVED_AFTER_MINUTES
                )
        except DiscordRefusedError as error:
            return self._spot.message if error.code == THREAD_EXISTS else 0
        return thread.id

    def _room_of(self, number: int) -> discord.PartialMessageable:
        return self._client.room(number, self._spot.guild)

    async def _sent(self, room: discord.PartialMessageable, view: Layout, n: int) -> int:
        """Sent once, also where this process ends before it hears of it: the nonce sees to that."""
        name = blake2s(f"{self._spot.mark}.{n}".encode(), digest_size=12).hexdigest()
        async with self._calls.calling("posting"):
            message: discord.Message = await room.send(
                view=view, nonce=name, allowed_mentions=NOBODY, **self._in_reply(room, n)
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
        """False where somebody has deleted the message, or it is too old."""
        try:
            async with self._calls.calling("changing a message"):
                await room.get_partial_message(number).edit(view=view, allowed_mentions=NOBODY)
        except DiscordRefusedError as error:
            if error.code not in (GONE, TOO_OLD):
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
