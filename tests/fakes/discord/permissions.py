"""Who may do what where: roles, overwrites, owners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.discord.errors import ACCESS, PERMISSIONS, RefusedError

if TYPE_CHECKING:
    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.people import Member

BITS = {
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "manage_roles": 1 << 28,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
}
# What everybody may in a new guild of Discord; to mention everyone is among it.
EVERYONE = (
    *("view_channel", "send_messages", "send_messages_in_threads", "read_message_history"),
    *("add_reactions", "embed_links", "attach_files", "mention_everyone"),
    *("use_external_emojis", "use_application_commands"),
    *("create_public_threads", "create_private_threads"),
)
ALL = (1 << 50) - 1


def bits(names: Iterable[str]) -> int:
    """The names as one number."""
    return sum(BITS[name] for name in set(names))


@dataclass(eq=False)
class Role:
    """A role; `everyone` has the id of its guild.

    Attributes:
        bot_id: of the bot that it belongs to; 0 for a role of people.
    """

    id: int
    name: str
    permissions: int
    position: int = 0
    is_mentionable: bool = False
    bot_id: int = 0


@dataclass
class Overwrite:
    """What a channel allows or denies to a role or a member."""

    allow: int = 0
    deny: int = 0
    is_member: bool = False

    def over(self, permissions: int) -> int:
        """The permissions with this on top."""
        return (permissions & ~self.deny) | self.allow


def in_guild(member: Member) -> int:
    """What somebody may in the whole guild."""
    if member.guild.owner is member:
        return ALL
    permissions = member.guild.everyone.permissions
    for role in member.roles:
        permissions |= role.permissions
    return ALL if permissions & BITS["administrator"] else permissions


def in_channel(member: Member, channel: Channel) -> int:
    """What somebody may in a channel; a thread has the overwrites of its parent."""
    permissions = in_guild(member)
    if permissions == ALL:
        return ALL
    overwrites = (channel.parent or channel).overwrites
    nothing = Overwrite()
    permissions = overwrites.get(member.guild.id, nothing).over(permissions)
    of_roles = [overwrites.get(role.id, nothing) for role in member.roles]
    for overwrite in of_roles:
        permissions &= ~overwrite.deny
    for overwrite in of_roles:
        permissions |= overwrite.allow
    permissions = overwrites.get(member.id, nothing).over(permissions)
    return permissions if permissions & BITS["view_channel"] else 0


def may(member: Member, name: str, channel: Channel) -> bool:
    """Whether somebody may do this there; in a direct message both sides may talk."""
    if channel.guild is None:
        return name not in {"manage_messages", "manage_channels", "manage_threads"}
    if name == "view_channel" and channel.is_private_thread:
        moderates = bool(in_channel(member, channel) & BITS["manage_threads"])
        return moderates or member.id in channel.joined
    return bool(in_channel(member, channel) & BITS[name])


def demand(member: Member, channel: Channel, *names: str) -> None:
    """Refuse who may not see the channel, or may not do this in it."""
    if not may(member, "view_channel", channel):
        raise RefusedError(ACCESS)
    if not all(may(member, name, channel) for name in names):
        raise RefusedError(PERMISSIONS)
