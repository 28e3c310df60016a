"""Answers with the question and all that people said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.conversations import Feedback, Message
from knowledge.database import transaction
from knowledge.history import ANSWERS, FEEDBACK, MESSAGES, OURSELVES, Recorded, recorded_of

_A_QUERY = 400
_MOST_BEFORE = 4
"""Messages before a question, for a follow-up."""


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer, what was asked, and what people thought of it, if anybody has said so.

    Attributes:
        learns_in: the channel that agreed, when this was asked, that something is learnt from it;
            empty where it did not.
        reason: why nothing was answered; None where something was.
    """

    question: Message
    recorded: Recorded
    feedback: tuple[Feedback, ...]
    learns_in: str
    reason: str | None

    @property
    def correction(self) -> Feedback | None:
        """The last of what people say would have been right, who have not changed their mind."""
        last = {one.author: one.verdict for one in self.feedback}
        left = [one for one in self.feedback if one.better and last[one.author] == "down"]
        return left[-1] if left else None


class RatedAnswers:
    """What was rated; read for learning alone, which asks for consent and rights itself."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> list[RatedAnswer]:
        """All answers of which somebody said something, oldest first."""
        return await self._where(ANSWERS.c.reference.in_(select(FEEDBACK.c.reference).distinct()))

    async def latest(
        self, most: int, *, since: datetime | None = None, before: datetime | None = None
    ) -> list[RatedAnswer]:
        """The last answers to what was asked in a time, rated or not, oldest first."""
        asked = select(MESSAGES.c.id).order_by(MESSAGES.c.number.desc()).limit(most)
        asked = asked.where(MESSAGES.c.id.in_(select(ANSWERS.c.question)))
        if since is not None:
            asked = asked.where(MESSAGES.c.sent_at >= since)
        if before is not None:
            asked = asked.where(MESSAGES.c.sent_at < before)
        return await self._where(ANSWERS.c.question.in_(asked.scalar_subquery()))

    async def one(self, reference: str) -> RatedAnswer | None:
        """The answer of this name; None where it is gone."""
        found = await self._where(ANSWERS.c.reference == reference)
        return found[0] if found else None

    async def _where(self, condition: ColumnElement[bool]) -> list[RatedAnswer]:
        asked = MESSAGES.alias()
        query = (
            select(
                ANSWERS,
                MESSAGES.c.readers,
                asked.c.author,
                asked.c.id.label("asked_as"),
                asked.c.text.label("asked"),
                asked.c.sent_at.label("asked_at"),
            )
            .join(MESSAGES, MESSAGES.c.id == ANSWERS.c.reference)
            .join(asked, asked.c.id == ANSWERS.c.question)
            .where(condition)
            .order_by(asked.c.number)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        said = await self._feedback([row.reference for row in rows])
        return [
            RatedAnswer(
                Message(row.asked_as, row.author, row.asked, row.asked_at),
                recorded_of(row),
                tuple(said[row.reference]),
                row.learns_in,
                row.reason,
            )
            for row in rows
        ]

    async def before(self, rated: RatedAnswer) -> tuple[tuple[str, bool], ...]:
        """The last messages before its question that the same people could read; whether ours."""
        asked = select(MESSAGES.c.number).where(MESSAGES.c.id == rated.question.id)
        query = (
            select(MESSAGES.c.text, MESSAGES.c.author, MESSAGES.c.readers)
            .where(MESSAGES.c.conversation == rated.recorded.conversation)
            .where(MESSAGES.c.number < asked.scalar_subquery())
            .order_by(MESSAGES.c.number.desc())
            .limit(_MOST_BEFORE)
        )
        async with transaction(self._engine) as connection:
            said = (await connection.execute(query)).all()
        same = [one for one in reversed(said) if set(one.readers) == rated.recorded.readers]
        return tuple((one.text, one.author == OURSELVES) for one in same)

    async def _feedback(self, references: Sequence[str]) -> dict[str, list[Feedback]]:
        found: dict[str, list[Feedback]] = {one: [] for one in references}
        query = select(*FEEDBACK.c[1:]).order_by(FEEDBACK.c.number)
        async with transaction(self._engine) as connection:
            for start in range(0, len(references), _A_QUERY):
                some = references[start : start + _A_QUERY]
                rows = await connection.execute(query.where(FEEDBACK.c.reference.in_(some)))
                for row in rows:
                    found[row.reference].append(Feedback(*row))
        return found

    async def still(self, references: Sequence[str]) -> set[str]:
        """Those of these answers that are kept."""
        found: set[str] = set()
        async with transaction(self._engine) as connection:
            for start in range(0, len(references), _A_QUERY):
                some = references[start : start + _A_QUERY]
                query = select(ANSWERS.c.reference).where(ANSWERS.c.reference.in_(some))
                found.update(await connection.scalars(query))
        return found

    async def first_seen(self) -> dict[str, datetime]:
        """When each person wrote or rated for the first time, as far as that is kept."""
        seen: dict[str, datetime] = {}
        for author, at in (
            (MESSAGES.c.author, MESSAGES.c.sent_at),
            (FEEDBACK.c.author, FEEDBACK.c.given_at),
        ):
            query = select(author, func.min(at)).group_by(author)
            async with transaction(self._engine) as connection:
                for person, first in (await connection.execute(query)).all():
                    seen[person] = min(first, seen.get(person, first))
        return seen
