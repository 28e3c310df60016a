"""What sources keep for themselves between two refreshes, in the relational database."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, String, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.columns import Written
from knowledge.database import transaction, upsert
from knowledge.schema import METADATA

NOTES = Table(
    "source_notes",
    METADATA,
    Column("source", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("note", Written, nullable=False),
)
CHOICES = "people.choices"
"""What people have chosen for themselves; no source has such a name."""
_KEYS_A_QUERY = 400  # SQLite takes 32,766 parameters, old builds 999


class SourceNotes:
    """The `Notes` of one source."""

    def __init__(self, engine: AsyncEngine, source: str) -> None:
        self._engine, self._source = engine, source

    async def get(self, keys: Sequence[str]) -> dict[str, str]:
        """The notes under these keys; those never written are missing."""
        found: dict[str, str] = {}
        async with transaction(self._engine) as connection:
            for start in range(0, len(keys), _KEYS_A_QUERY):
                rows = await connection.execute(
                    select(NOTES.c.key, NOTES.c.note).where(
                        NOTES.c.source == self._source,
                        NOTES.c.key.in_(keys[start : start + _KEYS_A_QUERY]),
                    )
                )
                found.update({row.key: row.note for row in rows})
        return found

    async def put(self, notes: Mapping[str, str]) -> None:
        """Write notes, in the place of older ones; an empty one is forgotten."""
        kept = [
            {"source": self._source, "key": key, "note": note}
            for key, note in notes.items()
            if note
        ]
        async with transaction(self._engine) as connection:
            if kept:
                await connection.execute(upsert(NOTES, self._engine), kept)
            for key in (key for key, note in notes.items() if not note):
                await connection.execute(
                    delete(NOTES).where(NOTES.c.source == self._source, NOTES.c.key == key)
                )

    async def clear(self) -> None:
        """Forget all notes of this source."""
        async with transaction(self._engine) as connection:
            await connection.execute(delete(NOTES).where(NOTES.c.source == self._source))
