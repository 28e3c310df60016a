"""The relational database: one engine for ledger and history, and its errors in our words."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Integer, MetaData, String, Table, event, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from knowledge.errors import OperatorError, TransientError

METADATA = MetaData()
SCHEMA_VERSION = 1
_VERSION = Table("tertulia_schema", METADATA, Column("version", Integer, primary_key=True))
_IDENTITY = Table(
    "tertulia_identity",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
)
_LOCK_WAIT_S = 30


class DatabaseVersionError(OperatorError):
    """The database was written by another version of Tertulia."""


class DatabaseFullError(OperatorError):
    """There is no room to write; nothing of the transaction was kept."""


class DatabaseUnusableError(OperatorError):
    """The database cannot be opened, read or written."""


class DatabaseBusyError(TransientError):
    """Somebody else is writing and did not finish in time."""


async def open_database(url: str) -> AsyncEngine:
    """Open the database, creating what is missing in it.

    Args:
        url: as SQLAlchemy writes it, for instance `sqlite+aiosqlite:////folder/tertulia.db`.

    Raises:
        DatabaseVersionError: another version wrote it; nothing in it was changed.
        DatabaseUnusableError: it cannot be opened.
    """
    try:
        engine = create_async_engine(url)
    except (SQLAlchemyError, ImportError) as error:
        raise DatabaseUnusableError(
            f"The database address is not one that I can use: {error}",
            what_to_do="Correct DATABASE_URL (it needs an asynchronous driver that is installed), "
            "or leave it out to use a file in the home folder.",
        ) from error
    try:
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            await asyncio.to_thread(_try_file, engine.url.database or ":memory:")
        await _ensure_schema(engine)
    except sqlite3.DatabaseError as error:
        raise _translated(error, _place(engine)) from error
    except BaseException:
        await engine.dispose()
        raise
    return engine


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection whose work is kept as a whole or not at all.

    Raises:
        DatabaseFullError, DatabaseBusyError, DatabaseUnusableError: nothing was kept.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except DatabaseError as error:
        raise _translated(error.orig or error, _place(engine)) from error


def upsert(table: Table, engine: AsyncEngine) -> Any:  # noqa: ANN401 (each dialect has a type of its own)
    """An insert that takes the place of a row with the same key."""
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    values = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


async def identity(engine: AsyncEngine) -> str:
    """A random name that belongs to this database for as long as it lasts."""
    row = {"id": 1, "name": uuid4().hex}
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    async with transaction(engine) as connection:
        # Another process may have been quicker; the first name stays.
        await connection.execute(dialect.insert(_IDENTITY).on_conflict_do_nothing(), [row])
        return str(await connection.scalar(select(_IDENTITY.c.name)))


async def check_file(path: Path) -> None:
    """Look through a database file without changing it.

    Raises:
        DatabaseUnusableError: it is damaged, or cannot be opened.
    """
    try:
        found = await asyncio.to_thread(_quick_check, path)
    except sqlite3.DatabaseError as error:
        raise _translated(error, str(path)) from error
    if found != "ok":
        raise _translated(sqlite3.DatabaseError(f"malformed: {found}"), str(path))


def _quick_check(path: Path) -> str:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 (a driver's own connection)
    """Readers do not wait for the writer; the writer waits for another one."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={_LOCK_WAIT_S * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _try_file(path: str) -> None:
    """Open and read a database file once, alone.

    A failure inside aiosqlite leaves a thread that speaks to an event loop that is closed by then.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA schema_version").fetchone()


async def _ensure_schema(engine: AsyncEngine) -> None:
    """Create missing tables; a database of another version is left as it is."""
    async with transaction(engine) as connection:
        await connection.run_sync(_VERSION.create, checkfirst=True)
        version = await connection.scalar(select(_VERSION.c.version))
        if version is None:
            await connection.execute(insert(_VERSION).values(version=SCHEMA_VERSION))
        elif version != SCHEMA_VERSION:
            raise DatabaseVersionError(
                f"The database has version {version}; this Tertulia reads version {SCHEMA_VERSION}."
                f" It is {_place(engine)}.",
                what_to_do="Use the Tertulia that wrote it, or move the file away: "
                "`tertulia refresh` builds a new one from your sources.",
            )
        await connection.run_sync(METADATA.create_all)


def _place(engine: AsyncEngine) -> str:
    """The path of a file, or the address of a server."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        return engine.url.database
    return engine.url.render_as_string(hide_password=True)


def _translated(error: BaseException, where: str) -> OperatorError | TransientError:
    said = str(error).lower()
    if "not a database" in said or "malformed" in said:
        return DatabaseUnusableError(
            f"The database {where} is damaged: {error}.",
            # A log of the damaged file would be taken for the new one's.
            what_to_do=f"Move it away, with {Path(where).name}-wal and -shm where they are beside "
            "it, and run: tertulia refresh. Your sources are read anew; the conversations so far "
            "are in the file that you moved.",
        )
    if "full" in said or "no space" in said:
        return DatabaseFullError(
            f"There is no room left to write to {where}; nothing was lost.",
            what_to_do="Free some space on this disk and try again.",
        )
    if "locked" in said or "busy" in said:
        return DatabaseBusyError(
            f"Another process kept {where} locked for {_LOCK_WAIT_S} seconds.",
            what_to_do="Try again when the other refresh or server has finished its work.",
        )
    return DatabaseUnusableError(
        f"The database {where} cannot be used: {error}.",
        what_to_do="Check that the file or server exists, may be written and has room.",
    )
