"""What people see of a channel: in order, edits applied, threads and ephemerals apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.discord.messages import THREAD_STARTER

if TYPE_CHECKING:
    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.messages import Message


@dataclass(frozen=True)
class Line:
    """One message as it is shown."""

    author: str
    text: str
    is_edited: bool = False
    reactions: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        edited = " (edited)" if self.is_edited else ""
        reactions = "".join(f" {emoji}{count}" for emoji, count in self.reactions)
        return f"{self.author}: {self.text}{edited}{reactions}"


@dataclass(frozen=True)
class Transcript:
    """A channel as people see it.

    Attributes:
        lines: what all see, oldest first.
        threads: by name, oldest first.
        only_for: by name, what one person alone sees.
    """

    lines: tuple[Line, ...] = ()
    threads: dict[str, Transcript] = field(default_factory=dict)
    only_for: dict[str, tuple[Line, ...]] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """What all see, without authors."""
        return [line.text for line in self.lines]

    def __str__(self) -> str:
        shown = [str(line) for line in self.lines]
        for name, lines in self.only_for.items():
            shown += [f"(only {name} sees) {line}" for line in lines]
        for name, thread in self.threads.items():
            shown += [f"# {name}", *(f"  {line}" for line in str(thread).splitlines())]
        return "\n".join(shown)


def transcript_of(channel: Channel) -> Transcript:
    """The transcript of a channel and its threads."""
    only_for: dict[str, tuple[Line, ...]] = {}
    for message in channel.messages.values():
        if message.only_for:
            name = message.only_for.name
            only_for[name] = (*only_for.get(name, ()), _line(message))
    shown = [message for message in channel.public if message.kind != THREAD_STARTER]
    threads = {thread.name: transcript_of(thread) for thread in channel.threads}
    return Transcript(tuple(_line(message) for message in shown), threads, only_for)


def _line(message: Message) -> Line:
    reactions = tuple((emoji, len(people)) for emoji, people in message.reactions.items())
    return Line(message.author.name, message.text, message.edited_s is not None, reactions)
