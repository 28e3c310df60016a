"""Counts what a refresh does, and what it costs: parses, embedded texts, CPU seconds."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from knowledge.articles import Audience
from knowledge.sources import Content, Entry, Notes, files
from knowledge.sources.files import FileSource
from pipelines.models import Embedder, Vectors
from tests.benchmarks.datasets import READER

SEED = 7


class CountingEmbedder:
    """Counts the passages that it is asked to embed."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.name, self.dimensions = inner.name, inner.dimensions
        self.texts: list[str] = []

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """As the embedder behind it does."""
        return await self._inner.embed_questions(texts)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """As the embedder behind it does, counted."""
        self.texts += texts
        return await self._inner.embed_passages(texts)


class LookedUp:
    """Gives every text a vector of its own, made beforehand."""

    name = "looked-up"
    dimensions = 384

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}

    def make(self, texts: Sequence[str]) -> dict[str, list[float]]:
        """Vectors for these texts, also as the lists that others want."""
        random = np.random.default_rng(SEED)
        rows = random.standard_normal((len(texts), self.dimensions), dtype=np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        self.rows = dict(zip(texts, rows, strict=True))
        return {text: row.tolist() for text, row in self.rows.items()}

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Their vectors."""
        return await self.embed_passages(texts)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Their vectors."""
        return np.stack([self.rows[text] for text in texts])


class CountingSource:
    """Files whose parsing is counted.

    Attributes:
        parsed: entries read so far.
        remembered: what was read; handed out again instead of parsing where `remembers`.
    """

    def __init__(self, folder: Path, *, remembers: bool = False) -> None:
        self._files: FileSource = files.build(name="company", path=folder, audience=READER)
        self._remembers = remembers
        self.name = self._files.name
        self.audience: Audience = self._files.audience
        self.parsed = 0
        self.remembered: dict[str, Content] = {}

    has_own_audiences = False

    def entries(self, since: str, notes: Notes) -> AsyncIterator[Entry]:
        """All files."""
        return self._files.entries(since, notes)

    def existing(self) -> AsyncIterator[str]:
        """All files."""
        return self._files.existing()

    async def content_hash(self, entry: Entry) -> str:
        """Of the bytes."""
        return await self._files.content_hash(entry)

    async def read(self, entry: Entry) -> Content:
        """Parse one, or take it from memory."""
        if entry.path in self.remembered:
            return self.remembered[entry.path]
        self.parsed += 1
        content = await self._files.read(entry)
        if self._remembers:
            self.remembered[entry.path] = content
        return content

    async def close(self) -> None:
        """End the parser."""
        await self._files.close()


@dataclass(slots=True)
class Spent:
    """CPU seconds by what they were spent on, one value a repeat."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    async def on(self, name: str, work: Callable[[], Awaitable[object]]) -> float:
        """Do it and note what it took, children that have ended included."""
        before = _cpu()
        await work()
        spent = _cpu() - before
        self.seconds.setdefault(name, []).append(spent)
        return spent

    def shares(self, part: str, whole: str) -> list[float]:
        """One by the other, repeat by repeat."""
        pairs = zip(self.seconds[part], self.seconds[whole], strict=True)
        return [a / b for a, b in pairs]


def _cpu() -> float:
    times = os.times()
    return process_time() + times.children_user + times.children_system
