"""What Slack has told us, for as long as it may be taken to be so still."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from knowledge.sources.website.pace import Clock

Told = TypeVar("Told")


class Memory(Generic[Told]):
    """Answers by name; each is asked for once, also by many at the same time.

    Args:
        seconds: as long as that an answer counts.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self._told: dict[Hashable, tuple[float, asyncio.Future[Told]]] = {}
        self._before: dict[Hashable, tuple[float, asyncio.Future[Told]]] = {}

    async def get(
        self, name: Hashable, ask: Callable[[], Awaitable[Told]], *, grace_s: float = 0.0
    ) -> Told:
        """The answer, asked for if there is none or it is too old; a failure is not kept.

        Args:
            name: of the question.
            ask: asks it.
            grace_s: so much longer the old answer counts while the new one is under way.
        """
        told = self._told.get(name)
        if told is None or told[0] < self._clock.now() or _has_failed(told[1]):
            self._forget_old()
            if told and told[1].done() and not _has_failed(told[1]):
                self._before[name] = told
            asked = asyncio.ensure_future(ask())
            asked.add_done_callback(_has_failed)  # it is known, also where nobody waits any longer
            told = self._told[name] = (self._clock.now() + self._seconds, asked)
        before = self._before.get(name)
        if before and not told[1].done() and self._clock.now() <= before[0] + grace_s:
            return before[1].result()
        return await asyncio.shield(told[1])

    def known(self, name: Hashable) -> Told | None:
        """The answer if there is one at hand, however old."""
        told = self._told.get(name)
        return told[1].result() if told and told[1].done() and not _has_failed(told[1]) else None

    def forget(self) -> None:
        """Something has changed: ask for everything anew."""
        self._told.clear()
        self._before.clear()

    def _forget_old(self) -> None:
        now = self._clock.now()
        if len(self._told) > 10_000:
            self._told = {name: told for name, told in self._told.items() if told[0] >= now}
            self._before.clear()


def _has_failed(asked: "asyncio.Future[Told]") -> bool:
    return asked.done() and (asked.cancelled() or asked.exception() is not None)
