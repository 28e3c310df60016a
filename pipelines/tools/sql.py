"""Queries of a database that an operator wrote: each becomes a tool of its own, `query_NAME`.

A small model chooses among tools with parameters of their own names and types better than it fills
one that takes the name of a query and whatever that needs: what it may write is then a schema.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from knowledge.database_address import DatabaseAddressError, parsed
from knowledge.queries import Query, QueryError, TypeName
from pipelines.tool import MOST_DESCRIBED, Caller, CannotError, Tool, tool
from pipelines.tool_schema import model_of, schema_of
from pipelines.tool_settings import Readers, Table, ToolSettings, with_secrets

PREFIX = "query_"
MOST_ROWS, LONGEST_CELL, LONGEST_TABLE = 200, 300, 3_600
LONGEST_VALUE = 500
"""Characters of a text that is asked with."""
MOST_S = 45.0
MARGIN_S = 10.0
"""To connect, besides what the database may take."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,33}")


def _address(value: object, info: ValidationInfo) -> object:
    """The address of a database, with `${NAME}` for a password, or for all of it."""
    if not isinstance(value, str):
        return value
    try:
        password = make_url(value).password or ""
    except (ArgumentError, ValueError):
        password = ""
    if password and not re.fullmatch(r"\$\{\w+\}", str(password)):
        raise ValueError("has a password in it: name the variable that it is in, ${MY_PASSWORD}")
    filled = str(with_secrets(value, info))
    try:
        parsed(filled)
    except DatabaseAddressError as error:
        raise ValueError(f"{error} {error.what_to_do}") from error
    return SecretStr(filled)


class Parameter(Table):
    """A value that the model gives."""

    type: TypeName
    description: str = ""


def _parameter(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class QueryTable(Table):
    """What `[tools.sql.queries.NAME]` may say."""

    sql: str
    description: Annotated[str, Field(min_length=10, max_length=MOST_DESCRIBED)]
    audience: Readers
    parameters: dict[str, Annotated[Parameter, BeforeValidator(_parameter)]] = Field({})

    def query(self) -> Query:
        """The query.

        Raises:
            QueryError: it is none, or its parameters are not those that it names.
        """
        return Query(self.sql, {name: one.type for name, one in self.parameters.items()})


class Sql(ToolSettings):
    """What `[tools.sql]` may say."""

    url: Annotated[SecretStr, BeforeValidator(_address)]
    most_rows: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50
    timeout_s: Annotated[float, Field(gt=0, le=MOST_S)] = 10.0
    queries: dict[str, QueryTable]

    @field_validator("queries")
    @classmethod
    def _can_be_asked(cls, queries: dict[str, QueryTable]) -> dict[str, QueryTable]:
        """Each is one SELECT, has a name, and is given just the values that it names."""
        for name, one in queries.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"'{name}' is no name: use a-z, 0-9 and _, at most 34")
            try:
                one.query()
            except QueryError as error:
                raise ValueError(f"{name}.sql: {error}. {error.what_to_do}") from error
        return queries

    def tools_instead_of(self, stand_in: Tool) -> Iterator[Tool]:
        """A tool for each query, in the place of the one that stands for all of them."""
        for name, one in self.queries.items():
            called = f"{PREFIX}{name}"
            arguments = model_of(called, _fields(one))
            yield Tool(
                name=called,
                description=one.description,
                parameters=schema_of(called, arguments),
                function=partial(_asked, self, one),
                within_s=self.timeout_s + MARGIN_S,
                origin=stand_in.origin,
                takes_caller="caller",
                arguments=arguments,
            )


@tool
def query(settings: Sql) -> str:
    """Stands for the queries of `[tools.sql]` until these are known; each becomes query_NAME."""
    raise CannotError(f"Ask one of these: {', '.join(settings.queries)}.")


def _fields(one: QueryTable) -> dict[str, tuple[Any, Any]]:
    made = one.query()
    fields: dict[str, tuple[Any, Any]] = {}
    for name, about in one.parameters.items():
        words = about.description or name.replace("_", " ")
        longest = LONGEST_VALUE if about.type == "str" else None
        hint = Annotated[made.python_type(name), Field(description=words, max_length=longest)]  # type: ignore[valid-type]  # known when the file is read
        fields[name] = (hint, ...)
    return fields


def _asked(settings: Sql, one: QueryTable, /, *, caller: Caller, **values: Any) -> str:  # noqa: ANN401 (checked by the schema)
    """The rows, as a small table in JSON."""
    if not one.audience.admits(caller.audience):
        raise CannotError("What this query gives is not for everybody who reads along here.")
    found = one.query().asked(
        settings.url.get_secret_value(),
        values,
        most_rows=settings.most_rows,
        within_s=settings.timeout_s,
    )
    return _table(found.rows, has_more=found.has_more)


def _table(rows: list[dict[str, Any]], *, has_more: bool) -> str:
    """As many rows as a model reads, and whether there are others."""
    if not rows:
        return "There are no rows."
    lines: list[str] = []
    for row in rows:
        cells = {name: _cell(value) for name, value in row.items()}
        lines.append(json.dumps(cells, ensure_ascii=False))
        if sum(map(len, lines)) > LONGEST_TABLE:
            lines.pop()
            has_more = True
            break
    if not lines:
        raise CannotError("Its rows are too long to be read.")
    more = f"\nThere are more rows than these {len(lines)}: ask for less." if has_more else ""
    return "[" + ",\n".join(lines) + "]" + more


def _cell(value: object) -> object:
    """A value as JSON has it; of a long one the beginning."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"({len(bytes(value))} bytes)"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value)
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]} …"
