"""Makes the files from which the search learns, of what is known and of approved examples."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.articles import Chunk
from knowledge.learning_examples import Example
from knowledge.stores import ChunkStore
from pipelines.learning import pair_files
from pipelines.learning.pairs import approved, for_everybody, synthetic, translations
from pipelines.models import Embedder, Vectors

MOST_PASSAGES = 20_000
"""That questions are held against: 60 MB of vectors."""
MOST_SYNTHETIC = 2_000
_A_BATCH = 500


@dataclass(frozen=True, slots=True)
class Made:
    """The files of a job, and what they hold.

    Attributes:
        rows, base: as the job names them; None where there is no pair.
        approved, synthetic: how many pairs there are.
        examples: the ids of those that are learnt from, for when one is forgotten.
    """

    rows: Path | None
    base: Path | None
    approved: int
    synthetic: int
    examples: tuple[str, ...]


async def made(
    examples: Iterable[Example],
    store: ChunkStore,
    embedder: Embedder,
    folder: Path,
    *,
    seed: int = 0,
) -> Made:
    """Write the files of a job; passages that have no vector yet are left out.

    Args:
        examples: in any state; those that teach are chosen.
        store: whose vectors are the embedder's.
        embedder: of questions.
        folder: where the files will be.
        seed: decides which sentences of pages are asked.

    Raises:
        OSError: they cannot be written.
        TertuliaError: the store or the embedder failed.
    """
    chunks, vectors = await open_passages(store)
    asked = approved(examples, chunks)
    invented = synthetic(chunks, translations(chunks, vectors), seed=seed)
    if len(invented) > MOST_SYNTHETIC:
        chosen = np.random.default_rng(seed).permutation(len(invented))[:MOST_SYNTHETIC]
        invented = [invented[n] for n in sorted(chosen)]
    pairs = [*asked, *invented]
    names = tuple(sorted({pair.example for pair in asked}))
    if not pairs:
        return Made(None, None, 0, 0, ())
    questions = await embedder.embed_questions([pair.question for pair in pairs])
    rows, base = pair_files.write(
        pairs, chunks, (questions, vectors), embedder=embedder.name, folder=folder
    )
    return Made(rows, base, len(asked), len(invented), names)


async def open_passages(store: ChunkStore) -> tuple[list[Chunk], Vectors]:
    """What everybody may read and has a vector; shape (passages, dimensions)."""
    chunks: list[Chunk] = []
    rows: list[Vectors] = []
    async for batch in store.batches(_A_BATCH):
        some = for_everybody(batch)
        known = await store.vectors([one.text_hash for one in some])
        chunks += [one for one in some if one.text_hash in known]
        rows += [known[one.text_hash] for one in some if one.text_hash in known]
        if len(chunks) >= MOST_PASSAGES:
            break
    unique = {one.text_hash: place for place, one in enumerate(chunks)}
    places = list(unique.values())[:MOST_PASSAGES]
    found = np.array([rows[n] for n in places], np.float32)
    return [chunks[n] for n in places], found
