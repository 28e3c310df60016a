"""Sources are watched as long as somebody wants it, and again after a failure."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import cast

from bot.watching import Watchers
from knowledge.errors import OperatorError
from knowledge.sources import Source
from tests.bot.test_schedule import until


class AwayError(OperatorError):
    """The folder cannot be watched."""


@dataclass
class Door:
    """What can be watched: it fails as often as there are faults, then tells of each knock."""

    name: str = "door"
    knocks: "asyncio.Queue[None]" = field(default_factory=asyncio.Queue)
    faults: list[Exception] = field(
        default_factory=lambda: [
            AwayError("It is gone.", what_to_do="Bring it back."),
            ValueError("a fault of ours"),
        ]
    )

    async def watch(self) -> AsyncGenerator[None, None]:
        """Yield at every knock."""
        if self.faults:
            raise self.faults.pop()
        while True:
            await self.knocks.get()
            yield


@dataclass
class Wall:
    """What cannot be watched."""

    name: str = "wall"


async def test_what_fails_is_watched_again_until_it_is_left() -> None:
    asked: list[str] = []

    async def ask(name: str) -> None:
        asked.append(name)

    watchers, door = Watchers(ask, again_s=0.01), Door()
    watchers.watch(cast(Source, door))
    watchers.watch(cast(Source, Wall()))
    door.knocks.put_nowait(None)
    await until(lambda: asked == ["door"])
    watchers.leave("door")
    watchers.leave("nobody")
    door.knocks.put_nowait(None)
    await asyncio.sleep(0.05)
    assert asked == ["door"]
    watchers.watch(cast(Source, door))
    await until(lambda: asked == ["door", "door"])
    await watchers.stop()
