"""A language model learns to name what a text is: pattern-based tuning of a classifier.

A text is put into a pattern, a question in words, and the name of its class is the answer, so that
what the model knows of these words counts from the first row on. Told apart is by which name is the
likeliest. One that gives nearly everything the same name is as often right as the largest class is
large, and has learnt nothing: accuracy alone would not tell.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.learning.gate import LEAST_MCC
from pipelines.learning.row_files import Row
from pipelines.learning.trainers import Job, JobRefusedError, TrainingFailedError
from pipelines.learning.tuning.aims import Likelihood
from pipelines.learning.tuning.loop import Tuning
from pipelines.learning.tuning.preparing import Prepared
from pipelines.learning.tuning.rendering import Rendered, log_probabilities
from pipelines.learning.tuning.rows import bad, check_signs, enough, objects
from pipelines.learning.tuning.settings import Settings

TEXT = "{text}"
"""Where the text stands in a pattern."""
FEWEST = 16
"""Rows of each class."""
FEWEST_HELD_OUT = 20
Name = tuple[int, ...]
"""Of a class, as tokens."""


@dataclass(frozen=True, slots=True)
class Naming(Likelihood):
    """The name of its class becomes likelier after a text."""

    def read(self, job: Job, settings: Settings) -> list[Row]:
        """Texts with the names of their classes: `text` and `label`."""
        if settings.pattern.count(TEXT) != 1:
            raise JobRefusedError(
                f"The pattern {settings.pattern[:80]!r} does not say once where the text stands.",
                what_to_do=f"Set `pattern`, such as '{TEXT} Is that a question? Say yes or no.'",
            )
        rows = [_row(said, where, line, settings.pattern) for said, where, line in objects(job)]
        counted = Counter(row.messages[-1]["content"] for row in rows)
        if len(counted) < 2:
            raise JobRefusedError(
                f"All rows of {job.rows} are of one class.", what_to_do="Add rows of another one."
            )
        enough(job, min(counted.values()), 2 if settings.is_test else FEWEST)
        return rows

    def measured(self, tuning: Tuning, prepared: Prepared) -> Mapping[str, float]:
        """How often the likeliest name is right, beside the name of the largest class alone."""
        rows = prepared.held_out
        if len(rows) < FEWEST_HELD_OUT and not prepared.settings.is_test:
            raise TrainingFailedError(
                f"{len(rows)} rows were held out; {FEWEST_HELD_OUT} are the least to tell by.",
                what_to_do="Give it more rows, or raise `held_out`.",
            )
        names = sorted({_name(row) for row in (*prepared.learnt, *rows)})
        right = [names.index(_name(row)) for row in rows]
        told = _told(tuning, rows, names)
        figures = figures_of(right, told)
        if figures["mcc"] < LEAST_MCC and not prepared.settings.is_test:
            largest = max(Counter(told).values()) / len(told)
            raise TrainingFailedError(
                f"It has learnt nothing: {figures['accuracy']:.0%} of {len(rows)} rows are named "
                f"rightly, {figures['majority']:.0%} are of the largest class, and it gives "
                f"{largest:.0%} the same name (Matthews' coefficient {figures['mcc']:.2f}).",
                what_to_do="Give it more rows or `epochs`, or raise `learning_rate`.",
            )
        return figures


def figures_of(right: Sequence[int], told: Sequence[int]) -> dict[str, float]:
    """How well classes were told: `accuracy`, `majority` and `mcc`.

    Matthews' correlation coefficient is 0 for who looks at nothing, 1 for who is always right; for
    more than two classes as Gorodkin has it.

    Args:
        right: the class of each row.
        told: what was said of it.
    """
    truth, said = np.asarray(right), np.asarray(told)
    count, hits = len(truth), int(np.sum(truth == said))
    classes = np.union1d(truth, said)
    of_truth = np.array([np.sum(truth == one) for one in classes], np.float64)
    of_said = np.array([np.sum(said == one) for one in classes], np.float64)
    spread = (count**2 - of_truth @ of_truth) * (count**2 - of_said @ of_said)
    mcc = (hits * count - of_truth @ of_said) / np.sqrt(spread) if spread else 0.0
    return {
        "accuracy": hits / count,
        "majority": float(of_truth.max()) / count,
        "mcc": float(mcc),
    }


def _told(tuning: Tuning, rows: Sequence[Rendered], names: Sequence[Name]) -> list[int]:
    """The likeliest name of each row, by its place among all."""
    import torch

    tuning.model.eval()
    likely = np.zeros((len(rows), len(names)))
    with torch.no_grad():
        for n, row in enumerate(rows):
            asked = [row.answered(name) for name in names]
            with tuning.precision():
                found = log_probabilities(tuning.model, tuning.tensors(asked))
            likely[n] = found.float().cpu().numpy()
    return [int(place) for place in likely.argmax(axis=1)]


def _name(row: Rendered) -> Name:
    return row.ids[len(row.ids) - row.learnt :]


def _row(said: Any, where: str, line: int, pattern: str) -> Row:
    if not isinstance(said, Mapping):
        raise bad(where, "is no object with `text` and `label`")
    text, label = said.get("text"), said.get("label")
    for key, value in (("text", text), ("label", label)):
        if not isinstance(value, str) or not value.strip():
            raise bad(where, f"has no `{key}`")
        check_signs(value, where)
    asked = {"role": "user", "content": pattern.replace(TEXT, str(text))}
    return Row((asked, {"role": "assistant", "content": str(label)}), line)
