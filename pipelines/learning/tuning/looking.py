"""A look before a training: rows as the model sees them, their lengths, what it will take."""

from collections import Counter
from collections.abc import Mapping, Sequence
from time import monotonic, process_time
from typing import Any

from pipelines.learning.trainers import Cost, Shown
from pipelines.learning.tuning.aims import Aim
from pipelines.learning.tuning.base import Looks, has_bf16
from pipelines.learning.tuning.loop import Tuning, steps_of
from pipelines.learning.tuning.rendering import Rendered
from pipelines.learning.tuning.settings import Settings

EIGHT = 8
OVERFIT_STEPS = 8
BIN = 64
"""Tokens from one bin of lengths to the next."""
# Measured with 135M and 0.5B on two kinds of processors; a dry run measures anew.
_FLOP_PER_CPU_S = 50e9
_LIBRARIES_MB = 700
_NUMBERS_PER_LAYER = 20, 6
"""That are kept for the way back, for every token: of the model's width, and of the inner one."""
_READ_WHOLE = 6, 1
"""Of these, what an addition reads: with numbers of half the size it keeps a whole copy of them."""
_BYTES_OF_A_WORD = 16
"""Of the vocabulary, weighed at one place of an answer: as it comes, as logarithms, both ways."""
_NOT_GIVEN_BACK = 1.5
"""Rows of another length do not fit where the last ones were: so much more is held in the end."""


def shown(tokenizer: Any, row: Rendered) -> Shown:
    """A row for people."""
    learnt = row.ids[-row.learnt :]
    return Shown(
        text=tokenizer.decode(row.ids),
        learnt=tokenizer.decode(learnt),
        tokens=len(row.ids),
        learnt_tokens=row.learnt,
    )


def lengths(rows: Sequence[Rendered]) -> Mapping[int, int]:
    """How many rows have up to so many tokens, by the upper end of their bin."""
    counts = Counter(-(-len(row.ids) // BIN) * BIN for row in rows)
    return dict(sorted(counts.items()))


def tokens_in_all(rows: Sequence[Rendered], settings: Settings, aim: Aim) -> int:
    """Tokens that a whole training reads and learns; what is only read counts less."""
    mean = sum(aim.work(row, settings) for row in rows) / len(rows)
    rows_of_a_step = min(settings.batch, len(rows))
    return round(steps_of(len(rows), settings) * rows_of_a_step * mean)


def overfit(
    tuning: Tuning, rows: Sequence[Rendered], rate: float
) -> tuple[tuple[float, float], float, float]:
    """Learn eight rows by heart: the loss before and after, CPU and wall seconds for each token.

    The first step is not timed: libraries set themselves up in it.
    """
    eight = rows[:EIGHT]
    before, optimiser = tuning.loss(eight), tuning.optimiser(rate)
    tuning.learn(optimiser, eight)
    cpu_s, began = process_time(), monotonic()
    for _ in range(OVERFIT_STEPS - 1):
        tuning.learn(optimiser, eight)
    tokens = (OVERFIT_STEPS - 1) * sum(tuning.aim.work(row, tuning.settings) for row in eight)
    spent = (process_time() - cpu_s) / tokens, (monotonic() - began) / tokens
    return (before, tuning.loss(eight)), *spent


def forecast(
    rows: Sequence[Rendered], settings: Settings, looks: Looks, tuned_weights: int, *, aim: Aim
) -> Cost:
    """What a training takes, by the sizes of model and rows."""
    is_full = tuned_weights >= looks.weights
    number = 4 if is_full or not has_bf16() else 2
    longest = sorted((_tokens(row) for row in rows), reverse=True)[: settings.at_once]
    learnt = max(row.learnt for row in rows)
    per_token = number * looks.layers * _numbers(_NUMBERS_PER_LAYER, looks)
    if number == 2:
        per_token += 4 * looks.layers * _numbers(_READ_WHOLE, looks)
    words = _BYTES_OF_A_WORD * looks.vocabulary * learnt * len(longest)
    # A GGUF is read as whole numbers, and is there once more as the model has it.
    loading = (4 + number) * looks.weights
    kept = _NOT_GIVEN_BACK * (per_token * sum(longest) + words)
    tuning = number * looks.weights + 12 * tuned_weights + kept
    flop = (6 if is_full else 4) * looks.weights * tokens_in_all(rows, settings, aim)
    return Cost(
        cpu_s=flop / (_FLOP_PER_CPU_S * 4 / number),
        seconds=0.0,
        peak_mb=_LIBRARIES_MB + max(loading, tuning) / 1e6,
        file_bytes=4 * tuned_weights,
    )


def _tokens(row: Rendered) -> int:
    """Of the longer one, where there are two answers."""
    return max(len(row.ids), len(row.beside.ids) if row.beside else 0)


def _numbers(of: tuple[int, int], looks: Looks) -> int:
    return of[0] * looks.width + of[1] * looks.inner_width
