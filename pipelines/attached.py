"""Texts that came with a question: found and cited like knowledge, for this question alone.

They are in no store, and nothing that is made of them is kept.
"""

from collections.abc import Sequence

import numpy as np

from knowledge.articles import Chunk
from knowledge.stores import Hit, Leg, Probe
from pipelines.models import Embedder, Vectors


async def legs_of(chunks: Sequence[Chunk], probe: Probe, embedder: Embedder) -> list[Leg]:
    """What a store that held just these chunks would find, best first."""
    if not chunks:
        return []
    rows = await embedder.embed_passages([chunk.searchable_text for chunk in chunks])
    return [Leg("vectors", own, _hits(chunks, rows, probe, own)) for own in (True, False)]


def _hits(chunks: Sequence[Chunk], rows: Vectors, probe: Probe, own: bool) -> tuple[Hit, ...]:
    vector = probe.vector_for(own_language=own)
    if vector is None:
        return ()
    scores = [float(np.vecdot(row, vector)) for row in rows]
    both = zip(chunks, scores, strict=True)
    hits = [Hit(chunk, score, True) for chunk, score in both if _is_own(chunk, probe) is own]
    return tuple(sorted(hits, key=lambda hit: -hit.score))


def _is_own(chunk: Chunk, probe: Probe) -> bool:
    return not (chunk.language and probe.language) or chunk.language == probe.language
