"""What SQLite says becomes what people can act upon."""

import errno
import sqlite3
from pathlib import Path

import pytest

from knowledge.sqlite import (
    DiskFullError,
    StoreCorruptError,
    StoreReadOnlyError,
    connect,
    reading,
    set_format,
    translated,
    writing,
)


def test_what_fails_inside_is_undone(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.sqlite")
    set_format(connection, tmp_path, version=1, schema="CREATE TABLE t (n)")
    with pytest.raises(StoreCorruptError, match="syntax error"), writing(connection, tmp_path):
        _execute(connection, "INSERT INTO t VALUES (1)", "nonsense")
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    connection.close()


def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    writer, reader = connect(path), connect(path)
    set_format(writer, path, version=1, schema="CREATE TABLE t (n)")
    set_format(reader, path, version=1, schema="CREATE TABLE t (n)")
    with reading(reader, path):
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)
        with writing(writer, path):
            writer.execute("INSERT INTO t VALUES (1)")
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)
    assert reader.execute("SELECT count(*) FROM t").fetchone() == (1,)
    writer.close()
    reader.close()


def test_a_file_that_may_only_be_read_is_named(tmp_path: Path) -> None:
    connect(tmp_path / "x.sqlite").close()
    connection = connect(tmp_path / "x.sqlite", readonly=True)
    with (
        pytest.raises(StoreReadOnlyError, match=r"x\.sqlite cannot be opened for writing"),
        translated(tmp_path / "x.sqlite"),
    ):
        connection.execute("CREATE TABLE t (n)")
    connection.close()


def test_a_missing_file_is_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(StoreReadOnlyError, match=r"x\.sqlite"):
        connect(tmp_path / "x.sqlite", readonly=True)
    assert not (tmp_path / "x.sqlite").exists()


def test_the_system_s_word_for_a_full_disk_is_understood() -> None:
    with pytest.raises(DiskFullError, match="x is full"), translated(Path("x")):
        raise OSError(errno.EDQUOT, "quota exceeded")


def test_our_own_mistakes_are_not_blamed_on_the_file(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.sqlite")
    connection.close()
    with pytest.raises(sqlite3.ProgrammingError), writing(connection, tmp_path):
        pass


def _execute(connection: sqlite3.Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(statement)
