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
