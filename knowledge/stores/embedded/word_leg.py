"""Chunks found by the words that they share with a question."""

import sqlite3

from knowledge import words
from knowledge.stores import Probe
from knowledge.stores.embedded.places import Places, Scope
from knowledge.stores.word_groups import GROUPS, HEADLINE_WEIGHT, question_terms

Found = list[tuple[int, float]]
"""Rows and their scores, best first, the lower row first among equals."""


def by_words(
    connection: sqlite3.Connection, places: Places, probe: Probe, scope: Scope, *, limit: int
) -> Found:
    """The rows of the scope that share words with the probe, by BM25.

    Each language has its own index, asked with the stems of that language: a question in English
    finds names and codes in Spanish chunks too.
    """
    found: Found = []
    spoken = words.content_words(probe.text, probe.language)
    for group in GROUPS:
        rows = scope & _rows_of(places, group)
        if spoken and rows.any():
            found += _in_group(
                connection, group, _query(question_terms(spoken, group)), rows, limit=limit
            )
    return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]


def _rows_of(places: Places, group: str) -> Scope:
    if group != "plain":
        return places.in_languages((group,))
    return ~places.in_languages(GROUPS[:-1])


def _query(terms: list[str]) -> str:
    """Terms, each in quotes so that nothing in it is syntax, any of which may be there."""
    return " OR ".join(f'"{term}"' for term in terms)


def _in_group(
    connection: sqlite3.Connection, group: str, query: str, rows: Scope, *, limit: int
) -> Found:
    if not query:
        return []
    # The scope travels as one byte a row: looking a byte up costs less than any join.
    index = f"words_{group}"
    statement = f"""
        SELECT rowid, -bm25({index}, {HEADLINE_WEIGHT}, 1.0) AS score FROM {index}
        WHERE {index} MATCH ? AND substr(?, rowid, 1) = x'01' ORDER BY score DESC, rowid LIMIT ?
    """  # noqa: S608 (constants; what people write is bound)
    return connection.execute(statement, (query, rows[1:].tobytes(), limit)).fetchall()
