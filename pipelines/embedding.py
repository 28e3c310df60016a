"""Chunks without a vector get one, a few at a time, whenever nobody is waiting for an answer."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from knowledge.articles import Chunk
from knowledge.stores import ChunkStore, StoreState
from pipelines.models import Embedder

_FETCHED_AT_ONCE = 16  # batches; sorted by length among themselves, so that little is padded
_PAUSE_S = 0.1


async def embed_waiting(
    store: ChunkStore,
    embedder: Embedder,
    *,
    should_pause: Callable[[], bool] = lambda: False,
    progress: Callable[[StoreState], Any] = lambda _: None,
    batch: int = 16,
) -> int:
    """Embed all chunks that have no vector yet; may be cancelled or killed and run again.

    Args:
        store: the chunks and their vectors.
        embedder: the model; a store holds vectors of one model only.
        should_pause: asked before every batch; work waits while it says so.
        progress: called after every batch with what the store holds now.
        batch: chunks at once; a question that comes meanwhile waits for one batch.

    Returns:
        The number of texts embedded; chunks with the same text share one vector.
    """
    done = 0
    while waiting := _distinct(await store.without_vector(batch * _FETCHED_AT_ONCE)):
        for start in range(0, len(waiting), batch):
            while should_pause():  # noqa: ASYNC110 (what it asks about has no event to wait for)
                await asyncio.sleep(_PAUSE_S)
            some = waiting[start : start + batch]
            vectors = await embedder.embed_passages([chunk.searchable_text for chunk in some])
            hashes = (chunk.text_hash for chunk in some)
            await store.add_vectors(dict(zip(hashes, vectors, strict=True)))
            done += len(some)
            progress(await store.state())
            await asyncio.sleep(0)
    return done


def _distinct(chunks: Sequence[Chunk]) -> list[Chunk]:
    """One chunk for every text, short ones first."""
    by_text = {chunk.text_hash: chunk for chunk in chunks}
    return sorted(by_text.values(), key=lambda chunk: len(chunk.searchable_text))
