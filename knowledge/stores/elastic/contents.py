"""What stands in an index, looked up without ranking."""

from collections.abc import AsyncIterator
from typing import Any

from knowledge.articles import Chunk
from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.documents import SHOWN, chunk_of

Query = dict[str, Any]

MOST_AT_ONCE = 10_000
"""What one search may return."""
_PAGE = 500
_ARTICLES_A_PAGE = 1000


class Contents:
    """The contents of one index."""

    def __init__(self, elastic: Elastic, index: str) -> None:
        self._elastic, self._index = elastic, index

    async def articles(self, source: str) -> list[str]:
        """The ids of all articles of a source, whoever may open them, in order."""
        found: list[str] = []
        after: dict[str, Any] | None = None
        while True:
            by_article: dict[str, Any] = {
                "size": _ARTICLES_A_PAGE,
                "sources": [{"article": {"terms": {"field": "article"}}}],
            }
            if after:
                by_article["after"] = after
            answer = await self._elastic.search(
                self._index,
                {
                    "size": 0,
                    "query": {"term": {"source": source}},
                    "aggs": {"articles": {"composite": by_article}},
                },
            )
            page = answer["aggregations"]["articles"]
            found += [bucket["key"]["article"] for bucket in page["buckets"]]
            after = page.get("after_key")
            if not after:
                return found

    async def sources(self) -> list[str]:
        """The names of all sources that have chunks here, whoever may open them, in order."""
        return sorted(await self._by_source({"match_all": {}}))

    async def counts(self) -> dict[str, int]:
        """The number of articles of each source."""
        return await self._by_source({"term": {"position": 0}})

    async def _by_source(self, query: Query) -> dict[str, int]:
        """How many chunks of each source a query finds."""
        per_source = {"terms": {"field": "source", "size": MOST_AT_ONCE}}
        found = await self._elastic.search(
            self._index, {"size": 0, "query": query, "aggs": {"sources": per_source}}
        )
        buckets = found["aggregations"]["sources"]["buckets"]
        return {bucket["key"]: bucket["doc_count"] for bucket in buckets}

    async def sample(self, size: int) -> list[Chunk]:
        """Some chunks, by chance."""
        query: Query = {"function_score": {"query": {"match_all": {}}, "random_score": {}}}
        found = await self._elastic.search(
            self._index, {"query": query, "size": size, "_source": SHOWN}
        )
        return [chunk_of(hit["_source"]) for hit in found["hits"]["hits"]]

    async def first(self, query: Query, limit: int) -> list[Chunk]:
        """Up to `limit` chunks of a query, in the order of their keys."""
        body = {"query": query, "size": min(limit, MOST_AT_ONCE), "_source": SHOWN}
        found = await self._elastic.search(self._index, {**body, "sort": [{"key": "asc"}]})
        return [chunk_of(hit["_source"]) for hit in found["hits"]["hits"]]

    async def keys(self, query: Query, limit: int) -> set[str]:
        """The keys of up to `limit` chunks of a query."""
        body = {"query": query, "size": limit, "_source": False, "track_total_hits": False}
        found = await self._elastic.search(self._index, body)
        return {hit["_id"] for hit in found["hits"]["hits"]}

    async def count(self, query: Query) -> int:
        """How many chunks a query has."""
        found = await self._elastic.search(self._index, counting(query))
        return int(found["hits"]["total"]["value"])

    async def chunks(self, query: Query, size: int = _PAGE) -> AsyncIterator[list[Chunk]]:
        """All chunks of a query, as the index has them now, in lists of this size."""
        async for hits in self.pages(query, size, _source=SHOWN):
            yield [chunk_of(hit["_source"]) for hit in hits]

    def versions(self, query: Query) -> AsyncIterator[list[Any]]:
        """All hits of a query, each with its number, by which a later change is noticed."""
        return self.pages(query, _source=SHOWN, seq_no_primary_term=True)

    async def pages(
        self, query: Query, size: int = _PAGE, **more: list[str] | bool
    ) -> AsyncIterator[list[Any]]:
        """All hits of a query, page by page."""
        body = {"query": query, **more}
        async with self._elastic.walked(self._index, body, size) as walk:
            async for hits in walk:
                yield hits


def counting(query: Query) -> dict[str, Any]:
    """A search that only counts."""
    return {"query": query, "size": 0, "track_total_hits": True}
