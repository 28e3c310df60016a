"""Measures how fast a model reads a prompt."""

from collections import deque
from collections.abc import Mapping
from statistics import median
from typing import Any

KEPT = 9
# Below this the time is mostly that of getting started.
FEWEST_TOKENS = 32


class ReadingSpeed:
    """The median of the last few prompts, so that one slow moment does not count."""

    def __init__(self) -> None:
        self._speeds: deque[float] = deque(maxlen=KEPT)
        self._at_most: float | None = None

    @property
    def tokens_per_s(self) -> float | None:
        """Tokens read in a second; None until something was read."""
        return median(self._speeds) if self._speeds else self._at_most

    def note(self, tokens: float, seconds: float) -> None:
        """Count a prompt, unless it is too short to tell anything."""
        if tokens >= FEWEST_TOKENS and seconds > 0:
            self._speeds.append(tokens / seconds)

    def note_at_most(self, tokens: float, seconds: float) -> None:
        """Count a prompt of which a part may have been cached, until something is measured."""
        if tokens >= FEWEST_TOKENS and seconds > 0:
            self._at_most = tokens / seconds


def tokens_and_seconds(
    timings: Mapping[str, Any] | None, usage: Mapping[str, Any] | None, waited_s: float
) -> tuple[float, float]:
    """What was read for an answer, and how long it took; what came from the cache is left out.

    Args:
        timings: llama.cpp's own measurement, the best there is.
        usage: the protocol's count of tokens.
        waited_s: seconds until the first word, the only time that other servers let us measure.
    """
    if timings:
        return number(timings.get("prompt_n")), number(timings.get("prompt_ms")) / 1000
    if not usage:
        return 0.0, 0.0
    cached = number((usage.get("prompt_tokens_details") or {}).get("cached_tokens"))
    return number(usage.get("prompt_tokens")) - cached, waited_s


def number(value: object) -> float:
    """The number that a server said, 0 where it said none."""
    return float(value) if isinstance(value, int | float) else 0.0
