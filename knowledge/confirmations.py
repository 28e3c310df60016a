"""What people were asked to confirm before it is done: each once, by one person, for a while."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import JSON, Column, String, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.instants import Instant
from knowledge.leases import changed
from knowledge.schema import METADATA

VALID_FOR = timedelta(minutes=10)
KEPT_FOR = timedelta(days=7)
"""So long a press on an old button still finds what became of it."""
Refusal = Literal["declined", "late", "refused"]
"""Why nothing was done: it was not wanted, the yes came too late, or it cannot be any more."""
State = Literal["asked", "begun", "done", "failed", Refusal]
"""`begun` is done just now, or was when the process ended: nobody knows whether it is done."""

CONFIRMATIONS = Table(
    "confirmations",
    METADATA,
    Column("id", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("conversation", String, nullable=False),
    Column("language", String, nullable=False),
    Column("tool", String, nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("answer", String, nullable=False, server_default=""),
)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A call that somebody is to confirm.

    Attributes:
        person: the principal of whoever asked: nobody else may say so.
        language: of what they asked.
        arguments: as they were checked.
        fingerprint: of the tool and the arguments, as they were when this was asked.
        id: its name, in buttons.
        answer: the reference of the answer in which a terminal shows it; empty where none does.
    """

    person: str
    conversation: str
    language: str
    tool: str
    arguments: Mapping[str, Any]
    fingerprint: str
    id: str = field(default_factory=lambda: secrets.token_hex(8).upper())
    asked_at: datetime = field(default_factory=now)
    state: State = "asked"
    answer: str = ""

    def is_valid(self, at: datetime) -> bool:
        """Whether it could still be confirmed at this moment."""
        return at - self.asked_at <= VALID_FOR


class Confirmations:
    """All of them, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, asked: Confirmation) -> None:
        """Write one down, before anybody is asked; what is long over is forgotten."""
        over = delete(CONFIRMATIONS).where(CONFIRMATIONS.c.asked_at < now() - KEPT_FOR)
        async with transaction(self._engine) as connection:
            await connection.execute(over)
            await connection.execute(insert(CONFIRMATIONS).values(asdict(asked)))

    async def named(self, name: str) -> Confirmation | None:
        """The one of this name; None where there is none, or none any more."""
        query = select(CONFIRMATIONS).where(CONFIRMATIONS.c.id == name)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
        return Confirmation(**row) if row else None

    async def note_answer(self, name: str, answer: str) -> None:
        """Note in which answer a terminal shows it, or that none does any more."""
        named = update(CONFIRMATIONS).where(CONFIRMATIONS.c.id == name)
        await changed(self._engine, named.values(answer=answer))

    async def undecided(self, person: str) -> Confirmation | None:
        """The last one that a terminal shows somebody and that could still be confirmed."""
        query = (
            select(CONFIRMATIONS)
            .where(CONFIRMATIONS.c.person == person, CONFIRMATIONS.c.answer != "")
            .where(CONFIRMATIONS.c.state == "asked", CONFIRMATIONS.c.asked_at >= now() - VALID_FOR)
            .order_by(CONFIRMATIONS.c.asked_at.desc())
            .limit(1)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
        return Confirmation(**row) if row else None

    async def decide(self, name: str, state: Literal["begun", "failed", Refusal]) -> bool:
        """Note what its person has decided, or that it fails; False where it was decided before."""
        waiting = update(CONFIRMATIONS).where(
            CONFIRMATIONS.c.id == name, CONFIRMATIONS.c.state == "asked"
        )
        return await changed(self._engine, waiting.values(state=state))

    async def end(self, asked: Confirmation, state: Literal["done", "failed"]) -> None:
        """Note what came of what was begun."""
        begun = update(CONFIRMATIONS).where(CONFIRMATIONS.c.id == asked.id)
        await changed(self._engine, begun.values(state=state))
