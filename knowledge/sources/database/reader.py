"""Reads from any SQL database without ever changing it: drivers, transactions, streams."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, Select, create_engine, event
from sqlalchemy.exc import NoSuchModuleError

from knowledge.errors import UsageError

ROWS_AT_ONCE = 100
_CONNECT_S = 10
_STEPS = 10_000  # of SQLite between two looks at the clock
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_PACKAGES = {"psycopg": "psycopg[binary]", "MySQLdb": "mysqlclient"}
_BEGINNINGS = {
    "postgresql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        "SET LOCAL statement_timeout = {ms}",
        "SET LOCAL DateStyle = 'ISO'",  # the only one that the driver reads
    ),
    "mysql": ("SET SESSION max_execution_time = {ms}", "START TRANSACTION READ ONLY"),
    "mariadb": ("SET SESSION max_statement_time = {s}", "START TRANSACTION READ ONLY"),
    "oracle": ("SET TRANSACTION READ ONLY",),
}
"""What a transaction begins with, so that nothing can be changed and nothing takes for ever."""


class DriverError(UsageError):
    """Python cannot speak to this kind of database here."""


class Reader:
    """One database, read in one thread at a time; nothing is kept open between transactions."""

    def __init__(self, url: URL, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._deadline = 0.0
        self._busy: Any = None
        self._engine = _engine(url, self._sqlite)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection that cannot change anything; what it tried is undone at the end."""
        self._deadline = monotonic() + self._timeout_s
        with self._engine.connect() as connection:
            words = {"s": self._timeout_s, "ms": int(self._timeout_s * 1000)}
            for statement in _BEGINNINGS.get(connection.dialect.name, ()):
                connection.exec_driver_sql(statement.format(**words))
            self._busy = connection.connection.driver_connection
            try:
                yield connection
            finally:
                self._busy = None

    def interrupt(self) -> None:
        """End the statement that is running, from any thread; what cannot be ended runs on."""
        end = getattr(self._busy, "interrupt", None) or getattr(self._busy, "cancel", None)
        if end:
            with suppress(self._engine.dialect.loaded_dbapi.Error):  # it has just ended by itself
                end()

    def streamed(
        self, connection: Connection, statement: Select[Any]
    ) -> Iterator[list[dict[str, Any]]]:
        """The rows of a statement, some at a time; the server keeps the others."""
        options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
        with connection.execute(statement, execution_options=options) as found:
            mappings = found.mappings()
            while some := mappings.fetchmany(ROWS_AT_ONCE):
                yield [dict(row) for row in some]
                self._deadline = monotonic() + self._timeout_s

    def _sqlite(self, path: str) -> sqlite3.Connection:
        """A file that is opened for reading alone; text that is none stays bytes."""
        uri = f"file:{_quoted(path)}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        connection.text_factory = _decoded
        connection.set_progress_handler(lambda: monotonic() > self._deadline, _STEPS)
        return connection


def _engine(url: URL, sqlite: Callable[[str], sqlite3.Connection]) -> Engine:
    """The engine, not connected yet.

    Raises:
        DriverError: there is no such kind of database, or its driver is not installed.
    """
    kind = url.get_backend_name()
    if kind == "sqlite":
        path = url.database or ""
        return create_engine("sqlite://", creator=lambda: sqlite(path), poolclass=NullPool)
    if "+" not in url.drivername:
        url = url.set(drivername=_DRIVERS.get(kind, kind))
    if url.drivername.endswith(("+psycopg", "+pymysql")):
        url = url.set(query={"connect_timeout": str(_CONNECT_S)} | dict(url.query))
    try:
        engine = create_engine(url, poolclass=NullPool)
    except NoSuchModuleError as error:
        raise DriverError(
            f"'{url.drivername}' is no kind of database that is known here.",
            what_to_do="Right: postgresql://..., sqlite:///..., mysql://..., mariadb://... For "
            "another kind, install its dialect for SQLAlchemy.",
        ) from error
    except ImportError as error:
        package = _PACKAGES.get(error.name or "", error.name)
        raise DriverError(
            f"The driver for {url.drivername} is not installed.",
            what_to_do=f"Install it: pip install '{package}'",
        ) from error
    if engine.driver == "psycopg":
        event.listen(engine, "connect", _prepare_psycopg, insert=True)  # SQLAlchemy reads, too
    return engine


def _prepare_psycopg(connection: Any, _record: object) -> None:  # noqa: ANN401 (a driver's own connection)
    from knowledge.sources.database.psycopg_values import register

    register(connection)


def _decoded(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
