"""Reads the best chunks again, statement by statement.

The vector of a chunk is the mean of all that it says; a question asks for one thing. Comparing it
with each statement finds that one thing, also where it is worded quite differently.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from knowledge.articles import Chunk
from knowledge.sqlite import DiskFullError
from knowledge.vectors import VectorTable
from pipelines.models import Embedder
from pipelines.query_map import Asked
from pipelines.statements import Statement, above, statements

Vector = NDArray[np.float32]

MOST_STATEMENTS = 40
"""Of one chunk: more stand only in tables of many short rows."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The statements of a chunk and how near each is to the question.

    Attributes:
        nearness: shape (statements,), cosines.
        turned: the same where a map turns the question's vector; None where none does.
    """

    statements: tuple[Statement, ...]
    nearness: Vector
    turned: Vector | None = None

    @property
    def best(self) -> float:
        """How near the nearest statement is; 0 where there is none."""
        return float(self.nearness.max(initial=0.0))

    @property
    def rank(self) -> float:
        """What a chunk is ranked by; whatever is fitted to cosines goes by `best`."""
        return self.best if self.turned is None else float(self.turned.max(initial=0.0))


class CloseReader:
    """Compares questions with statements; each statement is embedded once and kept."""

    def __init__(self, table: VectorTable, embedder: Embedder) -> None:
        self._table = table
        self._embedder = embedder

    @classmethod
    async def open(cls, folder: Path, embedder: Embedder) -> "CloseReader":
        """Open the vectors of statements in this folder, or begin with none."""
        path = folder / quote(embedder.name, safe="")
        table = await asyncio.to_thread(VectorTable.open, path, dimensions=embedder.dimensions)
        return cls(table, embedder)

    async def read(
        self,
        question: Vector,
        chunks: Sequence[Chunk],
        *,
        passing: Collection[str] = (),
        turned: Mapping[str, Asked] = MappingProxyType({}),
    ) -> list[Reading]:
        """How near the statements of each chunk are to a question's vector.

        Args:
            question: shape (dimensions,).
            chunks: each with its statements.
            passing: ids of chunks of whose statements nothing is kept.
            turned: by the ids of chunks that are ranked by another vector than the question's.
        """
        found = [statements(chunk.text)[:MOST_STATEMENTS] for chunk in chunks]
        texts = [
            [f"{above(chunk)}: {statement.text}" for statement in some]
            for chunk, some in zip(chunks, found, strict=True)
        ]
        are_kept = [chunk.id not in passing for chunk in chunks]
        pairs = list(zip(texts, are_kept, strict=True))
        known = await self._vectors([text for some, is_kept in pairs if is_kept for text in some])
        known |= await self._embedded([text for some, kept in pairs if not kept for text in some])
        readings = []
        for chunk, some, read in zip(chunks, found, texts, strict=True):
            nearness = np.array([known[text] @ question for text in read], np.float32)
            asked = turned.get(chunk.id)
            by = [asked.nearness(known[t], is_own=False) for t in read] if asked else None
            readings.append(Reading(tuple(some), nearness, None if by is None else np.array(by)))
        return readings

    async def _vectors(self, texts: Sequence[str]) -> dict[str, Vector]:
        """The vector of each text; those not known yet are embedded now, short ones together."""
        keys = {text: sha256(text.encode()).hexdigest()[:32] for text in texts}
        known = await asyncio.to_thread(self._table.get, list(keys.values()))
        missing = sorted((t for t, key in keys.items() if key not in known), key=len)
        if missing:
            made = await self._embedded(missing)
            new = {keys[text]: row for text, row in made.items()}
            with suppress(DiskFullError):  # they are made anew the next time
                await asyncio.to_thread(self._table.put, new)
            known |= new
        return {text: known[key] for text, key in keys.items()}

    async def _embedded(self, texts: Sequence[str]) -> dict[str, Vector]:
        if not texts:
            return {}
        return dict(zip(texts, await self._embedder.embed_passages(texts), strict=True))

    async def close(self) -> None:
        """Release the files."""
        await asyncio.to_thread(self._table.close)
