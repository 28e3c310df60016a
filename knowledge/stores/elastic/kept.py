"""Vectors by the hash of their text: what was embedded once is never embedded again."""

from collections.abc import Iterable, Mapping, Sequence

from knowledge.stores import Vector
from knowledge.stores.elastic.bulk import put, write
from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.documents import packed, unpacked

_AT_ONCE = 1000


class KeptVectors:
    """An index in which vectors are looked up by key and never searched."""

    def __init__(self, elastic: Elastic, index: str) -> None:
        self._elastic, self._index = elastic, index

    async def get(self, keys: Iterable[str]) -> dict[str, Vector]:
        """The known vectors of these keys, also those written a moment ago."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Vector] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            found |= await self._some(wanted[start : start + _AT_ONCE])
        return found

    async def _some(self, keys: Sequence[str]) -> dict[str, Vector]:
        answer = await self._elastic.ask("POST", f"/{self._index}/_mget", {"ids": keys})
        return {
            one["_id"]: unpacked(one["_source"]["vector"])
            for one in answer["docs"]
            if one.get("found")
        }

    async def put(self, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors for good."""
        await write(
            self._elastic,
            (put(self._index, key, {"vector": packed(one)}) for key, one in vectors.items()),
        )
