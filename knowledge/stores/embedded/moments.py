"""Moments of the store: a connection, and the places in memory as that connection sees them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from knowledge.sqlite import connect, reading
from knowledge.stores.embedded.places import Places
from knowledge.stores.embedded.schema import noted
from knowledge.stores.embedded.sketches import SketchTables
from knowledge.stores.embedded.tracking import brought_up_to_date, generation_of
from knowledge.vectors import VectorTable


@dataclass(frozen=True, slots=True)
class Moment:
    """What one search reads: one state of the store, seen through one connection."""

    connection: Connection
    places: Places
    vectors: VectorTable
    sketches: VectorTable | None


class Moments:
    """Hands out moments to any number of threads at once."""

    def __init__(self, path: Path, vectors: VectorTable, sketches: SketchTables) -> None:
        self._path = path
        self._vectors, self._sketches = vectors, sketches
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._searched = Places()
        self._sketched = Places()

    @contextmanager
    def now(self) -> Iterator[Moment]:
        """This moment, with the sketches that are in use."""
        with self._connection() as connection:
            while True:
                with reading(connection, self._path):
                    moment = self._seen(connection)
                    if moment:
                        yield moment
                        return

    @contextmanager
    def with_sketches_of(self, version: str) -> Iterator[Moment]:
        """This moment, with the sketches of another version, which nobody may be using yet."""
        with self._connection() as connection, reading(connection, self._path):
            table = self._sketches.existing(version)
            with self._lock:
                # Starting from nothing where another thread has seen a later state than we see.
                late = self._sketched.generation > generation_of(connection)
                known = Places() if late else self._sketched
                self._sketched = brought_up_to_date(
                    known, connection, self._vectors, (version, table)
                )
                places = self._sketched
            yield Moment(connection, places, self._vectors, table)

    def close(self) -> None:
        """Close the connections that nobody is using."""
        while self._idle:
            self._idle.pop().close()

    def _seen(self, connection: Connection) -> Moment | None:
        """What this connection sees; None where another thread has seen a later state already."""
        version = noted(connection, "sketches")
        table = self._sketches.existing(version) if version else None
        with self._lock:
            if self._searched.generation > generation_of(connection):
                return None
            self._searched = brought_up_to_date(
                self._searched, connection, self._vectors, (version, table)
            )
            places = self._searched
        return Moment(connection, places, self._vectors, table)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            connection = self._idle.pop()  # one step, so two threads never get the same one
        except IndexError:
            connection = connect(self._path, readonly=True)
        try:
            yield connection
        finally:
            self._idle.append(connection)
