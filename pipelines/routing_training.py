"""Fits the router to questions whose needs are known: seconds, no library but NumPy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from pipelines.routing import NAMES, NEEDS, WITHOUT_TOOLS, Numbers, Weights, softmax

RIDGE = 0.003
"""How strongly large weights are held back."""
OF_VECTOR = 2.0
"""How much the vector counts beside the numbers; both chosen on clusters that were left out."""
STEPS = 600
LEAST_WRONG = 0.02
"""Of the questions that are sent past the tools, this share at most may have needed one."""
TEMPERATURES = np.geomspace(0.3, 4.0, 60)
CONFIDENCES = np.arange(0.35, 0.96, 0.05)


@dataclass(frozen=True, slots=True)
class Example:
    """A question and what it was found to need.

    Attributes:
        text: for the hash alone.
        row: shape (dimensions + len(NAMES),), as `features` makes it.
        needs: one of `NEEDS`.
        cluster: questions on the same subject, never parted between fitting and judging.
    """

    text: str
    row: Numbers
    needs: str
    cluster: str


def train(examples: Sequence[Example], *, embedder: str) -> Weights:
    """Weights, with a temperature and a least confidence from clusters that were left out.

    Args:
        examples: a dozen of each need at least, of two clusters or more.
        embedder: the name of the model that the vectors come from.

    Raises:
        ValueError: there is one cluster only, or no example.
    """
    clusters = sorted({one.cluster for one in examples})
    if len(clusters) < 2:
        raise ValueError("A router is trained on questions of two clusters at least.")
    rows = np.array([one.row for one in examples])
    labels = np.array([NEEDS.index(one.needs) for one in examples])
    groups = np.array([clusters.index(one.cluster) for one in examples])
    logits = _left_out(rows, labels, groups)
    temperature = _temperature(logits, labels)
    shares = softmax(logits / temperature)
    fitted = _fitted(rows, labels)
    known = sha256("\n".join(f"{one.needs}\t{one.text}" for one in examples).encode())
    return replace(
        fitted,
        embedder=embedder,
        temperature=temperature,
        least=_least(shares, labels),
        trained_on=f"{len(examples)} questions, {known.hexdigest()[:12]}",
    )


def _left_out(rows: Numbers, labels: NDArray[np.int64], groups: NDArray[np.int64]) -> Numbers:
    """Logits for each cluster by weights that were fitted to the others."""
    logits = np.zeros((len(rows), len(NEEDS)))
    for group in np.unique(groups):
        is_out = groups == group
        fitted = _fitted(rows[~is_out], labels[~is_out])
        logits[is_out] = ((rows[is_out] - fitted.mean) / fitted.scale) @ fitted.matrix.T
        logits[is_out] += fitted.bias
    return logits


def _fitted(rows: Numbers, labels: NDArray[np.int64]) -> Weights:
    """A regression by accelerated gradient descent; every need weighs the same."""
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-3)
    of_vector = rows.shape[1] - len(NAMES)
    scale[:of_vector] = rows[:, :of_vector].std() * np.sqrt(of_vector / len(NAMES)) / OF_VECTOR
    inputs = np.hstack([(rows - mean) / scale, np.ones((len(rows), 1))])
    wanted = np.eye(len(NEEDS))[labels]
    counts = np.maximum(wanted.sum(axis=0), 1)
    balance = (wanted @ (len(rows) / (len(NEEDS) * counts)))[:, None] / len(rows)
    held_back = np.append(np.full(rows.shape[1], RIDGE), 0.0)
    step = 1 / (np.linalg.norm(inputs * np.sqrt(balance), 2) ** 2 / 2 + RIDGE)
    weights = ahead = np.zeros((len(NEEDS), inputs.shape[1]))
    for number in range(STEPS):
        slope = (balance * (softmax(inputs @ ahead.T) - wanted)).T @ inputs + held_back * ahead
        before, weights = weights, ahead - step * slope
        ahead = weights + number / (number + 3) * (weights - before)
    return Weights("", mean, scale, weights[:, :-1], weights[:, -1], 1.0, 0.0, "")


def _temperature(logits: Numbers, labels: NDArray[np.int64]) -> float:
    """The one with which what happened was likeliest."""

    def surprise(temperature: float) -> float:
        shares = softmax(logits / temperature)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(shares, 1e-9)).mean())

    return float(min(TEMPERATURES, key=surprise))


def _least(shares: Numbers, labels: NDArray[np.int64]) -> float:
    """The least confidence with which few enough are sent past a tool that they need."""
    best, sure = shares.argmax(axis=1), shares.max(axis=1)
    past = np.isin(best, [NEEDS.index(one) for one in WITHOUT_TOOLS])
    needed = ~np.isin(labels, [NEEDS.index(one) for one in WITHOUT_TOOLS])
    for least in CONFIDENCES:
        sent = past & (sure >= least)
        if not sent.any() or needed[sent].mean() <= LEAST_WRONG:
            return float(least)
    return float(CONFIDENCES[-1])
