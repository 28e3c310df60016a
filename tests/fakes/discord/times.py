"""The time on the fake's clock, and ids made from it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH_MS = 1_420_070_400_000
THREE_SECONDS = 3.0
FIFTEEN_MINUTES = 900.0
HOUR = 3600.0
DAY = 86_400.0


class Clock(Protocol):
    """Whatever tells seconds that never go back."""

    def now(self) -> float:
        """Seconds since some moment."""
        ...


class Times:
    """Seconds since the fake began, the date that goes with them, and ids."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now()
        self._date = datetime.now(UTC)
        self._last_ms = 0

    def now(self) -> float:
        """Seconds since the fake began."""
        return self._clock.now() - self._began

    def date(self, at_s: float | None = None) -> str:
        """The date of a moment (of now, if none is given), as Discord writes it."""
        moment = self._date + timedelta(seconds=self.now() if at_s is None else at_s)
        return moment.isoformat()

    def epoch_s(self, at_s: float) -> float:
        """A moment in seconds since 1970."""
        return (self._date + timedelta(seconds=at_s)).timestamp()

    def snowflake(self) -> int:
        """An id greater than all before it, in a millisecond of its own."""
        date = self._date + timedelta(seconds=self.now())
        milliseconds = int(date.timestamp() * 1000) - EPOCH_MS
        self._last_ms = max(self._last_ms + 1, milliseconds)
        return self._last_ms << 22
