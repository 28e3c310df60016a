"""The embedded store keeps the contract, and says clearly when its files are not right."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest

from knowledge.sqlite import (
    DiskFullError,
    StoreBusyError,
    StoreCorruptError,
    StoreVersionError,
)
from knowledge.stores import ChunkStore, Probe
from knowledge.stores.embedded import EmbeddedStore
from knowledge.vectors import VectorSizeError
from tests.contracts.chunk_store_contract import ChunkStoreContract
from tests.contracts.stored_chunks import ANYBODY, DIMENSIONS, PROJECT, chunk, hits, ids, unit


async def open_store(folder: Path) -> EmbeddedStore:
    return await EmbeddedStore.open(folder, dimensions=DIMENSIONS, model="test:model")


class TestEmbeddedStore(ChunkStoreContract):
    opening = (
        "from pathlib import Path\n"
        "from tests.knowledge.test_embedded_store import open_store as opened\n"
        "async def open_store():\n    return await opened(Path({folder!r}))"
    )

    async def open_store(self) -> ChunkStore:
        return await open_store(self.folder)

    async def test_a_place_that_became_free_is_used_again(self) -> None:
        async with self.opened(*(chunk(str(n), f"leave {n}") for n in range(9))) as store:
            for round_ in range(9):
                await store.replace(["x"], [chunk(f"x{round_}", f"x {round_}", article="x")])
            assert await ids(store, "x") == ["x8"]
            assert (await store.state()).chunks == 10
        with sqlite3.connect(self.folder / "store.sqlite") as connection:
            (highest,) = connection.execute("SELECT max(row) FROM places").fetchone()
        connection.close()
        assert highest <= 11

    async def test_sketches_of_a_version_that_is_gone_are_not_missed(self) -> None:
        one = chunk("1", "leave")
        async with self.opened(one) as store:
            await store.add_sketches("", {})
            await store.add_sketches("a", {one.text_hash: unit(0)})
            await store.use_sketches("a")
        for path in (self.folder / "sketches").iterdir():
            path.unlink()
        async with self.opened() as store:
            probe = Probe("leave", "en", sketch=unit(0), sketch_version="a")
            found = await store.search(probe, reader=ANYBODY, limit=3)
            assert [leg.name for leg in found] == ["words", "words"]
            assert (await store.state()).sketched == 0


async def test_vectors_of_two_models_are_kept_apart(tmp_path: Path) -> None:
    one = chunk("1", "leave")
    first = await EmbeddedStore.open(tmp_path, dimensions=4, model="a/b")
    await first.replace([one.article], [one])
    await first.add_vectors({one.text_hash: unit(0)})
    second = await EmbeddedStore.open(tmp_path, dimensions=2, model="a-b")
    assert (await second.state()).embedded == 0
    assert (await first.state()).embedded == 1
    await first.close()
    await second.close()


async def test_a_question_with_a_vector_of_another_length_is_refused(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await store.replace(["article-of-1"], [chunk("1", "leave")])
    with pytest.raises(VectorSizeError, match="store's have 4"):
        await hits(store, "leave", vector=unit(0)[:2])
    await store.close()


async def test_a_store_of_another_version_is_named_and_not_touched(tmp_path: Path) -> None:
    await (await open_store(tmp_path)).close()
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreVersionError, match="has format 99") as caught:
        await open_store(tmp_path)
    assert "refresh --full" in caught.value.what_to_do
    assert path.read_bytes() == before


async def test_a_store_without_an_identity_is_given_one_when_it_opens(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await store.replace(["article-of-1"], [chunk("1", "leave")])
    await store.write(
        lambda connection: connection.execute("DELETE FROM about WHERE name = 'identity'")
    )
    await store.close()
    store = await open_store(tmp_path)
    assert len(await store.identity()) == 32
    assert await ids(store, "leave") == ["1"]
    await store.close()


async def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"no database at all" * 99)
    with pytest.raises(StoreCorruptError, match=r"store\.sqlite is damaged"):
        await open_store(tmp_path)


async def test_words_of_older_rules_are_indexed_again_when_the_store_opens(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await store.replace(["article-of-1"], [chunk("1", "thirty days of leave")])
    await store.write(_forget_words)
    assert await ids(store, "leave") == []
    with pytest.raises(StoreVersionError, match="rebuilt by another version"):
        await store.replace(["article-of-1"], [])
    await store.close()
    store = await open_store(tmp_path)
    assert await ids(store, "leave") == ["1"]
    await store.close()


def _forget_words(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO words_en (words_en) VALUES ('delete-all')")
    connection.execute("UPDATE about SET value = 'old rules' WHERE name = 'words'")


async def test_a_writer_that_waits_too_long_says_so(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await store.write(lambda connection: None)
    other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
    store._writer.execute("PRAGMA busy_timeout = 10")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError, match="Another process") as caught:
        await store.replace(["a"], [chunk("1", "leave", article="a")])
    assert "try again" in caught.value.what_to_do
    other.execute("ROLLBACK")
    other.close()
    await store.replace(["a"], [chunk("1", "leave", article="a")])
    assert await ids(store, "leave") == ["1"]
    await store.close()


async def test_a_full_disk_loses_nothing_and_is_named(tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await store.replace(["a"], [chunk("1", "leave", article="a")])
    store._writer.execute("PRAGMA max_page_count = 40")
    texts = [chunk(f"{n}", "leave " * 999 + str(n), article="a") for n in range(99)]
    with pytest.raises(DiskFullError, match="is full"):
        await store.replace(["a"], texts)
    assert await ids(store, "leave") == ["1"]
    await store.close()


async def test_a_moment_that_is_older_than_what_was_seen_already_is_not_used(
    tmp_path: Path,
) -> None:
    store = await open_store(tmp_path)
    with store._moments.now() as before:
        await store.replace(["article-of-1"], [chunk("1", "leave")])
        assert await ids(store, "leave") == ["1"]
        assert store._moments._seen(before.connection) is None
    assert await ids(store, "leave") == ["1"]
    await store.close()


async def test_importing_the_store_does_not_load_haystack() -> None:
    program = "import sys, knowledge.stores.embedded; sys.exit('haystack' in sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=PROJECT)
    assert await process.wait() == 0
