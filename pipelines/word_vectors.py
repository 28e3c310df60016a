"""A vector for every word, which makes texts of two languages comparable without a model call."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from knowledge.vectors import VectorTable
from pipelines.corpus_words import CorpusWords
from pipelines.models import Embedder
from pipelines.word_basis import SHIPPED, Basis

Matrix = NDArray[np.float32]

_BATCH = 64
_ENOUGH_TO_FIT = 400
"""Words that a basis of our own needs; with fewer the directions are those of chance."""


class WordVectors:
    """The vectors of words, kept for good, and what was counted about them.

    Each word is embedded once, alone, in its most frequent spelling. Two processes may have the
    same folder open: what one learns or counts, the other sees after `refresh`.
    """

    def __init__(self, folder: Path, table: VectorTable, embedder: Embedder) -> None:
        self._table, self._embedder = table, embedder
        self._counts = folder / f"{quote(embedder.name, safe='')}.words.json"
        self._fitted = folder / f"{quote(embedder.name, safe='')}.basis.npz"
        self._slots: dict[str, int] = {}
        self._basis: Basis | None = None
        self._stamp = 0
        self.corpus = CorpusWords()

    @classmethod
    async def open(cls, folder: Path, embedder: Embedder) -> "WordVectors":
        """Open the words in this folder, or begin with none."""
        path = folder / quote(embedder.name, safe="")
        table = await asyncio.to_thread(VectorTable.open, path, dimensions=embedder.dimensions)
        words = cls(folder, table, embedder)
        await words.refresh()
        return words

    @property
    def version(self) -> str:
        """Sketches of one version can be compared; empty as long as there is nothing to compare."""
        if self._basis is None or not self.corpus.generation:
            return ""
        return f"{self._basis.version}-{self.corpus.generation}"

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return self._embedder.dimensions

    async def refresh(self) -> None:
        """See what another process has learned or counted meanwhile; costs next to nothing."""
        await asyncio.to_thread(self._refresh)

    def _refresh(self) -> None:
        first = len(self._slots)
        new = self._table.keys_since(first)
        self._slots.update({key: first + place for place, key in enumerate(new)})
        stamp = self._counts.stat().st_mtime_ns if self._counts.is_file() else 0
        if stamp != self._stamp:
            self.corpus, self._stamp = CorpusWords.load(self._counts), stamp
        if self._basis is None:
            self._basis = self._known_basis()

    def _known_basis(self) -> Basis | None:
        shipped = SHIPPED.get(self._embedder.name)
        if shipped is not None:
            return Basis.load(shipped)
        return Basis.load(self._fitted) if self._fitted.is_file() else None

    async def keep(self, corpus: CorpusWords) -> None:
        """Keep a new count of the knowledge; fit a basis where the embedder has none yet."""
        await asyncio.to_thread(self._keep, corpus)

    def _keep(self, corpus: CorpusWords) -> None:
        if self._basis is None and len(self._table) >= _ENOUGH_TO_FIT:
            Basis.fitted(np.array(self._table.matrix())).save(self._fitted)
        corpus.save(self._counts)
        self._refresh()

    def missing(self, keys: Sequence[str]) -> list[str]:
        """The words among these that have no vector yet."""
        return [key for key in keys if key not in self._slots]

    async def learn(
        self,
        spellings: Mapping[str, str],
        *,
        limit: int | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> int:
        """Embed words that have no vector yet; the number of words learned.

        Args:
            spellings: how each word is written, by its key; the first ones first.
            limit: words at most.
            should_stop: asked between batches of 64 words (about 0.3 s of one core).
        """
        waiting = self.missing(list(spellings))[:limit]
        done = 0
        for start in range(0, len(waiting), _BATCH):
            if should_stop():
                break
            keys = waiting[start : start + _BATCH]
            written = list(dict.fromkeys(spellings[key] for key in keys))
            rows = await self._embedder.embed_passages(written)
            by_spelling = dict(zip(written, rows, strict=True))
            new = {key: by_spelling[spellings[key]] for key in keys}
            await asyncio.to_thread(self._table.put, new)
            done += len(keys)
        if done:
            await self.refresh()
        return done

    def rows(self, keys: Sequence[str]) -> Matrix:
        """Vectors of words: shape (len(keys), dimensions), length 1, zeros where unknown."""
        found = np.zeros((len(keys), self.dimensions), dtype=np.float32)
        slots = np.array([self._slots.get(key, -1) for key in keys], dtype=np.intp)
        known = np.flatnonzero(slots >= 0)
        if self._basis is not None and len(known):
            found[known] = self._basis.applied(self._table.matrix()[slots[known]])
        return found

    async def close(self) -> None:
        """Release the files."""
        await asyncio.to_thread(self._table.close)
