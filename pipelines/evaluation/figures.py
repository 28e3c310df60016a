"""From the results of single questions to figures with intervals."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from pipelines.evaluation.intervals import Statistic, interval, mean, median, percentile_95
from pipelines.evaluation.results import Result


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is measured.

    Attributes:
        score: of a result, that it is made from.
        is_share: between 0 and 1; else in `unit`.
        better: when it is higher, or when it is lower.
    """

    name: str
    label: str
    score: str
    statistic: Statistic = mean
    is_share: bool = True
    unit: str = ""
    better: Literal["higher", "lower"] = "higher"


METRICS = (
    Metric("right", "right answers and refusals", "right"),
    Metric("facts", "facts stated", "facts"),
    Metric("sources", "right source cited", "sources"),
    Metric("refusals", "right refusals", "refusals"),
    Metric("false_refusals", "answers withheld", "false_refusals", better="lower"),
    Metric("citations_hold", "citations that hold", "citations_hold"),
    Metric("language", "in the question's language", "language"),
    Metric("voice", "in the persona's voice", "voice"),
    Metric("hit_at_1", "right page found first", "hit_at_1"),
    Metric("ndcg_at_10", "nDCG@10 of the search", "ndcg_at_10"),
    Metric("failed", "failed", "failed", better="lower"),
    Metric("seconds_median", "seconds, median", "seconds", median, False, "s", "lower"),
    Metric(
        "seconds_p95", "seconds, 95th percentile", "seconds", percentile_95, False, "s", "lower"
    ),
    Metric("tokens_prompt", "tokens read", "tokens_prompt", mean, False, "tokens", "lower"),
    Metric("tokens_answer", "tokens written", "tokens_answer", mean, False, "tokens", "lower"),
)
BY_NAME = {metric.name: metric for metric in METRICS}


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over a set.

    Attributes:
        low, high: where it lies with 95 % probability.
        count: questions that it is made from.
    """

    name: str
    value: float
    low: float
    high: float
    count: int

    @property
    def metric(self) -> Metric:
        """What it measures."""
        return BY_NAME[self.name]

    def as_json(self) -> dict[str, Any]:
        """The figure with everything that one must know to read it."""
        metric = self.metric
        numbers = {key: round(value, 4) for key, value in asdict(self).items() if key != "name"}
        more = {"unit": metric.unit or "share", "better": metric.better}
        return {"name": self.name, "label": metric.label} | numbers | more


def figures(results: Sequence[Result]) -> list[Figure]:
    """Every metric that means something for these results."""
    found = (_figure(metric, results) for metric in METRICS)
    return [figure for figure in found if figure is not None]


def _figure(metric: Metric, results: Sequence[Result]) -> Figure | None:
    values = [r.scores[metric.score] for r in results if metric.score in r.scores]
    if not values:
        return None
    value = float(metric.statistic(np.asarray(values)))
    return Figure(metric.name, value, *interval(values, metric.statistic), len(values))


def by_kind(results: Sequence[Result]) -> dict[str, Figure]:
    """How much is right of each kind of question, where the set names kinds."""
    kinds: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        if result.kind:
            kinds[result.kind].append(result)
    found = {
        kind: _figure(BY_NAME["right"], some) or _figure(BY_NAME["ndcg_at_10"], some)
        for kind, some in kinds.items()
    }
    return {kind: figure for kind, figure in found.items() if figure}
