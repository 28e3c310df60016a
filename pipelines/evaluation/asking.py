"""Asks the questions of a set, one after the other, of the same assistant as everybody."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from knowledge.articles import Audience
from knowledge.conversations import Conversation, Message
from knowledge.errors import OperatorError, TertuliaError
from knowledge.history import OURSELVES
from pipelines.answering import Answering
from pipelines.evaluation.cases import Case
from pipelines.evaluation.results import NO_VOICE, Pages, Result, of_answer, of_failure, of_search
from pipelines.personas.voice import Voice
from pipelines.retrieval import Retrieved, Retriever

Readers = Callable[[Sequence[str]], Audience]
"""From the principals of all who read along to what they may open together."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Puts cases into conversations as a person would, with the same permissions.

    Nothing is written to the history: questions of a set are no questions of people.

    Attributes:
        author: who asks where a case does not say so.
        readers: what all who read along may open.
        voice: that answers are expected in.
        only_language: likewise; empty where it is that of the question.
    """

    author: str
    readers: Readers
    voice: Voice = NO_VOICE
    only_language: str = ""

    def conversation(self, case: Case) -> Conversation:
        """The case's question after what was said before it."""
        principals = case.readers or (self.author,)
        said = [*case.before]
        earlier = [
            Message(str(n), OURSELVES if one.is_ours else principals[0], one.text)
            for n, one in enumerate(said)
        ]
        question = Message("question", principals[0], case.question)
        return Conversation(f"eval-{case.id}", (*earlier, question), self.readers(principals))

    async def searched(self, cases: Sequence[Case], retriever: Retriever) -> AsyncIterator[Result]:
        """The search alone for each case: quick, no model is asked."""
        async for result, _ in self.looked_up(cases, retriever):
            yield result

    async def looked_up(
        self, cases: Sequence[Case], retriever: Retriever
    ) -> AsyncIterator[tuple[Result, Retrieved]]:
        """The same, with all that was found."""
        for case in cases:
            started = perf_counter()
            found = await retriever.retrieve(self.conversation(case))
            pages = Pages({r.chunk.article: r.chunk.url for r in found.chunks})
            yield of_search(case, pages, perf_counter() - started), found

    async def answered(
        self, cases: Sequence[Case], assistant: Answering, *, deadline_s: float
    ) -> AsyncIterator[Result]:
        """An answer to each case; one that fails is counted as a failure, and the next is asked.

        Raises:
            OperatorError: a setting or a server is wrong, so that no question can be answered.
        """
        for case in cases:
            conversation, started = self.conversation(case), perf_counter()
            try:
                async with asyncio.timeout(deadline_s):
                    answer = await assistant.answer(conversation)
            except OperatorError:
                raise
            except TimeoutError:
                yield of_failure(case, "deadline", perf_counter() - started)
            except TertuliaError as error:
                yield of_failure(case, error.kind, perf_counter() - started)
            else:
                yield of_answer(
                    case,
                    answer,
                    reader=conversation.audience,
                    seconds=perf_counter() - started,
                    voice=self.voice,
                    only_language=self.only_language,
                )
