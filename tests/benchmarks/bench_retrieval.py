"""How well the right page is found: nDCG@10 on two public sets, hybrid beside its single legs.

What a column says: `ES->EN` is a Spanish question on a store that holds the English chunks alone;
only the English page counts. `EN` and `ES` are the same with one language. `both` has a store with
both languages and counts both versions of the page; `other alone` has that store without the
page in the question's language, which tells whether the merge lets the other language come first.
GNOME is judged by page: a page stands where its best chunk stands.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from statistics import mean

from knowledge.stores import LegName, Probe
from knowledge.stores.embedded import EmbeddedStore
from pipelines.models import Embedder
from pipelines.retrieval import Retriever
from tests.benchmarks.datasets import (
    LANGUAGES,
    READER,
    PublicSet,
    Question,
    RememberingEmbedder,
    gnome,
    indexed,
    ndcg,
    xquad,
)
from tests.benchmarks.report import table

DEEP = 100
GOALS = {
    "XQuAD": (0.970, 0.970, 0.935, 0.935),
    "GNOME help": (0.925, 0.860, 0.755, 0.735),
}
CELLS = (("en", "en"), ("es", "es"), ("es", "en"), ("en", "es"))
Search = Callable[[Question], Awaitable[list[str]]]


def measure() -> str:
    """The section of docs/benchmarks.md."""
    return asyncio.run(_measured())


async def _measured() -> str:
    parts = ["## Retrieval\n", (__doc__ or "").split("\n\n", 1)[1].strip() + "\n"]
    embedder = RememberingEmbedder()
    for public in (xquad(), gnome()):
        rows = await _cells(public, embedder)
        parts += [f"### {public.name}\n", table(["nDCG@10", "EN", "ES", "ES->EN", "EN->ES"], rows)]
        both = await _both(public, embedder)
        parts.append(table(["both languages in the store", "EN", "ES"], both))
    return "\n".join(parts)


async def _cells(public: PublicSet, embedder: Embedder) -> list[list[str]]:
    """One row for each leg, for the hybrid and for its goals; one column for each cell."""
    found: dict[str, list[float]] = {"words": [], "vectors": [], "hybrid": []}
    for asked, held in CELLS:
        async with indexed(public.only(held).chunks, embedder) as (store, retriever):
            questions = [q for q in public.questions if q.language == asked]
            gold = [q.gold if asked == held else q.gold_other for q in questions]
            for name, search in _searches(store, retriever, embedder).items():
                found[name].append(await _score(search, questions, [[page] for page in gold]))
    goals = GOALS[public.name]
    best = [max(pair) for pair in zip(found["words"], found["vectors"], strict=True)]
    rows = [[name, *(f"{value:.3f}" for value in values)] for name, values in found.items()]
    hybrid = found["hybrid"]
    rows.append(["goal", *map(_judged, hybrid, goals)])
    rows.append(["goal: best leg less .005", *map(_judged, hybrid, [b - 0.005 for b in best])])
    return rows


def _judged(value: float, goal: float) -> str:
    return f"{goal:.3f}" + ("" if value >= goal else " **short**")


async def _both(public: PublicSet, embedder: Embedder) -> list[list[str]]:
    """The merge of two languages: both versions wanted; then the other language alone."""
    rows = {"both versions": [""], "own alone": [""], "other alone": [""]}
    async with indexed(public.chunks, embedder) as (store, retriever):
        search = _searches(store, retriever, embedder)["hybrid"]
        for row in rows.values():
            row.clear()
        for asked in LANGUAGES:
            both, own, other = [], [], []
            for question in (q for q in public.questions if q.language == asked):
                pages = await search(question)
                both.append(ndcg(pages, [question.gold, question.gold_other]))
                own.append(ndcg(_without(pages, question.gold_other), [question.gold]))
                other.append(ndcg(_without(pages, question.gold), [question.gold_other]))
            for row, values in zip(rows.values(), (both, own, other), strict=True):
                row.append(f"{mean(values):.3f}")
    return [[name, *values] for name, values in rows.items()]


def _without(pages: Sequence[str], page: str) -> list[str]:
    return [one for one in pages if one != page]


async def _score(
    search: Search, questions: Sequence[Question], gold: Sequence[Sequence[str]]
) -> float:
    values = [ndcg(await search(q), pages) for q, pages in zip(questions, gold, strict=True)]
    return mean(values)


def _searches(store: EmbeddedStore, retriever: Retriever, embedder: Embedder) -> dict[str, Search]:
    """The ways of searching that are compared, each giving pages, best first."""

    async def by_leg(question: Question, name: LegName) -> list[str]:
        vector = (await embedder.embed_questions([question.text]))[0]
        probe = Probe(text=question.text, language=question.language, vector=vector)
        legs = await store.search(probe, reader=READER, limit=DEEP)
        hits = [hit for leg in legs if leg.name == name for hit in leg.hits]
        return _pages(hit.chunk.article for hit in sorted(hits, key=lambda hit: -hit.score))

    async def hybrid(question: Question) -> list[str]:
        found = await retriever.candidates(question.text, question.language, reader=READER)
        return _pages(candidate.chunk.article for candidate in found.candidates)

    return {
        "words": lambda question: by_leg(question, "words"),
        "vectors": lambda question: by_leg(question, "vectors"),
        "hybrid": hybrid,
    }


def _pages(articles: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(articles))


if __name__ == "__main__":
    import sys

    sys.stdout.write(measure())
