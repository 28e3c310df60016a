"""Where a question stands on Discord and where its reply goes: what a turn keeps as its place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from knowledge.turn import WORDS, Turn

NAME = "discord"
Files = tuple[tuple[str, int, str], ...]
"""Name, size and address of each."""


@dataclass(frozen=True, slots=True)
class Spot:
    """All that is needed to reply, also for a process that has just begun.

    Attributes:
        mark: names the turn in the buttons of its reply, by which that is found again.
        user: the id of who asks; 0 where nobody does.
        guild: 0 in direct messages.
        channel: where the question stands: a channel, a thread or direct messages.
        parent: the channel of a thread, else the same; its rights count.
        message: the question; 0 for a command, and where there is none.
        thread: the name of the thread to begin for the reply; empty where it stays in the channel.
        token: of a command, by which it is replied to for a quarter of an hour.
        is_private: only the person sees the reply.
        files: what is attached to the question.
        about: the message of somebody else that the question replies to; 0 for none.
        reads: the thread that is read for the question; 0 for none.
        answer: what an earlier answer to the same message is called, to be replaced.
    """

    mark: str
    user: int
    guild: int = 0
    channel: int = 0
    parent: int = 0
    message: int = 0
    thread: str = ""
    token: str = ""
    is_private: bool = False
    answer: str = ""
    files: Files = ()
    about: int = 0
    reads: int = 0

    @property
    def is_direct(self) -> bool:
        """Whether it stands in direct messages."""
        return not self.guild

    @property
    def counted_as(self) -> str:
        """The principal of the channel, its threads included; of a direct message the same way."""
        return channel(self.guild, self.parent or self.channel)[1]

    def as_json(self) -> dict[str, Any]:
        """As a turn keeps it."""
        place = asdict(self)
        return place | {WORDS: {part: place.pop(part) for part in ("thread", "files")}}

    def later(self, number: int) -> Self:
        """Where something is said later; its number makes its mark, which no message has."""
        return replace(self, mark=f"{number}.{self.mark}", token="", answer="", files=(), reads=0)

    def in_channel(self) -> Self:
        """The same without the command that it came by."""
        return replace(self, token="", is_private=False)


def alone(name: str) -> Spot:
    """Where nobody has said anything, in the channel of this full name: `discord:7:chan:9`."""
    _, guild, _, number = name.split(":")
    return Spot(number, user=0, guild=int(guild), channel=int(number), parent=int(number))


def spot_of(turn: Turn) -> Spot:
    """What a turn has kept."""
    return _read(turn.place)


def _read(place: Mapping[str, Any]) -> Spot:
    known = {one.name for one in fields(Spot)}
    parts = {**place, **place.get(WORDS, {})}
    found = Spot(**{name: value for name, value in parts.items() if name in known})
    return replace(found, files=tuple((name, size, url) for name, size, url in found.files))


def person(user: int) -> str:
    """The principal of somebody, in its short form."""
    return f"{NAME}:{user}"


def people(guild: int) -> str:
    """The principal of all who are in a guild."""
    return f"{NAME}:guild:{guild}"


def role(guild: int, number: int) -> tuple[str, str]:
    """Both principals of a role."""
    return f"{NAME}:role:{number}", f"{NAME}:{guild}:role:{number}"


def channel(guild: int, number: int) -> tuple[str, str]:
    """Both principals of a channel, the short one first."""
    return f"{NAME}:chan:{number}", f"{NAME}:{guild}:chan:{number}"


@dataclass(frozen=True, slots=True)
class Posted:
    """What the reply to a turn is called: its messages in one channel, in order."""

    channel: int = 0
    messages: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.channel}/{'+'.join(map(str, self.messages))}" if self.messages else ""


def posted_of(name: str) -> Posted:
    """What `str` has made of it."""
    channel_, _, messages = name.partition("/")
    if not messages:
        return Posted()
    return Posted(int(channel_), tuple(map(int, messages.split("+"))))
