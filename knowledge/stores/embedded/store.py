"""The embedded store: words, vectors and chunks in a folder, without a server."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import numpy as np

from knowledge import words
from knowledge.articles import Audience, Chunk
from knowledge.sqlite import writing
from knowledge.stores import Leg, Probe, StoreState, Vector
from knowledge.stores.embedded.moments import Moment, Moments
from knowledge.stores.embedded.places import NOWHERE, Slots
from knowledge.stores.embedded.rows import (
    articles_of,
    audiences_of,
    chunks_in_rows,
    chunks_of_articles,
    sources_of,
)
from knowledge.stores.embedded.schema import check_words, noted, open_database
from knowledge.stores.embedded.searching import search
from knowledge.stores.embedded.sketches import SketchTables
from knowledge.stores.embedded.writing import (
    labelled_otherwise,
    next_generation,
    rebuild_words,
    relabel,
    relabel_articles,
    replace_articles,
)
from knowledge.vectors import VectorTable

T = TypeVar("T")


class EmbeddedStore:
    """A `ChunkStore` in a folder: SQLite with full text search, and vectors in mapped files.

    Several processes may open the same folder. One writes at a time, the others wait for a few
    seconds; readers never wait for a writer and see its work when it is complete.
    """

    kind = "embedded"

    def __init__(self, folder: Path, writer: sqlite3.Connection, vectors: VectorTable) -> None:
        self.path = folder / "store.sqlite"
        self._writer, self._writer_lock = writer, threading.Lock()
        self._vectors = vectors
        self._sketches = SketchTables(folder / "sketches")
        self._moments = Moments(self.path, self._vectors, self._sketches)

    @classmethod
    async def open(cls, folder: Path, *, dimensions: int, model: str) -> "EmbeddedStore":
        """Open the store in this folder, or make one.

        Vectors are kept for each model apart, so that a change of `model` loses nothing.

        Raises:
            StoreVersionError: another version of Tertulia wrote it; it was not touched.
            VectorSizeError: the vectors of this model have another number of dimensions.
            StoreCorruptError: a file is damaged.
            StoreReadOnlyError: the folder cannot be written to.
        """
        return await asyncio.to_thread(cls._opened, folder, dimensions, model)

    @classmethod
    def _opened(cls, folder: Path, dimensions: int, model: str) -> "EmbeddedStore":
        vectors = VectorTable.open(
            folder / "vectors" / quote(model, safe=""), dimensions=dimensions
        )
        try:
            store = cls(folder, open_database(folder / "store.sqlite"), vectors)
        except BaseException:
            vectors.close()
            raise
        store._keep_words_current()
        return store

    def _keep_words_current(self) -> None:
        if noted(self._writer, "words") != words.VERSION:
            with self._writer_lock, writing(self._writer, self.path) as connection:
                rebuild_words(connection)

    async def replace(self, article_ids: Sequence[str], chunks: Sequence[Chunk]) -> None:
        """Make `chunks` the only chunks of these articles; no chunks deletes the articles."""
        await self.write(lambda connection: replace_articles(connection, article_ids, chunks))

    async def search(self, probe: Probe, *, reader: Audience, limit: int) -> list[Leg]:
        """The best `limit` chunks of every leg among those that the reader may open."""
        return await self.read(lambda moment: search(moment, probe, reader=reader, limit=limit))

    async def chunks_of(self, article_id: str, *, reader: Audience) -> list[Chunk]:
        """All chunks of one article in order; none where the reader may not open it."""
        found = await self.read(
            lambda moment: chunks_of_articles(moment.connection, [article_id]).values()
        )
        return [chunk for chunk in found if chunk.audience.admits(reader)]

    async def readable(self, chunk_ids: Sequence[str], *, reader: Audience) -> set[str]:
        """Those of these chunks that are there now and that the reader may open now."""
        found = await self.read(lambda moment: audiences_of(moment.connection, chunk_ids))
        return {name for name, audience in found.items() if audience.admits(reader)}

    async def sources(self) -> list[str]:
        """The names of all sources that have chunks here, whoever may open them, in order."""
        return await self.read(lambda moment: sorted(sources_of(moment.connection)))

    async def articles(self, source: str) -> list[str]:
        """The ids of all articles of a source, whoever may open them, in order."""
        return await self.read(lambda moment: articles_of(moment.connection, source))

    async def relabel(self, source: str, audience: Audience) -> None:
        """Make this the audience of every chunk of a source."""
        # Looking comes first: where nothing has changed, nobody waits for another writer.
        if await self.read(lambda moment: labelled_otherwise(moment.connection, source, audience)):
            await self.write(lambda connection: relabel(connection, source, audience))

    async def relabel_articles(self, audiences: Mapping[str, Audience]) -> None:
        """Make these the audiences of all chunks of these articles; unknown ones are left out."""
        if audiences:
            await self.write(lambda connection: relabel_articles(connection, audiences))

    async def batches(self, size: int) -> AsyncIterator[list[Chunk]]:
        """All chunks, for work on the whole knowledge; what comes meanwhile may be missed."""
        last = 0
        while True:
            found = await self.read(partial(_chunks_after, last, size))
            if not found:
                return
            yield list(found.values())
            last = max(found)

    async def vectors(self, text_hashes: Sequence[str]) -> dict[str, Vector]:
        """The known vectors of these texts."""
        return await asyncio.to_thread(self._vectors.get, text_hashes)

    async def add_vectors(self, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors by the hash of the text that they were made from, for good."""
        await asyncio.to_thread(self._vectors.put, vectors)

    async def without_vector(self, limit: int) -> list[Chunk]:
        """Up to `limit` chunks that have no vector yet."""
        return await self.read(lambda moment: _missing(moment, moment.places.vectors, limit))

    async def add_sketches(self, version: str, sketches: Mapping[str, Vector]) -> None:
        """Keep sketches of one version by the hash of their text; `use_sketches` shows them."""
        if sketches:
            await asyncio.to_thread(self._add_sketches, version, sketches)

    async def use_sketches(self, version: str) -> None:
        """From now on search the sketches of this version alone, and forget all others."""
        await self.write(lambda connection: _use_sketches(connection, version))
        await asyncio.to_thread(self._sketches.keep_only, version)

    async def without_sketch(self, version: str, limit: int) -> list[Chunk]:
        """Up to `limit` chunks that have no sketch of this version yet."""
        return await asyncio.to_thread(self._without_sketch, version, limit)

    async def state(self) -> StoreState:
        """How much the store holds."""
        return await self.read(_state)

    async def identity(self) -> str:
        """A random name that lasts as long as the store; one made in its place has another."""
        return await self.read(lambda moment: noted(moment.connection, "identity"))

    async def close(self) -> None:
        """Release files and connections."""
        await asyncio.to_thread(self._close)

    async def write(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job that writes, alone, all of it or nothing."""
        return await asyncio.to_thread(self._written, job)

    def _written(self, job: Callable[[sqlite3.Connection], T]) -> T:
        with self._writer_lock, writing(self._writer, self.path) as connection:
            check_words(connection, self.path)
            return job(connection)

    async def read(self, job: Callable[[Moment], T]) -> T:
        """Run a job that reads, on one state of the store."""
        return await asyncio.to_thread(self._found, job)

    def _found(self, job: Callable[[Moment], T]) -> T:
        with self._moments.now() as moment:
            return job(moment)

    def _add_sketches(self, version: str, sketches: Mapping[str, Vector]) -> None:
        width = len(next(iter(sketches.values())))
        self._sketches.made(version, dimensions=width).put(sketches)

    def _without_sketch(self, version: str, limit: int) -> list[Chunk]:
        with self._moments.with_sketches_of(version) as moment:
            return _missing(moment, moment.places.sketches, limit)

    def _close(self) -> None:
        self._moments.close()
        self._sketches.close()
        self._vectors.close()
        with self._writer_lock:
            self._writer.close()


def _missing(moment: Moment, slots: Slots, limit: int) -> list[Chunk]:
    """The first chunks whose text has no slot."""
    held = moment.places.language != NOWHERE
    rows = np.flatnonzero(held & (slots.of_row == NOWHERE))[:limit]
    return list(chunks_in_rows(moment.connection, rows.tolist()).values())


def _chunks_after(row: int, size: int, moment: Moment) -> dict[int, Chunk]:
    rows = np.flatnonzero(moment.places.language[row + 1 :] != NOWHERE)[:size] + row + 1
    return chunks_in_rows(moment.connection, rows.tolist())


def _use_sketches(connection: sqlite3.Connection, version: str) -> None:
    next_generation(connection)
    connection.execute("UPDATE about SET value = ? WHERE name = 'sketches'", (version,))


def _state(moment: Moment) -> StoreState:
    places = moment.places
    return StoreState(
        chunks=places.chunks,
        embedded=int(np.count_nonzero(places.vectors.of_row != NOWHERE)),
        sketched=int(np.count_nonzero(places.sketches.of_row != NOWHERE)),
        sketch_version=places.sketches.version,
    )
