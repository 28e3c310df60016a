"""SQLite as we use it: connections with our settings, failures as our errors."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from knowledge.errors import OperatorError, TransientError

BUSY_S = 10.0
"""Seconds to wait for another process that is writing before we give up."""


class StoreBusyError(TransientError):
    """Another process was writing for longer than we wait."""


class DiskFullError(OperatorError):
    """There is no room left for what must be written."""


class DiskFailedError(OperatorError):
    """The disk refused to read or write: full, over a quota or broken."""


class StoreReadOnlyError(OperatorError):
    """A file or folder that we must write cannot be written."""


class StoreCorruptError(OperatorError):
    """A file of the store does not hold what it should."""


class StoreVersionError(OperatorError):
    """A file was written by another version of Tertulia."""


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """Open a database file; one connection may be used by several threads, one at a time.

    Raises:
        StoreCorruptError: it is no database.
        StoreReadOnlyError: it cannot be opened.
    """
    with translated(path), ExitStack() as undone:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}",
            uri=True,
            timeout=BUSY_S,
            isolation_level=None,  # transactions begin where we say so
            check_same_thread=False,
        )
        undone.callback(connection.close)
        if not readonly:
            connection.execute("PRAGMA journal_mode = WAL")  # readers never wait for the writer
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -32768")  # 32 MiB: a batch is written once
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        undone.pop_all()
    return connection


@contextmanager
def writing(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """All or nothing: what is executed inside is committed together or not at all."""
    with translated(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


@contextmanager
def reading(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """One moment of the database: what others commit meanwhile is not seen inside."""
    with translated(path):
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("COMMIT")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite or the file system says about this file into our errors."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise  # a mistake of ours, not of the file
    except sqlite3.DatabaseError as error:
        raise _ours(error, path) from error
    except OSError as error:
        raise _ours_of_system(error, path) from error


def set_format(connection: sqlite3.Connection, path: Path, *, version: int, schema: str) -> None:
    """Create the tables in a new file; refuse a file of another version and leave it untouched."""
    with translated(path):
        found = _version_of(connection)
    if found == 0:
        with writing(connection, path):
            if _version_of(connection) == 0:  # nobody was quicker
                for statement in schema.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version}")
        return
    if found != version:
        raise StoreVersionError(
            f"{path} has format {found}; this Tertulia reads format {version}. It was not touched.",
            what_to_do="Use the version of Tertulia that wrote it, or move the file away and run "
            "`tertulia refresh --full`.",
        )


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _ours(error: sqlite3.DatabaseError, path: Path) -> OperatorError | TransientError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusyError(
            f"Another process has been writing to {path} for more than {BUSY_S:.0f} seconds.",
            what_to_do="Wait until the other `tertulia refresh` has ended, then try again.",
        )
    if name.startswith("SQLITE_FULL"):
        return _full(path)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return _read_only(path)
    if name.startswith("SQLITE_IOERR"):
        return DiskFailedError(
            f"The disk did not let {path} be read or written: {error}.",
            what_to_do="Check that it has room and works, then run the same command again.",
        )
    return StoreCorruptError(
        f"{path} is damaged: {error}.",
        what_to_do="Restore it from a backup, or move it away and run `tertulia refresh --full`.",
    )


def _ours_of_system(error: OSError, path: Path) -> OperatorError:
    return _full(path) if error.errno in {errno.ENOSPC, errno.EDQUOT} else _read_only(path)


def _full(path: Path) -> DiskFullError:
    return DiskFullError(
        f"The disk that holds {path} is full. What was kept before is safe.",
        what_to_do="Make room and run the same command again; it goes on where it stopped.",
    )


def _read_only(path: Path) -> StoreReadOnlyError:
    return StoreReadOnlyError(
        f"{path} cannot be opened for writing.",
        what_to_do="Give the account that runs Tertulia the right to read and write this folder.",
    )
