"""A `ChunkStore` in one index of Elasticsearch."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Any

from knowledge.articles import Audience, Chunk
from knowledge.stores import Leg, Probe, StoreState, Vector
from knowledge.stores.elastic.about import FRESH_S, About, Noticeboard
from knowledge.stores.elastic.bulk import drop, write
from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.contents import Contents, Query, counting
from knowledge.stores.elastic.documents import document
from knowledge.stores.elastic.failures import MissingError
from knowledge.stores.elastic.kept import KeptVectors
from knowledge.stores.elastic.labelling import Labels
from knowledge.stores.elastic.legs import asked as asked_for
from knowledge.stores.elastic.legs import body as body_of
from knowledge.stores.elastic.legs import leg as leg_of
from knowledge.stores.elastic.legs import readable
from knowledge.stores.elastic.mapping import sketch_field
from knowledge.stores.elastic.rewriting import Rewriter
from knowledge.vectors import VectorSizeError

_ARTICLES_A_PAGE = 1000


class ElasticStore:
    """The chunks of one index. Many write and read it at once; one document is never half there.

    What was replaced shows when `replace` returns, within one shard all of it together. Vectors
    live twice: beside the chunks to be searched, and by the hash of their text
    for good, because Elasticsearch loses what is not in `_source` when it copies by itself.
    """

    kind = "elastic"

    def __init__(
        self, elastic: Elastic, index: str, *, board: str, kept: str, facts: Mapping[str, Any]
    ) -> None:
        self.index = index
        self._elastic = elastic
        self._facts = facts
        self._contents = Contents(elastic, index)
        self._board = Noticeboard(elastic, board, index)
        self._kept = KeptVectors(elastic, kept)
        self._rewriter = Rewriter(elastic, index, self._kept, self._board)
        self.labels = Labels(elastic, index, self._rewriter, self._board)
        self._counted: StoreState | None = None
        self._counted_at = 0.0
        self._beside: tuple[ElasticStore, ...] = ()
        # Whether something may be written that no search shows yet, by a writer that was killed:
        # compared with what is shown, an older audience would look as if it were there still.
        self._is_unseen = True

    def followed_by(self, others: Sequence["ElasticStore"]) -> "ElasticStore":
        """This store; whatever is closed or removed in it is from now on closed in these, too.

        They are other versions of the same index: one that people still search while this one is
        built, one that somebody may go back to.
        """
        self._beside = tuple(others)
        return self

    @property
    def model(self) -> str:
        """The embedder that made the vectors of this index."""
        return str(self._facts["model"])

    @property
    def fingerprint(self) -> str:
        """What made this index: embedder, pipeline and mapping."""
        return str(self._facts["fingerprint"])

    async def replace(self, article_ids: Sequence[str], chunks: Sequence[Chunk]) -> None:
        """Make `chunks` the only chunks of these articles; no chunks deletes the articles.

        Raises:
            ValueError: two chunks share an id, or one is not of these articles.
            StoreWriteError: the server refused some of them, and says why.
        """
        await self._check(article_ids, chunks)
        await self._close_beside(article_ids, chunks)
        if self._is_unseen:
            await self.refresh()
        old = await self._written(article_ids)
        new = {chunk.id: chunk for chunk in chunks}
        changed = [c for c in chunks if old.get(c.id) != document(c)["digest"]]
        gone = [drop(self.index, key) for key in old if key not in new]
        operations = [*gone, *await self._rewriter.operations(changed)]
        self._is_unseen = True
        await write(self._elastic, operations)
        await self.refresh()

    async def _close_beside(self, article_ids: Sequence[str], chunks: Sequence[Chunk]) -> None:
        """What is removed goes from the other versions, too; of what stays the readers follow."""
        left = {chunk.article for chunk in chunks}
        gone = [article for article in article_ids if article not in left]
        for other in self._beside:
            with suppress(MissingError):
                await other.labels.beside(chunks)
                if gone:
                    await other.replace(gone, [])

    async def _check(self, article_ids: Sequence[str], chunks: Sequence[Chunk]) -> None:
        if len({chunk.id for chunk in chunks}) < len(chunks):
            raise ValueError("Two chunks have the same id.")
        strangers = {chunk.article for chunk in chunks}.difference(article_ids)
        if strangers:
            raise ValueError(f"Chunks of articles that are not replaced: {sorted(strangers)}.")
        for start in range(0, len(chunks), _ARTICLES_A_PAGE):
            keys = [chunk.id for chunk in chunks[start : start + _ARTICLES_A_PAGE]]
            known = await self._elastic.ask(
                "POST", f"/{self.index}/_mget", {"ids": keys}, _source="article"
            )
            others = [one for one in known["docs"] if one.get("found")]
            if any(one["_source"]["article"] not in article_ids for one in others):
                raise ValueError("A chunk's id is taken already by another article.")

    async def _written(self, article_ids: Sequence[str]) -> dict[str, str]:
        """The keys of the chunks that these articles have, and the digest of each."""
        found: dict[str, str] = {}
        for start in range(0, len(article_ids), _ARTICLES_A_PAGE):
            some = list(article_ids[start : start + _ARTICLES_A_PAGE])
            query = {"terms": {"article": some}}
            async for hits in self._contents.pages(query, _source=["digest"]):
                found |= {hit["_id"]: hit["_source"]["digest"] for hit in hits}
        return found

    async def search(self, probe: Probe, *, reader: Audience, limit: int) -> list[Leg]:
        """The best `limit` chunks of every leg among those that the reader may open."""
        if not reader.principals or limit < 1:
            return []
        self._check_size(probe)
        asked = asked_for(probe, await self._board.read(), reader=reader, limit=limit)
        bodies = [body_of(one.query, limit) for one in asked if one.query]
        answers = iter(await self._elastic.searches(self.index, bodies))
        return [leg_of(one, next(answers)["hits"]["hits"] if one.query else ()) for one in asked]

    def _check_size(self, probe: Probe) -> None:
        dimensions = (self._facts["dimensions"],)
        vectors = [one for one in (probe.vector, probe.other_vector) if one is not None]
        if wrong := [one.shape for one in vectors if one.shape != dimensions]:
            raise VectorSizeError(
                f"The question's vector has shape {wrong[0]}; the store's have {dimensions[0]}.",
                what_to_do="Use the embedding model that the knowledge was indexed with.",
            )

    async def chunks_of(self, article_id: str, *, reader: Audience) -> list[Chunk]:
        """All chunks of one article in order; none where the reader may not open it."""
        if not reader.principals:
            return []
        may_read = readable(reader, await self._board.read())
        query = {"bool": {"filter": [{"term": {"article": article_id}}, *may_read]}}
        found = [chunk async for some in self._contents.chunks(query) for chunk in some]
        return sorted(found, key=lambda chunk: chunk.position)

    async def readable(self, chunk_ids: Sequence[str], *, reader: Audience) -> set[str]:
        """Those of these chunks that are there now and that the reader may open now."""
        if not reader.principals or not chunk_ids:
            return set()
        may_read = readable(reader, await self._board.read())
        query = {"bool": {"filter": [{"ids": {"values": list(chunk_ids)}}, *may_read]}}
        return await self._contents.keys(query, len(chunk_ids))

    async def sources(self) -> list[str]:
        """The names of all sources that have chunks here, whoever may open them, in order."""
        return await self._contents.sources()

    async def articles(self, source: str) -> list[str]:
        """The ids of all articles of a source, whoever may open them, in order."""
        return await self._contents.articles(source)

    async def counts(self) -> dict[str, int]:
        """The number of articles of each source."""
        return await self._contents.counts()

    async def sample(self, size: int) -> list[Chunk]:
        """Some chunks, by chance."""
        return await self._contents.sample(size)

    async def relabel(self, source: str, audience: Audience) -> None:
        """Make this the audience of every chunk of a source.

        Whoever may not read it any more loses sight of it at once, whoever may read it now finds
        it when this returns.
        """
        for other in self._beside:
            with suppress(MissingError):  # a version that was removed meanwhile shows nothing
                await other.labels.of_source(source, audience)
        await self.labels.of_source(source, audience)

    async def relabel_articles(self, audiences: Mapping[str, Audience]) -> None:
        """Make these the audiences of all chunks of these articles; unknown ones are left out."""
        for other in self._beside:
            with suppress(MissingError):
                await other.labels.of_articles(audiences)
        await self.labels.of_articles(audiences)

    async def batches(self, size: int) -> AsyncIterator[list[Chunk]]:
        """All chunks, for work on the whole knowledge; what comes meanwhile may be missed."""
        async for chunks in self._contents.chunks({"match_all": {}}, size):
            yield chunks

    async def vectors(self, text_hashes: Sequence[str]) -> dict[str, Vector]:
        """The known vectors of these texts."""
        return await self._kept.get(text_hashes)

    async def add_vectors(self, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors by the hash of the text that they were made from, for good."""
        await self._kept.put(vectors)
        waiting = [{"terms": {"text_hash": list(vectors)}}, {"term": {"embedded": False}}]
        await self._rewrite({"bool": {"filter": waiting}})

    async def without_vector(self, limit: int) -> list[Chunk]:
        """Up to `limit` chunks that have no vector yet."""
        return await self._contents.first({"term": {"embedded": False}}, limit)

    async def add_sketches(self, version: str, sketches: Mapping[str, Vector]) -> None:
        """Keep sketches of one version by the hash of their text; nobody searches them yet."""
        if not sketches:
            return
        about = await self._board.read()
        if version not in about.fields:
            about = await self._make_field(version, len(next(iter(sketches.values()))))
        field = about.fields[version]
        await self._kept.put({f"{field}:{key}": sketch for key, sketch in sketches.items()})
        await self._rewrite({"terms": {"text_hash": list(sketches)}})

    async def _make_field(self, version: str, dimensions: int) -> About:
        def with_field(about: About) -> About:
            made = about.made + 1
            fields = {**about.fields, version: f"sketch_{made}"}
            return replace(about, fields=fields, made=made)

        about = await self._board.change(with_field)
        properties = {about.fields[version]: sketch_field(dimensions)}
        await self._elastic.ask("PUT", f"/{self.index}/_mapping", {"properties": properties})
        return about

    async def use_sketches(self, version: str) -> None:
        """From now on search the sketches of this version alone, and forget all others."""

        def only(about: About) -> About:
            fields = {name: field for name, field in about.fields.items() if name == version}
            return replace(about, sketch_version=version, fields=fields)

        await self._board.change(only)
        self._counted = None

    async def without_sketch(self, version: str, limit: int) -> list[Chunk]:
        """Up to `limit` chunks that have no sketch of this version yet."""
        field = (await self._board.read()).fields.get(version)
        query: Query = {"match_all": {}}
        if field:
            query = {"bool": {"must_not": {"exists": {"field": field}}}}
        return await self._contents.first(query, limit)

    async def state(self) -> StoreState:
        """How much the store holds, as it was a second ago at most."""
        if self._counted is None or monotonic() - self._counted_at >= FRESH_S:
            self._counted = await self._state(await self._board.read())
            self._counted_at = monotonic()
        return self._counted

    async def _state(self, about: About) -> StoreState:
        field = about.fields.get(about.sketch_version, "sketch_0")
        counted: list[Query] = [
            {"match_all": {}},
            {"term": {"embedded": True}},
            {"exists": {"field": field}},
        ]
        found = await self._elastic.searches(self.index, [counting(query) for query in counted])
        chunks, embedded, sketched = (one["hits"]["total"]["value"] for one in found)
        return StoreState(chunks, embedded, sketched, about.sketch_version)

    async def identity(self) -> str:
        """A random name that lasts as long as the store; one made in its place has another."""
        return str(self._facts["identity"])

    async def refresh(self) -> None:
        """Let readers see all that was written."""
        await self._elastic.ask("POST", f"/{self.index}/_refresh")
        self._counted = None
        self._is_unseen = False

    async def close(self) -> None:
        """Release connections."""
        await self._elastic.close()

    async def _rewrite(self, query: Query) -> None:
        """Write the chunks of a query once more, with all the vectors that are known by now."""
        await self._rewriter.rewrite(query)
        await self.refresh()
