"""What servers do not let us do in their channels, though we need it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import discord

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    read_message_history=True,
)
"""What our role must be allowed."""
WANTED = NEEDED | discord.Permissions(attach_files=True)
"""What we ask for, and nothing else: without the rest answers come without their pictures."""
Asked = discord.TextChannel | discord.ForumChannel


@dataclass(frozen=True, slots=True)
class Lack:
    """Channels of one server that we see, and where we may not do the same things.

    Attributes:
        rights: what we may not do there, in Discord's own words.
        is_open: whether somebody will ask us something there and hear nothing, as everybody writes.
    """

    server: str
    channels: tuple[str, ...]
    rights: tuple[str, ...]
    is_open: bool

    def __str__(self) -> str:
        where = ", ".join(f"#{name}" for name in self.channels)
        return f"{self.server}: in {where} the bot may not: {', '.join(self.rights)}"


async def lacks(client: discord.Client, servers: Iterable[int]) -> list[Lack]:
    """What we may not do where, in each server that has a channel like that."""
    found: list[Lack] = []
    for number in servers:
        server = await client.fetch_guild(number)
        us = await server.fetch_member(client.user.id if client.user else 0)
        channels = [one for one in await server.fetch_channels() if isinstance(one, Asked)]
        found += _of(server, us, channels)
    return found


def _of(server: discord.Guild, us: discord.Member, channels: list[Asked]) -> Iterator[Lack]:
    """What we may not do in these channels, those of a kind together."""
    kinds: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for channel in channels:
        ours = channel.permissions_for(us)
        missing = _missing(ours, WANTED)
        if missing:
            everybody = channel.permissions_for(server.default_role)
            is_open = everybody.send_messages and bool(_missing(ours, NEEDED))
            kinds.setdefault((missing, is_open), []).append(channel.name)
    for (rights, is_open), names in kinds.items():
        yield Lack(server.name, tuple(names), rights, is_open)


def _missing(rights: discord.Permissions, wanted: discord.Permissions) -> tuple[str, ...]:
    """What we may not do where we see a channel; a channel that we do not see is meant so."""
    if not rights.view_channel:
        return ()
    lacking = [name for name, is_wanted in wanted if is_wanted and not getattr(rights, name)]
    return tuple(name.replace("_", " ").title() for name in lacking)
