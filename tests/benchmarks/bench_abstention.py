"""Whether it is known that the answer is not there: the score of an answer's receipt.

*Calibration*: the score is put through a line for each store and direction (language of the
question -> language of the best page), fitted on an invented company of {pages} pages and on its
seventh parts; what stands here was measured on another one. *There*: a page answers. *Not there*:
that page and its three siblings are taken out of the results; what the generator asks and no page
answers; and questions about other companies. *Error*: the mean squared difference between the score
and what was so (0.25 is a coin), before and after the line.

*MTRAG-UN* (English, real dialogues about two collections; none of it is in the fit, but two other
forms of the fit were given up after a look at it): questions that are answerable, those that its
makers found to have no answer in the collection, and all questions about the other collection.
Follow-ups are searched as they are without a model. The last column: how many of those without an
answer would be refused if one in ten good ones were.

    python -m tests.benchmarks.bench_abstention --train

fits `pipelines/calibration.json` anew, for every store that can be reached.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from knowledge.articles import Chunk
from knowledge.chunking import chunks_of
from knowledge.examples.company.questions import KINDS, Question
from knowledge.examples.company.values import name
from knowledge.examples.generate import generate
from knowledge.sources import NotesInMemory, files
from knowledge.stores.embedded import EmbeddedStore
from pipelines.answerability import Logistic, features, models
from pipelines.calibration import (
    AS_IT_IS,
    LANGUAGES,
    Line,
    calibrated,
    direction,
    lines,
    log_odds,
    save,
)
from pipelines.follow_ups import together
from pipelines.retrieval import Retriever, Search
from tests.benchmarks.bench_answerability import auroc, left_without
from tests.benchmarks.bench_followups import mtrag_collections, mtrag_passages, mtrag_tasks
from tests.benchmarks.datasets import READER, Opens, RememberingEmbedder, indexed
from tests.benchmarks.elastic_server import OnServer, is_there
from tests.benchmarks.library import tell
from tests.benchmarks.report import judged, table

PAGES, STRANGERS, FAMILIES = 224, 20, 8
TRAINING, TESTED = 11, 12
GOALS = {"no answer in the collection": 0.87, "about the other collection": 0.95}
DIRECTIONS = tuple(direction(one, other) for one in LANGUAGES for other in LANGUAGES)


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of one search, not calibrated, and whether the answer was there."""

    score: float
    direction: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Business:
    """An invented company as chunks, and what is asked about it."""

    seed: int
    chunks: tuple[Chunk, ...]
    questions: tuple[Question, ...]

    def part(self, first: int, last: int) -> "Business":
        """Some of its questions, and the families of pages that they are about."""
        questions = self.questions[first:last]
        pages = {page for question in questions for page in self.pages_of(question)}
        chunks = tuple(chunk for chunk in self.chunks if chunk.article in pages)
        return replace(self, chunks=chunks, questions=questions)

    def pages_of(self, question: Question) -> tuple[str, ...]:
        """The family of pages that a question is about."""
        number = int(question.id.rpartition("-")[2]) * len(KINDS) + KINDS.index(question.kind)
        shared = f"{name(number, seed=self.seed)} "
        return tuple({c.article: None for c in self.chunks if c.title.startswith(shared)})


def measure() -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].partition("\n\n    python")[0]
    errors, dialogues = asyncio.run(_measured())
    first = table(["calibration", "direction", "searches", "error before", "after"], errors)
    head = ["MTRAG-UN", "against", "AUROC", "goal", "right refusals at 10 % false ones"]
    return (
        f"## The abstention score\n\n{about.strip().format(pages=PAGES)}\n\n{first}\n"
        f"{table(head, dialogues)}"
    )


async def _measured() -> tuple[list[list[str]], list[list[str]]]:
    errors: list[list[str]] = []
    dialogues: list[list[str]] = []
    async for store, kind in _stores():
        scored = await _scored(TESTED, kind)
        errors += [
            _error(store, key, [s for s in scored if s.direction == key]) for key in DIRECTIONS
        ]
        dialogues += _figures(store, await _of_dialogues(kind))
        tell(f"{errors}\n{dialogues}")
    return errors, dialogues


async def _stores() -> AsyncIterator[tuple[str, Opens]]:
    """Every kind of store that can be reached."""
    yield EmbeddedStore.kind, EmbeddedStore
    if await is_there():
        yield "elastic", OnServer()
    else:
        tell("no Elasticsearch answers, so it is left out: make services")


def _error(store: str, key: str, scored: Sequence[Scored]) -> list[str]:
    before = [(s.score, s.is_there) for s in scored]
    after = [(calibrated(s.score, store=store, direction=key), s.is_there) for s in scored]
    return [store, key, str(len(scored)), f"{_brier(before):.3f}", f"{_brier(after):.3f}"]


def _brier(scored: Sequence[tuple[float, bool]]) -> float:
    """Both classes weigh the same, as in the fit."""
    there = [(1 - score) ** 2 for score, is_there in scored if is_there]
    absent = [score**2 for score, is_there in scored if not is_there]
    return float(np.mean(there) + np.mean(absent)) / 2


