"""Vectors kept on disk by the hash of the text that they were made from."""

import json
import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import OperatorError
from knowledge.sqlite import StoreCorruptError, connect, set_format, translated, writing

Vector = NDArray[np.float32]
Matrix = NDArray[np.float32]

FORMAT = 1
_HEADER_BYTES = 64
_SCHEMA = """
CREATE TABLE about (dimensions INTEGER NOT NULL);
CREATE TABLE slots (slot INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE)
"""


class VectorSizeError(OperatorError):
    """Vectors do not have the length that the table was made for."""


class VectorTable:
    """A table of float32 rows: appended to, never changed, read through the page cache.

    Two files: `NAME.f32` holds the rows one behind the other, `NAME.slots` says which key has
    which row. A row is on disk before its slot is committed, so a killed writer leaves at most
    bytes behind the last known row, and the next writer uses that room again. One process writes
    at a time; any number read and see new rows at their next call.
    """

    def __init__(self, rows: Path, slots: Path, writer: sqlite3.Connection, width: int) -> None:
        self.dimensions = width
        self._rows, self._slots = rows, slots
        self._writer, self._write_lock = writer, threading.Lock()
        # Readers have a connection of their own, so that they never wait for a flush to disk.
        self._reader, self._lock = connect(slots, readonly=True), threading.RLock()
        self._matrix: Matrix = np.empty((0, width), dtype=np.float32)

    @staticmethod
    def exists(path: Path) -> bool:
        """Whether there is a table at this path."""
        return path.with_name(path.name + ".slots").is_file()

    @classmethod
    def open(cls, path: Path, *, dimensions: int | None) -> "VectorTable":
        """Open the table at this path (a name without ending), or make it.

        A row has this many dimensions, now and for ever; None takes what an old table has.

        Raises:
            VectorSizeError: the table was made for another number of dimensions.
            StoreCorruptError: a file is damaged or cut short.
        """
        rows, slots = path.with_name(path.name + ".f32"), path.with_name(path.name + ".slots")
        with translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undone:  # what is open is closed again where a later step fails
            connection = undone.enter_context(closing(connect(slots)))
            set_format(connection, slots, version=FORMAT, schema=_SCHEMA.strip())
            table = cls(rows, slots, connection, _claimed(connection, slots, rows, dimensions))
            undone.callback(table.close)
            table.matrix()
            undone.pop_all()
        return table

    def __len__(self) -> int:
        """How many rows are known."""
        with self._lock, translated(self._slots):
            found = self._reader.execute("SELECT max(slot) FROM slots").fetchone()[0]
        return 0 if found is None else int(found) + 1

    def matrix(self) -> Matrix:
        """All rows by slot, mapped from the file and not to be written to."""
        count = len(self)
        with self._lock:
            if count > len(self._matrix):
                self._matrix = self._mapped(count)
            return self._matrix[:count]

    def slots(self, keys: Sequence[str]) -> dict[str, int]:
        """The slots of those keys that have a row."""
        query = "SELECT key, slot FROM slots WHERE key IN (SELECT value FROM json_each(?))"
        with self._lock, translated(self._slots):
            return dict(self._reader.execute(query, (json.dumps(list(keys)),)))

    def keys_since(self, slot: int) -> list[str]:
        """The keys of this slot and all later ones, in order."""
        query = "SELECT key FROM slots WHERE slot >= ? ORDER BY slot"
        with self._lock, translated(self._slots):
            return [key for (key,) in self._reader.execute(query, (slot,))]

    def get(self, keys: Sequence[str]) -> dict[str, Vector]:
        """The rows of those keys that have one."""
        slots = self.slots(keys)
        matrix = self.matrix()
        return {key: np.array(matrix[slot]) for key, slot in slots.items()}

    def put(self, vectors: Mapping[str, Vector]) -> None:
        """Keep these rows for good; a key that has a row keeps the old one.

        Raises:
            VectorSizeError: a row has another length or holds something that is no number.
            DiskFullError: there is no room; nothing was changed.
        """
        checked = {key: self._checked(row) for key, row in vectors.items()}
        with self._write_lock, writing(self._writer, self._slots) as connection:
            known = self.slots(list(checked))
            new = {key: row for key, row in checked.items() if key not in known}
            if not new:
                return
            first = len(self)
            self._append(first, np.stack(list(new.values())))
            connection.executemany(
                "INSERT INTO slots (slot, key) VALUES (?, ?)", enumerate(new, start=first)
            )

    def close(self) -> None:
        """Release the files."""
        with self._write_lock, self._lock:
            self._writer.close()
            self._reader.close()
            self._matrix = self._matrix[:0].copy()

    def _append(self, first: int, rows: Matrix) -> None:
        with translated(self._rows), self._rows.open("r+b") as file:
            file.seek(_HEADER_BYTES + first * self.dimensions * 4)
            file.write(rows.tobytes())
            file.flush()
            os.fsync(file.fileno())  # the slots must not be committed before the rows are safe

    def _mapped(self, count: int) -> Matrix:
        needed = _HEADER_BYTES + count * self.dimensions * 4
        with translated(self._rows):
            self._check_file(needed)
            shape = (count, self.dimensions)
            rows = np.memmap(self._rows, np.float32, mode="r", offset=_HEADER_BYTES, shape=shape)
        return np.asarray(rows)

    def _check_file(self, needed: int) -> None:
        with self._rows.open("rb") as file:
            header = file.read(_HEADER_BYTES)
            size = file.seek(0, os.SEEK_END)
        if header != _header(self.dimensions) or size < needed:
            raise StoreCorruptError(
                f"{self._rows} is damaged: it should have at least {needed} bytes and has {size}.",
                what_to_do=f"Restore {self._rows.name} and {self._slots.name} from one backup, or "
                "move both away so that all texts are embedded again.",
            )

    def _checked(self, row: Vector) -> Vector:
        row = np.asarray(row, dtype=np.float32)
        if row.shape == (self.dimensions,) and np.isfinite(row).all():
            return row
        raise VectorSizeError(
            f"A vector for {self._rows.name} must be {self.dimensions} finite numbers; "
            f"this one has shape {row.shape}.",
            what_to_do="Check that EMBEDDING_MODEL is the model that this knowledge was made with.",
        )


def _header(dimensions: int) -> bytes:
    return f"tertulia vectors {FORMAT} {dimensions}\n".encode().ljust(_HEADER_BYTES)


def _claimed(
    connection: sqlite3.Connection, slots: Path, rows: Path, dimensions: int | None
) -> int:
    """The dimensions of the table; a new one gets those that are wanted."""
    found = _dimensions_of(connection, slots)
    if found is None and dimensions is not None:
        with writing(connection, slots):
            if _dimensions_of(connection, slots) is None:  # nobody was quicker
                rows.write_bytes(_header(dimensions))
                connection.execute("INSERT INTO about VALUES (?)", (dimensions,))
        found = _dimensions_of(connection, slots)
    if found is None:
        raise StoreCorruptError(
            f"{slots} is no finished table of vectors.",
            what_to_do=f"Move {slots.name} and {rows.name} away.",
        )
    if dimensions in {None, found}:
        return found
    raise VectorSizeError(
        f"{rows} holds vectors of {found} numbers, not of {dimensions}.",
        what_to_do="Use the embedding model that made them, or move the file away so that all "
        "texts are embedded again.",
    )


def _dimensions_of(connection: sqlite3.Connection, slots: Path) -> int | None:
    with translated(slots):
        found = connection.execute("SELECT dimensions FROM about").fetchone()
    return None if found is None else int(found[0])
