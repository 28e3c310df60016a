"""A session of the gateway: what was told in which order, so that it can be resumed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tests.fakes.discord.errors import Json
    from tests.fakes.discord.events import Event

DISPATCH = 0


class Line(Protocol):
    """A connection that a session speaks through."""

    def send(self, frame: Json) -> None:
        """Put a frame on its way."""
        ...


@dataclass(eq=False)
class Session:
    """What one IDENTIFY began.

    Attributes:
        shard: its number, and of how many.
        told: every frame so far; the sequence number of a frame is its place, from 1.
        line: the connection, or None between a break and a RESUME.
    """

    id: str
    intents: int
    shard: tuple[int, int]
    line: Line | None
    told: list[Json] = field(default_factory=list)

    def wants(self, event: Event) -> bool:
        """Whether the event is for this shard and its intents."""
        if event.intent and not self.intents & event.intent:
            return False
        number, count = self.shard
        return (0 if event.guild_id is None else (event.guild_id >> 22) % count) == number

    def tell(self, event: Event) -> None:
        """Tell an event, now or at the next RESUME."""
        self.hand_out(event.name, event.data)

    def hand_out(self, name: str, data: Json) -> None:
        """Number a frame, keep it, send it."""
        frame = {"op": DISPATCH, "t": name, "s": len(self.told) + 1, "d": data}
        self.told.append(frame)
        if self.line is not None:
            self.line.send(frame)

    def repeat(self, name: str) -> None:
        """The last frame of this name, as a new one."""
        found = [frame for frame in self.told if frame["t"] == name]
        if found:
            self.hand_out(name, found[-1]["d"])

    def resume(self, line: Line, sequence: int) -> None:
        """Go on over another connection: what was missed, in order, then RESUMED."""
        self.line = line
        for frame in self.told[sequence:]:
            line.send(frame)
        self.hand_out("RESUMED", {})
