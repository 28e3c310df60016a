"""Chunks, questions and a stubborn writer, for the tests of every `ChunkStore`."""

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import rmtree

import numpy as np
import pytest

from knowledge.articles import EVERYONE, Audience, Chunk
from knowledge.stores import ChunkStore, Hit, LegName, Probe, Vector

DIMENSIONS = 4
ANYBODY = Audience.of(EVERYONE)
PROJECT = Path(__file__).parents[2]


def chunk(
    name: str, text: str, language: str = "en", audience: Audience = ANYBODY, article: str = ""
) -> Chunk:
    """A chunk that is an article of its own, unless it is told otherwise."""
    return Chunk(
        id=name,
        article=article or f"article-of-{name}",
        position=0,
        title="",
        text=text,
        language=language,
        audience=audience,
    )


def unit(place: int) -> Vector:
    """The vector that is 1 at this place and 0 elsewhere."""
    vector: Vector = np.eye(DIMENSIONS, dtype=np.float32)[place]
    return vector


def version_of_article(number: int) -> list[Chunk]:
    """Twenty chunks that all say which version of the article they belong to."""
    return [
        Chunk(
            id=f"{number}-{position}",
            article="changing",
            position=position,
            title="Changing",
            text=f"version {number} paragraph {position}",
            language="en",
            audience=ANYBODY,
        )
        for position in range(20)
    ]


async def write_for_ever(open_store: Callable[[], Awaitable[ChunkStore]]) -> None:
    """Replace one article again and again, until somebody kills this process."""
    store = await open_store()
    for number in itertools.count():
        await store.replace(["changing"], version_of_article(number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


async def hits(
    store: ChunkStore,
    question: str,
    *,
    language: str = "en",
    reader: Audience = ANYBODY,
    vector: Vector | None = None,
    name: LegName = "words",
    own: bool = True,
    limit: int = 50,
) -> tuple[Hit, ...]:
    """What one leg found."""
    legs = await store.search(Probe(question, language, vector), reader=reader, limit=limit)
    found = [leg.hits for leg in legs if (leg.name, leg.own_language) == (name, own)]
    assert len(found) <= 1
    return found[0] if found else ()


async def ids(
    store: ChunkStore,
    question: str,
    *,
    language: str = "en",
    reader: Audience = ANYBODY,
    vector: Vector | None = None,
    name: LegName = "words",
    own: bool = True,
) -> list[str]:
    """The ids of the chunks that one leg found, best first."""
    found = await hits(
        store, question, language=language, reader=reader, vector=vector, name=name, own=own
    )
    return [hit.chunk.id for hit in found]


class OpensStores:
    """Opens the store of a test, here and in a second process."""

    opening = ""
    """Python for another process: defines `async def open_store()` for `{folder}`."""

    folder: Path

    @pytest.fixture(autouse=True)
    def _own_folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "store"

    async def open_store(self) -> ChunkStore:
        """The store of this test; opened again it holds what it held."""
        raise NotImplementedError

    async def destroy_store(self) -> None:
        """Remove the store of this test, closed by now, with all that it holds."""
        await asyncio.to_thread(rmtree, self.folder)

    @asynccontextmanager
    async def opened(self, *chunks: Chunk) -> AsyncIterator[ChunkStore]:
        """The store of this test with these chunks, closed at the end."""
        store = await self.open_store()
        try:
            if chunks:
                await store.replace(sorted({each.article for each in chunks}), chunks)
            yield store
        finally:
            await store.close()

    @asynccontextmanager
    async def another_writer(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """A second process that replaces an article for ever; it has done so at least once."""
        program = "\n".join(
            (
                "import asyncio",
                "from tests.contracts.stored_chunks import write_for_ever",
                self.opening.format(folder=str(self.folder)),
                "asyncio.run(write_for_ever(open_store))",
            )
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            assert await process.stdout.readline()
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()
