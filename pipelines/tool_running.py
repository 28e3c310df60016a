"""Runs tools beside everything else: whatever one does, whoever asked goes on after its time."""

import asyncio
import inspect
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any

from knowledge.tasks import looked_at
from pipelines.tool import Tool

MOST_AT_WORK = 8
"""Of one tool: a function that hangs cannot be ended, and shall not take all threads there are."""


class BrokenOffError(Exception):
    """A tool has tried to end more than itself: its task, or the process."""


class TooLongError(Exception):
    """A tool has not ended in its time."""


class Runner:
    """Runs functions, asynchronous ones here and others in threads, as many of each as it may."""

    def __init__(self) -> None:
        self._places: dict[str, asyncio.Semaphore] = defaultdict(
            partial(asyncio.Semaphore, MOST_AT_WORK)
        )

    async def run(self, tool: Tool, arguments: Mapping[str, Any]) -> object:
        """What a tool returns; what it raises is raised here.

        Raises:
            TooLongError: it took too long; a thread may still be at it.
            BrokenOffError: it wanted to end more than itself.
        """
        # In a task of its own: its end is not ours, and if it ignores being told, we go on.
        task = asyncio.create_task(self._work(tool, arguments))
        task.add_done_callback(looked_at)
        try:
            await asyncio.wait({task}, timeout=tool.within_s)
        finally:
            task.cancel()
        if not task.done():
            raise TooLongError
        if task.cancelled():
            raise BrokenOffError("it cancelled its own task")
        return task.result()

    async def _work(self, tool: Tool, arguments: Mapping[str, Any]) -> object:
        place = self._places[tool.name]
        await place.acquire()
        try:
            if inspect.iscoroutinefunction(tool.function):
                try:
                    return await tool.function(**arguments)
                finally:
                    place.release()
            called = partial(tool.function, **arguments)
            value = await _in_a_thread(called, f"tool-{tool.name}", place.release)
            return await value if inspect.isawaitable(value) else value
        except (Exception, asyncio.CancelledError):
            raise
        except BaseException as error:  # the end of the process, a panic of compiled code
            raise BrokenOffError(f"it raised {type(error).__name__}") from error


async def _in_a_thread(work: Callable[[], Any], name: str, over: Callable[[], None]) -> Any:  # noqa: ANN401
    """Run a function in a thread of its own: one that hangs holds up nothing, nor our end.

    Args:
        work: the function, without arguments.
        name: of the thread.
        over: called when it has ended, however late.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[tuple[object, BaseException | None]] = loop.create_future()

    def ended(value: object, error: BaseException | None) -> None:
        over()
        if not result.done():
            result.set_result((value, error))

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        except BaseException as problem:  # noqa: BLE001 (raised again where it is waited for)
            error = problem
        with suppress(RuntimeError):  # the loop has ended meanwhile, and nobody waits
            loop.call_soon_threadsafe(ended, value, error)

    try:
        Thread(target=run, name=name, daemon=True).start()
    except RuntimeError:  # no more threads
        over()
        raise
    value, error = await result
    if error is not None:
        raise error
    return value
