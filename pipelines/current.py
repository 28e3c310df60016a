"""The assistant as a persona's file and the index are at this moment: nothing is restarted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from knowledge.conversations import Answer, Conversation
from knowledge.errors import TertuliaError
from pipelines.answering import Answering
from pipelines.models import ChatModel
from pipelines.models.pool import ModelPool
from pipelines.personas import Persona
from pipelines.progress import OnProgress
from pipelines.retrieval import Retriever
from pipelines.routing import Weights

MODEL, SEARCH, ROUTER = "model", "search", "router"
"""Places in which something learnt may serve, besides those of prompts."""


@dataclass(frozen=True, slots=True)
class Casting:
    """Who is to answer.

    Attributes:
        model: the setting of its model.
        learnt: the candidates of which it consists, by their places; mostly none.
        router: what tells what a question needs; None where nothing does.
    """

    persona: Persona
    model: str
    learnt: Mapping[str, str] = field(default_factory=dict)
    router: Weights | None = None


class Casts(Protocol):
    """Says who is to answer now."""

    async def now(self) -> Casting:
        """Who answers the next question."""

    async def give_up(self, casting: Casting, error: TertuliaError) -> bool:
        """Take back what was learnt and cannot be used; False where nothing was, or it may yet."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Says that always the same one is to answer, for measuring."""

    casting: Casting

    async def now(self) -> Casting:
        """Who answers the next question."""
        return self.casting

    async def give_up(self, _casting: Casting, _error: TertuliaError) -> bool:
        """What cannot be used is told to whoever measures."""
        return False


@dataclass(frozen=True, slots=True)
class Seat:
    """One version of a persona with the model that it names, over one version of the index."""

    version: str
    retriever: Retriever
    model: str
    assistant: Answering
    learnt: Mapping[str, str] = field(default_factory=dict)

    def fits(self, casting: Casting, retriever: Retriever) -> bool:
        """Whether it is what is wanted now."""
        is_same = self.version == casting.persona.version and self.model == casting.model
        return is_same and self.learnt == casting.learnt and self.retriever is retriever

    def signed(self, answer: Answer) -> Answer:
        """An answer with what was learnt and had a part in it."""
        learnt = dict(self.learnt)
        if self.retriever.learnt:
            learnt[SEARCH] = self.retriever.learnt
        if not learnt:
            return answer
        receipt = replace(answer.receipt, learnt=learnt, adapter=learnt.get(MODEL))
        return replace(answer, receipt=receipt)


class CurrentAssistant:
    """Answers as the persona's file says when the question comes, from the index in use then.

    An old model finishes what it is writing and is then released; it is not let go before the
    new one is ready. Where the new one cannot be used, questions fail with the reason, unless it
    was learnt: then who served before it answers.

    Args:
        casts: says which persona and which model.
        retriever: what finds chunks now; another one where another version of the index is used.
        build: an assistant with this persona and router, model and retriever.
    """

    def __init__(
        self,
        *,
        casts: Casts,
        retriever: Callable[[], Awaitable[Retriever]],
        build: Callable[[Casting, ChatModel, Retriever], Answering],
        models: ModelPool,
    ) -> None:
        self._casts = casts
        self._retriever = retriever
        self._build = build
        self._models = models
        self._changing = asyncio.Lock()
        self._seat: Seat | None = None
        self._next: Seat | None = None

    async def start(self) -> None:
        """Load the model and read the fixed part of the prompt into its cache."""
        await self._now()

    async def close(self) -> None:
        """Give the model back, for who was opened to be asked a few questions."""
        async with self._changing:
            for seat in (self._next, self._seat):
                await self._free(seat)
            self._next = self._seat = None

    async def answer(
        self, conversation: Conversation, *, on_progress: OnProgress | None = None
    ) -> Answer:
        """Answer the last message of a conversation, or say why not.

        Raises:
            TertuliaError: the persona, the model or the store failed.
        """
        seat = await self._now()
        async with self._models.holding(seat.model):
            return seat.signed(await seat.assistant.answer(conversation, on_progress=on_progress))

    async def _now(self) -> Seat:
        async with self._changing:
            casting, retriever = await self._casts.now(), await self._retriever()
            try:
                return await self._seated(casting, retriever)
            except TertuliaError as error:
                if not await self._casts.give_up(casting, error):
                    raise
            return await self._seated(await self._casts.now(), retriever)

    async def _seated(self, casting: Casting, retriever: Retriever) -> Seat:
        if self._seat is None or not self._seat.fits(casting, retriever):
            self._seat = await self._changed(casting, retriever)
        return self._seat

    async def _changed(self, casting: Casting, retriever: Retriever) -> Seat:
        """A seat for these, in place of the one that there was."""
        if self._next is None or not self._next.fits(casting, retriever):
            await self._free(self._next)
            self._next = self._made(casting, retriever)
        # What failed to start is kept: its model knows how often its server has failed.
        await self._next.assistant.start()
        await self._free(self._seat)
        seat, self._next = self._next, None
        return seat

    def _made(self, casting: Casting, retriever: Retriever) -> Seat:
        model = self._models.take(casting.model)
        assistant = self._build(casting, model, retriever)
        version, learnt = casting.persona.version, casting.learnt
        return Seat(version, retriever, casting.model, assistant, learnt)

    async def _free(self, seat: Seat | None) -> None:
        if seat is not None:
            await self._models.give_back(seat.model)
