"""Question and audience in, ranked chunks out; the one place that adds the permission filter."""

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from time import perf_counter
from typing import Any

from knowledge.articles import Audience, Chunk
from knowledge.conversations import Conversation
from knowledge.history import OURSELVES
from knowledge.language import language_of_question
from knowledge.stores import ChunkStore, Probe, StoreState, Vector
from pipelines.answerability import Answerability, judged
from pipelines.attached import legs_of
from pipelines.close_reading import CloseReader, Reading
from pipelines.conflicts import Conflict, Side, conflicts
from pipelines.coverage import InLanguage, SoftCoverage, WordCoverage
from pipelines.duplicates import without_copies
from pipelines.follow_ups import together
from pipelines.fusing import fused
from pipelines.late_embedding import LateEmbedding, compare
from pipelines.meanings import meanings, was_asked_back
from pipelines.models import Embedder, Vectors
from pipelines.outdated import after_successors
from pipelines.query_map import Asked, QueryMap
from pipelines.ranking import COVERED, Candidate, gathered, preselected, ranked, reordered
from pipelines.reranking import Reranker, reranked
from pipelines.sketching import question_sketch
from pipelines.word_vectors import WordVectors

RETURNED = 10
"""Chunks that an answer may rest on."""
LONGEST_QUERY = 2_000
"""Characters of a query that are read; what comes after is seldom a question."""
READ_CLOSELY = 12
"""Chunks whose statements are compared; the first time that is a second of work on two cores."""
NEAREST = 10
"""Chunks that are looked at before a search, to see whether the pages speak of the question."""
REMEMBERED = 8
"""Vectors of the last questions: routing, searching and looking in private take the same one."""
DEEPEST = 200
"""Passages that are looked through for one that answers, where none of the first ones does."""
_LIMIT = 40
_LIMIT_WITHOUT_VECTORS = 100


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk that was found; scores are comparable within one search only.

    Attributes:
        is_superseded: whether a newer version of its page was found, too.
    """

    chunk: Chunk
    score: float
    reading: Reading | None = None
    is_superseded: bool = False


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a search found, best first.

    Attributes:
        question: what the search was made with.
        language: of the question; empty where it could not be told.
        conflicts: among these chunks, on what was asked.
        meanings: statements on different things, any of which may have been meant.
        answerability: whether the answer is expected in these chunks.
        state: for the receipt: how complete the index is, and what the search took.
    """

    question: str
    language: str
    chunks: tuple[Ranked, ...]
    answerability: Answerability
    state: dict[str, Any] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    meanings: tuple[Side, ...] = ()

    def only(self, chunk_ids: set[str]) -> "Retrieved":
        """The same with these chunks alone."""
        return replace(self, chunks=tuple(r for r in self.chunks if r.chunk.id in chunk_ids))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Retrieved":
        """Itself: nothing in it changes, and Haystack copies whatever leaves a step."""
        return self


@dataclass(frozen=True, slots=True)
class Search:
    """One search as it was made: the candidates ranked, and the question's words in them.

    Attributes:
        coverage: its columns are the candidates, in their order.
    """

    candidates: tuple[Candidate, ...]
    coverage: WordCoverage
    state: StoreState
    embedded_now: int = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """A question before it is searched.

    Attributes:
        vector: of the question, or of the turns that it needs to be understood.
        own, other: cosines of the nearest chunks that the readers may open, best first, in the
            question's language and in others.
    """

    vector: Vector
    own: tuple[float, ...] = ()
    other: tuple[float, ...] = ()


