"""A clock on which waiting takes no time."""

from knowledge.sources.website.pace import Clock


class HurriedClock(Clock):
    """Goes on only while somebody waits, and remembers for how long."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        """The sum of all waits."""
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        """Do not wait."""
        self.slept.append(seconds)


class AheadClock(Clock):
    """The real time, and as much later as a test likes.

    Attributes:
        ahead_s: seconds between the real time and this one.
    """

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> float:
        """Seconds since some moment."""
        return super().now() + self.ahead_s
