"""SQLite's driver, as we want it: a connection that is interrupted while it closes ends, too."""

import asyncio
import sqlite3
from functools import partial
from threading import Thread
from time import monotonic
from weakref import WeakSet

import aiosqlite

_LINES_AT_ONCE = 64  # what aiosqlite itself takes


class _Connection(aiosqlite.Connection):
    def stop(self) -> asyncio.Future[object] | None:
        """Tell the connection's thread to end; nothing where it has been told already.

        A task that is cancelled while it closes a connection tells so twice (SQLAlchemy once, and
        `close()` once more), and aiosqlite 0.22 waits for ever for an answer to the second one.
        """
        return super().stop() if self._running else None


class Connections:
    """Makes the connections of one engine: its `async_creator_fn`."""

    def __init__(self) -> None:
        self._threads: WeakSet[Thread] = WeakSet()

    def __call__(self, path: str, **options: object) -> aiosqlite.Connection:
        """A connection that is to be opened, whose thread does not keep the process alive."""
        made = _Connection(partial(sqlite3.connect, path, **options), _LINES_AT_ONCE)
        made._thread.daemon = True  # as SQLAlchemy does with those that it makes
        self._threads.add(made._thread)
        return made

    async def ended(self, within_s: float) -> None:
        """Wait until their threads have ended, which speak to the event loop until then."""
        await asyncio.to_thread(self._join, monotonic() + within_s)

    def _join(self, until: float) -> None:
        for thread in [thread for thread in self._threads if thread.is_alive()]:
            thread.join(max(0.0, until - monotonic()))
