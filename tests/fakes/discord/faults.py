"""What goes wrong with REST when a test wishes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.discord.times import Times

ERROR, CUT, TRUNCATED, SLOW = "error", "cut", "truncated", "slow"


@dataclass
class Fault:
    """One thing that goes wrong with the next requests.

    Attributes:
        route: such as `POST /channels/{channel}/messages`; empty for every route.
        times: how many requests it still meets.
        is_carried_out: whether Discord does what was asked, before the answer is lost.
        slow_s: how long the answer takes, in seconds of the real clock.
    """

    kind: str
    route: str = ""
    times: int = 1
    status: int = 500
    is_carried_out: bool = True
    slow_s: float = 0.0


@dataclass
class Faults:
    """The faults to come, and the storm of 429s.

    Attributes:
        met: the kinds of faults that requests have met.
    """

    times: Times
    met: list[str] = field(default_factory=list)
    _coming: list[Fault] = field(default_factory=list)
    _storm_until_s: float = 0.0
    _retry_after_s: float | None = None

    def fail(self, times: int = 1, *, status: int = 500, route: str = "") -> None:
        """Answer with an error of the server, and do nothing."""
        self._coming.append(Fault(ERROR, route, times, status, is_carried_out=False))

    def cut(self, times: int = 1, *, route: str = "", is_carried_out: bool = True) -> None:
        """Break the connection in the place of an answer."""
        self._coming.append(Fault(CUT, route, times, is_carried_out=is_carried_out))

    def truncate(self, times: int = 1, *, route: str = "") -> None:
        """Do what is asked, and break off in the middle of the answer."""
        self._coming.append(Fault(TRUNCATED, route, times))

    def slow(self, seconds: float, times: int = 1, *, route: str = "") -> None:
        """Do what is asked, and dribble the answer out."""
        self._coming.append(Fault(SLOW, route, times, slow_s=seconds))

    def storm(self, seconds: float, *, retry_after: float | None = None) -> None:
        """Answer everything with 429 for so long on the fake's clock."""
        self._storm_until_s = self.times.now() + seconds
        self._retry_after_s = retry_after

    @property
    def storm_s(self) -> float | None:
        """The seconds that a request is told to wait; None without a storm."""
        left = self._storm_until_s - self.times.now()
        if left <= 0:
            return None
        return left if self._retry_after_s is None else self._retry_after_s

    def clear(self) -> None:
        """From now on, all is well."""
        self._coming.clear()
        self._storm_until_s = 0.0

    def take(self, route: str) -> Fault | None:
        """What happens to this request."""
        for fault in self._coming:
            if fault.route in ("", route) and fault.times:
                fault.times -= 1
                self.met.append(fault.kind)
                return fault
        return None
