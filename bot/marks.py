"""Moments that outlive a process: up to when a platform was heard, until when somebody was told."""

from dataclasses import dataclass
from datetime import datetime

from knowledge.notes import SourceNotes

HEARD, TOLD = "platforms.heard", "limits.told"  # no source has such a name


@dataclass(frozen=True, slots=True)
class Marks:
    """Remembers moments, also over restarts.

    Attributes:
        notes: where they are kept.
    """

    notes: SourceNotes

    async def of(self, place: str) -> datetime | None:
        """The moment that was noted of a place or a person; None where none was."""
        said = (await self.notes.get([place])).get(place)
        return datetime.fromisoformat(said) if said else None

    async def put(self, place: str, at: datetime) -> None:
        """Note a moment, in the place of the one before."""
        await self.notes.put({place: at.isoformat()})
