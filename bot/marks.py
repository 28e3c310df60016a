"""Up to when everything said to us on a platform is known to have been heard."""

from dataclasses import dataclass
from datetime import datetime

from knowledge.notes import SourceNotes

NOTES = "platforms.heard"  # no source has such a name


@dataclass(frozen=True, slots=True)
class Marks:
    """Remembers moments, also over restarts.

    Attributes:
        notes: where they are kept.
    """

    notes: SourceNotes

    async def of(self, place: str) -> datetime | None:
        """Up to when all of a place was heard; None where that was never noted."""
        said = (await self.notes.get([place])).get(place)
        return datetime.fromisoformat(said) if said else None

    async def put(self, place: str, at: datetime) -> None:
        """All that was said in a place before this moment is heard."""
        await self.notes.put({place: at.isoformat()})
