"""What goes wrong, and when: tests say it here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.slack.errors import TooFastError
from tests.fakes.slack.moments import Moments

Kind = Literal["status", "error", "truncated", "wrong_json", "reset", "slow"]


@dataclass(frozen=True)
class Fault:
    """One way in which a call goes wrong.

    Attributes:
        is_carried_out: Slack does what was asked, and only the answer suffers.
        status: of HTTP, for `status`.
        code: Slack's word, for `error`.
        seconds: how long the answer takes, for `slow`.
    """

    kind: Kind
    is_carried_out: bool = False
    status: int = 500
    code: str = "internal_error"
    seconds: float = 0.0


@dataclass
class Faults:
    """The faults that are on.

    Attributes:
        copies: how often each event is delivered, with the same `event_id`.
        delay_s: how late everything is delivered.
        socket_delay_s: how long each frame of a socket takes, both ways.
        are_sockets_silent: connections stay open, and nothing comes through them, pongs included.
        are_mentions_last: the `message` of a mention comes before its `app_mention`.
        lost_acknowledgements: so many the app will send and Slack not hear.
    """

    moments: Moments
    copies: int = 1
    delay_s: float = 0.0
    socket_delay_s: float = 0.0
    are_sockets_silent: bool = False
    are_mentions_last: bool = False
    lost_acknowledgements: int = 0
    _faults: dict[str, list[Fault]] = field(default_factory=dict)
    _storms: list[tuple[float, int, frozenset[str]]] = field(default_factory=list)
    _held: list[Callable[[], None]] | None = None

    def break_calls(self, method: str, fault: Fault, *, times: int = 1) -> None:
        """The next calls of this method go wrong; `*` is any method."""
        self._faults.setdefault(method, []).extend([fault] * times)

    def clear(self) -> None:
        """Break no more calls."""
        self._faults.clear()

    def storm(
        self, seconds: float, *, retry_after_s: int = 30, methods: Iterable[str] = ()
    ) -> None:
        """Answer 429 for that long: to these methods, or to all."""
        until = self.moments.now() + seconds
        self._storms.append((until, retry_after_s, frozenset(methods)))

    def take(self, method: str) -> Fault | None:
        """What goes wrong with this call."""
        for name in (method, "*"):
            if self._faults.get(name):
                return self._faults[name].pop(0)
        return None

    def check_storm(self, method: str) -> None:
        """Look at the weather.

        Raises:
            TooFastError: there is a storm.
        """
        for until, retry_after_s, methods in self._storms:
            if self.moments.now() < until and (not methods or method in methods):
                raise TooFastError(retry_after_s)

    def hold(self) -> None:
        """Keep what should be delivered back, until `release`."""
        self._held = []

    def release(
        self, order: Callable[[Sequence[Callable[[], None]]], Iterable[Callable[[], None]]]
    ) -> None:
        """Deliver what was kept back, in another order: `reversed`, or a shuffle of your own."""
        held, self._held = self._held or [], None
        for begin in order(held):
            begin()

    def begin(self, delivering: Callable[[], None]) -> None:
        """Deliver, or keep back."""
        if self._held is None:
            delivering()
        else:
            self._held.append(delivering)
