"""Where on Slack something was said, and so where its reply goes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Self

from knowledge.turn import Turn

NAME = "slack"


def file_ids(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of what is attached to a message as Slack tells it."""
    return tuple(str(file["id"]) for file in message.get("files", ()) if file.get("id"))


@dataclass(frozen=True, slots=True)
class Spot:
    """A message, command or shortcut of somebody.

    Attributes:
        ts: Slack's name of the message; of a command, one of ours.
        thread: the `ts` of the message above the thread; the reply goes there.
        is_direct: whether only the person and we read this channel.
        response_url: where an answer goes that only the person sees; empty where all see it.
        answer: the `ts` of the messages of an earlier answer, which this one replaces.
        files: ids of what is attached.
        reads_thread: whether the thread itself is what the question is about.
        is_one_of_many: whether the workspace is one of several: then people and channels are named
            with it, since what they are called is unique in one workspace alone.
        edition: when the message was edited; empty where it was not.
        is_alone: whether our message stands by itself in the channel, in no thread.
    """

    team: str
    channel: str
    user: str
    ts: str
    thread: str = ""
    is_direct: bool = False
    is_private: bool = False
    response_url: str = ""
    answer: str = ""
    files: tuple[str, ...] = ()
    edition: str = ""
    reads_thread: bool = False
    is_one_of_many: bool = False
    is_alone: bool = False

    @classmethod
    def alone(cls, name: str, *, is_one_of_many: bool) -> Self:
        """Where nobody has said anything, in the channel of this full name: `slack:T1:chan:C9`."""
        _, team, _, channel = name.split(":")
        is_direct = channel.startswith("D")
        spot = cls(team, channel, "", "", is_direct=is_direct, is_one_of_many=is_one_of_many)
        return replace(spot, is_alone=True)

    @classmethod
    def of(cls, place: Mapping[str, Any]) -> Self:
        """The spot that a turn's place holds."""
        known = {one.name: place[one.name] for one in fields(cls) if one.name in place}
        return cls(**(known | {"files": tuple(place.get("files", ()))}))

    @property
    def place(self) -> dict[str, Any]:
        """As a turn keeps it."""
        return asdict(self) | {"files": list(self.files)}

    @property
    def key(self) -> str:
        """The name of the message, by which it is known when it comes again."""
        return f"{NAME}:{self.team}:{self.channel}:{self.ts}"

    @property
    def edition_key(self) -> str:
        """The name of the message as it reads now."""
        return f"{self.key}:{self.edition}"

    @property
    def conversation(self) -> str:
        """The thread; what somebody asks in private is a conversation of its own."""
        if self.is_private:
            return f"{NAME}:{self.team}:{self.channel}:private:{self.user}"
        return f"{NAME}:{self.team}:{self.channel}:{self.root}"

    @property
    def root(self) -> str:
        """The message above the thread in which the reply stands; empty where it is in none."""
        return "" if self.is_alone else self.thread or self.ts

    @property
    def author(self) -> str:
        """The principal of whoever has said it."""
        return self.person(self.user)

    def person(self, user: str) -> str:
        """The principal of somebody here."""
        return f"{NAME}:{self.team}:user:{user}" if self.is_one_of_many else f"{NAME}:{user}"

    def person_names(self, user: str) -> tuple[str, ...]:
        """How `tertulia.toml` may name somebody here."""
        full = f"{NAME}:{self.team}:user:{user}"
        return (full,) if self.is_one_of_many else (full, f"{NAME}:{user}")

    def later(self, number: int, at: datetime) -> Self:
        """A message of ours in the same place, named as if somebody had asked for it just then.

        What only one person may see goes to them directly: elsewhere it would be gone soon.
        """
        thread = self.thread if self.is_private else self.root
        ts = f"{int(at.timestamp())}.{number % 1_000_000:06}"
        named = replace(self, ts=ts, thread=thread, edition="later")
        return replace(named, answer="", files=(), reads_thread=False, response_url="")

    def turn(self, text: str, locale: str) -> Turn:
        """What somebody has said here, as it is written down."""
        return Turn(
            platform=NAME,
            keys=(self.key,),
            conversation=self.conversation,
            author=self.author,
            text=text,
            place=self.place,
            locale=locale,
            channel=self.channel_names[-1],
        )

    @property
    def channel_names(self) -> tuple[str, ...]:
        """How `tertulia.toml` may name the channel; the later name counts more."""
        full = f"{NAME}:{self.team}:chan:{self.channel}"
        return (full,) if self.is_one_of_many else (f"{NAME}:{self.channel}", full)
