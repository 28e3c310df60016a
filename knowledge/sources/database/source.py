"""The source: rows become entries and articles, changes first, deletions by the set of keys."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DataError

from knowledge.articles import Article, Audience
from knowledge.cleaning import clean
from knowledge.language import language_of
from knowledge.sources import (
    BrokenContentError,
    Content,
    EmptyError,
    Entry,
    Notes,
    SourceUnavailableError,
    UnreadableError,
)
from knowledge.sources.database.failures import Place
from knowledge.sources.database.kinds import Kind
from knowledge.sources.database.positions import Position, packed, unpacked
from knowledge.sources.database.reader import Reader
from knowledge.sources.database.recent import Recent
from knowledge.sources.database.rows import EMPTY, NO_KEY, Reading, Row, key_in, path_of
from knowledge.sources.database.statements import (
    columns_of,
    doubled_keys,
    keys_of,
    row_with,
    rows_since,
)

T = TypeVar("T")


class DatabaseSource:
    """A database whose rows are articles. It is read in one thread, and never changed."""

    def __init__(
        self, *, name: str, audience: Audience, url: URL, kinds: Sequence[Kind], timeout_s: float
    ) -> None:
        self.name = name
        self.audience = audience
        self.has_own_audiences = any(kind.readers for kind in kinds)
        self._reader = Reader(url, timeout_s=timeout_s)
        self._place = Place(name, url, timeout_s)
        self._readings = {kind.name: self._reading(kind) for kind in kinds}
        self._recent = Recent()
        self._open: list[Generator[Any, None, None]] = []
        self._thread: ThreadPoolExecutor | None = None

    async def entries(self, since: str, _notes: Notes) -> AsyncIterator[Entry]:
        """Every row, kind by kind; of kinds with a column `changed` only what changed since.

        Rows that have just the value where the last refresh ended are named again, for others may
        have come in beside them: their stamps say that nothing changed.

        Raises:
            SourceUnavailableError: the database cannot be read, or a query is wrong.
        """
        readings = self._readings
        reached = {
            kind: position
            for kind, position in unpacked(since).items()
            if kind in readings and readings[kind].fingerprint == position.fingerprint
        }
        for name, reading in readings.items():
            async for row in self._streamed(self._rows(reading, reached.get(name)), _path_of_row):
                self._recent.add(row)
                if row.position:
                    reached[name] = row.position
                cursor = packed(reached) if row.position else ""
                yield Entry(row.path, row.stamp, cursor, row.audience)

    async def existing(self) -> AsyncIterator[str]:
        """The path of every row."""
        for reading in self._readings.values():
            async for path in self._streamed(self._paths(reading.kind), str):
                yield path

    async def content_hash(self, entry: Entry) -> str:
        """The hash of what the row says."""
        return (await self._row(entry)).stamp

    async def read(self, entry: Entry) -> Content:
        """The article of one row."""
        row = await self._row(entry)
        return Content(await asyncio.to_thread(self._article, entry.path, row), row.stamp)

    async def close(self) -> None:
        """Close every connection and end the thread."""
        self._recent.clear()
        thread, self._thread = self._thread, None
        if thread is not None:
            for rows in self._open:
                thread.submit(rows.close)
            self._open.clear()
            ended = asyncio.ensure_future(asyncio.to_thread(thread.shutdown))
            while not ended.done():  # a statement may just be about to begin
                await asyncio.to_thread(self._reader.interrupt)
                await asyncio.wait({ended}, timeout=1)

    def _article(self, path: str, row: Row) -> Article:
        text = clean(row.text)
        failure = row.failure or (None if text else EMPTY)
        if failure:
            kind = EmptyError if failure == EMPTY else BrokenContentError
            raise kind(failure[0], what_to_do=failure[1])
        return Article(
            id=f"{self.name}:{path}",
            title=" ".join(clean(row.title).split()) or path,
            text=text,
            language=row.language or language_of(text),
            audience=self.audience if row.audience is None else row.audience,
            url=row.link,
            updated_at=row.updated_at,
        )

    def _reading(self, kind: Kind) -> Reading:
        """How the rows of a kind are read.

        Where some rows have readers of their own, the others name those of the source: then a
        change of these is a change of the entry.
        """
        default = self.audience if self.has_own_audiences else None
        principals = default.principals if default else ()
        return Reading(kind, default, kind.fingerprint(principals))

    async def _row(self, entry: Entry) -> Row:
        """The row of an entry, as it was just listed or as it is now."""
        row = self._recent.get(entry.path, entry.stamp)
        if row:
            return row
        try:
            found = await self._in_thread(lambda: self._looked_up(entry.path))
        except SourceUnavailableError as error:
            raise UnreadableError(str(error), what_to_do=error.what_to_do) from error
        if found is None:
            raise UnreadableError(
                "There is no row with this key any more.", what_to_do="Refresh the source again."
            )
        return found

    def _looked_up(self, path: str) -> Row | None:
        name = path.rpartition("/")[0]
        key = key_in(path)
        if name not in self._readings or not key:
            return None
        reading = self._readings[name]
        with self._place.reading(reading.kind), self._reader.transaction() as connection:
            columns = self._columns(connection, reading.kind)
            statement = row_with(reading.kind, columns, key, is_sqlite=self._reader.is_sqlite)
            try:
                found = connection.execute(statement).mappings().first()
            except DataError:  # the key is no value that the column could have
                return None
            return reading.row(dict(found)) if found else None

    def _rows(self, reading: Reading, since: Position | None) -> Generator[list[Row], None, None]:
        """The rows of a kind, some at a time."""
        kind = reading.kind
        with self._place.reading(kind), self._reader.transaction() as connection:
            columns = self._columns(connection, kind)
            doubled = doubled_keys(kind, is_sqlite=self._reader.is_sqlite)
            if keys := [str(key) for key in connection.execute(doubled).scalars()]:
                raise self._place.doubled(kind, keys)
            statement = rows_since(kind, columns, since)
            for some in self._reader.streamed(connection, statement):
                yield [reading.row(values) for values in some]

    def _paths(self, kind: Kind) -> Generator[list[str], None, None]:
        """The paths of a kind, some at a time."""
        with self._place.reading(kind), self._reader.transaction() as connection:
            self._columns(connection, kind)
            for some in self._reader.streamed(connection, keys_of(kind)):
                yield [path_of(kind, values[kind.key]) for values in some]

    def _columns(self, connection: Connection, kind: Kind) -> list[str]:
        """The columns of a kind's query, checked against what its options name."""
        columns = list(connection.execute(columns_of(kind)).keys())
        kind.check(columns)
        return columns

    async def _streamed(
        self, rows: Generator[list[T], None, None], path: Callable[[T], str]
    ) -> AsyncIterator[T]:
        """What a generator gives, one by one; one row stands for all that have no key.

        The generator runs in our thread.
        """
        self._open.append(rows)
        keyless = False
        while some := await self._in_thread(lambda: next(rows, [])):
            for one in some:
                is_keyless = path(one).endswith(NO_KEY)
                if not (is_keyless and keyless):
                    yield one
                keyless = keyless or is_keyless
        self._open.remove(rows)

    async def _in_thread(self, function: Callable[[], T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"database-{self.name}")
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)


def _path_of_row(row: Row) -> str:
    return row.path
