"""Writes chunks whole, with every vector that is known of them."""

from collections.abc import Sequence
from typing import Any

from knowledge.articles import Chunk
from knowledge.stores.elastic.about import Noticeboard
from knowledge.stores.elastic.bulk import Operation, put
from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.documents import document, numbers, terms
from knowledge.stores.elastic.kept import KeptVectors


class Rewriter:
    """Turns chunks into complete documents of one index."""

    def __init__(self, elastic: Elastic, index: str, kept: KeptVectors, board: Noticeboard) -> None:
        self._elastic, self._index = elastic, index
        self._kept, self._board = kept, board

    async def operations(self, chunks: Sequence[Chunk]) -> list[Operation]:
        """What a bulk request must say so that these chunks are there with all their vectors."""
        fields = list((await self._board.read()).fields.values())
        hashes = [chunk.text_hash for chunk in chunks]
        keys = [*hashes, *(f"{field}:{one}" for field in fields for one in hashes)]
        known = await self._kept.get(keys)
        found: list[Operation] = []
        for chunk in chunks:
            whole: dict[str, Any] = document(chunk) | terms(chunk)
            vector = known.get(chunk.text_hash)
            if vector is not None:
                whole |= {"vector": numbers(vector), "embedded": True}
            for field in fields:
                sketch = known.get(f"{field}:{chunk.text_hash}")
                if sketch is not None:
                    whole[field] = numbers(sketch)
            found.append(put(self._index, chunk.id, whole))
        return found
