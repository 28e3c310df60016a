"""The ledger remembers what was indexed; the database says what is wrong with it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.database import (
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnusableError,
    DatabaseVersionError,
    open_database,
    transaction,
)
from knowledge.ledger import Ledger, Record


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'tertulia.db'}"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(url(tmp_path))
    yield engine
    await engine.dispose()


@pytest.fixture
def ledger(engine: AsyncEngine) -> Ledger:
    return Ledger(engine)


def record(path: str) -> Record:
    return Record(path, stamp="1-1", content_hash="abc", fingerprint="f")


async def known(ledger: Ledger, source: str) -> list[str]:
    return [path async for path in ledger.paths(source)]


async def test_what_was_recorded_is_known_by_source_and_path(ledger: Ledger) -> None:
    await ledger.record("a", [record("x.md"), record("y.md")])
    await ledger.record("b", [record("x.md")])
    await ledger.record("a", [])
    found = await ledger.records("a", ["x.md", "never.md"])
    assert list(found) == ["x.md"]
    assert replace(found["x.md"], recorded_at=record("x.md").recorded_at).content_hash == "abc"
    assert await known(ledger, "a") == ["x.md", "y.md"]
    assert await known(ledger, "b") == ["x.md"]


async def test_a_second_record_replaces_the_first(ledger: Ledger) -> None:
    await ledger.record("a", [record("x.md")])
    await ledger.record("a", [replace(record("x.md"), stamp="2-2", failure="It is broken.")])
    found = (await ledger.records("a", ["x.md"]))["x.md"]
    assert (found.stamp, found.failure) == ("2-2", "It is broken.")


async def test_forgotten_records_are_gone_and_only_those(ledger: Ledger) -> None:
    await ledger.record("a", [record("x.md"), record("y.md")])
    await ledger.forget("a", ["x.md"])
    assert await known(ledger, "a") == ["y.md"]


async def test_indexed_articles_are_counted_by_source(ledger: Ledger) -> None:
    await ledger.record("b", [record("x.md"), record("y.md")])
    await ledger.record("a", [record("x.md"), replace(record("never.pdf"), content_hash="")])
    await ledger.record("c", [replace(record("never.pdf"), content_hash="")])
    assert await ledger.articles() == {"a": 1, "b": 2}


async def test_thousands_of_paths_are_asked_and_listed_in_order(ledger: Ledger) -> None:
    names = [f"{number:05}.md" for number in range(4500)]
    await ledger.record("a", [record(name) for name in names])
    assert len(await ledger.records("a", names)) == 4500
    assert await known(ledger, "a") == names
    await ledger.forget("a", names)
    assert await known(ledger, "a") == []


async def test_the_ledger_outlives_the_program(tmp_path: Path) -> None:
    for expected in ([], ["x.md"]):
        engine = await open_database(url(tmp_path))
        assert await known(Ledger(engine), "a") == expected
        await Ledger(engine).record("a", [record("x.md")])
        await engine.dispose()


async def test_a_database_of_another_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    await (await open_database(url(tmp_path))).dispose()
    with sqlite3.connect(tmp_path / "tertulia.db") as connection:
        connection.execute("UPDATE tertulia_schema SET version = 99")
        connection.execute("DROP TABLE ledger")
    connection.close()
    with pytest.raises(DatabaseVersionError, match="version 99") as caught:
        await open_database(url(tmp_path))
    assert "tertulia refresh" in caught.value.what_to_do
    tables = sqlite3.connect(tmp_path / "tertulia.db")
    assert tables.execute("SELECT name FROM sqlite_master WHERE name = 'ledger'").fetchall() == []
    tables.close()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "tertulia.db").write_text("This is a letter to my mother, and no database." * 9)
    with pytest.raises(
        DatabaseUnusableError, match=r"database /.*tertulia\.db is damaged"
    ) as caught:
        await open_database(url(tmp_path))
    assert "Move it away" in caught.value.what_to_do
    with pytest.raises(DatabaseUnusableError, match="unable to open"):
        await open_database(url(tmp_path / "no" / "folder"))


@pytest.mark.parametrize("wrong", ["no address", "nosuchdatabase://x", "sqlite:///x.db"])
async def test_a_wrong_address_is_named_with_its_setting(wrong: str) -> None:
    with pytest.raises(DatabaseUnusableError) as caught:
        await open_database(wrong)
    assert "DATABASE_URL" in caught.value.what_to_do


async def test_a_full_disk_is_said_and_nothing_is_lost(engine: AsyncEngine) -> None:
    ledger = Ledger(engine)
    await ledger.record("a", [record("x.md")])
    async with engine.connect() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    many = [replace(record(f"{number}.md"), failure="y" * 500) for number in range(200)]
    with pytest.raises(DatabaseFullError) as caught:
        await ledger.record("a", many)
    assert "Free some space" in caught.value.what_to_do
    assert await known(ledger, "a") == ["x.md"]


async def test_a_lock_that_is_held_too_long_is_said(engine: AsyncEngine, tmp_path: Path) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("PRAGMA busy_timeout = 50"))
    other = sqlite3.connect(tmp_path / "tertulia.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusyError, match="locked"):
        await Ledger(engine).record("a", [record("x.md")])
    other.execute("ROLLBACK")
    other.close()
    await Ledger(engine).record("a", [record("x.md")])


async def test_a_transaction_that_fails_keeps_nothing(engine: AsyncEngine) -> None:
    async def half() -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("DELETE FROM ledger"))
            raise asyncio.CancelledError

    await Ledger(engine).record("a", [record("x.md")])
    with pytest.raises(asyncio.CancelledError):
        await half()
    assert await known(Ledger(engine), "a") == ["x.md"]
