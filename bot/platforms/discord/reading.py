"""What comes with a question on Discord: files, a thread, what was said before us."""

from urllib.parse import urlsplit

import aiohttp
import discord

from bot.attached_files import LIMITS, AttachedFile, UnreadError
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import DiscordRefusedError
from bot.platforms.discord.spot import Spot, person
from knowledge.articles import ATTACHED, Article, Audience
from knowledge.conversations import Message, transcript
from knowledge.history import OURSELVES
from knowledge.language import language_of

HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
FETCHED_WITHIN_S = 30.0
MOST_REMEMBERED, MOST_READ = 12, 1000


class Reading:
    """Reads what Discord keeps.

    Args:
        host: where files may be fetched besides Discord's own hosts.
    """

    def __init__(self, client: Client, host: str) -> None:
        self._client, self._hosts = client, HOSTS | {host}

    async def file(self, file: AttachedFile) -> bytes:
        """The bytes of a file; nothing but Discord's own addresses is asked.

        Raises:
            UnreadError: it is not there, or not any longer.
        """
        if urlsplit(file.url).hostname not in self._hosts:
            raise UnreadError("attached-closed")
        timeout = aiohttp.ClientTimeout(total=FETCHED_WITHIN_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(file.url, allow_redirects=False) as reply,
            ):
                if reply.status != 200:
                    raise UnreadError("attached-closed")
                content = bytearray()
                async for piece in reply.content.iter_chunked(2**16):
                    content += piece
                    if len(content) > LIMITS.file_bytes:
                        raise UnreadError("attached-too-large")
                return bytes(content)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnreadError("attached-not-read") from error

    async def said_before(self, spot: Spot) -> tuple[Message, ...]:
        """What people last said in a thread before the question, oldest first."""
        said = await self._said(spot.channel, spot.guild, MOST_REMEMBERED, before=spot.message)
        return tuple(
            Message(f"discord:{one.id}:before", person(one.author.id), one.content, one.created_at)
            for one in said
        )

    async def replied_to(self, spot: Spot) -> tuple[Message, ...]:
        """What the question replies to; nothing where we may not read it, or it is gone.

        That may be a message of ours, as Discord does not always tell whose it is: nobody has said
        what we have read somewhere.
        """
        if not spot.about:
            return ()
        try:
            async with self._client.calls.calling("reading a message"):
                room = self._client.room(spot.channel, spot.guild)
                one = await room.fetch_message(spot.about)
        except DiscordRefusedError:
            return ()
        name = f"discord:{one.id}:before:{spot.message}"  # several may ask about it
        by = OURSELVES if one.author == self._client.user else person(one.author.id)
        return (Message(name, by, one.content, one.created_at),) if one.content else ()

    async def thread(self, spot: Spot, title: str) -> Article | None:
        """A whole thread as a text; None where we may not read it, or nobody has said anything."""
        said = await self._said(spot.reads, spot.guild, MOST_READ)
        if not said:
            return None
        text = transcript((one.author.display_name, one.clean_content) for one in said)
        return Article(f"{ATTACHED}{spot.reads}", title, text, language_of(text), Audience())

    async def _said(
        self, room: int, guild: int, most: int, before: int = 0
    ) -> list[discord.Message]:
        """The last messages of people, oldest first."""
        until = discord.Object(before) if before else None
        try:
            async with self._client.calls.calling("reading a thread"):
                messages = self._client.room(room, guild).history(limit=most, before=until)
                found = [one async for one in messages if one.content and not one.author.bot]
        except DiscordRefusedError:
            return []
        return found[::-1]
