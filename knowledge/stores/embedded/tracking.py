"""Keeps the places in memory in step with the database, reading only what has changed."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from knowledge.stores.embedded.places import NOWHERE, Places, Rows, Slots
from knowledge.stores.embedded.rows import audience_of
from knowledge.vectors import VectorTable

Texts = Sequence[tuple[int, str | None]]
"""Rows and the hash of the text that stands there, None in a free row."""


def generation_of(connection: sqlite3.Connection) -> int:
    """How many writes the database has seen."""
    query = "SELECT value FROM about WHERE name = 'generation'"
    return int(connection.execute(query).fetchone()[0])


def brought_up_to_date(
    places: Places,
    connection: sqlite3.Connection,
    vectors: VectorTable,
    sketches: tuple[str, VectorTable | None],
) -> Places:
    """The places as the database has them now.

    The sketches are the name of their version and its table, None where there are none.
    """
    generation = generation_of(connection)
    texts: Texts = ()
    if generation != places.generation:
        places, texts = _with_changes(places, connection, generation)
    version, table = sketches
    return replace(
        places,
        vectors=_followed(places.vectors, connection, vectors, texts),
        sketches=_sketched(places, connection, version, table, texts=texts),
    )


def _with_changes(
    places: Places, connection: sqlite3.Connection, generation: int
) -> tuple[Places, Texts]:
    # The sign keeps the whole table out of its index where everything is read anyway.
    since = "generation > ?" if places.generation > 0 else "+generation > ?"
    query = f"SELECT row, language, audience, text_hash FROM places WHERE {since}"  # noqa: S608 (two constants)
    found = connection.execute(query, (places.generation,)).fetchall()
    size = 1 + int(connection.execute("SELECT max(row) FROM places").fetchone()[0] or 0)
    changed = np.array([row for row, *_ in found], dtype=np.int64)
    places = replace(
        places,
        generation=generation,
        language=_replaced(places.language, size, changed, [language for _, language, *_ in found]),
        audience=_replaced(places.audience, size, changed, [audience for *_, audience, _ in found]),
        languages=("", *_names(connection, "SELECT code FROM languages ORDER BY id")),
        audiences=(
            audience_of("[]"),
            *map(audience_of, _names(connection, "SELECT principals FROM audiences ORDER BY id")),
        ),
    )
    return places, [(row, text_hash) for row, *_, text_hash in found]


def _sketched(
    places: Places,
    connection: sqlite3.Connection,
    version: str,
    table: VectorTable | None,
    *,
    texts: Texts,
) -> Slots:
    if table is None:
        return Slots(of_row=np.full(len(places.language), NOWHERE, dtype=np.int32))
    if places.sketches.version == version:
        return _followed(places.sketches, connection, table, texts)
    everything = connection.execute("SELECT row, text_hash FROM places").fetchall()
    return _followed(Slots(version=version), connection, table, everything)


def _followed(
    slots: Slots, connection: sqlite3.Connection, table: VectorTable, texts: Texts
) -> Slots:
    known = len(table)  # before the look-up: a vector that comes in between is seen next time
    if known == slots.known and not texts:
        return slots
    added = _rows_of(connection, table.keys_since(slots.known)) if slots.known >= 0 else []
    slot_of = table.slots([text_hash for _, text_hash in (*texts, *added) if text_hash])
    rows = np.array([row for row, _ in (*texts, *added)], dtype=np.int64)
    found = [slot_of.get(text_hash or "", NOWHERE) for _, text_hash in (*texts, *added)]
    size = 1 + max(len(slots.of_row) - 1, int(rows.max(initial=0)))
    return replace(slots, of_row=_replaced(slots.of_row, size, rows, found), known=known)


def _rows_of(connection: sqlite3.Connection, hashes: Sequence[str]) -> list[tuple[int, str]]:
    query = (
        "SELECT row, text_hash FROM places "
        "WHERE text_hash IN (SELECT value FROM json_each(?)) ORDER BY row"
    )
    return connection.execute(query, (json.dumps(hashes),)).fetchall()


def _replaced(old: Rows, size: int, rows: NDArray[np.int64], values: Sequence[int]) -> Rows:
    """A copy with room for `size` rows, in which these rows have these values."""
    new = np.full(max(size, len(old)), NOWHERE, dtype=np.int32)
    new[: len(old)] = old
    new[rows] = values
    return new


def _names(connection: sqlite3.Connection, query: str) -> list[str]:
    return [name for (name,) in connection.execute(query)]
