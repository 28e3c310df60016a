"""Text channels, forums, threads, direct messages: where messages stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.discord import events, views
from tests.fakes.discord.permissions import Overwrite, Role, bits
from tests.fakes.discord.transcript import Transcript, transcript_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.fakes.discord.errors import Json
    from tests.fakes.discord.guilds import Guild
    from tests.fakes.discord.messages import Message
    from tests.fakes.discord.people import Member, User
    from tests.fakes.discord.world import World

TEXT, DIRECT, GROUP, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 3, 11, 12, 15
TYPING_LASTS_S = 10.0


@dataclass(eq=False, repr=False)
class Channel:
    """A place with messages; a forum has threads only.

    Attributes:
        parent: the channel or forum of a thread.
        recipient: the person of a direct message; of a group the one who uses the bot there.
        joined: ids of who takes part in a thread.
        typed_s: who typed when last, on the fake's clock.
    """

    world: World
    id: int
    kind: int
    name: str
    created_s: float
    guild: Guild | None = None
    parent: Channel | None = None
    topic: str | None = None
    owner: User | None = None
    recipient: User | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    joined: set[int] = field(default_factory=set)
    tags: list[Json] = field(default_factory=list)
    applied_tags: list[int] = field(default_factory=list)
    auto_archive_minutes: int = 1440
    is_archived: bool = False
    is_locked: bool = False
    archived_s: float = 0.0
    typed_s: dict[str, float] = field(default_factory=dict)

    @property
    def mention(self) -> str:
        """How the channel is named in a text."""
        return f"<#{self.id}>"

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread, a post of a forum included."""
        return self.kind in (PUBLIC_THREAD, PRIVATE_THREAD)

    @property
    def is_private_thread(self) -> bool:
        """Whether only invited people see it."""
        return self.kind == PRIVATE_THREAD

    @property
    def is_typing(self) -> bool:
        """Whether people see just now that somebody types."""
        now = self.world.times.now()
        return any(now - typed < TYPING_LASTS_S for typed in self.typed_s.values())

    @property
    def public(self) -> list[Message]:
        """What stands here for all, oldest first."""
        return [each for each in self.messages.values() if each.only_for is None]

    @property
    def last(self) -> Message:
        """The newest message that all see."""
        return self.public[-1]

    @property
    def threads(self) -> list[Channel]:
        """The threads of this channel, oldest first."""
        return [each for each in self.world.channels.values() if each.parent is self]

    def said_by(self, who: User | Member) -> list[Message]:
        """What one person or the bot said here, oldest first."""
        return [message for message in self.public if message.author.id == who.id]

    def allow(self, who: Role | Member, *names: str) -> None:
        """Allow something here, by overwrite."""
        overwrite = self._overwrite(who)
        overwrite.allow |= bits(names)
        overwrite.deny &= ~bits(names)
        self.tell("CHANNEL_UPDATE")

    def deny(self, who: Role | Member, *names: str) -> None:
        """Deny something here, by overwrite."""
        overwrite = self._overwrite(who)
        overwrite.deny |= bits(names)
        overwrite.allow &= ~bits(names)
        self.tell("CHANNEL_UPDATE")

    def only_for(self, *who: Role | Member) -> None:
        """Let nobody see it but these (and the owner of the guild)."""
        assert self.guild
        self.deny(self.guild.everyone, "view_channel")
        for each in who:
            self.allow(each, "view_channel")

    def archive(self, *, locked: bool = False) -> None:
        """Put a thread away, as moderators or time do."""
        self.is_archived, self.is_locked = True, locked
        self.archived_s = self.world.times.now()
        self.tell("THREAD_UPDATE")

    def delete(self) -> None:
        """Take it away, with its threads."""
        for thread in self.threads:
            thread.delete()
        self.tell("THREAD_DELETE" if self.is_thread else "CHANNEL_DELETE")
        del self.world.channels[self.id]

    def transcript(self) -> Transcript:
        """What people see here."""
        return transcript_of(self)

    def tell(self, event: str, **more: object) -> None:
        """Tell the bot that something became of this channel."""
        self.world.events.emit(event, views.channel(self) | more, intent=events.GUILDS, place=self)

    def _overwrite(self, who: Role | Member) -> Overwrite:
        fresh = Overwrite(is_member=not isinstance(who, Role))
        return self.overwrites.setdefault(who.id, fresh)


def open_thread(
    parent: Channel,
    name: str,
    owner: User,
    *,
    starter: Message | None = None,
    kind: int = PUBLIC_THREAD,
    tags: Iterable[int] = (),
) -> Channel:
    """A new thread; one that begins at a message has its id."""
    world = parent.world
    thread = Channel(
        world,
        starter.id if starter else world.times.snowflake(),
        kind,
        name,
        world.times.now(),
        guild=parent.guild,
        parent=parent,
        owner=owner,
        joined={owner.id},
        applied_tags=list(tags),
    )
    world.channels[thread.id] = thread
    thread.tell("THREAD_CREATE", newly_created=True)
    return thread
