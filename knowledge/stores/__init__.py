"""Where chunks are kept and found: the contract that every store keeps."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.articles import Audience, Chunk

Vector = NDArray[np.float32]
LegName = Literal["words", "vectors", "sketches"]


@dataclass(frozen=True, slots=True)
class Probe:
    """A question as a store understands it.

    Attributes:
        text: the question's words; data, never query syntax.
        language: ISO 639-1; decides the stemmer and which chunks count as the own language. Empty
            where it could not be told: then every language counts as the own one.
        vector: shape (dimensions,), length 1; None searches by words alone.
        other_vector: what chunks in other languages are compared with, of length 1; None where
            that is `vector`, too.
        sketch: shape (sketch dimensions,), length 1; None where there are no sketches.
        sketch_version: which sketches of chunks it can be compared with; where the store uses
            another version, it searches without sketches.
        sources: the names of those whose chunks are searched; all where none is named.
    """

    text: str
    language: str
    vector: Vector | None = None
    sketch: Vector | None = None
    sketch_version: str = ""
    sources: tuple[str, ...] = ()
    other_vector: Vector | None = None

    def vector_for(self, *, own_language: bool) -> Vector | None:
        """What the chunks of one group of languages are compared with."""
        if own_language or self.vector is None or self.other_vector is None:
            return self.vector
        return self.other_vector


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a leg found.

    Attributes:
        score: comparable within its leg only; larger is better.
        has_vector: whether the chunk's own vector is known already.
    """

    chunk: Chunk
    score: float
    has_vector: bool


@dataclass(frozen=True, slots=True)
class Leg:
    """One ranked list: what a way of searching found in one group of languages.

    Attributes:
        own_language: True for chunks in the probe's language or without a language.
        hits: best first.
    """

    name: LegName
    own_language: bool
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class StoreState:
    """How much a store holds: chunks, how many have a vector, how many a sketch.

    Attributes:
        sketch_version: the version of sketches that is searched; empty where there is none.
    """

    chunks: int
    embedded: int
    sketched: int
    sketch_version: str = ""


class ChunkStore(Protocol):
    """Where chunks are kept and found. One writer, many readers; every method is atomic.

    Attributes:
        kind: the name of the setting; scores of different kinds are not alike.
    """

    kind: str

    async def replace(self, article_ids: Sequence[str], chunks: Sequence[Chunk]) -> None:
        """Make `chunks` the only chunks of these articles; no chunks deletes the articles."""

    async def search(self, probe: Probe, *, reader: Audience, limit: int) -> list[Leg]:
        """The best `limit` chunks of every leg among those that the reader may open."""

    async def chunks_of(self, article_id: str, *, reader: Audience) -> list[Chunk]:
        """All chunks of one article in order; none where the reader may not open it."""

    async def readable(self, chunk_ids: Sequence[str], *, reader: Audience) -> set[str]:
        """Those of these chunks that are there now and that the reader may open now."""

    async def sources(self) -> list[str]:
        """The names of all sources that have chunks here, whoever may open them, in order."""

    async def articles(self, source: str) -> list[str]:
        """The ids of all articles of a source, whoever may open them, in order."""

    async def relabel(self, source: str, audience: Audience) -> None:
        """Make this the audience of every chunk of a source."""

    async def relabel_articles(self, audiences: Mapping[str, Audience]) -> None:
        """Make these the audiences of all chunks of these articles; unknown ones are left out."""

    def batches(self, size: int) -> AsyncIterator[list[Chunk]]:
        """All chunks, for work on the whole knowledge; what comes meanwhile may be missed."""

    async def vectors(self, text_hashes: Sequence[str]) -> dict[str, Vector]:
        """The known vectors of these texts."""

    async def add_vectors(self, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors by the hash of the text that they were made from, for good."""

    async def without_vector(self, limit: int) -> list[Chunk]:
        """Up to `limit` chunks that have no vector yet."""

    async def add_sketches(self, version: str, sketches: Mapping[str, Vector]) -> None:
        """Keep sketches of one version by the hash of their text; nobody searches them yet."""

    async def use_sketches(self, version: str) -> None:
        """From now on search the sketches of this version alone, and forget all others."""

    async def without_sketch(self, version: str, limit: int) -> list[Chunk]:
        """Up to `limit` chunks that have no sketch of this version yet."""

    async def state(self) -> StoreState:
        """How much the store holds."""

    async def identity(self) -> str:
        """A random name that lasts as long as the store; one made in its place has another."""

    async def close(self) -> None:
        """Release files and connections."""
