"""Texts are named by their vectors: which rows teach, which measure, what came of it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipelines.adapter import Classifier, Numbers
from pipelines.adapter_training import RIDGE, Descent, Learning, Task, loss, tempered
from pipelines.learning.job_settings import chosen
from pipelines.learning.label_files import Labelled
from pipelines.learning.trainers import Job, Report, Step, TrainingFailedError
from pipelines.learning.tuning.naming import figures_of

SPREAD = 6.0
"""Length of an ordinary vector once it is scaled; a regression is held back by that."""
LOOK = 10
"""Steps between two looks at what is held out."""
_USUAL = Learning()
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a classifier is learnt.

    Attributes:
        width: of the adapter.
        epochs: how often all rows are learnt; each time is one step.
        pull: back to where it began.
        held_out: share of the clusters that measure.
        is_test: too few rows and a useless result are let pass.
    """

    width: int = 64
    learning_rate: float = _USUAL.rate
    epochs: int = _USUAL.steps
    pull: float = _USUAL.pull
    held_out: float = 0.2
    is_test: bool = False

    @classmethod
    def of(cls, job: Job) -> "Settings":
        """What the job sets.

        Raises:
            JobRefusedError: it sets what there is not, or to a value that cannot be.
        """
        return chosen(cls(), job, {"pull": 0.0})

    @property
    def learning(self) -> Learning:
        """As a descent needs it."""
        return Learning(self.learning_rate, self.epochs, self.pull)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt.

    Attributes:
        losses: of every step, in nats a row.
        held_out: of the rows kept apart, at each look.
        told: the class that each of these was given.
        measured: how well they were told, as `figures_of` has it; `mcc_without`: by the regression
            alone, before there was an adapter.
    """

    classifier: Classifier
    losses: tuple[float, ...]
    held_out: tuple[float, ...]
    told: tuple[int, ...]
    measured: dict[str, float]


def parted(found: Labelled, held_out: float, seed: int) -> tuple[Places, Places]:
    """The places of the rows that teach, and of those that measure: whole clusters of them."""
    clusters = sorted(set(found.clusters))
    chosen = np.random.default_rng(seed).permutation(len(clusters))
    apart = {clusters[n] for n in chosen[: round(held_out * len(clusters))]}
    is_apart = np.array([one in apart for one in found.clusters])
    return np.flatnonzero(~is_apart), np.flatnonzero(is_apart)


def fitted(found: Labelled, settings: Settings, seed: int, report: Report) -> Fitted:
    """A classifier, with what it makes of the rows that were held out.

    Raises:
        TrainingFailedError: the loss became no number.
    """
    learnt, apart = parted(found, settings.held_out, seed)
    scaling = _scaling(found.vectors[learnt])
    task, other = (_task(found, some, scaling) for some in (learnt, apart))
    descent = _begun(task, settings, seed)
    alone = _classifier(found, scaling, descent)
    losses, held_out = list[float](), list[float]()
    for number in range(1, settings.epochs + 1):
        losses.append(_step(descent, task, settings))
        report(Step(number, settings.epochs, losses[-1]))
        if number % LOOK == 0:
            held_out.append(loss(other, descent.parts)[0])
    made = _classifier(found, scaling, descent)
    vectors, right = found.vectors[apart], found.classes[apart]
    logits = made.logits(vectors)
    told = [int(one) for one in logits.argmax(axis=1)]
    figures = figures_of(right.tolist(), told)
    before = figures_of(right.tolist(), alone.logits(vectors).argmax(axis=1).tolist())
    return Fitted(
        replace(made, temperature=tempered(logits, right)[0]),
        tuple(losses),
        tuple(held_out),
        tuple(told),
        {**figures, "mcc_without": before["mcc"]},
    )


def overfit(found: Labelled, settings: Settings, seed: int) -> tuple[float, float]:
    """The loss on eight rows, of as many classes as there are, before and after fifty steps."""
    order = np.argsort(found.classes, kind="stable")
    some = order[np.linspace(0, len(order) - 1, 8).astype(np.int64)]
    task = _task(found, some, _scaling(found.vectors[some]))
    descent = _begun(task, settings, seed)
    losses = [_step(descent, task, settings) for _ in range(50)]
    return losses[0], losses[-1]


def _scaling(vectors: Numbers) -> tuple[Numbers, Numbers]:
    """What is subtracted from vectors, and divided by."""
    size = vectors.shape[1]
    return vectors.mean(axis=0), np.full(size, max(vectors.std(), 1e-9) * np.sqrt(size) / SPREAD)


def _task(found: Labelled, some: Places, scaling: tuple[Numbers, Numbers]) -> Task:
    mean, scale = scaling
    start = np.zeros((len(found.labels), len(mean) + 1))
    held_back = np.append(np.full(len(mean), RIDGE), 0.0)
    rows = (found.vectors[some] - mean) / scale
    return Task.of(rows, found.classes[some], start, held_back)


def _begun(task: Task, settings: Settings, seed: int) -> Descent:
    dimensions = task.inputs.shape[1]
    return Descent.begun(task, dimensions=dimensions, width=settings.width, seed=seed)


def _step(descent: Descent, task: Task, settings: Settings) -> float:
    nats = descent.step(task, settings.learning)
    if not (np.isfinite(nats) and all(np.isfinite(one).all() for one in descent.parts)):
        raise TrainingFailedError(
            f"The loss became {nats}: the adapter has left what can be computed.",
            what_to_do="Lower `learning_rate`, to a third for instance.",
        )
    return nats


def _classifier(found: Labelled, scaling: tuple[Numbers, Numbers], descent: Descent) -> Classifier:
    """As it is now, not yet tempered."""
    mean, scale = scaling
    matrix, bias = descent.head[:, :-1], descent.head[:, -1]
    return Classifier(
        found.embedder, found.labels, mean, scale, descent.adapter, matrix, bias, temperature=1.0
    )
