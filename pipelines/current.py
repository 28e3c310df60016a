"""The assistant as a persona's file and the index are at this moment: nothing is restarted."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from knowledge.conversations import Answer, Conversation
from pipelines.answering import Answering
from pipelines.models import ChatModel
from pipelines.models.pool import ModelPool
from pipelines.personas import Persona
from pipelines.progress import OnProgress
from pipelines.retrieval import Retriever


@dataclass(frozen=True, slots=True)
class Seat:
    """One version of a persona with the model that it names, over one version of the index."""

    version: str
    retriever: Retriever
    model: str
    assistant: Answering

    def fits(self, persona: Persona, retriever: Retriever) -> bool:
        """Whether it is what is wanted now."""
        return self.version == persona.version and self.retriever is retriever


class CurrentAssistant:
    """Answers as the persona's file says when the question comes, from the index in use then.

    An old model finishes what it is writing and is then released; it is not let go before the
    new one is ready. Where the new one cannot be used, questions fail with the reason.

    Args:
        load: reads the persona's file.
        retriever: what finds chunks now; another one where another version of the index is used.
        build: an assistant with this persona, model and retriever.
        default_model: the setting of the model for a persona that names none.
    """

    def __init__(
        self,
        *,
        load: Callable[[], Persona],
        retriever: Callable[[], Awaitable[Retriever]],
        build: Callable[[Persona, ChatModel, Retriever], Answering],
        models: ModelPool,
        default_model: str,
    ) -> None:
        self._load = load
        self._retriever = retriever
        self._build = build
        self._models = models
        self._default_model = default_model
        self._changing = asyncio.Lock()
        self._seat: Seat | None = None
        self._next: Seat | None = None

    async def start(self) -> None:
        """Load the model and read the fixed part of the prompt into its cache."""
        await self._now()

    async def answer(
        self, conversation: Conversation, *, on_progress: OnProgress | None = None
    ) -> Answer:
        """Answer the last message of a conversation, or say why not.

        Raises:
            TertuliaError: the persona, the model or the store failed.
        """
        seat = await self._now()
        async with self._models.holding(seat.model):
            return await seat.assistant.answer(conversation, on_progress=on_progress)

    async def _now(self) -> Seat:
        async with self._changing:
            persona, retriever = await asyncio.to_thread(self._load), await self._retriever()
            if self._seat is None or not self._seat.fits(persona, retriever):
                self._seat = await self._changed(persona, retriever)
            return self._seat

    async def _changed(self, persona: Persona, retriever: Retriever) -> Seat:
        """A seat for these, in place of the one that there was."""
        if self._next is None or not self._next.fits(persona, retriever):
            await self._free(self._next)
            self._next = self._made(persona, retriever)
        # What failed to start is kept: its model knows how often its server has failed.
        await self._next.assistant.start()
        await self._free(self._seat)
        seat, self._next = self._next, None
        return seat

    def _made(self, persona: Persona, retriever: Retriever) -> Seat:
        setting = persona.model or self._default_model
        assistant = self._build(persona, self._models.take(setting), retriever)
        return Seat(persona.version, retriever, setting, assistant)

    async def _free(self, seat: Seat | None) -> None:
        if seat is not None:
            await self._models.give_back(seat.model)
