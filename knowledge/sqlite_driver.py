"""The connections of one engine to SQLite, each with a thread, and how they end."""

import asyncio
import sqlite3
from functools import partial
from threading import Thread
from time import monotonic
from weakref import WeakSet

import aiosqlite

_LINES_AT_ONCE = 64  # what aiosqlite takes


class _Connection(aiosqlite.Connection):
    def __del__(self) -> None:
        """End the thread, without a warning: SQLAlchemy drops what is cancelled while it opens."""
        if self._connection is not None:
            self.stop()


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
        """Wait until their threads have ended.

        Who is cancelled while they close a connection goes on with that in the background. Should
        the event loop end meanwhile, the thread raises; and cancelled once more, they wait for ever
        for a thread that has ended (aiosqlite 0.22).
        """
        await asyncio.to_thread(self._join, monotonic() + within_s)

    def _join(self, until: float) -> None:
        for thread in [thread for thread in self._threads if thread.is_alive()]:
            thread.join(max(0.0, until - monotonic()))
