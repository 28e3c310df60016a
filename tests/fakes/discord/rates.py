"""How often what may be asked: buckets, 50 a second in all, the ban after 10,000 errors."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from hashlib import md5
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.discord.times import Times

MOST_INVALID, INVALID_WINDOW_S = 10_000, 600.0
MOST_GLOBAL = 50
# Discord keeps its figures to itself; these are what bots commonly meet.
KNOWN = {
    "POST /channels/{channel}/messages": (5, 5.0),
    "PATCH /channels/{channel}/messages/{message}": (5, 5.0),
    "DELETE /channels/{channel}/messages/{message}": (5, 1.0),
    "PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me": (1, 0.25),
    "POST /webhooks/{application}/{token}": (5, 2.0),
    "PATCH /webhooks/{application}/{token}/messages/{message}": (5, 2.0),
}
OTHERWISE = (50, 1.0)


@dataclass
class Bucket:
    """What is left in the current window.

    Attributes:
        until_s: when it is full again, on the fake's clock.
    """

    id: str
    limit: int
    per_s: float
    left: int = 0
    until_s: float = 0.0


@dataclass(frozen=True)
class Spent:
    """What a request finds: whether it may go on, and what the headers say."""

    headers: dict[str, str]
    retry_after_s: float | None = None
    scope: str = "user"


@dataclass
class Rates:
    """Counts requests on the fake's clock.

    Attributes:
        is_on: off, nothing is refused, and no header says anything.
        limits: route -> how many in how many seconds, for each channel, guild or webhook.
        invalid_s: when a 401, 403 or 429 was answered.
        refused: how many requests were answered with 429.
    """

    times: Times
    is_on: bool = True
    limits: dict[str, tuple[int, float]] = field(default_factory=lambda: dict(KNOWN))
    most_global: int = MOST_GLOBAL
    most_invalid: int = MOST_INVALID
    invalid_s: deque[float] = field(default_factory=deque)
    refused: int = 0
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    _asked_s: deque[float] = field(default_factory=deque)

    @property
    def is_banned(self) -> bool:
        """Whether there were so many errors that nobody of this address is let in any more."""
        return _within(self.invalid_s, self.times.now(), INVALID_WINDOW_S) >= self.most_invalid

    def note(self, status: int) -> None:
        """Count an answer that says that the bot does something wrong."""
        if status in (401, 403, 429):
            self.invalid_s.append(self.times.now())
        self.refused += status == 429

    def spend(self, route: str, major: str, *, is_global: bool) -> Spent:
        """Take one request out of the bucket, and out of the global one."""
        if not self.is_on:
            return Spent({})
        now = self.times.now()
        if is_global:
            if _within(self._asked_s, now, 1.0) >= self.most_global:
                wait = max(self._asked_s[0] + 1.0 - now, 0.001)
                return Spent({"X-RateLimit-Global": "true"}, wait, "global")
            self._asked_s.append(now)
        bucket = self._bucket(route, major, now)
        is_empty = bucket.left == 0
        bucket.left -= not is_empty
        wait = max(bucket.until_s - now, 0.001)
        headers = {
            "X-RateLimit-Limit": str(bucket.limit),
            "X-RateLimit-Remaining": str(bucket.left),
            "X-RateLimit-Reset": f"{self.times.epoch_s(bucket.until_s):.3f}",
            "X-RateLimit-Reset-After": f"{wait:.3f}",
            "X-RateLimit-Bucket": bucket.id,
        }
        return Spent(headers, wait if is_empty else None)

    def _bucket(self, route: str, major: str, now: float) -> Bucket:
        limit, per_s = self.limits.get(route, OTHERWISE)
        known = self._buckets.get((route, major))
        if known is None or now >= known.until_s:
            name = md5(route.encode(), usedforsecurity=False).hexdigest()
            known = self._buckets[route, major] = Bucket(name, limit, per_s, limit, now + per_s)
        return known


def _within(moments: deque[float], now: float, window_s: float) -> int:
    """How many are not older than the window; older ones are dropped."""
    while moments and now - moments[0] >= window_s:
        moments.popleft()
    return len(moments)
