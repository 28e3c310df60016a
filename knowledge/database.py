"""The relational database: one engine for ledger, notes and history, and its schema."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    URL,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    event,
    select,
    update,
)
from sqlalchemy import exc as sql_errors
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from knowledge import schema
from knowledge.database_address import FILE_FORM, FORM, DatabaseAddressError, parsed, shown
from knowledge.database_errors import (
    LOCK_WAIT_S,
    DatabaseUnusableError,
    translated,
)
from knowledge.schema import METADATA, VERSION
from knowledge.sqlite_driver import Connections

_IDENTITY = Table(
    "tertulia_identity",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
)
_CONNECT_S = 10
_CLOSE_S = 5
_LOOK_AGAIN_S = 0.01
_CONNECTIONS = "tertulia_connections"  # where an engine for SQLite keeps who makes its connections
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}


def own_address(text: str) -> URL:
    """The address of our own database, as people write it, with the driver that we speak to it.

    Raises:
        DatabaseAddressError: it is no address, or of a kind that we keep nothing in.
    """
    url = parsed(text)
    kind = url.get_backend_name()
    if kind not in _DRIVERS:
        raise DatabaseAddressError(
            f"Tertulia keeps nothing of its own in a database of the kind '{kind}'.",
            what_to_do=f"Right: {FORM} or {FILE_FORM}.",
        )
    return url.set(drivername=_DRIVERS[kind])


def file_of(address: str) -> Path | None:
    """The file of a database that is one; None where a server has it."""
    url = own_address(address)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


async def open_database(address: str) -> AsyncEngine:
    """Open the database, creating what is missing in it; several processes may do so at once.

    Args:
        address: as people write it: `sqlite:////folder/tertulia.db`, or
            `postgresql://user:password@host/database`.

    Raises:
        DatabaseAddressError: it is no address that we can use.
        DatabaseVersionError: another version wrote it; nothing in it was changed.
        DatabaseUnusableError, DatabaseAwayError, DatabaseBusyError: it cannot be opened.
    """
    url = own_address(address)
    engine = _engine(url)
    try:
        if engine.dialect.name == "sqlite":
            await asyncio.to_thread(_try_file, url.database or "")
        await _ensure_schema(engine)
    except sqlite3.DatabaseError as error:
        raise translated(error, url) from error
    except BaseException:
        await close_database(engine)
        raise
    return engine


async def close_database(engine: AsyncEngine) -> None:
    """Close the database, once those who were interrupted have given their connections back."""
    pool = engine.pool
    for _ in range(round(_CLOSE_S / _LOOK_AGAIN_S)):
        if not (isinstance(pool, QueuePool) and pool.checkedout()):
            break
        await asyncio.sleep(_LOOK_AGAIN_S)
    await engine.dispose()
    connections = engine.get_execution_options().get(_CONNECTIONS)
    if isinstance(connections, Connections):
        await connections.ended(_CLOSE_S)


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection whose work is kept as a whole or not at all.

    Raises:
        DatabaseFullError, DatabaseBusyError, DatabaseAwayError, DatabaseUnusableError: nothing
            was kept.
    """
    with in_our_words(engine):
        async with engine.begin() as connection:
            yield connection


@contextmanager
def in_our_words(engine: AsyncEngine) -> Iterator[None]:
    """What goes wrong with the database meanwhile, as our errors; for libraries that use it, too.

    Raises:
        DatabaseFullError, DatabaseBusyError, DatabaseAwayError, DatabaseUnusableError: it did.
    """
    try:
        yield
    except sql_errors.DBAPIError as error:
        raise translated(error.orig or error, engine.url) from error
    except sql_errors.TimeoutError as error:  # all connections of this process are in use
        raise translated(error, engine.url) from error


async def make_tables(engine: AsyncEngine, metadata: MetaData) -> None:
    """Create missing tables that are not ours alone: a library wants them so; as often as wanted.

    Several processes may do so at once.
    """
    async with transaction(engine) as connection:
        await schema.alone(connection)
        await connection.run_sync(metadata.create_all)


async def close_to_others(engine: AsyncEngine) -> None:
    """Let nobody but the user of this process open the database, where it is a file of theirs."""
    if engine.dialect.name == "sqlite":
        await asyncio.to_thread(_close_to_others, engine.url.database or "")


