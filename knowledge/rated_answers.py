"""Answers that people said something of, with the question and all that was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.conversations import Feedback, Message
from knowledge.database import transaction
from knowledge.history import ANSWERS, FEEDBACK, MESSAGES, Recorded, recorded_of

_A_QUERY = 400


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer, what was asked, and what people thought of it.

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


class RatedAnswers:
    """What was rated; read for learning alone, which asks for consent and rights itself."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> list[RatedAnswer]:
        """All answers of which somebody said something, oldest first."""
        rated = select(FEEDBACK.c.reference).distinct()
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
            .where(ANSWERS.c.reference.in_(rated))
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
