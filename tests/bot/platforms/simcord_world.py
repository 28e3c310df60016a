"""Our Discord platform, unchanged, in a simulation of Discord that others have written."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import discord
import simcord
from simcord.http.router import _ROUTES

from bot.app import App
from bot.desk import Desk
from bot.inbox import Inbox
from bot.platforms.discord.platform import Discord
from bot.settings import Settings
from knowledge.turn import KeptTurn, Turn
from tests.bot.platforms.discord_world import restored

T = TypeVar("T")
# discord.py writes `@original` like this where a webhook is told of it. Discord reads both, the
# simulation of 3.2.1 only one.
for _routes in _ROUTES.values():
    _originals = [(path, does) for path, does in _routes if path[-1] == "@original"]
    _routes[:0] = [([*path[:-1], "%40original"], does) for path, does in _originals]


class Outside:
    """Does work where the simulation does not wait for it: it would wait for every answer."""

    def __init__(self) -> None:
        self._wanted: asyncio.Queue[tuple[Coroutine[Any, Any, Any], asyncio.Future[Any]]]
        self._wanted = asyncio.Queue()

    async def run(self) -> None:
        """Do what is wanted, one thing after the other."""
        while True:
            work, done = await self._wanted.get()
            done.set_result(await work)

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Have this done there."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self._wanted.put((work, done))
        return await done


class OutsideDesk(Desk):
    """The desk, whose answers are made outside of the simulation."""

    def __init__(self, app: App, inbox: Inbox, outside: Outside) -> None:
        super().__init__(app, inbox)
        self._outside = outside

    async def take(self, turn: Turn) -> bool:
        """As it is, outside."""
        return await self._outside.do(super().take(turn))

    async def edit(self, key: str, turn: Turn) -> bool:
        """As it is, outside."""
        return await self._outside.do(super().edit(key, turn))

    async def delete(self, key: str, *, may_come: bool = True) -> KeptTurn | None:
        """As it is, outside."""
        return await self._outside.do(super().delete(key, may_come=may_come))

    async def stop(self, conversation: str, author: str, key: str = "") -> bool:
        """As it is, outside."""
        return await self._outside.do(super().stop(conversation, author, key))


@dataclass
class Simulated:
    """Ana in a channel of a simulated guild."""

    env: simcord.Env
    ana: simcord.MemberActor
    channel: simcord.ChannelHandle
    _pause_s: float = field(default=0.01)

    @property
    def mention(self) -> str:
        """How Tertulia is named in a text."""
        assert self.env.bot.user
        return self.env.bot.user.mention

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait for something, in seconds of the real clock."""
        for _ in range(3000):
            if is_so():
                return
            await asyncio.sleep(self._pause_s)
        raise AssertionError(f"{self.env.errors} {self.env.transcript()}")

    def replies(self) -> list[discord.Message]:
        """What Tertulia has said in the threads of the channel."""
        return [
            message
            for thread in self.channel.threads
            for message in thread.history()
            if message.author == self.env.bot.user and message.components
        ]


def texts_of(message: discord.Message) -> str:
    """What people read in a message."""
    found = [one for one in _all(message.components) if isinstance(one, discord.TextDisplay)]
    return "\n".join(one.content for one in found)


def button(message: discord.Message, act: str) -> str:
    """The name of a button; empty where there is none."""
    found = [one for one in _all(message.components) if isinstance(one, discord.Button)]
    names = [one.custom_id or "" for one in found]
    return next((name for name in names if f":{act}:" in name), "")


def _all(components: Any) -> list[Any]:  # noqa: ANN401 (discord.py has a union of twenty kinds)
    return [each for one in components for each in (one, *_all(getattr(one, "children", ())))]


@asynccontextmanager
async def simulated() -> AsyncIterator[Simulated]:
    """Tertulia in the simulation."""
    outside = Outside()
    with restored():
        async with App(Settings()) as app:
            inbox = await app.inbox()
            platform = Discord(OutsideDesk(app, inbox, outside), settle_s=0.05)
            inbox.worker.platforms["discord"] = platform
            # The simulation looks for the commands where most bots keep them.
            vars(platform.client)["tree"] = platform.client._connection._command_tree
            async with simcord.run(platform.client, settle_timeout=30.0) as env:
                working = asyncio.create_task(outside.run())  # here, or webhooks were real ones
                try:
                    guild = env.create_guild("Team")
                    channel = guild.create_text_channel("general")
                    ana = guild.add_member(env.create_user("Ana"))
                    here = Simulated(env, ana, channel)
                    await here.until(lambda: "/commands" in env.transcript())
                    yield here
                    await inbox.worker.close(1.0)
                finally:
                    working.cancel()
