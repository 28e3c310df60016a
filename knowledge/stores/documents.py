"""The embedded store as Haystack knows stores: its chunks are documents with metadata."""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar
from urllib.parse import quote

import numpy as np
from haystack import default_from_dict, default_to_dict
from haystack.dataclasses import Document
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy

from knowledge.articles import Audience, Chunk
from knowledge.sqlite import translated, writing
from knowledge.stores.embedded.rows import chunks_in_rows
from knowledge.stores.embedded.schema import check_words, open_database
from knowledge.stores.embedded.writing import insert, next_generation, rebuild_words, remove
from knowledge.stores.filters import Condition, compiled
from knowledge.vectors import VectorTable

T = TypeVar("T")

# A document that came through this door is kept whole; a chunk that did not is shown as one.
_FOUND = """
    SELECT row, body FROM (
        SELECT c.row, coalesce(d.body, json_object('id', c.id, 'content', c.text, 'meta',
            json_object('article', c.article, 'position', c.position, 'title', c.title,
                'heading', json(c.heading), 'url', c.url, 'page', c.page,
                'updated_at', c.updated_at, 'language', l.code, 'audience', json(a.principals)
            ))) AS body
        FROM chunks c LEFT JOIN documents d ON d.row = c.row JOIN places p ON p.row = c.row
        JOIN languages l ON l.id = p.language JOIN audiences a ON a.id = p.audience
    ) WHERE {condition} ORDER BY row
"""


