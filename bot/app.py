"""The wiring: settings in; index, retriever and assistant out. The one file that knows everyone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncEngine

from bot import logs, marks, settling
from bot.attending import Attendant
from bot.cast import Cast
from bot.channels import Channels
from bot.choices import Choices
from bot.home_folder import make_folder
from bot.inbox import Inbox
from bot.index import Index
from bot.learning import TERMINAL, Learnt
from bot.limits import Limits
from bot.live_search import LiveSearch
from bot.marks import Marks
from bot.owners import Owners
from bot.pace import Pace
from bot.settings import BUNDLED_EMBEDDER, Settings
from bot.stores import ElasticStores, EmbeddedStores, Stores
from bot.structure import Structure
from bot.talking import Talk
from bot.trials import Trials
from bot.worker import Worker
from knowledge.articles import Audience
from knowledge.confirmations import Confirmations
from knowledge.database import close_database, identity, open_database
from knowledge.history import History
from knowledge.leases import Leases
from knowledge.ledger import Ledger
from knowledge.notes import CHOICES
from knowledge.runs import Runs
from knowledge.stores import ChunkStore
from knowledge.turns import Turns
from pipelines import personas, reranking
from pipelines.close_reading import CloseReader
from pipelines.models import Embedder, choosing
from pipelines.models.kinds import Access
from pipelines.models.pool import ModelPool
from pipelines.reranking import Reranker
from pipelines.retrieval import Retriever
from pipelines.word_vectors import WordVectors

Part = TypeVar("Part")


@runtime_checkable
class Closable(Protocol):
    """A part that holds a connection; embedders in this process hold none."""

    async def close(self) -> None:
        """Hang up."""


class App:
    """Makes each part when it is first asked for, and closes all of them at the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.structure = Structure(settings.home.structure)
        self.channels = Channels(self.structure.content, partial(self.structure.table, "channels"))
        self.settling = settling.Settling(self)
        self.pace = Pace()
        self.index, self.cast = Index(self), Cast(self)
        self.learning, self.trials = Learnt(self), Trials(self)
        self._live_search = LiveSearch(self)
        logs.configure(settings.log, interactive=True)
        self._closing = AsyncExitStack()
        self._parts: dict[str, asyncio.Future[Any]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._closing.__aexit__(kind, error, traceback)

    def close_at_end(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have a part closed with this app, before those that it was made of."""
        self._closing.push_async_callback(close)

    async def once(self, name: str, make: Callable[[], Awaitable[Part]]) -> Part:
        """The part of this name, made by whoever asks first; anew where that has failed."""
        part = self._parts.get(name)
        if part is None or (part.done() and (part.cancelled() or part.exception())):
            part = self._parts[name] = asyncio.ensure_future(make())
        made: Part = await asyncio.shield(part)
        return made

    async def embedder(self, name: str = "") -> Embedder:
        """The embedder of this name; without one, that of the settings."""
        setting = name or self.settings.models.embedding_model
        return await self.once(f"embedder {setting}", lambda: self._open_embedder(setting))

    async def _open_embedder(self, setting: str) -> Embedder:
        embedder = await choosing.embedder(setting, self._access())
        if isinstance(embedder, Closable):
            self._closing.push_async_callback(embedder.close)
        return embedder

    async def stores(self) -> Stores:
        """Where chunks are kept."""
        return await self.once("stores", self._open_stores)

    async def _open_stores(self) -> Stores:
        return await self._stores_with(await self.embedder())

    async def stores_without_server(self) -> Stores:
        """The stores for work that embeds nothing: the bundled embedder is always there."""
        return await self.once("stores_without_server", self._open_stores_without_server)

    async def _open_stores_without_server(self) -> Stores:
        return await self._stores_with(await self.embedder(BUNDLED_EMBEDDER))

    async def _stores_with(self, embedder: Embedder) -> Stores:
        await asyncio.to_thread(make_folder, self.settings.home.tertulia_home)
        stores: Stores
        if self.settings.store.store == "elastic":
            name = await identity(await self.database())
            stores = ElasticStores.open(self.settings, embedder, name)
        else:
            stores = await EmbeddedStores.open(self.settings, embedder)
        self._closing.push_async_callback(stores.close)
        return stores

    async def words(self, embedder: Embedder) -> WordVectors:
        """The vectors of single words, as this embedder makes them."""
        return await self.once(f"words {embedder.name}", lambda: self._open_words(embedder))

    async def _open_words(self, embedder: Embedder) -> WordVectors:
        words = await WordVectors.open(self.settings.home.index / "words", embedder)
        self._closing.push_async_callback(words.close)
        return words

    async def database(self) -> AsyncEngine:
        """The relational database."""
        return await self.once("database", self._open_database)

    async def _open_database(self) -> AsyncEngine:
        await asyncio.to_thread(make_folder, self.settings.home.tertulia_home)
        engine = await open_database(self.settings.database)
        self._closing.push_async_callback(close_database, engine)
        return engine

    async def ledger(self) -> Ledger:
        """What was indexed from where."""
        return Ledger(await self.database())

    async def leases(self) -> Leases:
        """Who does what."""
        return await self.once("leases", self._open_leases)

    async def _open_leases(self) -> Leases:
        return Leases(await self.database())

    async def runs(self) -> Runs:
        """What became of scheduled jobs."""
        return Runs(await self.database())

    async def retriever(self) -> Retriever:
        """What finds chunks, in the version of the index that is in use now, as was learnt.

        Who may read them is what the file says by now.
        """
        retriever, embedder = await self.plain_retriever()
        return await self._live_search.over(retriever, embedder)

    async def plain_retriever(self) -> tuple[Retriever, Embedder]:
        """The same without anything learnt; and the embedder behind its vectors."""
        await self.settling.look()
        store, model = await (await self.stores()).searched()
        opened = partial(self._open_retriever, store, model)
        retriever = await self.once(f"retriever {await store.identity()}", opened)
        return retriever, await self.embedder(model)

    async def _open_retriever(self, store: ChunkStore, model: str) -> Retriever:
        embedder = await self.embedder(model)
        opened = partial(self._open_close_reader, embedder)
        closely = await self.once(f"statements {embedder.name}", opened)
        words, reranker = await self.words(embedder), await self._reranker()
        return Retriever(store, embedder, words, closely=closely, reranker=reranker)

    async def _open_close_reader(self, embedder: Embedder) -> CloseReader:
        reader = await CloseReader.open(self.settings.home.index / "statements", embedder)
        self._closing.push_async_callback(reader.close)
        return reader

    async def _reranker(self) -> Reranker | None:
        """Who has a second look at what is found; without a model of its own it asks the usual."""
        name, model = reranking.parts(self.settings.models.reranker)
        if not name:
            return None
        # Never given back: the pool stops it with all others.
        asked = (await self.models()).take(model or await self.default_model())
        return reranking.load(name, asked)

    async def models(self) -> ModelPool:
        """The language models in use."""
        return await self.once("models", self._open_models)

    async def _open_models(self) -> ModelPool:
        models = ModelPool(lambda setting: choosing.chat_model(setting, self._access()))
        self._closing.push_async_callback(models.close)
        return models

    async def default_model(self) -> str:
        """The setting of the model for personas that name none."""

        async def chosen() -> str:
            wanted = self.settings.models.chat_model
            return wanted or choosing.default_chat_model(self.settings.home.models)

        # Once: with the model loaded, the same machine has less free memory.
        return await self.once("default_model", chosen)

    async def try_model(self, setting: str) -> list[tuple[str, str]]:
        """Start a model; what is worth knowing about it, and what to do.

        Raises:
            TertuliaError: it cannot be used.
        """
        async with (await self.models()).holding(setting) as model:
            await model.start()
        return await choosing.notes(setting, self._access())

    def _access(self) -> Access:
        models = self.settings.models
        return Access(
            folder=self.settings.home.models,
            openai_url=models.openai_base_url,
            openai_key=models.openai_api_key.get_secret_value(),
            ollama_url=models.ollama_host,
            ollama_keep_alive=models.ollama_keep_alive,
            timeout_s=models.answer_deadline_s,
        )

    async def talk(
        self,
        author: str,
        persona: str,
        conversation: str | None = None,
        learns_in: str | None = None,
    ) -> Talk:
        """A conversation, new or going on.

        Args:
            author: who asks first.
            persona: who is asked.
            conversation: its name where it goes on.
            learns_in: the channel where it agrees that something is learnt, else empty; None for
                the terminal, of which the file says so.
        """
        learns_in = self.learning.place(TERMINAL) if learns_in is None else learns_in
        assistant = await self.trials.assistant(persona, learns_in)
        history = History(await self.database())
        deadline_s = self.settings.models.answer_deadline_s
        talk = Talk(author, assistant, history, deadline_s, self.readable, pace=self.pace)
        if conversation:
            talk.id = conversation
        talk.learns_in = learns_in
        return talk

    async def inbox(self) -> Inbox:
        """Where messages of all platforms are written down and answered."""
        return await self.once("inbox", self._open_inbox)

    async def _open_inbox(self) -> Inbox:
        database = await self.database()
        turns = Turns(database)
        attendant = Attendant(
            turns=turns,
            talks=self.talk,
            choices=await self.choices(),
            history=History(database),
            confirmations=Confirmations(database),
            readable=self.readable,
            deadline_s=self.settings.models.answer_deadline_s,
        )
        told = Marks((await self.ledger()).notes(marks.TOLD))
        owners = Owners(await self.leases())
        return Inbox(turns, Worker(attendant), owners, Limits(turns, told))

    async def choices(self) -> Choices:
        """What people have chosen for themselves."""
        known = partial(personas.names, self.settings.home.personas)
        return Choices((await self.ledger()).notes(CHOICES), known)

    async def marks(self) -> Marks:
        """Up to when platforms were heard."""
        return Marks((await self.ledger()).notes(marks.HEARD))

    async def readable(self, chunk_ids: Sequence[str], reader: Audience) -> set[str]:
        """Those of these chunks that everybody who reads along may open now."""
        retriever, _ = await self.plain_retriever()
        return await retriever.readable(chunk_ids, reader)
