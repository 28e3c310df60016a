"""Which tools of strange servers an admin has approved, word for word."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.instants import Instant
from knowledge.schema import METADATA

TOOL_APPROVALS = Table(
    "tool_approvals",
    METADATA,
    Column("name", String, primary_key=True),
    Column("server", String, nullable=False),
    Column("said", JSON, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Approval:
    """A tool as an admin has read it.

    Attributes:
        name: what we call it.
        server: that offers it.
        said: what the server said of it: its own name, its description, its schema.
        fingerprint: of exactly these words.
    """

    name: str
    server: str
    said: Mapping[str, Any]
    fingerprint: str
    at: datetime = field(default_factory=now)


class ToolApprovals:
    """All approvals, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> dict[str, Approval]:
        """Those that hold, by the names of their tools."""
        query = select(TOOL_APPROVALS).order_by(TOOL_APPROVALS.c.name)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).mappings()
            return {row["name"]: Approval(**row) for row in rows}

    async def put(self, approval: Approval) -> None:
        """Approve a tool, in place of what was approved under its name before."""
        async with transaction(self._engine) as connection:
            await connection.execute(_without(approval.name))
            await connection.execute(insert(TOOL_APPROVALS).values(asdict(approval)))

    async def remove(self, name: str) -> None:
        """Take an approval back."""
        async with transaction(self._engine) as connection:
            await connection.execute(_without(name))


def _without(name: str) -> Any:  # noqa: ANN401 (a statement, whose type has no public name)
    return delete(TOOL_APPROVALS).where(TOOL_APPROVALS.c.name == name)
