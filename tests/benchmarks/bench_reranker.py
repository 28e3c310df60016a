"""A second look at what a search finds, by a small model untuned and tuned.

`{model}` learns from {rows} questions with one passage each (English XQuAD; {questions} questions
with the passage that answers, and the {rivals} nearest ones that do not, of the shortest
{shorter:.0%} of the passages, since a row costs by its length): `reranker` in docs/training.md,
every row seen once, {batch} in a step, at a learning rate of {rate}. That is the second try: one at
.001 with 8 in a step, with `yes` and `no` in small letters and longer passages, was stopped after
21 steps, its loss near that of who looks at nothing. A fifth of the questions is held out.
Then {asked} English questions of GNOME help, of which it has
seen nothing, are searched as it ships, and the first eight chunks are looked at again: by the same
model untuned, as `RERANKER=judge` asks the one that answers, and by the tuned one in llama.cpp, as
`RERANKER=tuned` does. `score alone` orders the eight by what the model says and nothing else, which
nobody is served; it tells what the model knows. `first` is the share of the questions whose page
comes first.

CPU seconds a question are those of the second look alone. A page stands where its best chunk does.
So few questions tell a loss of a tenth from none, and little more; the interval says how little.
What it has learnt of encyclopaedia questions carries over to the titles of help pages in part: its
word alone is worth more than that of the untuned model, less than the search. As a second look it
changes nothing there, and takes seconds: this one is not worth switching on.
"""

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from statistics import mean
from time import process_time
from typing import Any

import numpy as np

from knowledge.articles import Chunk
from pipelines import reranking
from pipelines.evaluation.intervals import bootstrap_difference
from pipelines.learning import publishing
from pipelines.learning.pairs import Pair
from pipelines.learning.passage_rows import labelled, write
from pipelines.learning.trainers import Job, Trained, TrainingFailedError
from pipelines.learning.trainers.process import train
from pipelines.models import ChatModel, Embedder
from pipelines.models.catalogue import entry
from pipelines.models.embedded import embedded_chat_model
from pipelines.ranking import Candidate
from pipelines.reranking import RERANKED, Reranker, reranked
from tests.benchmarks.datasets import (
    READER,
    PublicSet,
    Question,
    RememberingEmbedder,
    gnome,
    indexed,
    ndcg,
    xquad,
)
from tests.benchmarks.models import fetched_here
from tests.benchmarks.report import SHIPPED, SkippedError, table

MODEL = "smollm2-135m"
LEARN, RIVALS, ASK, SEED = 170, 2, 24, 1
SHORTER = 0.4
SETTINGS: dict[str, Any] = {"learning_rate": 5e-4, "batch": 4, "epochs": 1, "greedy": 0}
UNTUNED, TUNED = "`judge`, untuned", "`tuned`"
Spent = Mapping[str, Sequence[float]]
"""CPU seconds of each question, by who looked."""


@dataclass(slots=True)
class Watched:
    """A reranker, with what it said last and what it took.

    Attributes:
        cpu_s: of this process, where its model runs, of each question.
    """

    inner: Reranker
    said: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)

    async def scores(self, question: str, chunks: Sequence[Chunk]) -> list[float]:
        """What the reranker says."""
        began = process_time()
        self.said = await self.inner.scores(question, chunks)
        self.cpu_s.append(process_time() - began)
        return self.said


@dataclass(frozen=True, slots=True)
class Found:
    """What one way of ordering comes to, question by question."""

    ndcg: list[float] = field(default_factory=list)
    first: list[bool] = field(default_factory=list)

    def add(self, order: Sequence[Candidate], page: str) -> None:
        """One more question, whose answer stands on this page."""
        pages = list(dict.fromkeys(one.chunk.article for one in order))
        self.ndcg.append(ndcg(pages, [page]))
        self.first.append(pages[:1] == [page])


def measure(home: Path | None = None) -> str:
    """The section of docs/benchmarks.md.

    Args:
        home: where what is trained is kept, and taken from; nowhere where none is given.
    """
    if find_spec("torch") is None:
        raise SkippedError("the extra `learn` is not installed")
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(home or Path(folder)))


async def _measured(home: Path) -> str:
    models, embedder = await fetched_here(MODEL), RememberingEmbedder()
    job = await _job(xquad().only("en"), embedder, models, home)
    usual = embedded_chat_model(entry(MODEL), models)
    looks = {UNTUNED: (usual, reranking.load("judge", usual))}
    try:
        trained = await _trained(job)
        await publishing.write_adapter(trained.folder, home / "tuned.gguf")
        tuned = embedded_chat_model(entry(MODEL), models, adapter=home / "tuned.gguf")
        looks[TUNED] = (tuned, reranking.load("tuned", tuned))
        training = _of_training(trained)
    except TrainingFailedError as error:
        training = f"**Nothing came of the training**: {error}\n"
    tell(training)
    found, spent = await second_looks(gnome().only("en"), embedder, looks)
    return section(job, training, found, spent)


