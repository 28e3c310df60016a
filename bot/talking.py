"""One person's conversation with one persona: remembers what was said and who may read it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import uuid4

from bot.notices import language_for
from bot.pace import Pace
from bot.places import NOBODY, Person, Place, readers
from bot.replying import Reply, failed, reply
from knowledge.articles import Article, Audience, Chunk
from knowledge.chunking import chunks_of
from knowledge.conversations import Answer, Conversation, Decision, Feedback, Message
from knowledge.errors import TertuliaError
from knowledge.history import History, OpenNow
from pipelines.answering import Answering
from pipelines.progress import Progress

MOST_TURNS = 12
"""How many earlier messages go along with a question."""


@dataclass(slots=True)
class Talk:
    """A running conversation.

    Attributes:
        readable: tells which chunks may still be read, of those that an earlier answer rests on.
        last: the last answer that was given here.
        person: who asks, with groups, as far as the platform knows them.
        place: where the reply is posted; without one, whoever has written here reads it.
        pace: what tells the work in the background that somebody waits.
        attached: texts that came with the question.
        sources: the names of those that are read here; all where none is named.
        locale: the asker's, for what is no answer; empty where it is not known.
        learns_in: the channel, where it agrees that something is learnt from it; else empty.
    """

    author: str
    assistant: Answering
    history: History
    deadline_s: float
    readable: OpenNow
    id: str = field(default_factory=lambda: f"terminal-{uuid4().hex[:12]}")
    last: Answer | None = None
    person: Person | None = None
    place: Place | None = None
    pace: Pace = field(default_factory=Pace)
    attached: tuple[Article, ...] = ()
    sources: tuple[str, ...] = ()
    locale: str = ""
    learns_in: str = ""

    async def reply(
        self,
        text: str,
        on_progress: Callable[[Progress], Awaitable[None]] | None = None,
        *,
        message: str = "",
        decision: Decision | None = None,
    ) -> Reply:
        """Answer what the person said, with what was said before in mind.

        Args:
            text: what was said.
            on_progress: is shown what happens meanwhile.
            message: what the platform calls it; without a name it gets one of ours.
            decision: that it is, where somebody was asked to confirm something.
        """
        text = text.encode(errors="replace").decode()  # bytes of a terminal that were no UTF-8
        try:
            audience, alone = await self._audiences()
            earlier = await self.history.earlier(
                self.id, audience, MOST_TURNS, open_now=self.readable
            )
        except TertuliaError as error:
            return failed(error, language_for(self.locale, text))
        asked = Message(id=message or uuid4().hex, author=self.author, text=text)
        attached = await asyncio.to_thread(_chunks_of, self.attached, audience)
        with self.pace.answering():
            said = await reply(
                Conversation(
                    self.id,
                    (*earlier, asked),
                    audience,
                    asker=alone,
                    attached=attached,
                    sources=self.sources,
                    decision=decision,
                    learns_in=self.learns_in,
                ),
                assistant=self.assistant,
                history=self.history,
                deadline_s=self.deadline_s,
                locale=self.locale,
                on_progress=on_progress,
            )
        self.last = said.answer or self.last
        return said

    async def audience(self) -> Audience:
        """Who reads what is posted here."""
        return (await self._audiences())[0]

    async def _audiences(self) -> tuple[Audience, Audience]:
        """Who reads the reply, and what the asker could read alone where that may be told."""
        person = self.person or Person(self.author)
        if self.place:
            return self.place.audience, self.place.alone(person)
        others = await self.history.authors(self.id) - {self.author}
        if not others:
            return person.rights, NOBODY
        together = readers(self.author, *others)
        return together, person.rights

    async def recall(self) -> Answer | None:
        """The last answer, if everybody here may still open what it rests on."""
        if self.last is None:
            return None
        audience, _ = await self._audiences()
        cited = {one.chunk.id for one in self.last.citations}
        found = self.last.receipt.chunks
        shown = sorted(cited.union(one.chunk for one in found))
        still = await self.readable(shown, audience)
        if not cited <= still:
            return None
        left = tuple(one for one in found if one.chunk in still)
        return replace(self.last, receipt=replace(self.last.receipt, chunks=left))

    async def rate(self, verdict: str, comment: str) -> str | None:
        """Note `+` or `-` for the last answer; its reference, None where there is none."""
        if self.last is None:
            return None
        opinion: Literal["up", "down"] = "up" if verdict == "+" else "down"
        feedback = Feedback(self.last.reference, self.author, opinion, comment)
        await self.history.keep_feedback(feedback)
        return self.last.reference


def _chunks_of(attached: Sequence[Article], readers: Audience) -> tuple[Chunk, ...]:
    """The pieces of texts that came with a question, for those who read the reply."""
    return tuple(
        chunk for article in attached for chunk in chunks_of(replace(article, audience=readers))
    )
