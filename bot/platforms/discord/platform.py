"""Discord as a platform: the parts, put together."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from bot.channels import Channel
from bot.desk import Desk
from bot.keeping_up import KeepingUp
from bot.platforms import Sink, Whereabouts
from bot.platforms.discord.asking import Asking
from bot.platforms.discord.catching_up import CatchingUp
from bot.platforms.discord.clicking import Clicking
from bot.platforms.discord.client import connection
from bot.platforms.discord.commands import register, tree_of
from bot.platforms.discord.failures import DiscordBusyError, translated
from bot.platforms.discord.listening import Listening
from bot.platforms.discord.looking_again import LookingAgain
from bot.platforms.discord.privately import tell_asker
from bot.platforms.discord.responding import Now
from bot.platforms.discord.sinks import Sinks
from bot.platforms.discord.spot import NAME, alone, spot_of
from bot.platforms.discord.using import Using
from bot.platforms.discord.whereabouts import Rights
from knowledge.conversations import now
from knowledge.turn import KeptTurn, Turn

LONGEST_PAUSE_S = 60.0
log = structlog.get_logger(__name__)


class Discord:
    """Serves people on Discord.

    Args:
        desk: where messages are handed in.
        settle_s: seconds to wait for the next server when a session begins.
        sleep: passes the time between two changes of a message.
        now: tells it.
    """

    name = NAME

    def __init__(
        self,
        desk: Desk,
        *,
        settle_s: float = 2.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Now = now,
    ) -> None:
        self._desk, self._sleep = desk, sleep
        self.client = connection(desk.settings.discord, settle_s=settle_s)
        self.sinks = Sinks(self.client, sleep=sleep, now=now)
        self._rights = Rights(self.client, desk)
        self._is_registered = False
        self._listen()

    def _listen(self) -> None:
        client, desk, rights, sinks = self.client, self._desk, self._rights, self.sinks
        clicking = Clicking(client, desk, rights)
        using = Using(desk, rights, sinks, Asking(client, desk, rights), clicking)
        self._tree = tree_of(client, using)
        listening = Listening(client, desk, rights, sinks)
        client.listener, client.pressed, client.formed = listening, clicking.pressed, using.on_form
        self._again = LookingAgain(client, listening)
        missed = CatchingUp(client, desk, listening)
        self._keeping_up = KeepingUp(desk, NAME, lambda: [NAME], missed.read, missed.is_hearing)
        client.began = self._began

    async def _began(self) -> None:
        """A session has begun, maybe not the first one."""
        self._keeping_up.began()
        while not self._is_registered:
            self._is_registered = await register(self._tree)
            if not self._is_registered:
                await self._sleep(LONGEST_PAUSE_S)

    async def run(self) -> None:
        """Serve people until the task is cancelled.

        Raises:
            DiscordSettingsError: the token is wrong, or an intent is not switched on.
        """
        try:
            await self._log_in()
            async with self._keeping_up.beside():
                with translated("connecting"):
                    await self.client.connect()
        finally:
            await self.sinks.break_off()
            await self.client.close()

    async def _log_in(self) -> None:
        """Log in, however long Discord cannot be reached: others go on meanwhile."""
        token = self._desk.settings.discord.discord_token.get_secret_value()
        pause_s = 1.0
        while True:
            try:
                with translated("logging in"):
                    return await self.client.login(token)
            except DiscordBusyError as error:
                log.warning("failed to log in", platform=NAME, seconds=pause_s, kind=error.kind)
            await self._sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def sink(self, turn: Turn) -> Sink:
        """Where this turn is shown."""
        return self.sinks.sink(turn)

    def channel(self, turn: Turn) -> Channel:
        """What the team has set for a turn's channel."""
        return self._rights.channel(spot_of(turn))

    def must_reply(self, turn: Turn) -> bool:
        """To a command: Discord says that we are thinking."""
        return bool(spot_of(turn).token)

    def later(self, turn: Turn, number: int, at: datetime) -> Turn:
        """The same for a message of its own, in reply to the question."""
        del at  # a number is enough for a name
        return replace(turn, place=spot_of(turn).later(number).as_json())

    def at(self, channel: str) -> dict[str, Any]:
        """The channel itself, in reply to nothing."""
        return alone(channel).as_json()

    async def whereabouts(self, turn: Turn) -> Whereabouts:
        """Who asks, who reads the reply, and what came with the question."""
        await self._again.at(turn)
        spot = spot_of(turn)
        found = await self._rights.whereabouts(spot)
        return await self._rights.with_texts(found, spot, turn.conversation, turn.locale[:2])

    async def tell_alone(self, turn: Turn, text: str) -> None:
        """Say something in direct messages, and what it is about."""
        await tell_asker(self.client, turn, text)

    async def remove(self, turn: Turn, posted_as: str) -> None:
        """Take away what is being shown for a turn, or this post."""
        await self.sinks.remove(turn, posted_as)

    async def posted(self, kept: KeptTurn) -> str:
        """What the reply is called that a process may have posted before it was killed."""
        await self._again.at(kept.turn)
        return await self.sinks.posted(kept.turn)
