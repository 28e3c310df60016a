"""Maps of questions, language by language: which pairs teach, which measure, what came of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.learning.job_settings import chosen
from pipelines.learning.pair_files import PairSet
from pipelines.learning.trainers import (
    Job,
    Report,
    Step,
    TrainingFailedError,
)
from pipelines.learning.turning import (
    Descent,
    Learning,
    Numbers,
    Pairs,
    changed,
    loss,
    mined,
    ndcg,
)
from pipelines.query_map import Turn

FEWEST = 300
"""Pairs in all, and of one language of questions at least a sixth of that."""
FEWEST_OF_ONE = FEWEST // 6
LEAST_GAIN = 0.005
"""Of nDCG@10 on the pairs that were held out, all languages together; one that loses is left."""
LARGEST = 1e3
"""Of any number in a map that is near the identity."""
PATIENCE = 3
"""Passes without a better one until it ends."""
_LEAST = {"momentum": 0.0, "pull": 0.0, "strength": 0.0, "held_out": 0.0, "fewest": 0}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a map is learnt.

    Attributes:
        strength: how far the map goes from the identity to what was learnt.
        held_out: share of the clusters that measure.
        fewest: pairs without which nothing is learnt.
    """

    learning_rate: float = 0.001
    momentum: float = 0.9
    temperature: float = 0.05
    pull: float = 0.0
    strength: float = 0.4
    batch: int = 64
    epochs: int = 30
    held_out: float = 0.2
    fewest: int = FEWEST

    @classmethod
    def of(cls, job: Job) -> "Settings":
        """What the job sets.

        Raises:
            JobRefusedError: it sets what there is not, or to a value that cannot be.
        """
        return chosen(cls(), job, _LEAST)

    @property
    def learning(self) -> Learning:
        """As one step needs it."""
        return Learning(self.learning_rate, self.momentum, self.temperature, self.pull, self.batch)


@dataclass(frozen=True, slots=True)
class Direction:
    """The pairs of questions in one language.

    Attributes:
        learnt, held_out: no cluster is in both.
        approved: how many of all come from examples; the others are sentences of pages.
    """

    language: str
    learnt: Pairs
    held_out: Pairs
    approved: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a map does to the pairs that were held out, beside the vectors as they are."""

    language: str
    pairs: int
    approved: int
    held_out: int
    before: float
    after: float

    @property
    def gain(self) -> float:
        """Of nDCG@10."""
        return self.after - self.before

    def __str__(self) -> str:
        """In words."""
        return f"{self.language}: nDCG@10 {self.before:.3f} to {self.after:.3f}"


def directions(found: PairSet, held_out: float, seed: int) -> Iterator[Direction]:
    """The pairs by the language of their question, with whole clusters held out."""
    place = {text_hash: n for n, text_hash in enumerate(found.hashes)}
    names = {name: n for n, name in enumerate(sorted(set(found.languages)))}
    languages = np.array([names[one] for one in found.languages], np.int64)
    clusters = sorted({pair.cluster for pair in found.pairs})
    chosen = np.random.default_rng(seed).permutation(len(clusters))
    apart = {clusters[n] for n in chosen[: round(held_out * len(clusters))]}
    for language in sorted({pair.language for pair in found.pairs}):
        mine = [n for n, pair in enumerate(found.pairs) if pair.language == language]
        pairs = Pairs(
            found.questions[mine].astype(np.float64),
            found.passages.astype(np.float64),
            languages,
            tuple(tuple(place[h] for h in found.pairs[n].passages) for n in mine),
        )
        is_apart = [found.pairs[n].cluster in apart for n in mine]
        yield Direction(
            language,
            pairs.some([n for n, out in enumerate(is_apart) if not out]),
            pairs.some([n for n, out in enumerate(is_apart) if out]),
            sum(bool(found.pairs[n].example) for n in mine),
        )


def able_of(found: PairSet, settings: Settings, seed: int) -> list[Direction]:
    """The directions of which there are enough pairs."""
    fewest = settings.fewest * FEWEST_OF_ONE / FEWEST
    every = directions(found, settings.held_out, seed)
    return [
        one
        for one in every
        if len(one.learnt.answers) + len(one.held_out.answers) >= fewest
        and one.learnt.answers
        and one.held_out.answers
    ]


def learnt(
    found: PairSet, settings: Settings, seed: int, report: Report
) -> tuple[dict[str, Turn], list[Figures], tuple[float, ...], tuple[float, ...]]:
    """The maps that gain; what each one does; the losses of all steps and passes."""
    turns: dict[str, Turn] = {}
    figures, losses, apart = [], list[float](), list[float]()
    able = able_of(found, settings, seed)
    steps = [_steps(len(one.learnt.answers), settings) for one in able]
    for direction in able:

        def tell(nats: float) -> None:
            losses.append(nats)
            report(Step(len(losses), sum(steps), nats))

        matrix, measured = _descended(direction, settings, seed, tell)
        apart += measured
        one = _figures(direction, matrix)
        figures.append(one)
        if one.gain > 0:
            shift, lead = changed(direction.learnt, matrix)
            turns[direction.language] = Turn(matrix.astype(np.float32), shift, lead)
    kept = [one for one in figures if one.gain > 0]
    count = sum(one.held_out for one in kept)
    if sum(one.gain * one.held_out for one in kept) < LEAST_GAIN * count:
        turns = {}
    return turns, figures, tuple(losses), tuple(apart)


def _figures(direction: Direction, matrix: Numbers) -> Figures:
    held_out = direction.held_out
    before, after = float(ndcg(held_out).mean()), float(ndcg(held_out, matrix).mean())
    count = len(direction.learnt.answers) + len(held_out.answers)
    approved = direction.approved
    return Figures(direction.language, count, approved, len(held_out.answers), before, after)


def _descended(
    direction: Direction, settings: Settings, seed: int, tell: Callable[[float], None]
) -> tuple[Numbers, list[float]]:
    """The map of the best pass, drawn back to the identity; the loss held out after each pass."""
    learnt, apart, learning = direction.learnt, direction.held_out, settings.learning
    random = np.random.default_rng(seed)
    rivals, rivals_apart = mined(learnt), mined(apart)
    descent = Descent.begun(learnt.questions.shape[1])
    identity = descent.matrix
    best, measured = identity, list[float]()
    for _ in range(settings.epochs):
        order = random.permutation(len(learnt.answers))
        for start in range(0, len(order), learning.batch):
            places = order[start : start + learning.batch]
            nats = descent.step(learnt.some(places), [rivals[n] for n in places], learning)
            if not (np.isfinite(nats) and np.abs(descent.matrix).max() < LARGEST):
                raise TrainingFailedError(
                    f"The loss became {nats}: the map has left what can be computed.",
                    what_to_do="Lower `learning_rate`, to a third for instance.",
                )
            tell(nats)
        measured.append(loss(apart, rivals_apart, descent.matrix, learning.temperature)[0])
        if measured[-1] <= min(measured):
            best = descent.matrix
        if len(measured) - int(np.argmin(measured)) > PATIENCE:
            break
    return identity + settings.strength * (best - identity), measured


def _steps(count: int, settings: Settings) -> int:
    return settings.epochs * -(-count // settings.learning.batch)
