"""Where a source got to, and what it keeps for itself, outlive the program."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.database import close_database, open_database
from knowledge.ledger import Ledger, Record
from knowledge.sources import Notes, NotesInMemory


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'tertulia.db'}")
    yield Ledger(engine)
    await close_database(engine)


async def test_a_cursor_counts_for_its_source_and_its_pipeline(ledger: Ledger) -> None:
    assert await ledger.cursor("a", "one") == ""
    await ledger.move_cursor("a", "17", "one")
    await ledger.move_cursor("a", "18", "one")
    await ledger.move_cursor("b", "3", "one")
    assert await ledger.cursor("a", "one") == "18"
    assert await ledger.cursor("b", "one") == "3"
    assert await ledger.cursor("a", "two") == ""
    await ledger.move_cursor("a", "2", "two")
    assert (await ledger.cursor("a", "one"), await ledger.cursor("a", "two")) == ("", "2")
    await ledger.move_cursor("a", "", "")
    assert await ledger.cursor("a", "two") == ""


async def test_what_could_not_be_read_is_listed_in_order(ledger: Ledger) -> None:
    await ledger.record("a", [Record("x", "1", "h", "f"), Record("z", "", "h", "f", "Broken.")])
    await ledger.record("a", [Record("y", "1", "", "f", "Broken, too.")])
    await ledger.record("b", [Record("other", "1", "", "f", "Broken.")])
    failures = await ledger.failures("a")
    assert [(one.path, one.failure) for one in failures] == [
        ("y", "Broken, too."),
        ("z", "Broken."),
    ]


@pytest.mark.parametrize("kept", [True, False], ids=["database", "memory"])
async def test_notes_are_kept_replaced_and_forgotten(ledger: Ledger, kept: bool) -> None:
    notes: Notes = ledger.notes("a") if kept else NotesInMemory()
    await notes.put({})
    await notes.put({"x": "1", "y": "2", "z": ""})
    await notes.put({"x": "3", "y": ""})
    assert await notes.get(["x", "y", "z", "never"]) == {"x": "3"}
    assert await notes.get([]) == {}
    many = {f"key {number}": "ñ" * number for number in range(1, 1200)}
    await notes.put(many)
    assert await notes.get(list(many)) == many


async def test_notes_of_one_source_are_none_of_another_one(ledger: Ledger) -> None:
    await ledger.notes("a").put({"x": "of a"})
    await ledger.notes("b").put({"x": "of b"})
    await ledger.notes("a").clear()
    assert await ledger.notes("a").get(["x"]) == {}
    assert await ledger.notes("b").get(["x"]) == {"x": "of b"}
