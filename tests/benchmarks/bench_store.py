"""What a search in the embedded store costs, beside Haystack's store in memory.

CPU time, so that a busy machine changes little. Texts are words of a Zipf distribution, 120 to a
chunk, whose most frequent ones are stop words of their language; vectors are random.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from knowledge.articles import EVERYONE, Audience, Chunk
from knowledge.stores import Leg, Probe, Vector
from knowledge.stores.embedded import EmbeddedStore
from knowledge.words import stop_words
from tests.benchmarks.report import judged, table

DIMENSIONS = 384
VOCABULARY = 40_000
BATCH = 1_000
READER = Audience.of(EVERYONE)


class Texts:
    """A seeded source of texts, vectors and questions in two languages."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._steps = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
        self._words = {language: self._vocabulary(language) for language in ("en", "es")}

    def text(self, length: int, language: str) -> str:
        """This many words."""
        places = np.searchsorted(self._steps, self._random.random(length) * self._steps[-1])
        return " ".join(self._words[language][places])

    def vectors(self, count: int) -> list[Vector]:
        """Random vectors of length 1."""
        rows = self._random.standard_normal((count, DIMENSIONS), dtype=np.float32)
        return list(rows / np.linalg.norm(rows, axis=1, keepdims=True))

    def chunks(self, first: int, count: int) -> list[Chunk]:
        """Chunks with these numbers, ten to an article, every other one in Spanish."""
        return [
            Chunk(
                id=f"c{n}",
                article=f"a{n // 10}",
                position=n % 10,
                title=self.text(3, "en"),
                text=self.text(120, language),
                language=language,
                audience=READER if n % 5 else Audience.of(f"slack:{n % 37}"),
            )
            for n in range(first, first + count)
            for language in [("en", "es")[n % 2]]
        ]

    def _vocabulary(self, language: str) -> "np.ndarray[Any, np.dtype[np.str_]]":
        letters = [
            f"{n:05d}".translate(str.maketrans("0123456789", "abcdefghij"))
            for n in range(VOCABULARY)
        ]
        frequent = sorted(stop_words(language))[:120]
        self._random.shuffle(frequent)
        return np.array(frequent + letters[len(frequent) :])


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds of one question, the median and the 95th percentile."""

    median_ms: float
    p95_ms: float

    @classmethod
    async def of(cls, ask: Callable[[], Coroutine[Any, Any, object]], times: int) -> "Cost":
        """What it costs to ask so many times."""
        spent = []
        for _ in range(times):
            start = time.process_time()
            await ask()
            spent.append((time.process_time() - start) * 1000)
        return cls(statistics.median(spent), float(np.percentile(spent, 95)))

    def cells(self) -> list[str]:
        """Both, for a table."""
        return [f"{self.median_ms:.1f}", f"{self.p95_ms:.1f}"]


def fused(legs: list[Leg]) -> list[str]:
    """The ids of all legs by reciprocal rank, best first."""
    scores: dict[str, float] = {}
    for leg in legs:
        for rank, hit in enumerate(leg.hits):
            scores[hit.chunk.id] = scores.get(hit.chunk.id, 0) + 1 / (60 + rank)
    return sorted(scores, key=lambda name: -scores[name])


async def embedded(size: int, folder: Path) -> tuple[float, Cost]:
    """Microseconds of CPU to write one of so many chunks, and what a hybrid question costs."""
    texts = Texts(seed=size)
    store = await EmbeddedStore.open(folder, dimensions=DIMENSIONS, model="random")
    spent = 0.0
    for first in range(0, size, BATCH):
        chunks = texts.chunks(first, min(BATCH, size - first))
        vectors = dict(zip((c.text_hash for c in chunks), texts.vectors(BATCH), strict=False))
        articles = sorted({chunk.article for chunk in chunks})
        start = time.process_time()
        await store.replace(articles, chunks)
        await store.add_vectors(vectors)
        spent += time.process_time() - start

    async def ask() -> list[str]:
        probe = Probe(texts.text(6, "en"), "en", vector=texts.vectors(1)[0])
        return fused(await store.search(probe, reader=READER, limit=10))

    await ask()
    cost = await Cost.of(ask, 100)
    await store.close()
    return spent / size * 1e6, cost


async def haystack_in_memory(size: int) -> Cost:
    """What the same hybrid question costs in Haystack's store in memory."""
    from haystack.components.joiners import DocumentJoiner
    from haystack.dataclasses import Document
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    texts = Texts(seed=size)
    store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
    chunks = texts.chunks(0, size)
    vectors = texts.vectors(size)
    store.write_documents(
        [
            Document(id=c.id, content=c.searchable_text, embedding=v.tolist())
            for c, v in zip(chunks, vectors, strict=True)
        ]
    )
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")

    async def ask() -> object:
        question = texts.text(6, "en")
        by_words = store.bm25_retrieval(question, top_k=10)
        by_vectors = store.embedding_retrieval(texts.vectors(1)[0].tolist(), top_k=10)
        return joiner.run(documents=[by_words, by_vectors])

    await ask()
    return await Cost.of(ask, 20)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with TemporaryDirectory() as name:
        yield Path(name)


@dataclass(frozen=True, slots=True)
class Size:
    """How many chunks are in the store, and in the one that it is compared with."""

    small: int = 10_000
    middle: int = 100_000
    large: int = 1_000_000


FEW = Size(1_000, 3_000, 10_000)
GOAL_RATIO, GOAL_P95_MS, GOAL_GROWTH = 20.0, 50.0, 1.3


def measure(size: Size | None = None) -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    return f"## Embedded store\n\n{about}\n\n{asyncio.run(_measured(size or Size()))}"


async def _measured(size: Size) -> str:
    """Every size, the peer, and the three goals."""
    rows, writes, costs = [], [], []
    for chunks in (size.small, size.middle, size.large):
        with folder() as place:
            write, cost = await embedded(chunks, place)
        writes.append(write)
        costs.append(cost)
        rows.append(["embedded", f"{chunks:,}", f"{write:.0f}", *cost.cells()])
    peer = await haystack_in_memory(size.small)
    rows.append(["Haystack in memory", f"{size.small:,}", "", *peer.cells()])
    head = ["store", "chunks", "write, us each", "question, ms", "p95, ms"]
    return f"{table(head, rows)}\n{table(['', '', 'goal'], _goals(size, writes, costs, peer))}"


def _goals(
    size: Size, writes: Sequence[float], costs: Sequence[Cost], peer: Cost
) -> Iterator[list[str]]:
    ratio, growth = peer.median_ms / costs[0].median_ms, writes[-1] / writes[0]
    goal = judged(ratio, at_least=GOAL_RATIO, digits=0)
    yield [f"times less CPU a question than Haystack, {size.small:,}", f"{ratio:.0f}", goal]
    p95 = costs[1].p95_ms
    yield [f"p95 at {size.middle:,}, ms", f"{p95:.1f}", judged(p95, at_most=GOAL_P95_MS, digits=0)]
    goal = judged(growth, at_most=GOAL_GROWTH, digits=1)
    yield [f"a chunk at {size.large:,} by one at {size.small:,}", f"{growth:.2f}", goal]


if __name__ == "__main__":
    sys.stdout.write(measure(FEW if "--few" in sys.argv else None))
