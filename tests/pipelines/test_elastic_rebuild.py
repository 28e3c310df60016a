"""A new version of an index is built while people read the old one, whatever happens meanwhile."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.database import close_database, open_database
from knowledge.ledger import Ledger
from knowledge.sources.files import build
from knowledge.stores import ChunkStore
from knowledge.stores.elastic import ElasticIndexes, Shape, compared
from pipelines.indexing import Wish, refresh
from tests.contracts.stored_chunks import PROJECT, hits, unit
from tests.knowledge import documents
from tests.knowledge.test_elastic_store import SHAPE, indexes

FILES = 200
OLD = replace(SHAPE, pipeline="old chunker")
NEW = replace(SHAPE, pipeline="new chunker")
REBUILD = """
import asyncio, sys
from pathlib import Path
from pipelines.indexing import Wish
from tests.pipelines.test_elastic_rebuild import rebuilt

def told(report):
    print(report.found, flush=True)

asyncio.run(rebuilt(sys.argv[1], Path(sys.argv[2]), Wish(fingerprint="new", progress=told)))
"""


async def rebuilt(url: str, home: Path, wish: Wish) -> None:
    """Refresh into the version that the new chunker wants."""
    async with opened(url, home, NEW) as (found, ledger):
        source = build(name="docs", path=home / "docs", audience=Audience.of("everyone"))
        await refresh(source, store=await found.next(), ledger=ledger, wish=wish)


@asynccontextmanager
async def opened(
    url: str, home: Path, shape: Shape
) -> AsyncIterator[tuple[ElasticIndexes, Ledger]]:
    found = indexes(url, home, shape)
    engine = await open_database(f"sqlite+aiosqlite:///{home / 'tertulia.db'}")
    try:
        yield found, Ledger(engine)
    finally:
        await found.close()
        await close_database(engine)


@pytest.fixture
async def home(elasticsearch_url: str, tmp_path: Path) -> AsyncIterator[Path]:
    """A team whose files are all in the old version of its index."""
    texts: dict[str, str | bytes] = {
        f"{n:03}.md": f"# Note {n}\n\nThe old rule number{n}." for n in range(FILES)
    }
    documents.write(tmp_path / "docs", texts)
    async with opened(elasticsearch_url, tmp_path, OLD) as (found, ledger):
        source = build(name="docs", path=tmp_path / "docs", audience=Audience.of("everyone"))
        store = await found.live()
        await refresh(source, store=store, ledger=ledger, wish=Wish(fingerprint="old"))
        await embed(store)
        yield tmp_path
        await found.remove()


async def embed(store: ChunkStore) -> None:
    while waiting := await store.without_vector(500):
        await store.add_vectors({chunk.text_hash: unit(0) for chunk in waiting})


async def test_a_rebuild_that_is_killed_at_any_batch_leaves_the_old_version_serving(
    elasticsearch_url: str, home: Path
) -> None:
    command = [sys.executable, "-c", REBUILD, elasticsearch_url, str(home)]
    for batches in (0, 1, 2, 3):
        process = await asyncio.create_subprocess_exec(
            *command, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout
        for _ in range(batches):
            assert await process.stdout.readline()
        process.kill()
        await process.communicate()
        await the_old_version_serves(elasticsearch_url, home)
    await rebuilt(elasticsearch_url, home, Wish(fingerprint="new"))
    await the_old_version_serves(elasticsearch_url, home)
    async with opened(elasticsearch_url, home, NEW) as (found, _):
        old, new = await found.live(), await found.next()
        # The same texts: their vectors were known, and nothing had to be embedded again.
        assert (await compared(old, new)).is_ready
        await found.swap(new)
        live = await found.live()
        assert live.index == new.index
        assert len(await live.articles("docs")) == FILES


async def the_old_version_serves(url: str, home: Path) -> None:
    async with opened(url, home, OLD) as (found, _):
        live = await found.live()
        assert live.index.endswith("-v1")
        assert len(await live.articles("docs")) == FILES
        state = await live.state()
        assert (state.chunks, state.embedded) == (FILES, FILES)
        (first, *_) = await hits(live, "rule number17")
        assert first.chunk.article == "docs:017.md"


async def test_readers_see_the_old_version_or_the_new_one_and_never_both_or_none(
    elasticsearch_url: str, home: Path
) -> None:
    documents.write(
        home / "docs", {f"{n:03}.md": f"# Note {n}\n\nThe new rule {n}." for n in range(FILES)}
    )
    async with opened(elasticsearch_url, home, NEW) as (found, ledger):
        done = asyncio.Event()
        reading = asyncio.create_task(read_until(done, elasticsearch_url, home))
        source = build(name="docs", path=home / "docs", audience=Audience.of("everyone"))
        new = await found.next()
        await refresh(source, store=new, ledger=ledger, wish=Wish(fingerprint="new"))
        await embed(new)
        await found.swap(new)
        done.set()
        seen = await reading
    assert [said for said, _ in seen] == sorted((said for said, _ in seen), reverse=True)
    assert {said for said, _ in seen} == {"old", "new"}
    assert {count for _, count in seen} == {100}


async def read_until(done: asyncio.Event, url: str, home: Path) -> list[tuple[str, int]]:
    """What a reader sees who asks all the time: old or new, and how many chunks."""
    seen: list[tuple[str, int]] = []
    async with opened(url, home, OLD) as (found, _):
        is_last = False
        while not is_last:
            is_last = done.is_set()
            answers = await hits(await found.live(), "rule", limit=100)
            (said,) = {hit.chunk.text.split()[1] for hit in answers}
            seen.append((said, len(answers)))
    return seen
