"""One turn on Discord: its status, its answer as that grows, and the reply in their place."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import structlog

from bot.platforms.discord.failures import RIGHTS, TOO_LARGE, DiscordRefusedError
from bot.platforms.discord.posting import Outlet, is_whole
from bot.platforms.discord.screen import IN_FLIGHT_S, Screen
from bot.platforms.discord.spot import Posted, spot_of
from bot.platforms.discord.texts import literal
from bot.platforms.discord.views import Layout, finished, in_the_making
from bot.posts import Post
from bot.wording import say
from knowledge.tasks import looked_at
from knowledge.turn import Turn
from pipelines.progress import Progress

log = structlog.get_logger(__name__)
Released = Callable[["DiscordSink"], None]


class Order(Protocol):
    """In which order messages are begun in a conversation, and what is done where none can be."""

    async def lost(self, sink: "DiscordSink") -> None:
        """Nothing will ever be posted for this turn."""

    def beginning(self, sink: "DiscordSink") -> AbstractAsyncContextManager[bool]:
        """While one begins no other does; whether all that were asked before have begun."""


class DiscordSink:
    """Shows one turn in one message.

    Args:
        outlet: where it is shown.
        order: in which messages are begun; the answers stand in their places.
        released: called once the turn is over.
        is_resumed: whether an earlier process may have shown something.
        sleep: passes the time between two calls.

    Attributes:
        shown: what is there now.
        reference: of the answer, once it is posted.
    """

    def __init__(
        self,
        turn: Turn,
        outlet: Outlet,
        order: Order,
        released: Released,
        *,
        is_resumed: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.turn = turn
        self.mark = spot_of(turn).mark
        self.shown, self.reference = Posted(), ""
        self._whole = Posted()  # by an earlier process, and so nothing to show a status in
        self._outlet, self._order = outlet, order
        self._released, self._is_resumed = released, is_resumed
        self._writing: asyncio.Task[None] | None = None
        self._language = turn.locale[:2]
        self._text = ""
        self._screen = Screen(self._put, outlet.typing, sleep)

    async def waiting(self, position: int) -> None:
        """Show that the message has come, and how many are before it, if anybody waits."""
        if not spot_of(self.turn).user:
            return
        key = "waiting" if position else "doing" if self.turn.decision else "searching"
        self._screen.show(say(key, self._language, **({"before": position} if position else {})))

    async def show(self, progress: Progress) -> None:
        """Show a step, or the next piece of the answer."""
        if progress.stage == "text":
            self._text += progress.text
            self._screen.show(self._text)
            return
        self._text = ""
        titles = ", ".join(map(literal, progress.titles))
        values = {"titles": titles} if titles else {}
        self._screen.show(say(progress.stage, self._language, **values))

    async def finish(self, post: Post) -> str:
        """Post the reply in the place of what was shown; what it is called."""
        await self._end()
        self._writing = asyncio.create_task(self._write_all(post))
        self._writing.add_done_callback(looked_at)
        try:
            await asyncio.shield(self._writing)  # cut off, nobody would know what stands there
        except DiscordRefusedError as error:
            self._released(self)  # those behind it must not wait for it
            if error.is_for_good:
                await self._order.lost(self)
            raise
        self.reference = post.reference
        self._released(self)
        return str(self.shown)

    def take_up(self) -> None:
        """Go on with what another process may have shown for the turn."""
        self._is_resumed = True

    async def let_go(self) -> None:
        """Show nothing more: what is there is another process's from now on."""
        await self.abandon()

    async def settled(self) -> Posted:
        """What is there once nothing is on its way."""
        await self._screen.settled()
        return self.shown

    async def abandon(self) -> Posted:
        """Show nothing more; what is there is somebody else's from now on."""
        await self._end()
        self._released(self)
        return self.shown

    async def break_off(self) -> None:
        """Show nothing more since the connection ends; what is there waits for who goes on."""
        if self._writing:
            self._writing.cancel()
        await self._screen.break_off()

    async def discard(self) -> None:
        """Take away what is shown: nobody asks any longer."""
        shown = await self.abandon()
        await self._outlet.remove(shown)

    async def _end(self) -> None:
        """Show nothing more; a reply that is on its way gets there first."""
        await self._screen.stop()
        if self._writing and not self._writing.done():
            await asyncio.wait([self._writing], timeout=IN_FLIGHT_S)
            self._writing.cancel()

    async def _write_all(self, post: Post) -> None:
        """Where we may post no files, all that can be posted, and that something is missing."""
        try:
            await self._write(finished(post, self.mark))
        except DiscordRefusedError as error:
            if not post.pictures or error.code not in (*RIGHTS, TOO_LARGE):
                raise
            log.warning("cannot post a picture", platform="discord", code=error.code)
            await self._write(finished(post.without_pictures(), self.mark))

    async def _write(self, views: Sequence[Layout]) -> None:
        await self._take_up()
        self.shown = self.shown if self.shown.messages else self._whole
        if not self.shown.messages:
            # What was begun may be there although we never heard of it: then it is still to change.
            self.shown = await self._outlet.begin(views[0])
        self.shown = await self._outlet.change(self.shown, views)

    async def _put(self, text: str) -> None:
        view = in_the_making(text, self.mark, self._language)
        await self._take_up()
        if self._whole.messages:
            return
        if self.shown.messages:
            self.shown = await self._outlet.change(self.shown, [view])
            return
        async with self._order.beginning(self) as is_next:
            if is_next:
                self.shown = await self._outlet.begin(view)

    async def _take_up(self) -> None:
        """Go on with what a process has shown that has ended."""
        if self._is_resumed:
            found, press = await self._outlet.found()
            self.shown, self._whole = (Posted(), found) if is_whole(press) else (found, Posted())
            self._is_resumed = False
