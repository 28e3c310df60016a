"""Fits a regression, and a bottleneck adapter before it: gradients by hand, no library but NumPy.

The regression comes first. The adapter begins as what changes nothing, and both are then fitted
together, held back towards what they were: what few rows do not tell stays as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.adapter import Adapter, Numbers, softmax

RIDGE = 0.003
"""How strongly large weights of a regression are held back."""
REGRESSING = 600
"""Steps of the regression alone."""
TEMPERATURES = np.geomspace(0.3, 4.0, 60)
_KEPT, _KEPT_SQUARES, _TINY = 0.9, 0.999, 1e-8
"""Of what was learnt at earlier steps: Kingma and Ba, "Adam", 2015."""
Parts = list[Numbers]
"""`down`, `offset` and `up` of an adapter, and its regression: shape (classes, numbers + 1)."""


@dataclass(frozen=True, slots=True)
class Learning:
    """How an adapter is fitted.

    Attributes:
        rate: of the descent.
        steps: over all rows at once.
        pull: of every part back to where it began. Of .003 to .1 the smaller ones lost where there
            were eighty rows, and .1 gained nothing where there were a thousand.
    """

    rate: float = 0.001
    steps: int = 100
    pull: float = 0.03


@dataclass(frozen=True, slots=True)
class Task:
    """What is fitted to.

    Attributes:
        inputs: shape (examples, numbers), each number less its mean, by its scale.
        wanted: shape (examples, classes): 1 for the class of an example, else 0.
        balance: shape (examples, 1), 1 in all: every class weighs the same.
        start: shape (classes, numbers + 1), the last column the bias: where the regression begins.
        held_back: shape (numbers + 1,): how strongly to there.
    """

    inputs: Numbers
    wanted: Numbers
    balance: Numbers
    start: Numbers
    held_back: Numbers

    @classmethod
    def of(
        cls, inputs: Numbers, labels: NDArray[np.int64], start: Numbers, held_back: Numbers
    ) -> "Task":
        """A task whose classes weigh the same; `labels` are the rows of `start`."""
        wanted = np.eye(len(start))[labels]
        counts = wanted.sum(axis=0)
        each = len(inputs) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        return cls(inputs, wanted, (wanted @ each)[:, None] / len(inputs), start, held_back)


def regressed(task: Task) -> Numbers:
    """The regression alone, by accelerated gradient descent: shape (classes, numbers + 1)."""
    inputs = _with_ones(task.inputs)
    size = np.linalg.norm(inputs * np.sqrt(task.balance), 2)
    step = 1 / (size**2 / 2 + task.held_back.max())
    weights = ahead = task.start
    for number in range(REGRESSING):
        slope = (task.balance * (softmax(inputs @ ahead.T) - task.wanted)).T @ inputs
        slope += task.held_back * (ahead - task.start)
        before, weights = weights, ahead - step * slope
        ahead = weights + number / (number + 3) * (weights - before)
    return weights


def loss(task: Task, parts: Parts) -> tuple[float, Parts]:
    """The mean of -log of the wanted class's share, and its slope in each of the parts.

    Returns:
        Nats an example, and the slopes in the shapes of the parts.
    """
    down, offset, up, head = parts
    size = len(down)
    vectors = task.inputs[:, :size]
    inner = np.tanh(vectors @ down + offset)
    rows = _with_ones(np.hstack([vectors + inner @ up, task.inputs[:, size:]]))
    shares = softmax(rows @ head.T)
    likely = np.maximum((shares * task.wanted).sum(axis=1, keepdims=True), 1e-12)
    to_logits = task.balance * (shares - task.wanted)
    to_vectors = to_logits @ head[:, :size]
    to_inner = (to_vectors @ up.T) * (1 - inner**2)
    slopes = [
        vectors.T @ to_inner,
        to_inner.sum(axis=0),
        inner.T @ to_vectors,
        to_logits.T @ rows,
    ]
    return float(-(task.balance * np.log(likely)).sum()), slopes


@dataclass(slots=True)
class Descent:
    """An adapter that is being fitted, with its regression.

    Attributes:
        parts: as they are now.
    """

    parts: Parts
    _began: Parts
    _slopes: Parts
    _squares: Parts
    _number: int = 0

    @classmethod
    def begun(cls, task: Task, *, dimensions: int, width: int, seed: int) -> "Descent":
        """The regression is fitted; the adapter changes nothing yet.

        Args:
            task: whose first numbers are a vector.
            dimensions: of the vector.
            width: of the adapter.
            seed: what `down` and `offset` begin with; the same one comes to the same end.
        """
        random = np.random.default_rng(seed)
        down = random.normal(size=(dimensions, width)) * 2 / np.sqrt(dimensions)
        adapter = [down, random.normal(size=width) / 2, np.zeros((width, dimensions))]
        parts = [*adapter, regressed(task)]
        nothing = [np.zeros_like(one) for one in parts]
        return cls(parts, [*adapter, task.start], nothing, nothing)

    @property
    def adapter(self) -> Adapter:
        """As it is now.

        Raises:
            ValueError: it holds what is no number.
        """
        return Adapter(*self.parts[:3])

    @property
    def head(self) -> Numbers:
        """The regression as it is now: shape (classes, numbers + 1)."""
        return self.parts[3]

    def step(self, task: Task, learning: Learning) -> float:
        """Learn all rows once; their loss before that, in nats an example."""
        nats, slopes = loss(task, self.parts)
        pulls: list[float | Numbers] = [*[learning.pull] * 3, task.held_back]
        away = zip(slopes, pulls, self.parts, self._began, strict=True)
        slopes = [slope + pull * (now - began) for slope, pull, now, began in away]
        self._number += 1
        self._slopes = _mixed(self._slopes, slopes, _KEPT)
        self._squares = _mixed(self._squares, [one**2 for one in slopes], _KEPT_SQUARES)
        rate = learning.rate / (1 - _KEPT**self._number)
        sizes = [np.sqrt(one / (1 - _KEPT_SQUARES**self._number)) for one in self._squares]
        moves = zip(self.parts, self._slopes, sizes, strict=True)
        self.parts = [now - rate * slope / (size + _TINY) for now, slope, size in moves]
        return nats


def tempered(logits: Numbers, labels: NDArray[np.int64]) -> tuple[float, float]:
    """The temperature with which what happened was likeliest, and the nats an example it leaves."""

    def surprise(temperature: float) -> float:
        shares = softmax(logits / temperature)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(shares, 1e-9)).mean())

    best = float(min(TEMPERATURES, key=surprise))
    return best, surprise(best)


def _mixed(before: Sequence[Numbers], now: Sequence[Numbers], kept: float) -> Parts:
    return [kept * one + (1 - kept) * two for one, two in zip(before, now, strict=True)]


def _with_ones(rows: Numbers) -> Numbers:
    return np.hstack([rows, np.ones((len(rows), 1))])