def section(job: Job, training: str, found: Mapping[str, Found], spent: Spent) -> str:
    """All of it in words."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    about = about.format(
        model=MODEL,
        rows=len(job.rows.read_text(encoding="utf-8").splitlines()),
        questions=LEARN,
        rivals=RIVALS,
        shorter=SHORTER,
        asked=ASK,
        batch=SETTINGS["batch"],
        rate=SETTINGS["learning_rate"],
    )
    return "\n".join(["## A second look\n", about, "", training, _compared(found, spent)])


async def _trained(job: Job) -> Trained:
    if job.folder.is_dir():
        return publishing.trained(job.folder)
    return await train(job, lambda step: tell(f"{step}"))


async def _job(taught: PublicSet, embedder: Embedder, models: Path, home: Path) -> Job:
    chunks = sorted(taught.chunks, key=lambda chunk: len(chunk.text))
    chunks = chunks[: round(SHORTER * len(chunks))]
    of_page = {chunk.article: chunk.text_hash for chunk in chunks}
    asked = [one for one in taught.questions if one.language == "en" and one.gold in of_page]
    pairs = [Pair(one.text, one.language, (of_page[one.gold],)) for one in asked]
    chosen = np.random.default_rng(SEED).permutation(len(pairs))[:LEARN]
    pairs = [pairs[n] for n in chosen]
    vectors = (
        await embedder.embed_questions([pair.question for pair in pairs]),
        await embedder.embed_passages([chunk.searchable_text for chunk in chunks]),
    )
    rows = write(labelled(pairs, chunks, vectors, rivals=RIVALS), home)
    return Job("reranker", models / entry(MODEL).file, rows, home / "trained", settings=SETTINGS)


async def second_looks(
    asked: PublicSet, embedder: Embedder, looks: Mapping[str, tuple[ChatModel, Reranker]]
) -> tuple[dict[str, Found], Spent]:
    """The same searches, looked at again by nobody and by each of these; what each look took."""
    watched = {name: Watched(reranker) for name, (_, reranker) in looks.items()}
    found = {SHIPPED: Found()} | {
        name: Found() for look in looks for name in (look, f"{look}, score alone")
    }
    questions = [one for one in asked.questions if one.language == "en"]
    try:
        for look in watched.values():  # loading it is no second look
            await look.inner.scores("?", asked.chunks[:1])
        async with indexed(asked.chunks, embedder) as (_, retriever):
            for one in questions[:: len(questions) // ASK][:ASK]:
                search = await retriever.candidates(one.text, one.language, reader=READER)
                await _ordered(one, search.candidates, watched, found)
                tell(f"{one.text}: {[round(way.ndcg[-1], 2) for way in found.values()]}")
    finally:
        for model, _ in looks.values():
            await model.stop()
    return found, {name: look.cpu_s for name, look in watched.items()}


async def _ordered(
    question: Question,
    order: Sequence[Candidate],
    looks: Mapping[str, Watched],
    found: Mapping[str, Found],
) -> None:
    """One search in every order."""
    found[SHIPPED].add(order, question.gold)
    for name, look in looks.items():
        again = await reranked(question.text, [replace(one) for one in order], look)
        found[name].add(again, question.gold)
        best = sorted(zip(look.said, range(RERANKED), strict=False), key=lambda one: -one[0])
        alone = [order[n] for _, n in best]
        found[f"{name}, score alone"].add([*alone, *order[RERANKED:]], question.gold)


def _of_training(trained: Trained) -> str:
    """What the trainer found of its own rows, and what it took."""
    head = ["held out", "accuracy", "majority", "MCC", "nDCG@10 before", "after", "MRR before"]
    head += ["after", "CPU s", "peak MB", "adapter, MB"]
    names = ("accuracy", "majority", "mcc", "ndcg_before", "ndcg", "mrr_before", "mrr")
    cost = trained.cost
    took = [f"{cost.cpu_s:.0f}", f"{cost.peak_mb:.0f}", f"{cost.file_bytes / 1e6:.1f}"]
    figures = [f"{trained.measured[name]:.3f}" for name in names]
    return table(head, [["passages of a fifth of the questions", *figures, *took]])


def _compared(found: Mapping[str, Found], spent: Spent) -> str:
    plain, rows = found[SHIPPED].ndcg, []
    for name, one in found.items():
        change, span = "", ""
        if name != SHIPPED:
            low, high = bootstrap_difference(np.array(plain), np.array(one.ndcg))
            change, span = f"{mean(one.ndcg) - mean(plain):+.3f}", f"{low:+.3f} to {high:+.3f}"
        cpu = f"{mean(spent[name]):.1f}" if name in spent else ""
        rows.append([name, f"{mean(one.ndcg):.3f}", f"{mean(one.first):.3f}", change, span, cpu])
    head = ["GNOME help, EN", "nDCG@10", "first", "change of nDCG@10", "95 % interval"]
    return table([*head, "CPU s a question"], rows)


def tell(text: str) -> None:
    """Say how far it has come."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.stdout.write(measure(Path(sys.argv[1]) if sys.argv[1:] else None))