def _close_to_others(path: str) -> None:
    for file in (path, f"{path}-wal", f"{path}-shm"):
        with suppress(FileNotFoundError, PermissionError):
            Path(file).chmod(0o600)


async def described(engine: AsyncEngine) -> str:
    """Where the database is, of which kind and version, in one line.

    Raises:
        DatabaseUnusableError: it cannot be written.
    """
    async with transaction(engine) as connection:
        await connection.execute(update(VERSION).values(version=VERSION.c.version))
        ours = await connection.scalar(select(VERSION.c.version))
        numbers = connection.dialect.server_version_info or ()
    version = ".".join(map(str, numbers))
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine.dialect.name]
    return f"{shown(engine.url)} can be read and written ({kind} {version}, schema {ours})"


def upsert(table: Table, engine: AsyncEngine) -> Any:  # noqa: ANN401 (each dialect has a type of its own)
    """An insert that takes the place of a row with the same key."""
    statement = _dialect(engine).insert(table)
    keys = [column.name for column in table.primary_key]
    values = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


def insert_missing(table: Table, engine: AsyncEngine) -> Any:  # noqa: ANN401 (each dialect has a type of its own)
    """An insert that leaves a row with the same key as it is."""
    return _dialect(engine).insert(table).on_conflict_do_nothing()


async def identity(engine: AsyncEngine) -> str:
    """A random name that belongs to this database for as long as it lasts."""
    row = {"id": 1, "name": uuid4().hex}
    async with transaction(engine) as connection:
        # Another process may have been quicker; the first name stays.
        await connection.execute(insert_missing(_IDENTITY, engine), [row])
        return str(await connection.scalar(select(_IDENTITY.c.name)))


def _dialect(engine: AsyncEngine) -> Any:  # noqa: ANN401 (a module)
    return postgresql if engine.dialect.name == "postgresql" else sqlite


async def check_file(path: Path) -> None:
    """Look through a database file without changing it.

    Raises:
        DatabaseUnusableError: it is damaged, or cannot be opened.
    """
    try:
        found = await asyncio.to_thread(_quick_check, path)
    except sqlite3.DatabaseError as error:
        raise translated(error, _file(path)) from error
    if found != "ok":
        raise translated(sqlite3.DatabaseError(f"malformed: {found}"), _file(path))


def _quick_check(path: Path) -> str:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])


def _engine(url: URL) -> AsyncEngine:
    """The engine, not connected yet."""
    if url.get_backend_name() == "sqlite":
        connections = Connections()
        engine = create_async_engine(
            url,
            connect_args={"async_creator_fn": connections},
            execution_options={_CONNECTIONS: connections},
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "invalidate", _roll_back_sqlite)
        return engine
    ours = {"connect_timeout": str(_CONNECT_S), "application_name": "tertulia"}
    try:
        # A server that was restarted has closed the connections that we keep.
        engine = create_async_engine(url.set(query=ours | dict(url.query)), pool_pre_ping=True)
    except ImportError as error:
        raise DatabaseUnusableError(
            f"Python cannot speak to PostgreSQL here: {error}.",
            what_to_do="Install the driver: pip install 'psycopg[binary]'",
        ) from error
    event.listen(engine.sync_engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 (a driver's own connection)
    """Readers do not wait for the writer; the writer waits for another one."""
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={LOCK_WAIT_S * 1000}", "journal_mode=WAL", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _roll_back_sqlite(connection: Any, _record: object, _error: object) -> None:  # noqa: ANN401 (a driver's own connection)
    """End what a cancelled task has begun, before its connection is closed.

    SQLite closes a connection only when its last statement is gone, which those that return rows
    outlive: until then the file would stay locked, for everybody.
    """
    connection.rollback()


def _prepare_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401 (a driver's own connection)
    """Nobody waits for a lock for ever."""
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{LOCK_WAIT_S}s'")
    cursor.close()
    connection.commit()  # what is set in a transaction that is rolled back is not set


def _try_file(path: str) -> None:
    """Open and read a database file once, alone.

    A failure inside aiosqlite leaves a thread that speaks to an event loop that is closed by then.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA schema_version").fetchone()


async def _ensure_schema(engine: AsyncEngine) -> None:
    """Create what is missing; a database of another version is left as it is."""
    async with transaction(engine) as connection:
        if await connection.run_sync(schema.is_complete):
            return
    async with transaction(engine) as connection:
        await schema.complete(connection)


def _file(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))
