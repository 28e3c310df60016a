"""Knowledge opened for a benchmark: store, words, statements, wired as in `bot/app.py`."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.articles import Chunk
from knowledge.database import close_database, open_database
from knowledge.ledger import Ledger
from knowledge.sources import files
from knowledge.stores.embedded import EmbeddedStore
from pipelines import indexing, personas, sketching
from pipelines.answering import Assistant
from pipelines.close_reading import CloseReader
from pipelines.coverage import SoftCoverage
from pipelines.embedding import embed_waiting
from pipelines.models import ChatModel, Embedder, choosing
from pipelines.models.kinds import Access
from pipelines.refresh_report import RefreshReport
from pipelines.retrieval import Retriever
from pipelines.word_vectors import WordVectors
from tests.benchmarks.datasets import READER
from tests.benchmarks.models import fetched_here


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that is known, and what finds it.

    Attributes:
        words: those of the store; a library may share the words of a larger one.
    """

    store: EmbeddedStore
    words: WordVectors
    embedder: Embedder
    ledger: Ledger
    closely: CloseReader
    _engine: AsyncEngine = field(repr=False)

    @classmethod
    @asynccontextmanager
    async def open(cls, home: Path, embedder: Embedder) -> "AsyncIterator[Library]":
        """Open a library in this folder, or begin one."""
        store = await EmbeddedStore.open(
            home / "index", dimensions=embedder.dimensions, model=embedder.name
        )
        words = await WordVectors.open(home / "index" / "words", embedder)
        closely = await CloseReader.open(home / "index" / "statements", embedder)
        engine = await open_database(f"sqlite+aiosqlite:///{home / 'tertulia.db'}")
        try:
            yield cls(store, words, embedder, Ledger(engine), closely, engine)
        finally:
            await words.close()
            await closely.close()
            await store.close()
            await close_database(engine)

    async def read(self, pages: Path, *, name: str = "book") -> RefreshReport:
        """Take in a folder of files, to the last vector."""
        source = files.build(name=name, path=pages, audience=READER)
        report = await indexing.refresh(source, store=self.store, ledger=self.ledger)
        await self.complete()
        return report

    async def put(self, chunks: Sequence[Chunk]) -> None:
        """Take in chunks, to the last vector."""
        await self.store.replace(sorted({chunk.article for chunk in chunks}), chunks)
        await self.complete()

    async def complete(self) -> None:
        """Sketch and embed whatever waits for it."""
        await sketching.sketch_waiting(self.store, self.words)
        await embed_waiting(self.store, self.embedder)

    def retriever(self) -> Retriever:
        """What finds chunks here."""
        return Retriever(self.store, self.embedder, self.words, closely=self.closely)


@asynccontextmanager
async def model_named(setting: str) -> AsyncIterator[ChatModel]:
    """A model of the catalogue, stopped in the end."""
    folder = await fetched_here(setting.partition(":")[2])
    model = choosing.chat_model(setting, Access(folder=folder))
    try:
        yield model
    finally:
        await model.stop()


def assistant(retriever: Retriever, model: ChatModel, words: WordVectors) -> Assistant:
    """Somebody who answers with what this retriever finds."""
    persona, coverage = personas.load("helpdesk"), SoftCoverage(words)
    return Assistant(retriever=retriever, model=model, persona=persona, coverage=coverage)


def tell(text: str) -> None:
    """Say on stderr how far a long benchmark is."""
    sys.stderr.write(f"{text}\n")
