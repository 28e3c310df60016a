"""What comes while the database writes is written together, next: fifty at once cost one write."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

One = TypeVar("One")
Done = TypeVar("Done")
Waiting = tuple[One, asyncio.Future[Done]]
MOST = 200


class Together(Generic[One, Done]):
    """Does things in groups, in the order in which they come.

    Args:
        do: does a whole group or nothing of it; one result for each, in order.
    """

    def __init__(self, do: Callable[[Sequence[One]], Awaitable[Sequence[Done]]]) -> None:
        self._do = do
        self._waiting: list[Waiting[One, Done]] = []
        self._work: asyncio.Task[None] | None = None

    async def add(self, one: One) -> Done:
        """Have one thing done with others; its result, or what went wrong with it.

        Whoever is cancelled meanwhile ends when that is done.
        """
        result: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, result))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._run())
        try:
            return await result
        except asyncio.CancelledError:
            await asyncio.wait([self._work])  # nobody closes the database meanwhile
            raise

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if not await self._is_done(group) and len(group) > 1:
                for one in group:  # what is wrong with one must not be the end of the others
                    await self._is_done([one])

    async def _is_done(self, group: Sequence[Waiting[One, Done]]) -> bool:
        """Do a group; what goes wrong with a single one is told to whoever waits for it."""
        try:
            done = await self._do([one for one, _ in group])
        except Exception as error:  # noqa: BLE001 (it is raised where somebody waits)
            for _, result in group if len(group) == 1 else ():
                if not result.done():
                    result.set_exception(error)
            return False
        for (_, result), what in zip(group, done, strict=True):
            if not result.done():  # nobody waits any longer
                result.set_result(what)
        return True
