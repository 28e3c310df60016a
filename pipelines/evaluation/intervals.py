"""How sure a figure is: 95 % intervals of shares, means and percentiles."""

from collections.abc import Callable, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Statistic = Callable[[Numbers], Numbers]

RESAMPLES = 2_000
SEED = 7
_Z = 1.959964
"""Of 95 % of a normal distribution."""
_AT_ONCE = 1_000_000
"""Numbers that are resampled in one go: 8 MB."""


def mean(values: Numbers) -> Numbers:
    """Of each row."""
    return np.asarray(np.mean(values, axis=-1))


def median(values: Numbers) -> Numbers:
    """Of each row."""
    return np.asarray(np.median(values, axis=-1))


def percentile_95(values: Numbers) -> Numbers:
    """Of each row."""
    return np.asarray(np.percentile(values, 95, axis=-1))


def interval(values: Sequence[float], statistic: Statistic = mean) -> tuple[float, float]:
    """Where the figure lies with 95 % probability, had other questions of this sort been asked.

    The mean of yes and no is a share: Wilson's interval holds for it also with few questions and
    near 0 and 1. Everything else is resampled, with a fixed seed.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if statistic is mean and np.isin(numbers, (0.0, 1.0)).all():
        return wilson(int(numbers.sum()), len(numbers))
    return bootstrap(numbers, statistic)


def wilson(successes: int, count: int) -> tuple[float, float]:
    """The interval of a share."""
    share = successes / count
    middle = share + _Z**2 / (2 * count)
    half = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    scale = 1 + _Z**2 / count
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def bootstrap(numbers: Numbers, statistic: Statistic = mean) -> tuple[float, float]:
    """The interval of a statistic over `numbers`, shape (questions,).

    As many questions are asked again and again, drawn with return.
    """
    return _resampled(len(numbers), lambda drawn: statistic(numbers[drawn]))


def bootstrap_difference(
    before: Numbers, after: Numbers, statistic: Statistic = mean
) -> tuple[float, float]:
    """The interval of what a statistic changed by; questions are drawn with both their values.

    `before` and `after` have the same questions in the same order, shape (questions,).
    """
    return _resampled(len(before), lambda drawn: statistic(after[drawn]) - statistic(before[drawn]))


def clustered_difference(
    before: Numbers, after: Numbers, clusters: Sequence[str]
) -> tuple[float, float]:
    """The interval of what the mean changed by, where questions come in clusters.

    Whole clusters are drawn, as questions of one conversation are right or wrong together.

    Args:
        before: shape (questions,).
        after: the same questions in the same order.
        clusters: the name of the cluster of each.
    """
    names, places = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.bincount(places, weights=after - before, minlength=len(names))
    counts = np.bincount(places, minlength=len(names))
    return _resampled(
        len(names), lambda drawn: sums[drawn].sum(axis=-1) / counts[drawn].sum(axis=-1)
    )


def _resampled(count: int, figure: Callable[[NDArray[np.int64]], Numbers]) -> tuple[float, float]:
    """Where the middle 95 % of a figure lie over many draws of `count` questions each."""
    random = np.random.default_rng(SEED)
    rows = max(1, _AT_ONCE // count)
    found = [
        figure(random.integers(count, size=(min(rows, left), count)))
        for left in range(RESAMPLES, 0, -rows)
    ]
    low, high = np.percentile(np.concatenate(found), (2.5, 97.5))
    return float(low), float(high)