class ChunkDocumentStore:
    """A Haystack `DocumentStore` in the folder of an `EmbeddedStore`.

    The metadata `article`, `position`, `title`, `language` and `audience` (a list of principals)
    mean what they mean for a chunk. Nobody finds a document without an audience by searching the
    `EmbeddedStore`; here, as in every Haystack store, the caller sees everything.
    """

    def __init__(self, folder: str, *, dimensions: int, model: str) -> None:
        self.folder, self.dimensions, self.model = folder, dimensions, model
        self._path = Path(folder) / "store.sqlite"
        self._vectors = VectorTable.open(
            Path(folder) / "vectors" / quote(model, safe=""), dimensions=dimensions
        )
        self._connection = open_database(self._path)
        self._lock = threading.Lock()
        with writing(self._connection, self._path):
            rebuild_words(self._connection)

    def to_dict(self) -> dict[str, Any]:
        """What Haystack keeps of the store in a serialised pipeline."""
        return default_to_dict(
            self, folder=self.folder, dimensions=self.dimensions, model=self.model
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ChunkDocumentStore":
        """The store of a serialised pipeline."""
        return default_from_dict(cls, data)

    def count_documents(self) -> int:
        """How many documents there are."""
        return len(self._read(Condition("1")))

    def filter_documents(self, filters: dict[str, Any] | None = None) -> list[Document]:
        """The documents that match, oldest place first.

        Raises:
            FilterError: the filters are malformed.
        """
        return list(self._read(compiled(filters)).values())

    def write_documents(
        self, documents: list[Document], policy: DuplicatePolicy = DuplicatePolicy.NONE
    ) -> int:
        """Add documents, all or none, and return how many were written; NONE means FAIL.

        Raises:
            ValueError: something is no document.
            DuplicateDocumentError: a document with such an id is there already (FAIL).
        """
        if not isinstance(documents, list) or not all(isinstance(d, Document) for d in documents):
            raise ValueError("write_documents needs a list of Haystack documents.")
        written = self._write(lambda connection: _written(connection, documents, policy))
        self._keep_vectors(written)
        return len(documents) if policy == DuplicatePolicy.OVERWRITE else len(written)

    def delete_documents(self, document_ids: list[str]) -> None:
        """Delete the documents with these ids; an id that is not there is no error."""
        condition = compiled({"field": "id", "operator": "in", "value": document_ids})
        self._write(lambda connection: _deleted(connection, condition))

    def delete_all_documents(self) -> None:
        """Delete every document; vectors are kept for texts that come back."""
        self._write(lambda connection: _deleted(connection, Condition("1")))

    def delete_by_filter(self, filters: dict[str, Any]) -> int:
        """Delete the documents that match and return how many there were."""
        condition = compiled(filters)
        return self._write(lambda connection: _deleted(connection, condition))

    def update_by_filter(self, filters: dict[str, Any], meta: dict[str, Any]) -> int:
        """Set these metadata in the documents that match and return how many there were."""
        condition = compiled(filters)
        return self._write(lambda connection: _updated(connection, condition, meta))

    async def count_documents_async(self) -> int:
        """As `count_documents`."""
        return await asyncio.to_thread(self.count_documents)

    async def filter_documents_async(self, filters: dict[str, Any] | None = None) -> list[Document]:
        """As `filter_documents`."""
        return await asyncio.to_thread(self.filter_documents, filters)

    async def write_documents_async(
        self, documents: list[Document], policy: DuplicatePolicy = DuplicatePolicy.NONE
    ) -> int:
        """As `write_documents`."""
        return await asyncio.to_thread(self.write_documents, documents, policy)

    async def delete_documents_async(self, document_ids: list[str]) -> None:
        """As `delete_documents`."""
        await asyncio.to_thread(self.delete_documents, document_ids)

    async def delete_all_documents_async(self) -> None:
        """As `delete_all_documents`."""
        await asyncio.to_thread(self.delete_all_documents)

    async def delete_by_filter_async(self, filters: dict[str, Any]) -> int:
        """As `delete_by_filter`."""
        return await asyncio.to_thread(self.delete_by_filter, filters)

    async def update_by_filter_async(self, filters: dict[str, Any], meta: dict[str, Any]) -> int:
        """As `update_by_filter`."""
        return await asyncio.to_thread(self.update_by_filter, filters, meta)

    def close(self) -> None:
        """Release the files."""
        self._vectors.close()
        self._connection.close()

    def _write(self, job: Callable[[Connection], T]) -> T:
        with self._lock, writing(self._connection, self._path) as connection:
            check_words(connection, self._path)
            return job(connection)

    def _read(self, condition: Condition) -> dict[int, Document]:
        with self._lock, translated(self._path):
            return _found(self._connection, condition)

    def _keep_vectors(self, documents: Sequence[Document]) -> None:
        """Let the embedded store find a document by its embedding, if it is from its model."""
        self._vectors.put(
            {
                _chunk(document).text_hash: np.array(document.embedding, dtype=np.float32)
                for document in documents
                if document.embedding and len(document.embedding) == self.dimensions
            }
        )


def _found(connection: Connection, condition: Condition) -> dict[int, Document]:
    """The documents that match, by row."""
    rows = connection.execute(_FOUND.format(condition=condition.sql), condition.values)
    return {row: Document.from_dict(json.loads(body)) for row, body in rows}


def _written(
    connection: Connection, documents: Sequence[Document], policy: DuplicatePolicy
) -> list[Document]:
    """Write what the policy lets through, and return it."""
    wanted = {document.id: document for document in documents}
    ids = {"field": "id", "operator": "in", "value": list(wanted)}
    known = {document.id for document in _found(connection, compiled(ids)).values()}
    if policy == DuplicatePolicy.OVERWRITE:
        _deleted(connection, compiled(ids))
    elif policy == DuplicatePolicy.SKIP:
        wanted = {name: document for name, document in wanted.items() if name not in known}
    elif known or len(wanted) < len(documents):
        raise DuplicateDocumentError(f"Documents with these ids exist: {sorted(known)}.")
    _insert(connection, list(wanted.values()))
    return list(wanted.values())


def _insert(connection: Connection, documents: Sequence[Document]) -> None:
    chunks = [_chunk(document) for document in documents]
    rows = insert(connection, chunks, next_generation(connection))
    bodies = [json.dumps(document.to_dict(flatten=False)) for document in documents]
    connection.executemany("INSERT INTO documents VALUES (?, ?)", zip(rows, bodies, strict=True))


def _deleted(connection: Connection, condition: Condition) -> int:
    rows = list(_found(connection, condition))
    remove(connection, chunks_in_rows(connection, rows), next_generation(connection))
    return len(rows)


def _updated(connection: Connection, condition: Condition, meta: dict[str, Any]) -> int:
    found = _found(connection, condition)
    _deleted(connection, condition)
    documents = [replace(document, meta={**document.meta, **meta}) for document in found.values()]
    _insert(connection, documents)
    return len(found)


def _chunk(document: Document) -> Chunk:
    """A document as the embedded store searches it."""
    meta = document.meta
    named = meta.get("audience")
    principals = named if isinstance(named, list) else []  # anything else is no audience
    return Chunk(
        id=document.id,
        article=str(meta.get("article", document.id)),
        position=int(meta.get("position", 0)),
        title=str(meta.get("title", "")),
        text=document.content or "",
        language=str(meta.get("language", "")),
        audience=Audience(frozenset(map(str, principals))),
    )