class Retriever:
    """Finds chunks for a question.

    Args:
        words: kept beside the store and sketched with it.
        closely: reads the best chunks statement by statement.
        late: embeds the most promising chunks that have no vector yet.
        reranker: has a second look at the best chunks.
    """

    def __init__(
        self,
        store: ChunkStore,
        embedder: Embedder,
        words: WordVectors,
        *,
        closely: CloseReader | None = None,
        late: LateEmbedding | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._store, self._embedder, self._words = store, embedder, words
        self.coverage = SoftCoverage(words)
        self._closely = closely
        self._late = late or LateEmbedding()
        self._reranker = reranker
        self._vectors: dict[str, Vector] = {}
        self._map, self.learnt = QueryMap(embedder.name), ""
        self._first: frozenset[str] = frozenset()
        self._only: frozenset[str] | None = None

    def preferring(
        self, first: Collection[str], *, only: Collection[str] | None = None
    ) -> "Retriever":
        """The same search with some of what it finds put first, to see what that changes.

        Nothing comes in that the readers' own search does not find: who may not open a passage is
        not shown it, whatever is preferred.

        Args:
            first: ids of chunks that come before all others.
            only: ids of those that are left; None leaves all.
        """
        other = copy(self)
        other._first = frozenset(first)
        other._only = None if only is None else frozenset(only)
        return other

    def turning(self, by: QueryMap) -> "Retriever":
        """The same search with the vectors of questions turned by a map that was learnt."""
        other = copy(self)
        other._map, other.learnt = by, by.name
        return other

    async def retrieve(
        self, conversation: Conversation, *, reworded: str = "", most: int = RETURNED
    ) -> Retrieved:
        """The chunks for the last message, among those that everybody who reads along may open.

        Args:
            conversation: the last message, what was said before, and who reads along.
            reworded: the question in words that can be understood alone; searched besides.
            most: chunks that are returned.
        """
        started = perf_counter()
        query, language = query_of(conversation), self._language(conversation)
        search = partial(
            self.candidates,
            language=language,
            reader=conversation.audience,
            beside=conversation.attached,
            sources=conversation.sources,
        )
        found = await search(query)
        order: Sequence[Candidate] = found.candidates
        if reworded and reworded != query:
            order = fused(order, (await search(reworded)).candidates)
        best = islice(without_copies(order), most)
        chunks = tuple(Ranked(c.chunk, round(c.score, 4), c.reading, c.is_superseded) for c in best)
        question = conversation.question.text
        answerability = judged(
            question,
            found.candidates,
            found.coverage,
            embedder=self._embedder.name,
            store=self._store.kind,
            language=language,
        )
        state = _told(found, seconds=perf_counter() - started)
        if reworded:
            state["reworded"] = reworded
        return Retrieved(
            question=query,
            language=language,
            chunks=chunks,
            answerability=answerability,
            state=state | {"answerable": round(answerability.calibrated, 2)},
            conflicts=conflicts(question, chunks),
            meanings=(() if was_asked_back(conversation) else meanings(question, language, chunks)),
        )

    async def readable(self, chunk_ids: Sequence[str], reader: Audience) -> set[str]:
        """Those of these chunks that everybody who reads along may open now."""
        if not reader.principals or not chunk_ids:
            return set()
        return await self._store.readable(chunk_ids, reader=reader)

    async def passages(self, articles: Sequence[str], reader: Audience) -> dict[str, Chunk]:
        """The chunks of these articles by their ids, where all who read may open them now."""
        if not reader.principals:
            return {}
        found = [await self._store.chunks_of(one, reader=reader) for one in articles]
        return {chunk.id: chunk for chunks in found for chunk in chunks}

    async def sight(self, conversation: Conversation) -> Sight:
        """How near the pages are that the readers may open, by vectors alone."""
        query = query_of(conversation)[:LONGEST_QUERY]
        vector = await self._vector(query)
        if not conversation.audience.principals:
            return Sight(vector)
        language = self._language(conversation)
        probe = Probe("", language, vector, sources=conversation.sources)
        legs = await self._store.search(probe, reader=conversation.audience, limit=NEAREST)
        near = {leg.own_language: leg.hits for leg in legs if leg.name == "vectors"}
        own, other = (tuple(hit.score for hit in near.get(is_own, ())) for is_own in (True, False))
        return Sight(vector, own, other)

    async def embedded(self, texts: Sequence[str]) -> Vectors:
        """The vectors of short texts, as questions have them: shape (len(texts), dimensions)."""
        return await self._embedder.embed_questions(texts)

    @property
    def embedder(self) -> str:
        """The name of the model that vectors come from."""
        return self._embedder.name

    async def _vector(self, query: str) -> Vector:
        """The vector of a question, made once for all who need it just now."""
        if query not in self._vectors:
            made = await self._embedder.embed_questions([query])
            kept = [*self._vectors.items()][1 - REMEMBERED :]
            self._vectors = dict([*kept, (query, made[0])])
        return self._vectors[query]

    async def ranking(self, conversation: Conversation) -> list[Chunk]:
        """The chunks that a question finds, best first and `DEEPEST` at most, copies included."""
        found = await self.candidates(
            query_of(conversation),
            self._language(conversation),
            reader=conversation.audience,
            limit=DEEPEST,
            sources=conversation.sources,
        )
        return [candidate.chunk for candidate in found.candidates[:DEEPEST]]

    async def search(self, query: str, *, reader: Audience, top: int) -> list[tuple[Chunk, float]]:
        """The ranked chunks alone, at most `top`, among those that the reader may open."""
        language = language_of_question(query, self._words.corpus.main_language)
        found = await self.candidates(query, language, reader=reader, limit=max(top, _LIMIT))
        return [(c.chunk, round(c.score, 4)) for c in found.candidates[:top]]

    def _language(self, conversation: Conversation) -> str:
        """The language of the question, else that of what its asker said before."""
        for text in reversed(_turns(conversation)[-2:]):
            if language := language_of_question(text):
                return language
        return self._words.corpus.main_language

    async def candidates(
        self,
        query: str,
        language: str,
        *,
        reader: Audience,
        limit: int = _LIMIT,
        beside: Sequence[Chunk] = (),
        sources: tuple[str, ...] = (),
    ) -> Search:
        """Everything that the legs found for a query, ranked.

        Without an audience nothing is found and the store is not even asked.

        Args:
            query: what is searched for.
            language: of the query.
            reader: who may open what is found.
            limit: of each leg of the store.
            beside: chunks that are in no store.
            sources: the names of those that are searched; all where none is named.
        """
        query = query[:LONGEST_QUERY]
        if not reader.principals or not query.strip():
            return Search((), WordCoverage.empty(), StoreState(0, 0, 0))
        await self._words.refresh()
        state = await self._store.state()
        asked = self._map.asked(await self._vector(query), language)
        probe = Probe(query, language, asked.vector, sources=sources, other_vector=asked.other)
        probe = await self._probe(probe, state)
        limit = DEEPEST if self._first else limit
        covered = max(COVERED, limit)  # who wants more than usual has more compared
        if state.embedded < state.chunks:
            limit = max(limit, _LIMIT_WITHOUT_VECTORS)
        legs = await self._store.search(probe, reader=reader, limit=limit)
        found = gathered([*legs, *await legs_of(beside, probe, self._embedder)])
        await compare(found, asked, self._store)
        found = preselected(found, covered)
        coverage = await self._cover(query, language, found)
        embedded = await self._late.embed(found, asked, self._store, self._embedder)
        order = self._preferred(ranked(found, self._embedder.name, lead=asked.lead))
        order = await self._read_closely(order, asked, beside)
        if self._reranker is not None:
            order = await reranked(query, order, self._reranker)
        order = self._preferred(after_successors(query, order))
        places = {id(candidate): place for place, candidate in enumerate(found)}
        columns = [places[id(candidate)] for candidate in order]
        return Search(tuple(order), coverage.of(columns), state, embedded)

    def _preferred(self, order: list[Candidate]) -> list[Candidate]:
        """The candidates in the order that is wanted; mostly as they are."""
        if self._only is not None:
            order = [c for c in order if c.chunk.id in self._only]
        best = max((c.score for c in order), default=0.0)
        for candidate in order:
            if candidate.chunk.id in self._first:
                candidate.score = best
        return sorted(order, key=lambda c: c.chunk.id not in self._first)

    async def _probe(self, probe: Probe, state: StoreState) -> Probe:
        """The question as the store understands it; with a sketch where vectors are missing."""
        if state.embedded >= state.chunks or not self._words.version:
            return probe
        sketch = await question_sketch(probe.text, probe.language, self._words)
        return replace(probe, sketch=sketch, sketch_version=self._words.version)

    async def _read_closely(
        self, order: list[Candidate], asked: Asked, beside: Sequence[Chunk]
    ) -> list[Candidate]:
        """The best candidates in the order of what they say in detail."""
        if self._closely is None:
            return order
        best = [c for c in order[:READ_CLOSELY] if c.cosine is not None]
        passing = {chunk.id for chunk in beside}
        turned = {c.chunk.id: asked for c in best if asked.is_turned(is_own=c.is_own)}
        readings = await self._closely.read(
            asked.vector, [c.chunk for c in best], passing=passing, turned=turned
        )
        for candidate, reading in zip(best, readings, strict=True):
            candidate.reading = reading
        return reordered(order, self._embedder.name, lead=asked.lead)

    async def _cover(self, query: str, language: str, found: Sequence[Candidate]) -> WordCoverage:
        """Soft coverage of the query by each candidate, noted in the candidates."""
        others = [InLanguage(c.chunk.searchable_text, c.chunk.language) for c in found]
        coverage = (await self.coverage.by_word([InLanguage(query, language)], others))[0]
        for candidate, share in zip(found, coverage.share, strict=True):
            candidate.coverage = float(share)
        return coverage


def query_of(conversation: Conversation) -> str:
    """What is searched for: the question, and for a follow-up what people said before it."""
    return "\n".join(together(_turns(conversation)))


def _turns(conversation: Conversation) -> list[str]:
    return [m.text for m in conversation.messages if m.author != OURSELVES]


def _told(found: Search, *, seconds: float) -> dict[str, Any]:
    """What a receipt says about the state of the knowledge: not how much others may read."""
    return {
        "is_empty": not found.state.chunks,
        "embedded_now": found.embedded_now,
        "is_complete": found.state.embedded + found.embedded_now >= found.state.chunks,
        "retrieve_s": round(seconds, 3),
    }
