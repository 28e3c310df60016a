"""Many people who ask on one platform at once, and what became of each of their messages."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

WEEKS = "How many weeks of parental leave are there?"
ANSWER = "Parents take 19 weeks of parental leave."
SAID = "19 weeks"
"""What is seen of the answer, and of nothing else."""


@dataclass(slots=True)
class Asked:
    """A message; times are seconds on the clock of the fake, None for what has not come.

    Attributes:
        said: when somebody said it.
        acknowledged: when the platform knew that the app has it.
        shown: the first sign that people see.
        ended: when the answer or the reason stood there.
        replies: how many of these stand there.
        is_answered: whether one of them is the answer.
        is_owed: whether an outcome is owed: the app has acknowledged it or will be told again.
    """

    said: float
    acknowledged: float | None = None
    shown: float | None = None
    ended: float | None = None
    replies: int = 0
    is_answered: bool = False
    is_owed: bool = True


class Crowd(Protocol):
    """People on a fake of a platform.

    Attributes:
        environment: the settings of whoever serves them.
    """

    environment: dict[str, str]

    async def ready(self) -> None:
        """Wait until somebody serves them."""

    async def ask(self, many: int) -> None:
        """Have that many people ask at once."""

    def asked(self) -> Sequence[Asked]:
        """Everything that was asked, in order, as it stands now."""

    def left(self) -> int:
        """How many messages have no outcome yet."""


Opened = Callable[..., AbstractAsyncContextManager[Crowd]]


async def asking_steadily(crowd: Crowd, per_s: float, many: int) -> None:
    """Have people ask one after the other, at a pace that does not wait for answers."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in range(many):
        await asyncio.sleep(max(0.0, begun + number / per_s - loop.time()))
        await crowd.ask(1)


async def until_all_ended(crowd: Crowd, within_s: float) -> None:
    """Wait until every message has an outcome, for some seconds at most."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while crowd.left() and loop.time() < end:  # noqa: ASYNC110 (a fake tells nobody)
        await asyncio.sleep(0.02)
