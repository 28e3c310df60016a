"""Which tools were called, for whom and what came of it: rows that nobody changes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Float, Integer, String, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.instants import Instant
from knowledge.schema import METADATA

TOOL_CALLS = Table(
    "tool_calls",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("tool", String, nullable=False),
    Column("person", String, nullable=False, index=True),
    Column("conversation", String, nullable=False, index=True),
    Column("arguments", JSON, nullable=False),
    Column("status", String, nullable=False),
    Column("effect", String, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """One call of a tool.

    Attributes:
        arguments: as they were checked; empty where they were refused.
        status: what came of it, see `ToolUsed.outcome`.
        effect: of the tool: `read`, `write`, `destructive`.
        seconds: that it took.
    """

    tool: str
    person: str
    conversation: str
    arguments: Mapping[str, Any]
    status: str
    effect: str
    seconds: float
    at: datetime = field(default_factory=now)


class ToolCalls:
    """All calls of tools, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, called: ToolCalled) -> None:
        """Write a call down."""
        async with transaction(self._engine) as connection:
            await connection.execute(insert(TOOL_CALLS).values(asdict(called)))

    async def of(self, conversation: str) -> list[ToolCalled]:
        """The calls in a conversation, oldest first."""
        query = select(TOOL_CALLS).where(TOOL_CALLS.c.conversation == conversation)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query.order_by(TOOL_CALLS.c.number))).mappings()
            return [ToolCalled(**{k: v for k, v in row.items() if k != "number"}) for row in rows]
