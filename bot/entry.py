"""A message that this process is at."""

import asyncio
from dataclasses import dataclass

from bot.platforms import Platform, Sink
from knowledge.turn import KeptTurn


@dataclass(slots=True)
class Entry:
    """A turn that is at hand in this process.

    Attributes:
        since: when it came, by the clock of this process.
        work: what is being done for it now.
        is_posting: whether the reply is there and on its way to the platform.
        is_withdrawn: whether nobody wants a reply any longer.
    """

    kept: KeptTurn
    platform: Platform
    sink: Sink
    since: float
    work: "asyncio.Task[None] | None" = None
    is_posting: bool = False
    is_withdrawn: bool = False
    expiry: asyncio.TimerHandle | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be broken off."""
        return self.is_posting or self.is_withdrawn
