"""Chunks get their vectors in small batches, each text once, and may be interrupted."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.articles import Audience, Chunk
from knowledge.stores import StoreState
from knowledge.stores.embedded import EmbeddedStore
from pipelines.embedding import embed_waiting
from pipelines.models import Vectors


class LengthEmbedder:
    """Embeds a text by its length; remembers what it was asked."""

    name = "test"
    dimensions = 4

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return await self.embed_passages(texts)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(list(texts))
        rows = np.array([[len(text), 1, 1, 1] for text in texts], dtype=np.float32)
        vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return vectors


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = await EmbeddedStore.open(tmp_path, dimensions=4, model="test")
    yield store
    await store.close()


async def fill(store: EmbeddedStore, texts: Sequence[str]) -> None:
    chunks = [
        Chunk(f"{n}", f"a:{n}", 0, "", text, "en", Audience.of("everyone"))
        for n, text in enumerate(texts)
    ]
    await store.replace([chunk.article for chunk in chunks], chunks)


async def test_all_chunks_get_a_vector_in_batches(store: EmbeddedStore) -> None:
    await fill(store, [f"text {n}" for n in range(10)])
    embedder, seen = LengthEmbedder(), list[StoreState]()
    assert await embed_waiting(store, embedder, progress=seen.append, batch=4) == 10
    assert [len(batch) for batch in embedder.batches] == [4, 4, 2]
    assert [(state.embedded, state.chunks) for state in seen] == [(4, 10), (8, 10), (10, 10)]
    assert await embed_waiting(store, embedder) == 0


async def test_a_text_that_stands_twice_is_embedded_once(store: EmbeddedStore) -> None:
    await fill(store, ["same"] * 5 + ["other"])
    embedder = LengthEmbedder()
    assert await embed_waiting(store, embedder) == 2
    assert (await store.state()).embedded == 6


async def test_a_text_that_was_removed_and_comes_back_is_not_embedded_again(
    store: EmbeddedStore,
) -> None:
    await fill(store, ["text"])
    await embed_waiting(store, LengthEmbedder())
    await store.replace(["a:0"], [])
    await fill(store, ["text"])
    assert await embed_waiting(store, LengthEmbedder()) == 0


async def test_work_waits_while_somebody_asks_and_goes_on_after(store: EmbeddedStore) -> None:
    await fill(store, ["one", "two"])
    busy, embedder = [True], LengthEmbedder()
    task = asyncio.create_task(embed_waiting(store, embedder, should_pause=lambda: busy[0]))
    await asyncio.sleep(0.25)
    assert embedder.batches == []
    busy[0] = False
    assert await task == 2


async def test_cancelled_work_is_continued_where_it_ended(store: EmbeddedStore) -> None:
    await fill(store, [f"text {n}" for n in range(6)])
    stop = asyncio.Event()
    first = LengthEmbedder()
    task = asyncio.create_task(
        embed_waiting(
            store, first, batch=2, progress=lambda _: stop.set(), should_pause=stop.is_set
        )
    )
    await stop.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await embed_waiting(store, LengthEmbedder()) == 4
