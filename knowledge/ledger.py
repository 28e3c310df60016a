"""What was indexed from where: so that a refresh touches only what has changed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Column, String, Table, Text, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.columns import Written
from knowledge.database import transaction, upsert
from knowledge.instants import Instant
from knowledge.notes import SourceNotes
from knowledge.schema import METADATA
from knowledge.terms import SourceTerms

_RECORDS = Table(
    "ledger",
    METADATA,
    Column("source", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("stamp", String, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("failure", Written, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
_CURSORS = Table(
    "source_cursors",
    METADATA,
    Column("source", String, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("fingerprint", String, nullable=False),
)
_PATHS_A_QUERY = 400  # SQLite takes 32,766 parameters, old builds 999
_ROWS_A_PAGE = 2000


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one entry when it was last looked at.

    Attributes:
        stamp: the entry's stamp at that time, and for whom it was where it says so itself; empty
            or `again` where it must be looked at again anyway.
        content_hash: of the bytes that are indexed; empty where none ever were.
        fingerprint: of the pipeline that made its chunks.
        failure: why these bytes could not be read; empty where they could.
    """

    path: str
    stamp: str
    content_hash: str
    fingerprint: str
    failure: str = ""
    recorded_at: datetime = field(default_factory=_now)


class Ledger:
    """The records of all sources, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def records(self, source: str, paths: Sequence[str]) -> dict[str, Record]:
        """What is known of these entries, by path; paths never seen are missing."""
        found: dict[str, Record] = {}
        async with transaction(self._engine) as connection:
            for start in range(0, len(paths), _PATHS_A_QUERY):
                rows = await connection.execute(
                    select(*_RECORDS.c[1:]).where(
                        _RECORDS.c.source == source,
                        _RECORDS.c.path.in_(paths[start : start + _PATHS_A_QUERY]),
                    )
                )
                found.update({row.path: Record(*row) for row in rows})
        return found

    async def paths(self, source: str) -> AsyncIterator[str]:
        """Every recorded path of a source, in order; the ledger may change meanwhile."""
        last = ""
        while True:
            async with transaction(self._engine) as connection:
                page = await connection.scalars(
                    select(_RECORDS.c.path)
                    .where(_RECORDS.c.source == source, _RECORDS.c.path > last)
                    .order_by(_RECORDS.c.path)
                    .limit(_ROWS_A_PAGE)
                )
                found = page.all()
            for path in found:
                yield path
            if len(found) < _ROWS_A_PAGE:
                return
            last = found[-1]

    async def failures(self, source: str) -> list[Record]:
        """The records of all entries that could not be read when they were last looked at."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(
                select(*_RECORDS.c[1:])
                .where(_RECORDS.c.source == source, _RECORDS.c.failure != "")
                .order_by(_RECORDS.c.path)
            )
            return [Record(*row) for row in rows]

    async def cursor(self, source: str, fingerprint: str) -> str:
        """Where this pipeline got to in a source; empty where it has to begin at the beginning."""
        async with transaction(self._engine) as connection:
            found = await connection.scalar(
                select(_CURSORS.c.cursor).where(
                    _CURSORS.c.source == source, _CURSORS.c.fingerprint == fingerprint
                )
            )
            return str(found or "")

    async def move_cursor(self, source: str, cursor: str, fingerprint: str) -> None:
        """Note where this pipeline got to; an empty cursor is the beginning."""
        row = {"source": source, "cursor": cursor, "fingerprint": fingerprint}
        async with transaction(self._engine) as connection:
            await connection.execute(upsert(_CURSORS, self._engine), [row])

    def notes(self, source: str) -> SourceNotes:
        """What a source keeps for itself."""
        return SourceNotes(self._engine, source)

    def terms(self, source: str) -> SourceTerms:
        """Where a source's articles came from, and who may read them."""
        return SourceTerms(self._engine, source)

    async def articles(self) -> dict[str, int]:
        """How many articles of each source were indexed, by the source's name."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(
                select(_RECORDS.c.source, func.count())
                .where(_RECORDS.c.content_hash != "")
                .group_by(_RECORDS.c.source)
                .order_by(_RECORDS.c.source)
            )
            return {row[0]: row[1] for row in rows}

    async def record(self, source: str, records: Sequence[Record]) -> None:
        """Write what became of these entries, in one transaction."""
        if not records:
            return
        rows = [{"source": source, **asdict(record)} for record in records]
        async with transaction(self._engine) as connection:
            await connection.execute(upsert(_RECORDS, self._engine), rows)

    async def doubt(self, source: str) -> None:
        """Have the next refresh look at every entry of a source as if for the first time."""
        async with transaction(self._engine) as connection:
            for table in (_RECORDS, _CURSORS):
                believed = (table.c.source == source, table.c.fingerprint != "")
                await connection.execute(update(table).where(*believed).values(fingerprint=""))

    async def forget(self, source: str, paths: Sequence[str]) -> None:
        """Remove the records of entries that are gone."""
        async with transaction(self._engine) as connection:
            for start in range(0, len(paths), _PATHS_A_QUERY):
                some = paths[start : start + _PATHS_A_QUERY]
                await connection.execute(
                    delete(_RECORDS).where(_RECORDS.c.source == source, _RECORDS.c.path.in_(some))
                )
