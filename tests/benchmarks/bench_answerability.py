"""Whether it is noticed that the answer is not there: AUROC on XQuAD, and the weights' training.

Every second article of XQuAD (with both its languages) is for training, the others for testing;
likewise every second GNOME page. *Near* takes the answering passage out of the store's results, in
both languages, while its neighbours of the same article stay; *off-topic* asks GNOME questions.
`other alone` takes out only the passage in the question's language. The figure stands in the
receipt of an answer and decides nothing: on short questions of colleagues it was wrong too often.
Off-topic falls short by .001, less than chance makes here (standard error about .003): the weights
are fitted on small stores, too, where these signs tell less.

    python -m tests.benchmarks.bench_answerability --train

fits `pipelines/answerability.json` anew, on stores of 2 to 48 articles and 12 to 301 pages in one
or two languages, so that small handbooks are judged like large ones.
"""

import argparse
import asyncio
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipelines.answerability import NAMES, Features, Logistic, features, models, save
from pipelines.coverage import WordCoverage
from pipelines.ranking import Candidate, ranked, reordered
from pipelines.retrieval import Retriever, Search
from tests.benchmarks.datasets import (
    LANGUAGES,
    READER,
    PublicSet,
    Question,
    RememberingEmbedder,
    gnome,
    indexed,
    xquad,
)
from tests.benchmarks.report import table

SEED = 7
ASKED = 60
GOALS = {"near": 0.955, "off-topic": 0.985}
SIZES = {"XQuAD": (2, 4, 8, 16, 48), "GNOME help": (12, 30, 60, 301)}


@dataclass(frozen=True, slots=True)
class Example:
    """The features of one search and whether the answer was in it."""

    values: Features
    direction: str
    kind: str
    is_there: bool
    is_for_training: bool


def measure() -> str:
    """The section of docs/benchmarks.md."""
    examples = [e for e in asyncio.run(_facts()) if not e.is_for_training]
    shipped = models()
    chances = {
        kind: [shipped[e.direction].probability(e.values) for e in examples if e.kind == kind]
        for kind in ("there", "other alone", "near", "off-topic")
    }
    rows = []
    for kind, goal in GOALS.items():
        value = auroc(chances["there"], chances[kind])
        rows.append([f"there against {kind}", f"{value:.3f}", _judged(value, goal)])
        value = auroc(chances["other alone"], chances[kind])
        rows.append([f"other alone against {kind}", f"{value:.3f}", ""])
    for n, name in enumerate(NAMES):
        columns = {
            kind: [float(e.values[n]) for e in examples if e.kind == kind] for kind in chances
        }
        value = auroc(columns["there"], columns["near"])
        rows.append([f"alone: {name}", f"{value:.3f}", ""])
    about = (__doc__ or "").split("\n\n")[1]
    return f"## Answerability\n\n{about}\n\n" + table(["AUROC", "", "goal"], rows)


