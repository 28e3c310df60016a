"""Guilds: what a team has on Discord."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.discord import events, views
from tests.fakes.discord.channels import FORUM, TEXT, Channel
from tests.fakes.discord.people import Member, User
from tests.fakes.discord.permissions import EVERYONE, Role, bits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.fakes.discord.world import World


@dataclass(eq=False, repr=False)
class Guild:
    """A team: roles, people, channels. Its owner may everything, and so does nothing in tests."""

    world: World
    id: int
    name: str
    locale: str
    created_s: float
    has_bot: bool = True
    roles: list[Role] = field(default_factory=list)
    members: dict[int, Member] = field(default_factory=dict)
    owner: Member = field(init=False)
    bot: Member = field(init=False)

    @property
    def everyone(self) -> Role:
        """The role that everybody has."""
        return self.roles[0]

    @property
    def channels(self) -> list[Channel]:
        """Channels and forums, without threads."""
        return [each for each in self._places() if not each.is_thread]

    @property
    def threads(self) -> list[Channel]:
        """Threads that are not archived."""
        return [each for each in self._places() if each.is_thread and not each.is_archived]

    def role(self, name: str, *permissions: str, is_mentionable: bool = False) -> Role:
        """A new role."""
        role = Role(self.world.times.snowflake(), name, bits(permissions), len(self.roles))
        role.is_mentionable = is_mentionable
        self.roles.append(role)
        data = {"guild_id": str(self.id), "role": views.role(role)}
        self.world.events.emit("GUILD_ROLE_CREATE", data, intent=events.GUILDS, guild=self)
        return role

    def member(
        self, who: str | Member, *, locale: str = "en-US", roles: Iterable[Role] = ()
    ) -> Member:
        """A person who joins: a new one by name, or somebody from another guild."""
        if isinstance(who, Member):
            return self.join(who.user, roles)
        return self.join(self.world.new_user(who, locale=locale), roles)

    def another_bot(self, name: str) -> Member:
        """A bot that is not ours."""
        return self.join(self.world.new_user(name, is_bot=True), ())

    def channel(self, name: str, *, topic: str | None = None) -> Channel:
        """A new text channel."""
        return self._place(name, TEXT, topic)

    def forum(self, name: str, *, tags: Iterable[str] = ()) -> Channel:
        """A new forum, with names of tags."""
        forum = self._place(name, FORUM, None)
        forum.tags = [
            {"id": str(self.world.times.snowflake()), "name": tag, "moderated": False}
            | {"emoji_id": None, "emoji_name": None}
            for tag in tags
        ]
        return forum

    def join(self, user: User, roles: Iterable[Role]) -> Member:
        """Let a user in, and tell the bot."""
        member = Member(self.world, user, self, list(roles), joined_s=self.world.times.now())
        self.members[user.id] = member
        data = views.member(member) | {"guild_id": str(self.id)}
        self.world.events.emit("GUILD_MEMBER_ADD", data, intent=events.MEMBERS, guild=self)
        return member

    def removes(self, member: Member) -> None:
        """Throw somebody out, as owners do; the bot too."""
        if member is self.bot:
            data = {"id": str(self.id)}
            self.world.events.emit("GUILD_DELETE", data, intent=events.GUILDS, guild=self)
            self.has_bot = False
        else:
            del self.members[member.id]
            data = {"guild_id": str(self.id), "user": views.user(member.user)}  # type: ignore[dict-item]  # JSON
            self.world.events.emit("GUILD_MEMBER_REMOVE", data, intent=events.MEMBERS, guild=self)

    def invites_bot(self) -> None:
        """Let the bot in again."""
        self.has_bot = True
        self.world.events.emit("GUILD_CREATE", views.guild(self), intent=events.GUILDS, guild=self)

    def _place(self, name: str, kind: int, topic: str | None) -> Channel:
        times = self.world.times
        channel = Channel(self.world, times.snowflake(), kind, name, times.now(), self)
        channel.topic = topic
        self.world.channels[channel.id] = channel
        channel.tell("CHANNEL_CREATE")
        return channel

    def _places(self) -> list[Channel]:
        return [each for each in self.world.channels.values() if each.guild is self]


def found(world: World, name: str, *, locale: str, permissions: Iterable[str]) -> Guild:
    """A new guild with an owner and our bot, which has a role of its own."""
    guild = Guild(world, world.times.snowflake(), name, locale, world.times.now(), has_bot=False)
    guild.roles.append(Role(guild.id, "@everyone", bits(EVERYONE)))
    guild.owner = guild.member(f"Owner of {name}")
    role = guild.role(world.bot.name, *permissions)
    role.bot_id = world.bot.id
    guild.bot = guild.join(world.bot, [role])
    world.guilds[guild.id] = guild
    guild.invites_bot()
    return guild
