"""The ledger remembers what was indexed, in each kind of database."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.database import close_database, open_database
from knowledge.ledger import Ledger, Record


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(database_url)
    yield engine
    await close_database(engine)


@pytest.fixture
def ledger(engine: AsyncEngine) -> Ledger:
    return Ledger(engine)


def record(path: str) -> Record:
    return Record(path, stamp="1-1", content_hash="abc", fingerprint="f")


async def known(ledger: Ledger, source: str) -> list[str]:
    return [path async for path in ledger.paths(source)]


async def test_what_was_recorded_is_known_by_source_and_path(ledger: Ledger) -> None:
    kept = record("x.md")
    await ledger.record("a", [kept, record("y.md")])
    await ledger.record("b", [record("x.md")])
    await ledger.record("a", [])
    found = await ledger.records("a", ["x.md", "never.md"])
    assert list(found) == ["x.md"]
    assert found["x.md"] == kept
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


async def test_the_ledger_outlives_the_program(database_url: str) -> None:
    for expected in ([], ["x.md"]):
        engine = await open_database(database_url)
        assert await known(Ledger(engine), "a") == expected
        await Ledger(engine).record("a", [record("x.md")])
        await close_database(engine)


async def test_failures_and_cursors_are_kept_by_source(ledger: Ledger) -> None:
    await ledger.record("a", [record("x.md"), replace(record("y.md"), failure="It is\0 broken.")])
    assert [one.failure for one in await ledger.failures("a")] == ["It is broken."]
    assert await ledger.failures("b") == []
    assert await ledger.cursor("a", "f") == ""
    for cursor in ("2024-05-02", "2024-05-03"):
        await ledger.move_cursor("a", cursor, "f")
    assert await ledger.cursor("a", "f") == "2024-05-03"
    assert await ledger.cursor("a", "another pipeline") == await ledger.cursor("b", "f") == ""


async def test_notes_are_kept_replaced_and_forgotten(ledger: Ledger) -> None:
    notes, others = ledger.notes("a"), ledger.notes("b")
    await notes.put({"x": "1", "y": "2"})
    await others.put({"x": "other"})
    await notes.put({"x": "3", "y": ""})
    assert await notes.get(["x", "y", "never"]) == {"x": "3"}
    await notes.clear()
    assert await notes.get(["x"]) == {}
    assert await others.get(["x"]) == {"x": "other"}
