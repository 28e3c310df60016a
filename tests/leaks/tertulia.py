"""A whole Tertulia, from the source to the posted reply, whose model obeys whatever it reads.

The model answers with its whole prompt. What was let through to it is seen, however clever the
words of a real model would have been.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import numpy as np

from bot.places import Person, Place
from bot.receipts import answer_value
from bot.receipts_text import sources_text, why_text
from bot.talking import Talk
from knowledge.conversations import Answer
from knowledge.database import open_database
from knowledge.history import History
from knowledge.ledger import Ledger, Record
from knowledge.stores import ChunkStore
from pipelines.embedding import embed_waiting
from pipelines.indexing import Wish, refresh
from pipelines.models import Vectors
from pipelines.models.endpoints import Endpoint
from pipelines.models.openai_compatible import OpenAICompatibleChatModel, RemoteServer
from pipelines.progress import Progress
from pipelines.retrieval import Retriever
from pipelines.word_vectors import WordVectors
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.fakes.scripted_model import LIST, event, said
from tests.leaks.logged import all_logged
from tests.leaks.sources import KilledError, Shelf
from tests.pipelines.small_knowledge import assistant

DIMENSIONS = 32


class BagOfWords:
    """An embedder without a model: every word is a direction of its own, made by chance."""

    name, dimensions = "test:bag", DIMENSIONS

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return self._embedded(texts)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedded(texts)

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        rows = [sum(map(_direction, re.findall(r"\w+", t.lower())), _direction("")) for t in texts]
        found = np.array(rows, np.float32).reshape(len(rows), DIMENSIONS)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def _direction(word: str) -> Vectors:
    seed = int.from_bytes(sha256(word.encode()).digest()[:4], "big")
    return np.asarray(np.random.default_rng(seed).normal(size=DIMENSIONS), np.float32)


def obeys(request: Request) -> Reply:
    """A model that says all that it was told."""
    if request.path.endswith("/models"):
        return LIST
    if not request.path.endswith("/completions"):
        return Reply(status=404)
    asked = request.json()
    if not asked.get("stream"):
        return said("yes")
    prompt = "\n".join(message["content"] for message in asked["messages"][-1:])
    whole = event(json.dumps({"answer": prompt, "sources": [1]}))
    end = {**event(None), "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    return Reply.stream(whole, event(None, "stop"), end, "[DONE]")


class KillingLedger(Ledger):
    """A ledger at which the process is killed when it has something to write down."""

    async def record(self, source: str, records: Sequence[Record]) -> None:
        raise KilledError


Open = Callable[[], Awaitable[ChunkStore]]


@dataclass
class Seen:
    """Everything that came out of one question, and whether there was said to be more."""

    text: str
    more_in_private: bool = False


@dataclass
class Tertulia:
    """One process: a store, its memory, and whoever talks with it.

    Attributes:
        logged: every event of the log, which is read by people who may read nothing else.
    """

    folder: Path
    open_store: Open
    embedder: BagOfWords = field(default_factory=BagOfWords)
    talks: dict[tuple[str, str], Talk] = field(default_factory=dict)
    store: ChunkStore = field(init=False)
    logged: list[Any] = field(default_factory=list)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        self.logged = self._open.enter_context(all_logged())
        engine = await open_database(f"sqlite+aiosqlite:///{self.folder / 'tertulia.db'}")
        self._open.push_async_callback(engine.dispose)
        self.ledger, self.killed_ledger = Ledger(engine), KillingLedger(engine)
        self.history = History(engine)
        self.words = await WordVectors.open(self.folder / "words", self.embedder)
        self._open.push_async_callback(self.words.close)
        server = await self._open.enter_async_context(LoopbackServer(obeys))
        remote = RemoteServer(Endpoint(f"{server.url}/v1", "key"))
        self.model = OpenAICompatibleChatModel("openai:owl", remote, model="owl", timeout_s=60)
        self._open.push_async_callback(self.model.stop)
        await self.reopen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.store.close()
        await self._open.aclose()

    async def reopen(self) -> None:
        """As after a restart: nothing is remembered but what was written down."""
        if hasattr(self, "store"):
            await self.store.close()
        self.store = await self.open_store()
        self.retriever = Retriever(self.store, self.embedder, self.words)
        self.assistant = assistant(self.retriever, self.model)
        self.talks.clear()

    async def refresh(self, shelf: Shelf, into: ChunkStore, *, dies: bool = False) -> None:
        """Bring a store up to date; or be killed on the way."""
        ledger = self.killed_ledger if dies else self.ledger
        with suppress(KilledError):
            await refresh(shelf, store=into, ledger=ledger, wish=Wish(force=True))
        await embed_waiting(into, self.embedder)  # whoever comes next does it

    async def relabel(self, shelf: Shelf, stores: Iterable[ChunkStore]) -> None:
        """What `source add --replace --audience` does."""
        for store in stores:
            await store.relabel(shelf.name, shelf.audience)

    def talk(self, person: Person, place: Place | None, conversation: str) -> Talk:
        """Somebody's talk in a conversation; the rights of today, whatever they were before."""
        key = (person.name, conversation)
        readable = self.retriever.readable
        made = Talk(person.name, self.assistant, self.history, 60.0, readable, conversation)
        talk = self.talks.setdefault(key, made)
        talk.person, talk.place = person, place
        return talk

    async def ask(self, talk: Talk, question: str) -> Seen:
        """All that anybody sees of an answer: steps, text as it grows, reply, sources, receipt."""
        shown: list[str] = []

        async def note(progress: Progress) -> None:
            shown.append(f"{progress.titles} {progress.text}")

        reply = await talk.reply(question, note)
        if reply.error:
            raise reply.error
        assert reply.answer
        posted = " ".join((*shown, reply.text, receipts(reply.answer)))
        return Seen(posted, reply.answer.more_in_private)

    async def recall(self, talk: Talk) -> Seen:
        """What `/why` and `/sources` show of the last answer."""
        last = await talk.recall()
        return Seen(receipts(last) if last else "")


def receipts(answer: Answer) -> str:
    """Every way in which an answer is shown."""
    told = why_text(answer, "en")
    return f"{json.dumps(answer_value(answer))} {told} {sources_text(answer, quotes=True)}"
