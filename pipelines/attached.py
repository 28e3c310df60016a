"""Texts that came with a question: found and cited like knowledge, for this question alone.

They are in no store, and nothing that is made of them is kept.
"""

from collections.abc import Sequence

import numpy as np

from knowledge.articles import Chunk
from knowledge.stores import Hit, Leg, Probe
from pipelines.models import Embedder


async def legs_of(chunks: Sequence[Chunk], probe: Probe, embedder: Embedder) -> list[Leg]:
    """What a store that held just these chunks would find, best first."""
    if not chunks or probe.vector is None:
        return []
    rows = await embedder.embed_passages([chunk.searchable_text for chunk in chunks])
    scores = [float(np.vecdot(row, probe.vector)) for row in rows]
    hits = [Hit(chunk, score, True) for chunk, score in zip(chunks, scores, strict=True)]
    hits.sort(key=lambda hit: -hit.score)
    return [
        Leg("vectors", is_own, tuple(hit for hit in hits if _is_own(hit.chunk, probe) is is_own))
        for is_own in (True, False)
    ]


def _is_own(chunk: Chunk, probe: Probe) -> bool:
    return not (chunk.language and probe.language) or chunk.language == probe.language
