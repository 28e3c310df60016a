"""Chunks become database rows and back."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from knowledge import words
from knowledge.articles import Audience, Chunk

_COLUMNS = """
    SELECT c.row, c.id, c.article, c.position, c.title, c.text, l.code, a.principals, c.heading,
        c.url, c.page, c.updated_at
    FROM chunks c JOIN places p ON p.row = c.row
    JOIN languages l ON l.id = p.language JOIN audiences a ON a.id = p.audience
"""
_AMONG = "(SELECT value FROM json_each(?))"


def chunks_in_rows(connection: sqlite3.Connection, rows: Iterable[int]) -> dict[int, Chunk]:
    """The chunks that stand in these rows."""
    query = f"{_COLUMNS} WHERE c.row IN {_AMONG}"
    return _read(connection, query, list(rows))


def chunks_of_articles(connection: sqlite3.Connection, articles: Iterable[str]) -> dict[int, Chunk]:
    """The chunks of these articles by row, in their order within each article."""
    query = f"{_COLUMNS} WHERE c.article IN {_AMONG} ORDER BY c.article, c.position"
    return _read(connection, query, list(articles))


def audiences_of(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Audience]:
    """Who may read each of these chunks; those that are not there are missing."""
    query = f"""
        SELECT c.id, a.principals FROM chunks c JOIN places p ON p.row = c.row
        JOIN audiences a ON a.id = p.audience WHERE c.id IN {_AMONG}
    """  # noqa: S608 (a constant)
    found = connection.execute(query, (json.dumps(list(ids)),))
    return {name: audience_of(principals) for name, principals in found}


def articles_of(connection: sqlite3.Connection, source: str) -> list[str]:
    """The ids of the articles of a source, in order."""
    query = "SELECT DISTINCT article FROM chunks WHERE article > ? AND article < ? ORDER BY article"
    return [article for (article,) in connection.execute(query, ids_between(source))]


def sources_of(connection: sqlite3.Connection) -> Iterator[str]:
    """The names of all sources that have chunks: from one to the next, whatever their size."""
    after = ""
    query = "SELECT MIN(article) FROM chunks WHERE article >= ?"
    while (first := connection.execute(query, (after,)).fetchone()[0]) is not None:
        source = first.partition(":")[0]
        yield source
        _, after = ids_between(source)


def rows_of_sources(connection: sqlite3.Connection, sources: Iterable[str]) -> list[int]:
    """The rows of all chunks of these sources."""
    query = "SELECT row FROM chunks WHERE article > ? AND article < ?"
    return [row for one in sources for (row,) in connection.execute(query, ids_between(one))]


def ids_between(source: str) -> tuple[str, str]:
    """Every id of an article of this source sorts between these two, and no other id does."""
    return f"{source}:", f"{source};"  # the sign that follows the colon


def values_of(row: int, chunk: Chunk) -> tuple[Any, ...]:
    """What the table `chunks` holds of a chunk, in the order of its columns."""
    heading = json.dumps(chunk.heading, ensure_ascii=False)
    updated_at = chunk.updated_at.isoformat() if chunk.updated_at else None
    place = (row, chunk.id, chunk.article, chunk.position)
    return (*place, chunk.title, chunk.text, heading, chunk.url, chunk.page, updated_at)


def terms_of(row: int, chunk: Chunk) -> tuple[int, str, str]:
    """What a word index holds of a chunk; the same chunk always gives the same terms."""
    headline = words.index_terms(" ".join((chunk.title, *chunk.heading)), chunk.language)
    text = words.index_terms(chunk.text, chunk.language)
    return row, " ".join(headline), " ".join(text)


def principals_of(audience: Audience) -> str:
    """An audience as it is stored."""
    return json.dumps(sorted(audience.principals), ensure_ascii=False)


@lru_cache(maxsize=4096)
def audience_of(principals: str) -> Audience:
    """A stored audience."""
    return Audience(frozenset(json.loads(principals)))


def _read(connection: sqlite3.Connection, query: str, among: Sequence[Any]) -> dict[int, Chunk]:
    return dict(_chunk(found) for found in connection.execute(query, (json.dumps(among),)))


def _chunk(found: tuple[Any, ...]) -> tuple[int, Chunk]:
    row, name, article, position, title, text, language, principals, *more = found
    heading, url, page, updated_at = more
    return row, Chunk(
        id=name,
        article=article,
        position=position,
        title=title,
        text=text,
        language=language,
        audience=audience_of(principals),
        heading=() if heading == "[]" else tuple(json.loads(heading)),
        url=url,
        page=page,
        updated_at=datetime.fromisoformat(updated_at) if updated_at else None,
    )
