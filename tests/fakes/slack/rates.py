"""How often a method may be called."""

import math
from collections import deque
from dataclasses import dataclass, field

from tests.fakes.slack.errors import TooFastError

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
MINUTE_S = 60.0
# Posting: one a second for each channel. Slack lets short bursts through and does not say how long.
POSTS, POSTS_S = 5, 5.0

Key = tuple[str, ...]


@dataclass
class Rates:
    """Counts calls in sliding windows, for each key of its own.

    Attributes:
        are_on: off lets everything through, for tests of other things.
    """

    are_on: bool = True
    _calls: dict[Key, deque[float]] = field(default_factory=dict)
    _refused: dict[Key, float] = field(default_factory=dict)

    def count(self, key: Key, limit: int, window_s: float, now: float) -> None:
        """One more call.

        Raises:
            TooFastError: the window is full; this call does not count.
        """
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= now - window_s:
            calls.popleft()
        if self.are_on and len(calls) >= limit:
            wait_s = max(1, math.ceil(calls[0] + window_s - now))
            raise TooFastError(wait_s)
        calls.append(now)

    def note_refusal(self, key: Key, until: float) -> None:
        """Somebody was told to come back at that time."""
        self._refused[key] = max(until, self._refused.get(key, until))

    def is_early(self, key: Key, now: float) -> bool:
        """Whether somebody calls who was told to wait longer."""
        return now < self._refused.get(key, now)
