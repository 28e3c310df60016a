"""Who asks and who reads along on Discord, as its servers know it now."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import discord

from bot import attached_files
from bot.attached_files import AttachedFile
from bot.channels import Channel
from bot.desk import Desk
from bot.places import Person, Place
from bot.platforms import Whereabouts
from bot.platforms.discord import spot as names
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import DiscordRefusedError
from bot.platforms.discord.reading import Reading
from bot.platforms.discord.spot import Spot
from bot.wording import say
from knowledge.conversations import Message

MOST_GUILDS = 20
"""Servers in which somebody is looked up who writes directly."""
OPEN_TO_ALL = frozenset({"DISCOVERABLE", "PREVIEW_ENABLED"})
"""Servers with these features can be read by whoever looks at them."""


class Rights:
    """Looks up people and places: members are asked of Discord each time."""

    def __init__(self, client: Client, desk: Desk) -> None:
        self._client, self._desk = client, desk
        host = urlsplit(desk.settings.discord.discord_api_base).hostname or ""
        self._reading = Reading(client, host)
        self._team = frozenset(map(int, desk.settings.discord.discord_guilds))

    async def whereabouts(self, spot: Spot) -> Whereabouts:
        """Who asks, and who reads the reply.

        Raises:
            DiscordBusyError: Discord does not tell just now.
        """
        await self._client.calls.connected.wait()
        person = await self.person(spot.user, spot.guild)
        place = None if spot.is_direct or spot.is_private else self.place(spot)
        return Whereabouts(person, place)

    async def with_texts(
        self, found: Whereabouts, spot: Spot, conversation: str, language: str
    ) -> Whereabouts:
        """The same with what came with the question, and with what was said before it."""
        files = [AttachedFile(*one) for one in spot.files]
        attached, unread = await attached_files.read(files, self._reading.file, language)
        if spot.reads:
            said = await self._reading.thread(spot, say("this-thread", language))
            attached = (*attached, *([said] if said else []))
        earlier = await self._earlier(spot, conversation)
        return replace(found, attached=attached, unread=unread, earlier=earlier)

    async def _earlier(self, spot: Spot, conversation: str) -> tuple[Message, ...]:
        """What was said before us: in a thread, or by whoever the question replies to."""
        is_inside = spot.message not in (0, spot.channel) and spot.channel != spot.parent
        if not (is_inside or spot.about) or await self._desk.remembers(conversation):
            return ()
        before = await self._reading.said_before(spot) if is_inside else ()
        return before or await self._reading.replied_to(spot)

    async def person(self, user: int, guild: int, here: int = 0) -> Person:
        """Somebody with roles and channels: of this server, or of all of ours where there is none.

        Who is in none of the team's servers is an outsider.

        Args:
            user: the id of that person.
            guild: the id of the server; 0 for none.
            here: a channel or thread of the server in which that person has just done something;
                of a private thread Discord does not tell without asking who is in it.
        """
        teams = [one for one in self._client.guilds if one.id == guild or not guild]
        found = await asyncio.gather(*(self._member(one, user) for one in teams[:MOST_GUILDS]))
        members = [one for one in found if one and self.is_team(one.guild.id)]
        belongs_to = frozenset(name for one in members for name in _belongs_to(one))
        if members and guild and here:
            belongs_to = belongs_to.union(names.channel(guild, here))
        is_outsider = not members or any(one.bot or one.flags.guest for one in members)
        return Person(names.person(user), belongs_to, is_outsider)

    def place(self, spot: Spot) -> Place:
        """Everybody who can read a channel: members of its server; else it is not known who."""
        short, long = names.channel(spot.guild, spot.parent)
        also = {long}
        if not self._is_open_to_its_channel(spot):
            also.update(names.channel(spot.guild, spot.channel))
        if not self._is_of_the_team(spot):
            return Place(short, has_outsiders=True, also=frozenset(also))
        return Place(short, also=frozenset({*also, names.people(spot.guild)}))

    def _is_open_to_its_channel(self, spot: Spot) -> bool:
        """Whether all who see the channel read along: there, and in a public thread of it."""
        if spot.channel == spot.parent:
            return True
        guild = self._client.get_guild(spot.guild)
        thread = guild.get_thread(spot.channel) if guild else None
        return thread is not None and not thread.is_private()

    def _is_of_the_team(self, spot: Spot) -> bool:
        """Whether nobody but members of one of the team's servers can read a channel."""
        guild = self._client.get_guild(spot.guild)
        channel = guild.get_channel(spot.parent) if guild else None
        if guild is None or channel is None or not self.is_team(guild.id):
            return False
        is_for_all = channel.permissions_for(guild.default_role).read_messages
        return not (is_for_all and OPEN_TO_ALL.intersection(guild.features))

    def channel(self, spot: Spot) -> Channel:
        """What the team has set for a place; its thread, its channel, its server, in this order."""
        if spot.is_direct:
            return self._desk.channel(*reversed(names.channel(0, spot.channel)))
        own = names.channel(spot.guild, spot.channel)
        parent = names.channel(spot.guild, spot.parent)
        return self._desk.channel(names.people(spot.guild), *parent, *own)

    def is_team(self, guild: int) -> bool:
        """Whether the people of a server are the team."""
        return not self._team or guild in self._team

    async def _member(self, guild: discord.Guild, user: int) -> discord.Member | None:
        try:
            async with self._client.calls.calling("looking up a member"):
                return await guild.fetch_member(user)
        except DiscordRefusedError:
            return None


def _belongs_to(member: discord.Member) -> Iterator[str]:
    """The server, the roles and the channels of somebody."""
    guild = member.guild
    yield names.people(guild.id)
    for role in member.roles:
        yield from names.role(guild.id, role.id)
    for channel in guild.channels:
        if channel.permissions_for(member).read_messages:
            yield from names.channel(guild.id, channel.id)
