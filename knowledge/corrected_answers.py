"""Answers that people disliked, with what they say would have been right."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.conversations import Feedback
from knowledge.database import transaction
from knowledge.history import ANSWERS, FEEDBACK, MESSAGES, OURSELVES, History

_MOST_BEFORE = 4
"""Messages before a question, for a follow-up."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """An answer that somebody disliked and put right.

    Attributes:
        readers: the principals of those before whom it was said.
        before: what was said before the same readers, oldest first, and whether by us.
        text: as it was answered.
        better: what would have been right, in somebody's words.
        by: who says so.
        fault: what was wrong, by its name; empty where it is not known.
    """

    reference: str
    question: str
    asker: str
    readers: frozenset[str]
    before: tuple[tuple[str, bool], ...]
    text: str
    better: str
    by: str
    fault: str = ""

    def was_told_to(self, principals: frozenset[str]) -> bool:
        """Whether somebody of whom this is true has asked it, or could read it there."""
        return self.asker in principals or principals >= self.readers


class CorrectedAnswers:
    """What people said of answers; who deletes a question takes it out of here."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def references(self) -> list[str]:
        """The names of those that somebody has put right, oldest first."""
        query = (
            select(FEEDBACK.c.reference)
            .where(FEEDBACK.c.better != "")
            .group_by(FEEDBACK.c.reference)
            .order_by(func.min(FEEDBACK.c.number))
        )
        async with transaction(self._engine) as connection:
            return list(await connection.scalars(query))

    async def one(self, reference: str) -> Corrected | None:
        """The answer of this name; None where it is gone, or nobody dislikes it any longer."""
        asked = MESSAGES.alias()
        query = (
            select(ANSWERS, asked.c.number, asked.c.author, asked.c.readers)
            .add_columns(asked.c.text.label("asked"))
            .join(asked, asked.c.id == ANSWERS.c.question)
            .where(ANSWERS.c.reference == reference)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).first()
            if row is None:
                return None
            before = await _before(connection, row)
        said = await History(self._engine).feedback(reference)
        better = _better(said)
        if better is None:
            return None
        return Corrected(
            reference=reference,
            question=row.asked,
            asker=row.author,
            readers=frozenset(row.readers),
            before=before,
            text=row.text,
            better=better.better,
            by=better.author,
            fault=better.fault,
        )

    async def opinions(self) -> tuple[int, int]:
        """How many opinions there are, one a person and answer, and how many people gave them."""
        query = select(FEEDBACK.c.reference, FEEDBACK.c.author).distinct()
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        return len(rows), len({row.author for row in rows})


async def _before(
    connection: AsyncConnection, row: Row[tuple[object, ...]]
) -> tuple[tuple[str, bool], ...]:
    """The last messages before a question that the same people could read."""
    query = (
        select(MESSAGES.c.text, MESSAGES.c.author, MESSAGES.c.readers)
        .where(MESSAGES.c.conversation == row.conversation, MESSAGES.c.number < row.number)
        .order_by(MESSAGES.c.number.desc())
        .limit(_MOST_BEFORE)
    )
    said = (await connection.execute(query)).all()
    same = [one for one in reversed(said) if set(one.readers) == set(row.readers)]
    return tuple((one.text, one.author == OURSELVES) for one in same)


def _better(said: Sequence[Feedback]) -> Feedback | None:
    """What somebody says would have been right, who has not changed their mind; the last one."""
    last = {one.author: one.verdict for one in said}
    left = [one for one in said if one.better and last[one.author] == "down"]
    return left[-1] if left else None
