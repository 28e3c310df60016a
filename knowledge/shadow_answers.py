"""What a candidate in shadow would have answered: kept beside the question, unseen by people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Float, Integer, String, Table, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.columns import Written
from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.history import ANSWERS
from knowledge.instants import Instant
from knowledge.schema import METADATA

SHADOW_ANSWERS = Table(
    "shadow_answers",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("candidate", String, nullable=False, index=True),
    Column("reference", String, nullable=False),
    Column("question", String, nullable=False),
    Column("text", Written, nullable=False),
    Column("reason", String),
    Column("seconds", Float, nullable=False),
    Column("said_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class ShadowAnswer:
    """An answer that nobody was given.

    Attributes:
        candidate: who answered.
        reference: of the answer that was given instead.
        question: the message that it answers.
        reason: why nothing was answered; None where something was.
        seconds: that it took.
    """

    candidate: str
    reference: str
    question: str
    text: str
    reason: str | None
    seconds: float


class ShadowAnswers:
    """All of them, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, one: ShadowAnswer, at: datetime | None = None) -> None:
        """Keep one."""
        values = {name: getattr(one, name) for name in ShadowAnswer.__slots__}
        async with transaction(self._engine) as connection:
            await connection.execute(insert(SHADOW_ANSWERS).values(said_at=at or now(), **values))

    async def of(self, candidate: str) -> list[ShadowAnswer]:
        """Those of a candidate, oldest first."""
        columns = [SHADOW_ANSWERS.c[name] for name in ShadowAnswer.__slots__]
        query = select(*columns).where(SHADOW_ANSWERS.c.candidate == candidate)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(query.order_by(SHADOW_ANSWERS.c.number))
            return [ShadowAnswer(*row) for row in rows]

    async def forget_gone(self, on_trial: Collection[str]) -> int:
        """Forget those whose question was deleted or answered anew, or whose trial is over.

        Args:
            on_trial: the candidates that are still tried.

        Returns:
            how many were forgotten.
        """
        kept = select(ANSWERS.c.reference)
        is_over = SHADOW_ANSWERS.c.candidate.not_in(on_trial)
        gone = or_(SHADOW_ANSWERS.c.reference.not_in(kept), is_over)
        async with transaction(self._engine) as connection:
            return (await connection.execute(delete(SHADOW_ANSWERS).where(gone))).rowcount
