"""Fits the router to questions whose needs are known: seconds, no library but NumPy.

A team has few such questions. So its weights begin as those that ship and are held back towards
them: what a team's questions do not tell, stays as it was. No row of anybody's is shipped for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from pipelines.adapter import Numbers, softmax
from pipelines.adapter_training import RIDGE, Descent, Learning, Task, regressed, tempered
from pipelines.routing import BOTH, KNOWLEDGE, NAMES, NEEDS, TOOLS, WITHOUT_TOOLS, Weights

OF_VECTOR = 2.0
"""How much the vector counts beside the numbers; both chosen on clusters that were left out."""
HELD_BACK = 0.3
"""How strongly weights are held back towards others that were there before. From .1 to .3 they are
as often right on questions of another subject as weights fitted to all rows, old and new, are
(.94 with 40 new labels, .90 with 20; without these .87); the stronger, the fewer tools are lost."""
FEWEST_OF_TOOLS = 4
"""Labels of what needs a tool: where there was none among 28, weights that were held back as .1
kept two of twenty-nine from theirs, as .3 one; with four none."""
LEAST_GAIN = 0.02
"""Nats a question by which clusters that are left out must be less of a surprise with an adapter:
less is chance, and what serves would have changed for nothing."""
LEAST_WRONG = 0.02
"""Of the questions from which something is kept, this share at most may have needed it."""
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


def train(
    examples: Sequence[Example], *, embedder: str, prior: Weights | None = None, width: int = 0
) -> Weights:
    """Weights, with a temperature and a least confidence from clusters that were left out.

    Args:
        examples: a dozen of each need at least, of two clusters or more; with a prior, of what
            there is.
        embedder: the name of the model that the vectors come from.
        prior: weights of the same embedder, without an adapter, that they are held back towards;
            what comes is never less careful.
        width: of an adapter that is tried as well, and taken where clusters that are left out are
            less of a surprise with it; 0 for none.

    Raises:
        ValueError: there is one cluster only, or no example.
    """
    clusters = sorted({one.cluster for one in examples})
    if len(clusters) < 2:
        raise ValueError("A router is trained on questions of two clusters at least.")
    rows = np.array([one.row for one in examples])
    labels = np.array([NEEDS.index(one.needs) for one in examples])
    groups = np.array([clusters.index(one.cluster) for one in examples])
    plain = left_out(rows, labels, groups, prior)
    adapted = left_out(rows, labels, groups, prior, width) if width else plain
    is_better = tempered(adapted, labels)[1] <= tempered(plain, labels)[1] - LEAST_GAIN
    logits, taken = (adapted, width) if is_better else (plain, 0)
    temperature, _ = tempered(logits, labels)
    shares = softmax(logits / temperature)
    known = sha256("\n".join(f"{one.needs}\t{one.text}" for one in examples).encode())
    return replace(
        fitted(rows, labels, prior, taken),
        embedder=embedder,
        temperature=temperature,
        least=max(_least(shares, labels), prior.least if prior else 0.0),
        trained_on=f"{len(examples)} questions, {known.hexdigest()[:12]}",
    )


def left_out(
    rows: Numbers,
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    prior: Weights | None,
    width: int = 0,
) -> Numbers:
    """Logits for each cluster by weights that were fitted to the others."""
    logits = np.zeros((len(rows), len(NEEDS)))
    for group in np.unique(groups):
        is_out = groups == group
        kept = fitted(rows[~is_out], labels[~is_out], prior, width)
        logits[is_out] = kept.logits(rows[is_out])
    return logits


def fitted(
    rows: Numbers,
    labels: NDArray[np.int64],
    prior: Weights | None,
    width: int = 0,
    *,
    seed: int = 0,
) -> Weights:
    """A regression where every need weighs the same, neither named nor tempered.

    Args:
        rows: shape (examples, dimensions + len(NAMES)).
        labels: of each row, its place in `NEEDS`.
        prior: see `train`.
        width: of an adapter before it; 0 for none.
        seed: what the adapter begins with.
    """
    begun = _untrained(rows) if prior is None else prior
    strength = RIDGE if prior is None else HELD_BACK
    held_back = np.append(np.full(rows.shape[1], strength), strength if prior else 0.0)
    start = np.column_stack([begun.matrix, begun.bias])
    task = Task.of((rows - begun.mean) / begun.scale, labels, start, held_back)
    if not width:
        return _with(begun, regressed(task))
    size, learning = rows.shape[1] - len(NAMES), Learning()
    descent = Descent.begun(task, dimensions=size, width=width, seed=seed)
    for _ in range(learning.steps):
        descent.step(task, learning)
    return replace(_with(begun, descent.head), adapter=descent.adapter)


def _with(begun: Weights, head: Numbers) -> Weights:
    return replace(begun, matrix=head[:, :-1], bias=head[:, -1])


def _untrained(rows: Numbers) -> Weights:
    """Weights that say nothing yet, with what is subtracted from such rows and divided by."""
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-3)
    of_vector = rows.shape[1] - len(NAMES)
    scale[:of_vector] = rows[:, :of_vector].std() * np.sqrt(of_vector / len(NAMES)) / OF_VECTOR
    matrix, bias = np.zeros((len(NEEDS), rows.shape[1])), np.zeros(len(NEEDS))
    return Weights("", mean, scale, matrix, bias, 1.0, 0.0, "")


def _least(shares: Numbers, labels: NDArray[np.int64]) -> float:
    """The least confidence with which few enough are kept from a tool or a page that they need."""
    best, sure = shares.argmax(axis=1), shares.max(axis=1)
    past = np.isin(best, [NEEDS.index(one) for one in WITHOUT_TOOLS])
    alone = best == NEEDS.index(TOOLS)
    lost = past & np.isin(labels, [NEEDS.index(one) for one in (TOOLS, BOTH)])
    lost |= alone & np.isin(labels, [NEEDS.index(one) for one in (KNOWLEDGE, BOTH)])
    for least in CONFIDENCES:
        kept = (past | alone) & (sure >= least)
        if not kept.any() or lost[kept].mean() <= LEAST_WRONG:
            return float(least)
    return float(CONFIDENCES[-1])
