"""One person's conversation with one persona: remembers what was said and who may read it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from bot.pace import Pace
from bot.replying import Reply, failed, reply
from knowledge.articles import EVERYONE, Audience
from knowledge.conversations import Answer, Conversation, Feedback, Message
from knowledge.errors import TertuliaError
from knowledge.history import History
from knowledge.language import language_of_question
from pipelines.answering import Answering
from pipelines.progress import Progress

MOST_TURNS = 12
"""How many earlier messages go along with a question."""


def readers(*authors: str) -> Audience:
    """Who reads a reply in a place where these people talk: with several, only what all may."""
    return Audience.of(EVERYONE, *(authors if len(set(authors)) == 1 else ()))


@dataclass(slots=True)
class Talk:
    """A running conversation.

    Attributes:
        last: the last answer that was given here.
        pace: what tells the work in the background that somebody waits.
    """

    author: str
    assistant: Answering
    history: History
    deadline_s: float
    id: str = field(default_factory=lambda: f"terminal-{uuid4().hex[:12]}")
    last: Answer | None = None
    pace: Pace = field(default_factory=Pace)

    async def reply(
        self, text: str, on_progress: Callable[[Progress], Awaitable[None]] | None = None
    ) -> Reply:
        """Answer what the person said, with what was said before in mind."""
        text = text.encode(errors="replace").decode()  # bytes of a terminal that were no UTF-8
        try:
            people = {self.author, *await self.history.authors(self.id)}
            audience = readers(*people)
            earlier = await self.history.earlier(self.id, audience, MOST_TURNS)
        except TertuliaError as error:
            return failed(error, language_of_question(text, "en"))
        message = Message(id=uuid4().hex, author=self.author, text=text)
        with self.pace.answering():
            said = await reply(
                Conversation(self.id, (*earlier, message), audience),
                assistant=self.assistant,
                history=self.history,
                deadline_s=self.deadline_s,
                on_progress=on_progress,
            )
        self.last = said.answer or self.last
        return said

    async def rate(self, verdict: str, comment: str) -> str | None:
        """Note `+` or `-` for the last answer; its reference, None where there is none."""
        if self.last is None:
            return None
        opinion: Literal["up", "down"] = "up" if verdict == "+" else "down"
        feedback = Feedback(self.last.reference, self.author, opinion, comment)
        await self.history.keep_feedback(feedback)
        return self.last.reference
