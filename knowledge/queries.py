"""Queries that an operator wrote for any SQL database: values are bound, and nothing changes."""

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    Connection,
    CursorResult,
    Date,
    DateTime,
    Float,
    Integer,
    String,
    bindparam,
    text,
)
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.types import TypeEngine

from knowledge.database_address import parsed, shown, without_password
from knowledge.errors import AskerError, OperatorError, UsageError
from knowledge.sources.database.kinds import single_select, unquoted
from knowledge.sources.database.reader import ROWS_AT_ONCE, Reader
from knowledge.sql_failures import Failure, failure_of

TypeName = Literal["str", "int", "float", "bool", "date", "datetime"]
_TYPES: Mapping[TypeName, tuple[type, type[TypeEngine[Any]]]] = {
    "str": (str, String),
    "int": (int, Integer),
    "float": (float, Float),
    "bool": (bool, Boolean),
    "date": (date, Date),
    "datetime": (datetime, DateTime),
}
_LARGEST = 2**63 - 1
# Slips, told before anybody asks. What keeps a query from changing anything is the transaction.
_WRITES = re.compile(
    r"\b(?:insert\s+into|delete\s+from|merge\s+into|update\s+[\w.'\s]+\s+set|for\s+update)\b"
    r"|\bselect\b[^()]*?\binto\b",
    re.IGNORECASE,
)


class QueryError(UsageError):
    """A query cannot be asked as it stands."""


class QueryFailedError(OperatorError):
    """The database did not answer a query; the words are for whoever runs Tertulia."""


class QueryRefusedError(AskerError):
    """The values do not fit, or the answer takes too long; the words are for whoever asks."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query gave.

    Attributes:
        rows: of each column its value, as the driver gives it.
        has_more: whether there are rows that were not read.
    """

    rows: list[dict[str, Any]]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT with `:name` where a value belongs.

    Attributes:
        types: of its values, by their names.
    """

    sql: str
    types: Mapping[str, TypeName]

    def __post_init__(self) -> None:
        """Refuse what is not one SELECT, and values that are not named on both sides.

        Raises:
            QueryError: says what is wrong.
        """
        written = single_select(self.sql)
        if not written or _WRITES.search(unquoted(written)):
            raise QueryError(
                "is not one single SELECT that only reads",
                what_to_do="Write one SELECT (it may begin with WITH), and no other statement.",
            )
        named = set(text(written).compile().params)
        for wrong in sorted(named ^ self.types.keys()):
            where = "is not among its parameters" if wrong in named else "does not stand in it"
            raise QueryError(
                f":{wrong} {where}",
                what_to_do=f'Write :{wrong} into the query, and parameters.{wrong} = "str" below;'
                " a colon that is none is written \\:",
            )

    def python_type(self, name: str) -> type:
        """The type of a value."""
        return _TYPES[self.types[name]][0]

    def asked(
        self, url: str, values: Mapping[str, Any], *, most_rows: int, within_s: float
    ) -> Rows:
        """Ask the database; for a thread: it blocks.

        Args:
            url: of the database, as people write it; there may be a password in it.
            values: one for each name.
            most_rows: that are read.
            within_s: seconds that the database may take.

        Raises:
            QueryRefusedError: the values do not fit, or it took too long.
            QueryFailedError: the database cannot be read, or does not understand the query.
            DatabaseAddressError, DriverError: it is no address, or its driver is missing.
        """
        address = parsed(url)
        reader = Reader(address, timeout_s=within_s)
        try:
            with reader.transaction() as connection, self._done(connection, values) as done:
                columns = _columns(done.keys())
                rows = done.fetchmany(most_rows + 1)
                found = [dict(zip(columns, row, strict=True)) for row in rows]
        except DataError as error:
            raise QueryRefusedError(
                "The database does not take these values.", what_to_do="Ask with other ones."
            ) from error
        except SQLAlchemyError as error:
            raise _explained(
                error, within_s, shown(address), without_password(str(error), address)
            ) from error
        return Rows(found[:most_rows], len(found) > most_rows)

    def _done(
        self, connection: Connection, values: Mapping[str, Any]
    ) -> AbstractContextManager[CursorResult[Any]]:
        bound = [bindparam(name, type_=_TYPES[kind][1]()) for name, kind in self.types.items()]
        statement = text(single_select(self.sql)).bindparams(*bound)
        given = {name: _bound(name, value) for name, value in values.items()}
        options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
        return connection.execute(statement, given, execution_options=options)


def _columns(names: Iterable[str]) -> list[str]:
    """The names of columns, each once: the second `id` is `id_2`."""
    given = list(names)
    found: list[str] = []
    for name in given:
        others = (f"{name}_{n}" for n in count(2))
        new = (one for one in others if one not in given and one not in found)
        found.append(next(new) if name in found else name)
    return found


def _bound(name: str, value: object) -> object:
    """A value as every driver takes it."""
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise QueryRefusedError(f"{name} is too large.", what_to_do="Ask with a smaller one.")
    if isinstance(value, str) and "\0" in value:
        raise QueryRefusedError(f"{name} has a zero character.", what_to_do="Leave it out.")
    return value


def _explained(
    error: SQLAlchemyError, within_s: float, where: str, said: str
) -> QueryRefusedError | QueryFailedError:
    if failure_of(getattr(error, "orig", None) or error) is Failure.TOO_LONG:
        return QueryRefusedError(
            f"The database took longer than {within_s:g} s.", what_to_do="Ask for less."
        )
    line = said.strip().partition("\n")[0]
    return QueryFailedError(
        f"{where} did not answer ({line}).",
        what_to_do="Try the query by hand in the same database.",
    )
