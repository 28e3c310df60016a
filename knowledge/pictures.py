"""The bytes of pictures that are to be posted: kept with their turn until they are, no longer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.schema import METADATA

_PICTURES = Table(
    "pictures",
    METADATA,
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)


async def keep(connection: AsyncConnection, turn: int, contents: Sequence[bytes]) -> None:
    """Keep the pictures of a turn, in the place of those that it had."""
    await forget(connection, (turn,))
    if contents:
        rows = [{"turn": turn, "position": n, "content": one} for n, one in enumerate(contents)]
        await connection.execute(insert(_PICTURES), rows)


async def kept(connection: AsyncConnection, turn: int) -> list[bytes]:
    """The pictures of a turn, in order."""
    query = select(_PICTURES.c.content).where(_PICTURES.c.turn == turn)
    return list((await connection.scalars(query.order_by(_PICTURES.c.position))).all())


async def forget(
    connection: AsyncConnection,
    turns: Any,  # noqa: ANN401 (numbers, or a query that gives them)
) -> None:
    """Keep the pictures of these turns no longer."""
    await connection.execute(delete(_PICTURES).where(_PICTURES.c.turn.in_(turns)))