def _judged(value: float, goal: float) -> str:
    return f"{goal:.3f}" + ("" if value >= goal else " **short**")


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a random positive is above a random negative; ties count half."""
    above = np.subtract.outer(np.array(positive), np.array(negative))
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


async def _facts() -> list[Example]:
    """The test described above, over all 480 passages."""
    questions, random = xquad(), np.random.default_rng(SEED)
    chosen = [questions.questions[n] for n in random.choice(len(questions.questions), 500, False)]
    found: list[Example] = []
    async with indexed(questions.chunks, RememberingEmbedder()) as (_, retriever):
        for question in chosen:
            found += await _with_and_without(retriever, question)
        for question in gnome().questions:
            found += await _off_topic(retriever, question)
    return found


async def _with_and_without(retriever: Retriever, question: Question) -> list[Example]:
    """The search as it is, without the answering page, and without it in the own language."""
    search = await retriever.candidates(question.text, question.language, reader=READER)
    own, other = question.gold, question.gold_other
    return [
        *_example(search, (), "there", question),
        *_example(search, (own,), "other alone", question),
        *_example(search, (own, other), "near", question),
    ]


async def _off_topic(retriever: Retriever, question: Question) -> list[Example]:
    search = await retriever.candidates(question.text, question.language, reader=READER)
    return list(_example(search, (), "off-topic", question))


def _example(
    search: Search, without: Sequence[str], kind: str, question: Question
) -> Iterator[Example]:
    order, coverage = left_without(search, without)
    if not order:
        return
    yield Example(
        values=features(order, coverage),
        direction="own" if order[0].is_own else "other",
        kind=kind,
        is_there=kind in ("there", "other alone"),
        is_for_training=_number(question.gold) % 2 == 0,
    )


def left_without(search: Search, pages: Collection[str]) -> tuple[list[Candidate], WordCoverage]:
    """What a search would have found without some pages, best first."""
    kept = [n for n, c in enumerate(search.candidates) if c.chunk.article not in pages]
    # As if the page had never been there: the best in words is one of those that are left.
    best = max((search.candidates[n].words for n in kept), default=0.0) or 1.0
    left = [replace(c, words=c.words / best) for c in (search.candidates[n] for n in kept)]
    place = {id(candidate): n for candidate, n in zip(left, kept, strict=True)}
    order = reordered(ranked(left))
    return order, search.coverage.of([place[id(candidate)] for candidate in order])


def _number(page: str) -> int:
    """The article's number in XQuAD; a number of the page's letters in GNOME."""
    name = page.partition("/")[2]
    return sum(name.encode()) if name else int(page.split("-")[2])


async def _training() -> list[Example]:
    """Examples from stores of all sizes, the testing half left out."""
    random, embedder = np.random.default_rng(SEED), RememberingEmbedder()
    public = {one.name: one for one in (xquad(), gnome())}
    found: list[Example] = []
    for name, sizes in SIZES.items():
        (others,) = (one for other, one in public.items() if other != name)
        for size in sizes:
            for languages in (("en",), ("es",), LANGUAGES):
                part = _part(public[name], size, languages, random)
                found += await _examples(part, others, embedder, random)
                sys.stderr.write(f"{name} {size} {languages}: {len(found)} examples\n")
    return [example for example in found if example.is_for_training]


def _part(
    public: PublicSet, size: int, languages: Sequence[str], random: np.random.Generator
) -> PublicSet:
    """Some of the articles, in these languages."""
    groups = sorted({_group(chunk.article) for chunk in public.chunks})
    kept = set(random.choice(groups, min(size, len(groups)), replace=False))
    chunks = tuple(
        c for c in public.chunks if _group(c.article) in kept and c.language in languages
    )
    questions = tuple(q for q in public.questions if _group(q.gold) in kept)
    return PublicSet(public.name, chunks, questions)


def _group(page: str) -> str:
    """The XQuAD article or the GNOME page, whatever the language."""
    return page.partition("/")[2] or page.split("-")[2]


async def _examples(
    part: PublicSet,
    others: PublicSet,
    embedder: RememberingEmbedder,
    random: np.random.Generator,
) -> list[Example]:
    found: list[Example] = []
    held = {chunk.article for chunk in part.chunks}
    async with indexed(part.chunks, embedder) as (_, retriever):
        for question in _some(part.questions, ASKED, random):
            examples = await _with_and_without(retriever, question)
            is_there = {"there": held, "other alone": held - {question.gold}}
            pages = {question.gold, question.gold_other}
            # Pages of a manual overlap: without the page of its title, another one may answer.
            is_clean = part.name == "XQuAD"
            found += [e for e in examples if (pages & is_there[e.kind] if e.is_there else is_clean)]
        for question in _some(others.questions, ASKED // 3, random):
            found += await _off_topic(retriever, question)
    return found


def _some(questions: Sequence[Question], count: int, random: np.random.Generator) -> list[Question]:
    return [questions[n] for n in random.permutation(len(questions))[:count]]


def train() -> None:
    """Fit the weights and write them beside the code that uses them."""
    examples = asyncio.run(_training())
    fitted = {}
    for direction in ("own", "other"):
        rows = [e for e in examples if e.direction == direction]
        answers: NDArray[np.bool_] = np.array([e.is_there for e in rows])
        fitted[direction] = Logistic.fitted(np.stack([e.values for e in rows]), answers)
    save(fitted)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Whether a missing answer is noticed")
    parser.add_argument("--train", action="store_true", help="fit the weights anew first")
    if parser.parse_args().train:
        train()
    sys.stdout.write(measure())
