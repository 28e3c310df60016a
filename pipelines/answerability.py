"""Knowing that the answer is not there: eight numbers of a search and a logistic regression.

The direction decides: what speaks for an answer differs when only the other language holds it, so
there is one set of weights for a best chunk in the question's language and one for the others.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.calibration import calibrated, direction
from pipelines.coverage import WordCoverage
from pipelines.particulars import exact_parts, folded, names
from pipelines.ranking import BUNDLED, USUAL_CHUNK, Candidate, background

WEIGHTS = Path(__file__).with_name("answerability.json")
"""Made by `tests/benchmarks/bench_answerability.py --train`."""
READ = 5
"""Chunks that the answer is expected to be in."""
COVERED = 0.6
"""From this nearness on a word counts as spoken of: synonyms and translations mostly reach it."""

Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Answerability:
    """Whether the chunks that were found hold the answer.

    Attributes:
        probability: 0 to 1, that they do, as the regression has it.
        uncovered: names, numbers and codes of the question that no chunk speaks of.
        calibrated: the same with what is known about the store and the direction of languages;
            for people, in receipts. It was fitted on stores in two languages: where a team writes
            in one alone, pages in the other language count for less than they should.
    """

    probability: float
    uncovered: tuple[str, ...]
    calibrated: float = 0.0


def judged(
    question: str,
    candidates: Sequence[Candidate],
    coverage: WordCoverage,
    *,
    embedder: str = BUNDLED,
    store: str = "",
    language: str = "",
) -> Answerability:
    """How likely it is that the answer stands in the best of these chunks.

    Args:
        question: what was asked, as it was written.
        candidates: ranked, best first.
        coverage: of the question's words by these candidates, in the same order.
        embedder: the name of the model that the cosines come from.
        store: the kind of store that they were found in.
        language: of the question.
    """
    if not candidates:
        return Answerability(0.0, ())
    values = features(candidates, coverage)
    if embedder != BUNDLED:
        values[:OF_COSINES] = np.nan
    model = models()["own" if candidates[0].is_own else "other"]
    probability = told = model.probability(values)
    if embedder == BUNDLED:
        way = direction(language, candidates[0].chunk.language)
        told = calibrated(probability, store=store, direction=way)
    return Answerability(probability, uncovered(question, coverage), told)


def features(candidates: Sequence[Candidate], coverage: WordCoverage) -> Features:
    """The eight numbers that `NAMES` names, shape (8,)."""
    best = candidates[0]
    usual = USUAL_CHUNK[BUNDLED].of(is_own=best.is_own)
    group = [c.unturned for c in candidates if c.is_own is best.is_own]
    cosines = [cosine for cosine in group if cosine is not None]
    cosine = usual if best.unturned is None else best.unturned
    sixth = sorted(cosines)[-6] if len(cosines) > 5 else min([usual, *cosines])
    behind = background(cosines, usual)
    return np.array(
        [cosine - usual, cosine - behind, cosine - sixth, *_of_words(coverage), best.words],
        dtype=np.float32,
    )


def _of_words(coverage: WordCoverage) -> tuple[float, float, float, float]:
    """The four numbers about the question's words."""
    if not coverage.words:
        return 0.0, 0.0, 0.0, 0.0
    weights = coverage.weights / coverage.weights.sum()
    first, shares = coverage.found[:, 0], coverage.share
    next_ones = float(shares[1 : READ + 1].mean()) if len(shares) > 1 else 0.0
    important = weights >= weights.mean() - 1e-6
    return (
        float(shares[0]),
        float(shares[0]) - next_ones,
        float(weights @ (first > 0.99)),
        float(first[important].min()),
    )


NAMES = (
    "cosine of the best chunk, above the usual",
    "its distance from the ranks 2 to 10",
    "its distance from rank 6",
    "soft coverage by the best chunk",
    "its distance from the next five chunks",
    "share of the words that stand in the best chunk",
    "nearness of the important word that the best chunk covers worst",
    "words score of the best chunk by that of the best in words",
)


OF_COSINES = 3
"""The first numbers are those of one embedder; another one's are left out, as unknown."""


def uncovered(question: str, coverage: WordCoverage) -> tuple[str, ...]:
    """Names, numbers and codes of the question that none of the best chunks speaks of."""
    particular = exact_parts(question) | names(question)
    together = coverage.found[:, :READ].max(axis=1, initial=0)
    return tuple(
        word
        for word, nearness in zip(coverage.words, together, strict=True)
        if nearness < COVERED and folded(word) in particular
    )


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: features are first scaled by their mean and deviation."""

    mean: Features
    deviation: Features
    weights: Features
    bias: float

    def probability(self, values: Features) -> float:
        """Between 0 and 1; a value that is not known (NaN) speaks neither for nor against."""
        scaled = np.nan_to_num((values - self.mean) / self.deviation)
        logit = float(scaled @ self.weights + self.bias)
        return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))

    @classmethod
    def fitted(
        cls, rows: Features, answers: NDArray[np.bool_], *, ridge: float = 1.0
    ) -> "Logistic":
        """Fit by Newton's method; both classes weigh the same.

        Args:
            rows: shape (examples, features).
            answers: shape (examples,), whether the answer was there.
            ridge: how strongly large weights are held back.
        """
        mean, deviation = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-3)
        inputs = np.hstack([(rows - mean) / deviation, np.ones((len(rows), 1))])
        balance = np.where(answers, 0.5 / answers.mean(), 0.5 / (1 - answers.mean()))
        penalty = ridge * np.eye(inputs.shape[1])
        penalty[-1, -1] = 0
        weights = np.zeros(inputs.shape[1])
        for _ in range(30):
            guess = 1 / (1 + np.exp(-inputs @ weights))
            slope = inputs.T @ (balance * (guess - answers)) + penalty @ weights
            curve = (inputs * (balance * guess * (1 - guess))[:, None]).T @ inputs + penalty
            weights -= np.linalg.solve(curve, slope)
        return cls(
            mean.astype(np.float32),
            deviation.astype(np.float32),
            weights[:-1].astype(np.float32),
            float(weights[-1]),
        )


def save(fitted: dict[str, Logistic], path: Path = WEIGHTS) -> None:
    """Write the weights, a number to a name, so that a reader can judge them."""
    value = {
        direction: {
            "bias": round(model.bias, 4),
            "features": {
                name: {
                    "mean": round(float(m), 4),
                    "deviation": round(float(d), 4),
                    "weight": round(float(w), 4),
                }
                for name, m, d, w in zip(
                    NAMES, model.mean, model.deviation, model.weights, strict=True
                )
            },
        }
        for direction, model in fitted.items()
    }
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


@cache
def models() -> dict[str, Logistic]:
    """The shipped regressions, for a best chunk in the question's language and in another one."""
    value = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {direction: _read(model) for direction, model in value.items()}


def _read(model: dict[str, dict[str, dict[str, float]]]) -> Logistic:
    columns = [model["features"][name] for name in NAMES]
    mean, deviation, weights = (
        np.array([column[part] for column in columns], dtype=np.float32)
        for part in ("mean", "deviation", "weight")
    )
    return Logistic(mean, deviation, weights, float(model["bias"]))  # type: ignore[arg-type] # JSON
