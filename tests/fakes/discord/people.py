"""People and bots, and what people do: say, edit, react, run commands, click."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.discord import posting, using
from tests.fakes.discord.channels import Channel, open_thread
from tests.fakes.discord.errors import NotPossibleError
from tests.fakes.discord.permissions import Role, may

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.fakes.discord.guilds import Guild
    from tests.fakes.discord.interactions import Interaction
    from tests.fakes.discord.messages import Message
    from tests.fakes.discord.world import World


@dataclass(eq=False)
class User:
    """An account.

    Attributes:
        takes_direct: whether others may write to this person directly.
    """

    id: int
    name: str
    locale: str = "en-US"
    is_bot: bool = False
    takes_direct: bool = True

    @property
    def mention(self) -> str:
        """How the account is named in a text."""
        return f"<@{self.id}>"


@dataclass(eq=False, repr=False)
class Member:
    """A person (or a bot) in a guild, and all that people do with the mouse and the keyboard."""

    world: World
    user: User
    guild: Guild
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None
    joined_s: float = 0.0

    @property
    def id(self) -> int:
        """The id of the account."""
        return self.user.id

    @property
    def name(self) -> str:
        """The name that all see."""
        return self.user.name

    @property
    def mention(self) -> str:
        """How the person is named in a text."""
        return self.user.mention

    @property
    def direct(self) -> Channel:
        """The direct messages with our bot."""
        return self.world.direct(self.user)

    async def says(
        self,
        place: Channel,
        text: str,
        *,
        reply_to: Message | None = None,
        attachments: Mapping[str, bytes] | None = None,
    ) -> Message:
        """Write into a channel, a thread or the direct messages."""
        self._demand(place, "send_messages_in_threads" if place.is_thread else "send_messages")
        if place.is_locked:
            self._demand(place, "manage_threads")
        files = [self.world.cdn.keep(name, file) for name, file in (attachments or {}).items()]
        draft = posting.Draft(content=text, files=files, reference=reply_to)
        return posting.post(place, self, draft)

    async def mentions(
        self, place: Channel, text: str, *, reply_to: Message | None = None
    ) -> Message:
        """Write `@Tertulia text`."""
        return await self.says(place, f"{self.world.bot.mention} {text}", reply_to=reply_to)

    async def writes_to_bot(
        self, text: str, *, attachments: Mapping[str, bytes] | None = None
    ) -> Message:
        """Write a direct message."""
        return await self.says(self.direct, text, attachments=attachments)

    async def edits(self, message: Message, text: str) -> None:
        """Change what one said."""
        self._demand_own(message)
        posting.edit(message, posting.Draft(content=text), self)

    async def deletes(self, message: Message) -> None:
        """Take back what one said, or what one may moderate."""
        if not may(self, "manage_messages", message.channel):
            self._demand_own(message)
        posting.delete(message)

    async def reacts(self, message: Message, emoji: str) -> None:
        """Put an emoji below a message."""
        self._demand(message.channel, "read_message_history")
        posting.react(message, self, emoji)

    async def unreacts(self, message: Message, emoji: str) -> None:
        """Take one's emoji away."""
        posting.unreact(message, self.user, emoji)

    async def types(self, place: Channel) -> None:
        """Let others see that one types."""
        self._demand(place)
        posting.type_in(place, self)

    async def opens_thread(self, start: Message | Channel, name: str) -> Channel:
        """Open a thread, from a message or beside one."""
        if isinstance(start, Channel):
            self._demand(start, "create_public_threads")
            return open_thread(start, name, self.user)
        self._demand(start.channel, "create_public_threads")
        return posting.thread_from(start, name, self.user)

    async def posts(
        self, forum: Channel, title: str, text: str, *, tags: Iterable[str] = ()
    ) -> Channel:
        """Open a post in a forum."""
        self._demand(forum, "send_messages")
        ids = [int(tag["id"]) for tag in forum.tags if tag["name"] in set(tags)]
        thread = open_thread(forum, title, self.user, tags=ids)
        posting.post(thread, self, posting.Draft(content=text), at_id=thread.id)
        return thread

    async def runs(self, command: str, place: Channel, **options: object) -> Interaction:
        """Run a slash command: `ana.runs("ask", channel, question="...")`, `"group sub"` too."""
        self._demand(place, "use_application_commands")
        return using.run(self, command, place, options)

    async def completes(self, command: str, place: Channel, **options: object) -> list[str]:
        """What is offered while the last of these options is being typed: the names of choices."""
        self._demand(place, "use_application_commands")
        return await using.complete(self, command, place, options)

    async def uses_on(self, target: Message | Member, command: str) -> Interaction:
        """Use a context menu on a message, or on somebody."""
        if isinstance(target, Member):
            return using.use_on_member(self, target, command)
        self._demand(target.channel, "use_application_commands")
        return using.use_on_message(self, target, command)

    async def clicks(self, message: Message, custom_id: str) -> Interaction:
        """Press a button."""
        self._demand_seen(message)
        return using.click(self, message, custom_id)

    async def selects(self, message: Message, custom_id: str, *values: str) -> Interaction:
        """Choose in a menu."""
        self._demand_seen(message)
        return using.click(self, message, custom_id, values=values)

    async def submits(self, asked: Interaction, values: Mapping[str, object]) -> Interaction:
        """Fill in the form that an interaction brought, by the ids of its fields."""
        return using.submit(self, asked, values)

    def sees(self, place: Channel) -> bool:
        """Whether this person sees a channel."""
        if place.guild is None:
            return place.recipient is self.user
        return place.guild is self.guild and may(self, "view_channel", place)

    def _demand(self, place: Channel, *names: str) -> None:
        if not self.sees(place):
            raise NotPossibleError(f"{self.name} does not see {place.name}.")
        for name in names:
            if not may(self, name, place):
                raise NotPossibleError(f"{self.name} may not {name} in {place.name}.")

    def _demand_own(self, message: Message) -> None:
        if message.author is not self.user:
            raise NotPossibleError(f"{self.name} did not write that.")

    def _demand_seen(self, message: Message) -> None:
        self._demand(message.channel)
        if message.only_for not in (None, self.user) or message.is_deleted:
            raise NotPossibleError(f"{self.name} does not see that message.")
