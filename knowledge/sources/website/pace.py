"""How fast we ask: never faster than a site likes it, and not at all once it has had enough."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from knowledge.fetching import (
    Fetcher,
    FetchFailedError,
    Reply,
    target_of,
)

_BUSY = {429, 503}
_TRIES = 3
_LONGEST_WAIT_S = 60.0
_LONGEST_DELAY_S = 60.0
# A host is not asked any more after five requests in a row without an answer, or after twenty
# answers in a row that broke off: some slow files must not hide all that comes behind them.
_ENOUGH = 20
_NO_ANSWER = 4
_BROKEN_ANSWER = 1


class Clock:
    """The time, and waiting."""

    def now(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class HostClosedError(FetchFailedError):
    """The host is not asked any more in this refresh."""


class Pace:
    """Asks hosts politely: one request after another, with the pauses that they ask for."""

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        requests_per_second: float,
        concurrency: int,
        clock: Clock | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._interval = 1 / requests_per_second
        self._places = asyncio.Semaphore(concurrency)
        self._clock = clock or Clock()
        self._hosts: dict[str, _Host] = {}

    def slow_down(self, url: str, delay_s: float) -> None:
        """Leave at least this time between two requests to a host; a minute at most."""
        self._host(url).interval = max(self._interval, min(delay_s, _LONGEST_DELAY_S))

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[Reply]:
        """Ask when it is time; ask again where the site says that it is busy and for how long.

        Raises:
            HostClosedError: the host wants to be left alone for longer than we wait, or does not
                answer any more; it was not asked.
            FetchFailedError, FetchRefusedError: as from the fetcher.
        """
        host = self._host(url)
        async with self._places:
            for tries in range(1, _TRIES + 1):
                await host.turn(self._clock)
                weight = _NO_ANSWER
                try:
                    async with self._fetcher.get(url, headers) as reply:
                        weight = _BROKEN_ANSWER
                        if reply.status not in _BUSY:
                            yield reply
                            host.failures = 0
                            return
                        wait = _wait(reply, tries)
                except FetchFailedError:
                    host.failed(weight)
                    raise
                host.pause(wait, self._clock)
            raise host.busy()

    def _host(self, url: str) -> "_Host":
        place = target_of(url).place
        return self._hosts.setdefault(place, _Host(place, self._interval))


class _Host:
    """When a host may be asked again."""

    def __init__(self, place: str, interval: float) -> None:
        self.interval = interval
        self.failures = 0
        self._place = place
        self._next_at = 0.0
        self._closed = ""

    async def turn(self, clock: Clock) -> None:
        """Wait until it may be asked; whoever comes later waits longer."""
        while not self._closed and (now := clock.now()) < self._next_at:
            await clock.sleep(self._next_at - now)
        if self._closed:
            raise HostClosedError(self._closed, what_to_do="Refresh again later.")
        self._next_at = max(clock.now(), self._next_at) + self.interval

    def pause(self, seconds: float, clock: Clock) -> None:
        """Leave it alone for a while; for the rest of this refresh where that is too long."""
        self._next_at = max(self._next_at, clock.now() + seconds)
        if seconds > _LONGEST_WAIT_S:
            self._closed = f"{self._place} is busy and asks to come back in {seconds:.0f} seconds."

    def failed(self, weight: int) -> None:
        """Note a request that got no whole answer."""
        self.failures += weight
        if self.failures >= _ENOUGH:
            self._closed = f"{self._place} does not answer any more."

    def busy(self) -> FetchFailedError:
        """The error for a page that the host was always too busy for."""
        self.failed(_NO_ANSWER)
        return FetchFailedError(
            self._closed or f"{self._place} is too busy to answer.",
            what_to_do="Refresh again later, or lower `requests_per_second`.",
        )


def _wait(reply: Reply, tries: int) -> float:
    """The seconds that a busy site asks for; longer each time where it does not say."""
    stated = reply.header("retry-after")
    if stated.isdecimal():
        return float(stated[:9])
    try:
        until = parsedate_to_datetime(stated)
    except ValueError:
        return float(2**tries)
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(1.0, (aware - datetime.now(UTC)).total_seconds())
