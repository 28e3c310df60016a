"""What Slack tells the app, until it has acknowledged, or Slack gives up."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, Protocol, Self

from tests.fakes.slack.errors import Json, NotAcknowledgedError
from tests.fakes.slack.faults import Faults
from tests.fakes.slack.moments import Moments

Kind = Literal["events_api", "interactive", "slash_commands"]
State = Literal["under way", "acknowledged", "given up"]
ACKNOWLEDGE_WITHIN_S = 3.0
# Events come again at once, after a minute and after five; what people press comes once.
TRIES_S: dict[Kind, tuple[float, ...]] = {
    "events_api": (0.0, 0.0, 60.0, 300.0),
    "interactive": (0.0,),
    "slash_commands": (0.0,),
}


@dataclass(frozen=True)
class Attempt:
    """One try to deliver.

    Attributes:
        number: 0 for the first, as in `retry_attempt`.
        reason: why it was needed; empty for the first.
        at: seconds on the clock of the test.
    """

    number: int
    reason: str
    at: float


@dataclass
class Delivery:
    """Something that the app must take.

    Attributes:
        answer: what came with the acknowledgement.
        acknowledged_after_s: since it was sent for the first time, on the clock of the test.
        why: it was not acknowledged, as Slack says it.
    """

    kind: Kind
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    state: State = "under way"
    answer: Json | None = None
    acknowledged_after_s: float | None = None
    why: str = ""
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def settled(self, within_s: float = 10.0) -> Self:
        """Wait until it is acknowledged or given up; seconds are real ones."""
        async with asyncio.timeout(within_s):
            await self._over.wait()
        return self

    @property
    def event(self) -> Json:
        """The event within, for events."""
        event: Json = self.payload["event"]
        return event

    def end(self, state: State) -> None:
        """It is over."""
        self.state = state
        self._over.set()


Then = Callable[[Delivery], None]


def nothing(_: Delivery) -> None:
    """What follows from most deliveries."""


class Way(Protocol):
    """How something gets to the app: Socket Mode or HTTP."""

    late: str

    async def deliver(self, kind: Kind, payload: Json, attempt: Attempt) -> Json | None:
        """Hand it over; what came with the acknowledgement.

        Raises:
            NotAcknowledgedError: the app did not take it.
        """
        ...


class Deliveries:
    """Everything that was sent to the app."""

    def __init__(self, moments: Moments, faults: Faults, way: Callable[[], Way]) -> None:
        self.all: list[Delivery] = []
        self._moments = moments
        self._faults = faults
        self._way = way
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, kind: Kind, payload: Json, then: Then = nothing) -> Delivery:
        """Begin to deliver; `then` runs once, when it is over."""
        delivery = Delivery(kind, payload)
        self.all.append(delivery)
        for number in range(self._faults.copies if kind == "events_api" else 1):
            after = then if number == 0 else nothing
            self._faults.begin(partial(self._begin, delivery, after))
        return delivery

    async def close(self) -> None:
        """End what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, delivery: Delivery, then: Then) -> None:
        task = asyncio.ensure_future(self._carry(delivery, then))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, delivery: Delivery, then: Then) -> None:
        """Try until it is taken or there are no tries left."""
        await self._moments.sleep(self._faults.delay_s)
        begun, why = self._moments.now(), ""
        for number, pause_s in enumerate(TRIES_S[delivery.kind]):
            await self._moments.sleep(pause_s)
            attempt = Attempt(number, why, self._moments.now())
            delivery.attempts.append(attempt)
            try:
                delivery.answer = await self._try(delivery, attempt)
            except NotAcknowledgedError as error:
                why = error.reason
                continue
            delivery.acknowledged_after_s = self._moments.now() - begun
            delivery.end("acknowledged")
            return then(delivery)
        delivery.why = why
        delivery.end("given up")
        return then(delivery)

    async def _try(self, delivery: Delivery, attempt: Attempt) -> Json | None:
        way = self._way()
        handing_over = way.deliver(delivery.kind, delivery.payload, attempt)
        try:
            answer = await self._moments.within(ACKNOWLEDGE_WITHIN_S, handing_over)
        except TimeoutError as error:
            raise NotAcknowledgedError(way.late) from error
        if self._faults.lost_acknowledgements:
            self._faults.lost_acknowledgements -= 1
            raise NotAcknowledgedError(way.late)
        return answer
