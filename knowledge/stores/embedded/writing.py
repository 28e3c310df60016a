"""Chunks go into the embedded store and out of it again."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from knowledge import words
from knowledge.articles import Audience, Chunk
from knowledge.stores.embedded.places import NOWHERE
from knowledge.stores.embedded.rows import (
    chunks_in_rows,
    chunks_of_articles,
    ids_between,
    principals_of,
    terms_of,
    values_of,
)
from knowledge.stores.embedded.schema import noted
from knowledge.stores.word_groups import GROUPS, group_of

_AMONG = "(SELECT value FROM json_each(?))"
_LABELLED_OTHERWISE = """
    SELECT c.row FROM chunks c JOIN places p ON p.row = c.row JOIN audiences a ON a.id = p.audience
    WHERE c.article > ? AND c.article < ? AND a.principals <> ?
"""
_LANGUAGES = (
    "INSERT OR IGNORE INTO languages (code) VALUES (?)",
    "SELECT id FROM languages WHERE code = ?",
)
_AUDIENCES = (
    "INSERT OR IGNORE INTO audiences (principals) VALUES (?)",
    "SELECT id FROM audiences WHERE principals = ?",
)


def replace_articles(
    connection: sqlite3.Connection, article_ids: Sequence[str], chunks: Sequence[Chunk]
) -> None:
    """Make these chunks the only ones of these articles; what stays the same is not touched.

    Raises:
        ValueError: two chunks have the same id, or a chunk is of an article that is not named.
    """
    wanted = {chunk.id: chunk for chunk in chunks}
    _check(article_ids, chunks, wanted)
    old = chunks_of_articles(connection, article_ids)
    gone = {row: chunk for row, chunk in old.items() if wanted.get(chunk.id) != chunk}
    kept = {chunk.id for row, chunk in old.items() if row not in gone}
    fresh = [chunk for chunk in chunks if chunk.id not in kept]
    if gone or fresh:
        generation = next_generation(connection)
        remove(connection, gone, generation)
        insert(connection, fresh, generation)


def labelled_otherwise(
    connection: sqlite3.Connection, source: str, audience: Audience
) -> list[int]:
    """The rows of this source whose audience is another one."""
    values = (*ids_between(source), principals_of(audience))
    return [row for (row,) in connection.execute(_LABELLED_OTHERWISE, values)]


def relabel(connection: sqlite3.Connection, source: str, audience: Audience) -> None:
    """Make this the audience of all chunks of this source, also where they are seen whole."""
    rows = labelled_otherwise(connection, source, audience)
    _label(connection, rows, audience, next_generation(connection))


def relabel_articles(connection: sqlite3.Connection, audiences: Mapping[str, Audience]) -> None:
    """Make these the audiences of all chunks of these articles."""
    generation = next_generation(connection)
    for row, chunk in chunks_of_articles(connection, audiences).items():
        _label(connection, [row], audiences[chunk.article], generation)


def _label(
    connection: sqlite3.Connection, rows: Sequence[int], audience: Audience, generation: int
) -> None:
    name = principals_of(audience)
    number = _numbered(connection, _AUDIENCES, {name})[name]
    connection.executemany(
        "UPDATE places SET audience = ?, generation = ? WHERE row = ?",
        [(number, generation, row) for row in rows],
    )
    connection.executemany(
        "UPDATE documents SET body = json_set(body, '$.meta.audience', json(?)) WHERE row = ?",
        [(name, row) for row in rows],
    )


def next_generation(connection: sqlite3.Connection) -> int:
    """The number of the write that begins now; readers see by it that something has changed."""
    query = "UPDATE about SET value = value + 1 WHERE name = 'generation' RETURNING value"
    return int(connection.execute(query).fetchall()[0][0])


def remove(connection: sqlite3.Connection, chunks: dict[int, Chunk], generation: int) -> None:
    """Delete the chunks in these rows; the rows become free."""
    _remove_words(connection, chunks)
    rows = [(row,) for row in chunks]
    connection.executemany("DELETE FROM chunks WHERE row = ?", rows)
    connection.executemany("DELETE FROM documents WHERE row = ?", rows)
    connection.executemany(
        "UPDATE places SET language = ?, audience = ?, text_hash = NULL, generation = ? "
        "WHERE row = ?",
        [(NOWHERE, NOWHERE, generation, row) for row in chunks],
    )


def insert(connection: sqlite3.Connection, chunks: Sequence[Chunk], generation: int) -> list[int]:
    """Add chunks in free rows, then behind the last one.

    Raises:
        ValueError: a chunk with such an id is there already.
    """
    _check_unknown(connection, chunks)
    rows = _free_rows(connection, len(chunks))
    placed = list(zip(rows, chunks, strict=True))
    connection.executemany(
        "INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?)",
        _places(connection, placed, generation),
    )
    marks = ", ".join("?" * 10)
    connection.executemany(
        f"INSERT INTO chunks VALUES ({marks})",  # noqa: S608 (question marks)
        (values_of(row, chunk) for row, chunk in placed),
    )
    _insert_words(connection, placed)
    return rows


def rebuild_words(connection: sqlite3.Connection) -> None:
    """Make the word indexes anew, if they were made by other rules than ours."""
    if noted(connection, "words") == words.VERSION:
        return
    for group in GROUPS:
        connection.execute(f"INSERT INTO words_{group} (words_{group}) VALUES ('delete-all')")  # noqa: S608 (a constant)
    rows = [row for (row,) in connection.execute("SELECT row FROM chunks ORDER BY row")]
    for first in range(0, len(rows), 1000):
        _insert_words(connection, chunks_in_rows(connection, rows[first : first + 1000]).items())
    connection.execute("UPDATE about SET value = ? WHERE name = 'words'", (words.VERSION,))


def _check(article_ids: Sequence[str], chunks: Sequence[Chunk], wanted: dict[str, Chunk]) -> None:
    if len(wanted) != len(chunks):
        raise ValueError("Two of the chunks have the same id.")
    strangers = {chunk.article for chunk in chunks}.difference(article_ids)
    if strangers:
        raise ValueError(f"There are chunks of {sorted(strangers)}, but these are not replaced.")


def _check_unknown(connection: sqlite3.Connection, chunks: Sequence[Chunk]) -> None:
    query = f"SELECT id FROM chunks WHERE id IN {_AMONG} LIMIT 1"  # noqa: S608 (a constant)
    found = connection.execute(query, (json.dumps([chunk.id for chunk in chunks]),)).fetchone()
    if found:
        raise ValueError(f"Another article has a chunk with the id {found[0]!r} already.")


def _free_rows(connection: sqlite3.Connection, count: int) -> list[int]:
    query = "SELECT row FROM places WHERE text_hash IS NULL LIMIT ?"
    free = sorted(row for (row,) in connection.execute(query, (count,)))
    last = connection.execute("SELECT max(row) FROM places").fetchone()[0] or 0
    return free + list(range(last + 1, last + 1 + count - len(free)))


def _places(
    connection: sqlite3.Connection, placed: Sequence[tuple[int, Chunk]], generation: int
) -> list[tuple[int, int, int, str, int]]:
    languages = _numbered(connection, _LANGUAGES, {chunk.language for _, chunk in placed})
    audiences = _numbered(
        connection, _AUDIENCES, {principals_of(chunk.audience) for _, chunk in placed}
    )
    return [
        (
            row,
            languages[chunk.language],
            audiences[principals_of(chunk.audience)],
            chunk.text_hash,
            generation,
        )
        for row, chunk in placed
    ]


def _numbered(
    connection: sqlite3.Connection, queries: tuple[str, str], names: Iterable[str]
) -> dict[str, int]:
    """The number of each name; a new one gets the next number, so numbers have no gaps."""
    insert_name, select_number = queries
    connection.executemany(insert_name, [(name,) for name in sorted(names)])
    return {name: connection.execute(select_number, (name,)).fetchone()[0] for name in names}


def _insert_words(connection: sqlite3.Connection, placed: Iterable[tuple[int, Chunk]]) -> None:
    for group, entries in _by_group(placed).items():
        query = f"INSERT INTO words_{group} (rowid, headline, text) VALUES (?, ?, ?)"  # noqa: S608 (a constant)
        connection.executemany(query, entries)


def _remove_words(connection: sqlite3.Connection, chunks: dict[int, Chunk]) -> None:
    """The index keeps no text, so it must be told which terms to take out."""
    for group, entries in _by_group(chunks.items()).items():
        index = f"words_{group}"
        query = f"INSERT INTO {index} ({index}, rowid, headline, text) VALUES ('delete', ?, ?, ?)"  # noqa: S608 (a constant)
        connection.executemany(query, entries)


def _by_group(placed: Iterable[tuple[int, Chunk]]) -> dict[str, list[tuple[int, str, str]]]:
    groups: dict[str, list[tuple[int, str, str]]] = {}
    for row, chunk in placed:
        groups.setdefault(group_of(chunk.language), []).append(terms_of(row, chunk))
    return groups