def _figures(store: str, scores: Mapping[str, Sequence[float]]) -> Iterator[list[str]]:
    good = scores["there"]
    threshold = float(np.quantile(good, 0.1))
    for kind, goal in GOALS.items():
        value = auroc(good, scores[kind])
        refused = float(np.mean(np.array(scores[kind]) < threshold))
        verdict = judged(value, at_least=goal)
        yield [store, kind, f"{value:.3f}", verdict, f"{100 * refused:.0f} %"]


async def _of_dialogues(kind: Opens) -> dict[str, list[float]]:
    """The calibrated scores on MTRAG-UN, each collection in a store of its own."""
    collections = mtrag_collections()
    found: dict[str, list[float]] = {"there": [], **{group: [] for group in GOALS}}
    for own in sorted(set(collections.values())):
        chunks = [c for c in mtrag_passages() if collections[c.article] == own]
        async with indexed(chunks, RememberingEmbedder(), kind=kind) as (store, retriever):
            for task in mtrag_tasks():
                group = _group(task["collection"] == own, task["answerability"])
                if group:
                    turns = [t["text"] for t in task["input"] if t["speaker"] == "user"]
                    (one,) = await _searched(retriever, "\n".join(together(turns)), "en")
                    chance = calibrated(one.score, store=store.kind, direction=one.direction)
                    found[group].append(chance)
    return found


def _group(is_own: bool, answerability: str) -> str:
    """What a question is for a store; empty for what is neither answered nor unanswerable."""
    if not is_own:
        return "about the other collection"
    known = {"ANSWERABLE": "there", "UNANSWERABLE": "no answer in the collection"}
    return known.get(answerability, "")


async def _searched(
    retriever: Retriever, text: str, language: str, *, without: Sequence[str] = ()
) -> list[Scored]:
    """The score of a search: with everything, and without some pages where such are named."""
    search = await retriever.candidates(text, language, reader=READER)
    ways = [((), True), (without, False)] if without else [((), True)]
    return [_score(search, pages, language, is_there=is_there) for pages, is_there in ways]


def _score(search: Search, without: Sequence[str], language: str, *, is_there: bool) -> Scored:
    order, coverage = left_without(search, without)
    model = models()["own" if order[0].is_own else "other"]
    score = model.probability(features(order, coverage))
    return Scored(score, direction(language, order[0].chunk.language), is_there)


async def _scored(seed: int, kind: Opens) -> list[Scored]:
    """All questions about a company and about parts of it, each part in a store of its own."""
    whole, other = await _business(seed), await _business(seed + 100, questions_only=True)
    found = await _asked_of(whole, other.questions[:STRANGERS], kind)
    for start in range(0, len(whole.questions), FAMILIES):
        part = whole.part(start, start + FAMILIES)
        others = whole.questions[:start] + whole.questions[start + FAMILIES :]
        found += await _asked_of(part, others[:: len(others) // FAMILIES], kind)
    tell(f"company {seed}: {len(found)} searches")
    return found


async def _asked_of(business: Business, strangers: Sequence[Question], kind: Opens) -> list[Scored]:
    """Its own questions, with and without the pages that they are about, and those of others."""
    found: list[Scored] = []
    async with indexed(business.chunks, RememberingEmbedder(), kind=kind) as (_, retriever):
        for question in business.questions:
            pages = business.pages_of(question) if question.gold else ()
            some = await _searched(retriever, question.text, question.language, without=pages)
            found += some if pages else [replace(s, is_there=False) for s in some]
        for question in strangers:
            some = await _searched(retriever, question.text, question.language)
            found += [replace(s, is_there=False) for s in some]
    return found


async def _business(seed: int, *, questions_only: bool = False) -> Business:
    with tempfile.TemporaryDirectory() as folder:
        company = generate(Path(folder) / "pages", pages=PAGES, seed=seed)
        source = files.build(name="book", path=company.folder, audience=READER)
        found: list[Chunk] = []
        if not questions_only:
            async for entry in source.entries("", NotesInMemory()):
                found += chunks_of((await source.read(entry)).article)
        await source.close()
    return Business(seed, tuple(found), company.questions)


def train() -> None:
    """Fit a line for each store that can be reached and each direction, and write them."""
    save({**lines(), **asyncio.run(_fitted())})
    lines.cache_clear()


async def _fitted() -> dict[str, dict[str, Line]]:
    found: dict[str, dict[str, Line]] = {}
    async for store, kind in _stores():
        scored = await _scored(TRAINING, kind)
        found[store] = {
            key: fitted([s for s in scored if s.direction == key]) for key in DIRECTIONS
        }
    return found


def fitted(scored: Sequence[Scored]) -> Line:
    """The line through the log-odds of scores that tells best what was there."""
    answers = np.array([s.is_there for s in scored])
    if answers.all() or not answers.any():
        return AS_IT_IS
    rows = np.array([[log_odds(s.score)] for s in scored], dtype=np.float32)
    model = Logistic.fitted(rows, answers)
    slope = float(model.weights[0] / model.deviation[0])
    return Line(max(slope, 0.05), float(model.bias - slope * model.mean[0]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Whether a missing answer is noticed")
    parser.add_argument("--train", action="store_true", help="fit the lines anew first")
    if parser.parse_args().train:
        train()
    sys.stdout.write(measure())
