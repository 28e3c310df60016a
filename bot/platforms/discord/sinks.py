"""The turns that are being shown now, and where each of them is shown."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import takewhile

import structlog

from bot.one_at_a_time import OneAtATime
from bot.owners import may_be_begun
from bot.platforms.discord.buttons import Press
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import DiscordBusyError
from bot.platforms.discord.posting import InChannel, Outlet, is_whole
from bot.platforms.discord.privately import tell_asker
from bot.platforms.discord.responding import LIVES_FOR, InResponse, Now
from bot.platforms.discord.sink import DiscordSink
from bot.platforms.discord.spot import Posted, posted_of, spot_of
from bot.wording import say
from knowledge.conversations import now
from knowledge.errors import TertuliaError
from knowledge.turn import Turn

log = structlog.get_logger(__name__)
MOST_OVER = 200
"""Turns that are over and still known here."""


class Sinks:
    """Makes sinks and knows those whose turn is not over."""

    def __init__(
        self,
        client: Client,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Now = now,
    ) -> None:
        self._client, self._sleep, self._now = client, sleep, now
        self._since = now()
        self._open: dict[str, DiscordSink] = {}
        self._over: OrderedDict[str, str] = OrderedDict()
        self._beginning = OneAtATime()

    def sink(self, turn: Turn) -> DiscordSink:
        """Where a turn is shown."""
        is_resumed = may_be_begun(turn, self._since, self._now())
        sink = DiscordSink(
            turn, self.outlet(turn), self, self._release, is_resumed=is_resumed, sleep=self._sleep
        )
        self._open[sink.mark] = sink
        return sink

    @asynccontextmanager
    async def beginning(self, sink: DiscordSink) -> AsyncIterator[bool]:
        """While one begins no other of its conversation does; whether those before it have begun.

        Else, after an outage, an answer would stand above the one that was asked for before.
        """
        conversation = sink.turn.conversation
        async with self._beginning.of(conversation):
            before = takewhile(lambda other: other is not sink, self._open.values())
            here = [other for other in before if other.turn.conversation == conversation]
            yield all(other.shown.messages for other in here)

    async def lost(self, sink: DiscordSink) -> None:
        """Tell the asker alone why nothing is posted where it was asked; that may be lost."""
        turn = sink.turn
        with suppress(TertuliaError):
            await sink.discard()  # else its button would stand there for ever
        if spot_of(turn).is_direct or not spot_of(turn).user:
            return
        try:
            await tell_asker(self._client, turn, say("discord-may-not-write", turn.locale[:2]))
        except TertuliaError as error:
            log.info("failed to tell the asker", platform="discord", kind=error.kind)

    async def break_off(self) -> None:
        """Show nothing more of any turn: the connection ends."""
        await asyncio.gather(*(sink.break_off() for sink in self._open.values()))

    def outlet(self, turn: Turn) -> Outlet:
        """Where its reply goes."""
        spot = spot_of(turn)
        if spot.token or (spot.is_private and not spot.is_direct):
            until = turn.sent_at + LIVES_FOR
            return InResponse(self._client, spot, lives_until=until, now=self._now)
        return InChannel(self._client, spot)

    async def handed_on(self, earlier: Turn, turn: Turn) -> Turn:
        """The turn, to be shown in the place of an earlier one that may not be over yet.

        That one goes on: another process may be quicker to make this turn its own.
        """
        sink = self._open.get(spot_of(earlier).mark)
        shown = str(await sink.settled()) if sink else self.shown(earlier)
        shown = shown or str((await self._left(earlier))[0])
        if not shown:
            return turn
        spot = replace(spot_of(turn), answer=shown)
        return replace(turn, place=spot.as_json())

    async def follow(self, earlier: Turn, turn: Turn) -> Posted:
        """Show nothing more of an earlier turn, since this one goes on with what it was handed.

        What was shown just then, and so was not handed on; that is to be removed.
        """
        sink = self._open.get(spot_of(earlier).mark)
        shown = await sink.abandon() if sink else Posted()
        handed = posted_of(spot_of(turn).answer).messages
        return replace(shown, messages=tuple(one for one in shown.messages if one not in handed))

    async def remove(self, turn: Turn, posted_as: str) -> None:
        """Take away what is being shown for a turn; where that is over, this post."""
        if sink := self._open.get(spot_of(turn).mark):
            await sink.discard()
        elif posted_as:
            await self.outlet(turn).remove(posted_of(posted_as))

    async def tidy_up(self, turn: Turn) -> None:
        """Take away what an earlier process has begun to show for a turn that was taken back."""
        begun, press = await self._left(turn)
        if not is_whole(press):
            with suppress(DiscordBusyError):
                await self.outlet(turn).remove(begun)

    async def _left(self, turn: Turn) -> tuple[Posted, Press | None]:
        """What an earlier process has shown for a turn, if we find it now."""
        if self._client.may_have_missed(turn.sent_at):
            with suppress(DiscordBusyError):
                return await self.outlet(turn).found()
        return Posted(), None

    def shown(self, turn: Turn) -> str:
        """What the reply to a turn is called that was over lately; empty where that is not known.

        The database may not know it yet.
        """
        return self._over.get(spot_of(turn).mark, "")

    async def posted(self, turn: Turn) -> str:
        """What the reply is called that an earlier process has posted; empty where it has not."""
        shown, press = await self.outlet(turn).found()
        return str(shown) if is_whole(press) else ""

    def _release(self, sink: DiscordSink) -> None:
        self._open.pop(sink.mark, None)
        self._over[sink.mark] = str(sink.shown)  # a whole sink holds its tasks and their traces
        if len(self._over) > MOST_OVER:
            self._over.popitem(last=False)
