"""Writes chunks whole, with every vector that is known of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from knowledge.articles import Chunk
from knowledge.stores.elastic.about import Noticeboard
from knowledge.stores.elastic.bulk import Operation, put, put_again, write
from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.contents import Contents, Query
from knowledge.stores.elastic.documents import chunk_of, document, numbers, terms
from knowledge.stores.elastic.kept import KeptVectors


class Rewriter:
    """Turns chunks into complete documents of one index."""

    def __init__(self, elastic: Elastic, index: str, kept: KeptVectors, board: Noticeboard) -> None:
        self._elastic, self._index = elastic, index
        self._contents = Contents(elastic, index)
        self._kept, self._board = kept, board

    async def operations(self, chunks: Sequence[Chunk]) -> list[Operation]:
        """What a bulk request must say so that these chunks are there with all their vectors."""
        whole = await self._whole(chunks)
        return [put(self._index, each["key"], each) for each in whole]

    async def rewrite(self, query: Query) -> None:
        """Write the chunks of a query once more, with all vectors that are known by now."""
        async for hits in self._contents.versions(query):
            await self._put_again(hits, [chunk_of(hit["_source"]) for hit in hits])

    async def amend(self, query: Query, change: Callable[[Chunk], Chunk]) -> int:
        """Change the chunks of a query; how many were not yet as they should be."""
        amended = 0
        async for hits in self._contents.versions(query):
            chunks = [chunk_of(hit["_source"]) for hit in hits]
            changed = [change(chunk) for chunk in chunks]
            others = [n for n, chunk in enumerate(chunks) if changed[n] != chunk]
            await self._put_again([hits[n] for n in others], [changed[n] for n in others])
            amended += len(others)
        return amended

    async def _put_again(self, hits: Sequence[Mapping[str, Any]], chunks: Sequence[Chunk]) -> None:
        """Write chunks in the place of these hits.

        What somebody else changes or removes meanwhile stays as they want it: written back, a
        chunk that was just deleted, or closed to some readers, would be open to them again.
        """
        whole = await self._whole(chunks)
        await write(self._elastic, map(put_again, hits, whole))

    async def _whole(self, chunks: Sequence[Chunk]) -> list[dict[str, Any]]:
        """These chunks as they are written."""
        fields = list((await self._board.read()).fields.values())
        hashes = [chunk.text_hash for chunk in chunks]
        keys = [*hashes, *(f"{field}:{one}" for field in fields for one in hashes)]
        known = await self._kept.get(keys)
        found: list[dict[str, Any]] = []
        for chunk in chunks:
            whole: dict[str, Any] = document(chunk) | terms(chunk)
            vector = known.get(chunk.text_hash)
            if vector is not None:
                whole |= {"vector": numbers(vector), "embedded": True}
            for field in fields:
                sketch = known.get(f"{field}:{chunk.text_hash}")
                if sketch is not None:
                    whole[field] = numbers(sketch)
            found.append(whole)
        return found
