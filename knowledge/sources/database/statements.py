"""The statements that are put to the database: a kind's query, and what stands around it."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    bindparam,
    cast,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.types import NullType

from knowledge.sources.database.kinds import Kind
from knowledge.sources.database.positions import Position

_DOUBLED_SHOWN = 3
_NUMBER = re.compile("-?[0-9]{1,18}")


def columns_of(kind: Kind) -> Select[Any]:
    """No row, but the names of the query's columns."""
    return select(literal_column("*")).select_from(_query(kind)).where(false())


def rows_since(kind: Kind, columns: Sequence[str], position: Position | None) -> Select[Any]:
    """All rows, or those from a position on, in a stable order; those without a time always."""
    query = _query(kind, columns)
    order = [query.c[kind.key]]
    if kind.is_incremental:
        order.insert(0, query.c[kind.changed])
    return select(query).where(*_since(kind, query, position)).order_by(*order)


def doubled_keys(kind: Kind, *, is_sqlite: bool) -> Select[Any]:
    """Some keys that several rows have, whenever these changed."""
    query = _query(kind, [kind.key])
    given: ColumnElement[Any] = query.c[kind.key]
    # SQLite tells 1 and '1' apart in one column; the id of an article does not.
    key = cast(given, Text) if is_sqlite else given
    found = select(key).where(given.is_not(None)).group_by(key)
    return found.having(func.count() > 1).limit(_DOUBLED_SHOWN)


def keys_of(kind: Kind) -> Select[Any]:
    """The key of every row."""
    query = _query(kind, [kind.key])
    return select(query.c[kind.key])


def row_with(kind: Kind, columns: Sequence[str], key: str, *, is_sqlite: bool) -> Select[Any]:
    """The row with a key."""
    query = _query(kind, columns)
    # Text that is bound without a type is compared as what the column is. SQLite does not do so
    # for a column that is computed.
    keys: list[Any] = [key]
    if is_sqlite and _NUMBER.fullmatch(key):
        keys.append(int(key))
    return select(query).where(or_(*(query.c[kind.key] == _value(one) for one in keys))).limit(1)


def _since(kind: Kind, query: Subquery, position: Position | None) -> list[ColumnElement[bool]]:
    if position is None:
        return []
    changed = query.c[kind.changed]
    return [or_(changed >= _value(position.bound()), changed.is_(None))]


def _query(kind: Kind, columns: Sequence[str] = ()) -> Subquery:
    """The kind's query as a table; its colons are no parameters."""
    written = text(kind.query.replace(":", "\\:"))
    return written.columns(*(column(name) for name in columns)).subquery("tertulia_rows")


def _value(value: object) -> ColumnElement[Any]:
    return bindparam(None, value, type_=NullType(), unique=True)
