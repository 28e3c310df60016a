"""What a score of `answerability.py` is worth: a line for each store and direction of languages.

The same score means less where only the other language holds the answer, and the words leg of one
store is not scaled like that of another. So the log-odds of the score are put through a line that
was fitted on an invented company: 0.5 is then as often right as wrong, whatever the direction.
"""

import json
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path

LINES = Path(__file__).with_name("calibration.json")
"""Made by `tests/benchmarks/bench_abstention.py --train`."""
LANGUAGES = ("en", "es")
SURE = 1e-6
"""Nothing is more certain than this."""


@dataclass(frozen=True, slots=True)
class Line:
    """From log-odds to log-odds; the slope is above 0, so no order changes."""

    slope: float
    offset: float

    def of(self, probability: float) -> float:
        """The probability that this one is worth."""
        return 1 / (1 + exp(-(self.slope * log_odds(probability) + self.offset)))


AS_IT_IS = Line(1.0, 0.0)


def log_odds(probability: float) -> float:
    """The logarithm of how much likelier yes is than no."""
    kept = min(max(probability, SURE), 1 - SURE)
    return log(kept / (1 - kept))


def direction(asked_in: str, answered_in: str) -> str:
    """The key of a direction: `es->en` is a Spanish question and an English page."""
    return f"{asked_in}->{answered_in}"


def calibrated(probability: float, *, store: str, direction: str) -> float:
    """The probability with what is known about this store and direction; else as it is."""
    return lines().get(store, {}).get(direction, AS_IT_IS).of(probability)


@cache
def lines() -> dict[str, dict[str, Line]]:
    """The shipped lines, by store and direction."""
    value = json.loads(LINES.read_text(encoding="utf-8"))
    return {store: {key: Line(**line) for key, line in of.items()} for store, of in value.items()}


def save(fitted: dict[str, dict[str, Line]], path: Path = LINES) -> None:
    """Write the lines so that a reader can judge them."""
    value = {
        store: {
            key: {"slope": round(line.slope, 3), "offset": round(line.offset, 3)}
            for key, line in of.items()
        }
        for store, of in fitted.items()
    }
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
