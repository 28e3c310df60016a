"""The connection to Discord: intents, endpoints, and who hears what."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

import discord
import structlog
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.platform_settings import DiscordSettings
from bot.platforms.discord.buttons import Button, Press
from bot.platforms.discord.calling import Calls
from bot.platforms.discord.doors import LONGEST_WAIT_S, Doors
from knowledge.conversations import now

log = structlog.get_logger(__name__)


class Listener(Protocol):
    """What is told of events."""

    async def on_message(self, message: discord.Message) -> None:
        """Somebody has written."""

    async def on_edit(self, message: discord.Message) -> None:
        """Somebody has changed a message, or Discord has."""

    async def on_delete(self, message: int) -> None:
        """A message is gone."""


class Client(discord.Client):
    """One connection.

    Attributes:
        calls: the door for all requests.
        listener: who is told of messages.
        pressed: who is told of buttons.
        formed: who is told of forms, and of all else that people do with us.
        began: who is told that a session has begun, before which we may have missed something.
        deaf: the connections over which nothing comes just now.
        since: when the newest session began.
    """

    listener: Listener
    pressed: Callable[[discord.Interaction, Press], Awaitable[None]]
    formed: Callable[[discord.Interaction], Awaitable[None]]
    began: Callable[[], Awaitable[None]]

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 (discord.py's own)
        super().__init__(**options)
        self.calls = Calls()
        self.add_dynamic_items(Button)
        self.deaf: set[int] = set()
        self.since = now()
        self._acknowledging: dict[str, asyncio.Event] = {}

    def may_have_missed(self, sent_at: datetime) -> bool:
        """Whether what was sent then may have been changed while nobody listened."""
        return sent_at < self.since

    def room(self, number: int, guild: int) -> discord.PartialMessageable:
        """A channel, a thread or direct messages, by id."""
        return self.get_partial_messageable(number, guild_id=guild or None)

    @contextmanager
    def acknowledging(self, mark: str) -> Iterator[None]:
        """While this lasts a command is written down and acknowledged; its reply waits for that."""
        done = asyncio.Event()
        first = self._acknowledging.setdefault(mark, done)  # the same one may come twice
        try:
            yield
        finally:
            done.set()
            if first is done:
                del self._acknowledging[mark]

    async def acknowledged(self, mark: str) -> None:
        """Wait until a command may be replied to."""
        if mark in self._acknowledging:
            await self._acknowledging[mark].wait()

    async def on_ready(self) -> None:
        """All servers are known."""
        self.since = now()
        self.calls.connected.set()
        self.deaf.clear()
        log.info("connected", platform="discord", servers=len(self.guilds))
        await self.began()

    async def on_disconnect(self) -> None:
        """Nothing comes until the session goes on or another one begins."""
        self.deaf.add(0)

    async def on_resumed(self) -> None:
        """The session goes on: what happened meanwhile has come."""
        self.deaf.discard(0)

    async def on_message(self, message: discord.Message) -> None:
        """Hand it on."""
        await self.listener.on_message(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Hand it on."""
        await self.listener.on_edit(event.message)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Hand it on."""
        await self.listener.on_delete(event.message_id)

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Hand them on."""
        for number in event.message_ids:
            await self.listener.on_delete(number)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Hand it on."""
        await self.formed(interaction)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (discord.py's own)
        """Say where something broke; what people wrote is not said."""
        del args, kwargs
        log.exception("failed unexpectedly", platform="discord", listener=event_method)  # noqa: LOG004 (discord.py calls this in its handler)


class ShardedClient(Client, discord.AutoShardedClient):
    """The same over as many connections as Discord recommends."""

    async def on_disconnect(self) -> None:
        """Which one it is, we are told besides."""

    async def on_shard_disconnect(self, number: int) -> None:
        """Nothing comes over this one."""
        self.deaf.add(number)

    async def on_shard_resumed(self, number: int) -> None:
        """Its session goes on."""
        self.deaf.discard(number)

    async def on_shard_ready(self, number: int) -> None:
        """It has a new session; `on_ready` comes for the first ones alone."""
        self.deaf.discard(number)
        if self.calls.connected.is_set():
            self.since = now()
            await self.began()


def intents(settings: DiscordSettings) -> discord.Intents:
    """What we ask to be told of: the least."""
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.dm_messages = True
    wanted.message_content = settings.discord_message_content
    return wanted


def connection(settings: DiscordSettings, *, settle_s: float = 2.0) -> Client:
    """A client for these settings; the addresses are those of the whole process.

    Args:
        settings: how we talk to Discord.
        settle_s: seconds to wait for the next server when a session begins.
    """
    Route.BASE = settings.discord_api_base
    if settings.discord_gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.discord_gateway_url)
    logging.getLogger("discord").setLevel(logging.ERROR)  # warnings hold addresses with tokens
    kind = ShardedClient if settings.discord_sharded else Client
    return kind(
        intents=intents(settings),
        allowed_mentions=discord.AllowedMentions.none(),
        max_ratelimit_timeout=LONGEST_WAIT_S,
        http_trace=Doors().trace(),
        max_messages=None,
        member_cache_flags=discord.MemberCacheFlags.none(),
        chunk_guilds_at_startup=False,
        guild_ready_timeout=settle_s,
    )
