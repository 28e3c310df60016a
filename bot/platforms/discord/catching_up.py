"""After an outage: the messages for us that nobody has heard."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import discord
import structlog

from bot.desk import Desk
from bot.platforms.discord.client import Client, Listener
from bot.platforms.discord.failures import DiscordBusyError, DiscordRefusedError
from bot.platforms.discord.spot import NAME, channel
from knowledge.conversations import now

MOST_DIRECT = 100
"""People who wrote to us last whose direct messages are looked through."""
MOST_MISSED = 1000
"""Messages of one channel that are looked through, the oldest first."""
MOST_ARCHIVED = 20
"""Threads of one channel that were archived last."""
UNTIL_ARCHIVED = timedelta(hours=1)
log = structlog.get_logger(__name__)
Parent = discord.TextChannel | discord.ForumChannel
Room = discord.TextChannel | discord.Thread | discord.PartialMessageable


class CatchingUp:
    """Reads what was written while nobody listened; what was taken before is known."""

    def __init__(self, client: Client, desk: Desk, listener: Listener) -> None:
        self._client, self._desk, self._listener = client, desk, listener

    async def is_hearing(self) -> bool:
        """Whether messages reach us just now."""
        return self._client.calls.connected.is_set() and not self._client.deaf

    async def read(self, _: str, since: datetime) -> None:
        """Take what was written since then.

        Of direct messages those who wrote to us before are read again; Discord does not tell a
        bot who else has written to it.

        Raises:
            DiscordBusyError: some channels could not be read now.
        """
        first = discord.utils.time_snowflake(since)
        failed = await self._hear_all([*_rooms(self._client), *await self._direct()], first)
        failed = await self._hear_all(await self._put_away(since), first) or failed
        if failed:
            raise failed

    async def _hear_all(self, rooms: Sequence[Room], first: int) -> DiscordBusyError | None:
        """Take what is new in rooms; what was in the way of one of them."""
        failed: DiscordBusyError | None = None
        for room in rooms:
            last = first if isinstance(room, discord.PartialMessageable) else room.last_message_id
            if (last or 0) < first:
                continue
            try:
                await self._hear(room, first)
            except DiscordRefusedError as error:
                log.info("left out what was said meanwhile", platform=NAME, code=error.code)
            except DiscordBusyError as error:
                failed = error
        return failed

    async def _hear(self, room: Room, first: int) -> None:
        async with self._client.calls.calling("reading what was missed"):
            after = discord.Object(first)
            missed = [message async for message in room.history(after=after, limit=MOST_MISSED)]
        for message in missed:
            await self._listener.on_message(message)
            await self._listener.on_edit(message)  # it may be known as it read before

    async def _direct(self) -> list[Room]:
        """Direct messages, those of who wrote last first."""
        prefix = channel(0, 0)[1].removesuffix("0")
        found = await self._desk.latest_of("channel", prefix, MOST_DIRECT)
        return [self._client.room(int(name.removeprefix(prefix)), 0) for name in found]

    async def _put_away(self, since: datetime) -> list[Room]:
        """Public threads that Discord has archived meanwhile; it does so after an hour or later."""
        found: list[Room] = []
        if now() - since < UNTIL_ARCHIVED:
            return found
        for guild in self._client.guilds:
            places: list[Parent] = [*guild.text_channels, *guild.forums]
            for one in places:
                if not _is_open(one.permissions_for(guild.me)):
                    continue
                found += await self._archived(one)
        return found

    async def _archived(self, place: Parent) -> list[discord.Thread]:
        """The threads of a channel that were archived last; none where we may not know them."""
        try:
            async with self._client.calls.calling("looking for threads that were archived"):
                return [room async for room in place.archived_threads(limit=MOST_ARCHIVED)]
        except DiscordRefusedError as error:
            log.info("left out threads that were archived", platform=NAME, code=error.code)
            return []


def _rooms(client: Client) -> Iterator[discord.TextChannel | discord.Thread]:
    """Every channel and thread that we see."""
    for guild in client.guilds:
        yield from guild.text_channels
        yield from guild.threads


def _is_open(rights: discord.Permissions) -> bool:
    return rights.read_messages and rights.read_message_history
