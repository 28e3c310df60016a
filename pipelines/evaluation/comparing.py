"""Two runs over the same questions: what got better, what got worse, what is chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pipelines.evaluation.figures import METRICS, Metric
from pipelines.evaluation.intervals import Numbers, bootstrap_difference
from pipelines.evaluation.results import Result

Verdict = Literal["better", "worse", "no difference"]
FEWEST_CHANGED = 6
"""Questions that must have changed before a difference counts: a fair coin falls on the same side
five times in a row more often than once in twenty times, either way."""
_NO_DIFFERENCE = 1e-9


@dataclass(frozen=True, slots=True)
class Difference:
    """How much a metric changed, over the questions that both runs have.

    Attributes:
        before, after: the metric over the pairs.
        low, high: where the change lies with 95 % probability.
    """

    name: str
    before: float
    after: float
    low: float
    high: float
    count: int
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        """The difference as it is printed for programs."""
        return {
            "name": self.name,
            "before": round(self.before, 4),
            "after": round(self.after, 4),
            "change": round(self.after - self.before, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "count": self.count,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside an older one.

    Attributes:
        shared: questions in both.
        better, worse: questions that became right, and those that no longer are.
    """

    shared: int
    differences: tuple[Difference, ...]
    better: tuple[str, ...]
    worse: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """That of what matters most: right answers, or the search where nothing was answered."""
        first = next(iter(self.differences), None)
        return first.verdict if first else "no difference"


def compared(results: Sequence[Result], older: Sequence[Result]) -> Comparison:
    """Pair the questions of two runs and judge each difference by resampling the pairs."""
    before = {result.id: result for result in older}
    pairs = [(before[result.id], result) for result in results if result.id in before]
    differences = (_difference(metric, pairs) for metric in METRICS)
    return Comparison(
        shared=len(pairs),
        differences=tuple(one for one in differences if one is not None),
        better=tuple(new.question for old, new in pairs if is_right(new, old) > is_right(old, new)),
        worse=tuple(new.question for old, new in pairs if is_right(new, old) < is_right(old, new)),
    )


def is_right(result: Result, other: Result) -> bool:
    """Whether it is right, by the answer where both runs answered, else by the page found first."""
    both = result.scores.keys() & other.scores.keys()
    score = next((name for name in ("right", "hit_at_1") if name in both), "")
    return result.scores.get(score, 0.0) >= 1


def _difference(metric: Metric, pairs: Sequence[tuple[Result, Result]]) -> Difference | None:
    score = metric.score
    values = [
        (old.scores[score], new.scores[score])
        for old, new in pairs
        if score in old.scores and score in new.scores
    ]
    if not values:
        return None
    before, after = np.asarray(values, dtype=np.float64).T
    low, high = bootstrap_difference(before, after, metric.statistic)
    return Difference(
        metric.name,
        before=float(metric.statistic(before)),
        after=float(metric.statistic(after)),
        low=low,
        high=high,
        count=len(values),
        verdict=_verdict(low, high, metric) if _has_changed(before, after) else "no difference",
    )


def _has_changed(before: Numbers, after: Numbers) -> bool:
    return int((np.abs(before - after) > _NO_DIFFERENCE).sum()) >= FEWEST_CHANGED


def _verdict(low: float, high: float, metric: Metric) -> Verdict:
    if low > _NO_DIFFERENCE:
        return "better" if metric.better == "higher" else "worse"
    if high < -_NO_DIFFERENCE:
        return "worse" if metric.better == "higher" else "better"
    return "no difference"
