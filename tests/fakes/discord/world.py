"""Everything that Discord knows: accounts, guilds, channels, interactions, and the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.discord import guilds
from tests.fakes.discord.cdn import Cdn
from tests.fakes.discord.channels import DIRECT, GROUP, Channel
from tests.fakes.discord.commands import Commands
from tests.fakes.discord.events import Events
from tests.fakes.discord.people import User
from tests.fakes.discord.permissions import may
from tests.fakes.discord.times import Clock, Times

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.fakes.discord.guilds import Guild
    from tests.fakes.discord.interactions import Interaction
    from tests.fakes.discord.messages import Message
    from tests.fakes.discord.people import Member


class World:
    """The state, and the few questions that everything asks of it.

    Attributes:
        privileged: the intents that are switched on in the portal.
        interactions: by token.
        nonces: by channel, author and nonce, what was posted with it.
    """

    def __init__(self, clock: Clock, *, bot: str, privileged: Iterable[str]) -> None:
        self.times = Times(clock)
        self.privileged = set(privileged)
        self.events = Events()
        self.cdn = Cdn(self.times)
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.interactions: dict[str, Interaction] = {}
        self.nonces: dict[tuple[int, int, str], Message] = {}
        self.bot = self.new_user(bot, is_bot=True)
        self.commands = Commands(self)

    def new_user(self, name: str, *, locale: str = "en-US", is_bot: bool = False) -> User:
        """A new account."""
        user = User(self.times.snowflake(), name, locale, is_bot)
        self.users[user.id] = user
        return user

    def new_guild(self, name: str, *, locale: str, permissions: Iterable[str]) -> Guild:
        """A new guild with our bot in it."""
        return guilds.found(self, name, locale=locale, permissions=permissions)

    def direct(self, user: User) -> Channel:
        """The direct messages between a person and our bot."""
        for channel in self.channels.values():
            if channel.recipient is user and channel.kind == DIRECT:
                return channel
        return self._with(user, DIRECT, f"@{user.name}")

    def group(self, user: User, name: str) -> Channel:
        """Direct messages of several people, in one of whom our bot is installed."""
        return self._with(user, GROUP, name)

    def _with(self, user: User, kind: int, name: str) -> Channel:
        channel = Channel(self, self.times.snowflake(), kind, name, self.times.now())
        channel.recipient = user
        self.channels[channel.id] = channel
        return channel

    def bot_in(self, place: Channel) -> Member:
        """Our bot as a member of the channel's guild, or of any for direct messages."""
        return (place.guild or next(iter(self.guilds.values()))).bot

    def bot_sees(self, place: Channel) -> bool:
        """Whether our bot sees a channel."""
        if place.guild is None:
            return True
        return place.guild.has_bot and may(place.guild.bot, "view_channel", place)

    def may_read(self, message: Message) -> bool:
        """Whether our bot reads a message without the intent for it."""
        is_direct = message.channel.guild is None
        return is_direct or message.author is self.bot or self.bot in message.mentioned

    def has_content(self) -> bool:
        """Whether REST shows the content of messages."""
        return "message_content" in self.privileged
