"""Candidates: what was made to answer better, in which state each is, and who serves where.

A place is what can be exchanged: the prompt of a persona, the model, the way of searching. Each
has one champion at most, named in one row; to exchange it is to write that row. Every change of
state is kept with who made it and why.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Integer,
    RowMapping,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge import schema
from knowledge.candidate import NEXT, TRIALS, Candidate, Change, State
from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.errors import OperatorError, suggestion
from knowledge.instants import Instant
from knowledge.schema import METADATA

CANDIDATES = Table(
    "candidates",
    METADATA,
    Column("name", String, primary_key=True),
    Column("place", String, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("serves", String, nullable=False),
    Column("files", JSON, nullable=False),
    Column("about", JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
)
_CHANGES = Table(
    "candidate_changes",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", Instant, nullable=False),
)
_CHAMPIONS = Table(
    "champions",
    METADATA,
    Column("place", String, primary_key=True),
    Column("name", String, nullable=False),  # empty: what there was before anything was learnt
    Column("earlier", JSON, nullable=False),  # names of those who served before, the last one last
    Column("switched_at", Instant, nullable=False),
)


class UnknownCandidateError(OperatorError):
    """There is no candidate of this name."""


class StateError(OperatorError):
    """A candidate cannot go from the state that it is in to the one that is wanted."""


class Candidates:
    """All candidates, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, one: Candidate, *, by: str, reason: str) -> None:
        """Write a new one down."""
        values = {name: getattr(one, name) for name in CANDIDATES.c.keys()}  # noqa: SIM118 (columns)
        values |= {"files": dict(one.files), "about": dict(one.about)}
        async with transaction(self._engine) as connection:
            await connection.execute(insert(CANDIDATES).values(values))
            await _noted(connection, one.name, one.state, by, reason)

    async def one(self, name: str) -> Candidate:
        """The one of this name.

        Raises:
            UnknownCandidateError: there is none; says which are near.
        """
        async with transaction(self._engine) as connection:
            return await _one(connection, name)

    async def all(self, place: str = "") -> list[Candidate]:
        """Those of a place, or all; the newest last."""
        query = select(CANDIDATES).order_by(CANDIDATES.c.made_at, CANDIDATES.c.name)
        if place:
            query = query.where(CANDIDATES.c.place == place)
        async with transaction(self._engine) as connection:
            return [_read(row) for row in (await connection.execute(query)).mappings()]

    async def changes(self, name: str) -> list[Change]:
        """How one came into the state that it is in, oldest first."""
        query = select(_CHANGES).where(_CHANGES.c.name == name).order_by(_CHANGES.c.number)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).mappings()
            return [Change(**{k: v for k, v in row.items() if k != "number"}) for row in rows]

    async def describe(self, name: str, about: Mapping[str, Any]) -> None:
        """Write down what was found out about one."""
        async with transaction(self._engine) as connection:
            found = await _one(connection, name)
            changed = update(CANDIDATES).where(CANDIDATES.c.name == name)
            await connection.execute(changed.values(about={**found.about, **about}))

    async def move(self, name: str, state: State, *, by: str, reason: str) -> None:
        """Bring one into another state; who serves is changed by `crown` and `roll_back` alone.

        Raises:
            UnknownCandidateError, StateError: nothing was changed.
        """
        async with self._alone() as connection:
            found = await _one(connection, name)
            if "champion" in {state, found.state}:
                raise StateError(
                    f"{name} is {found.state}, and cannot just become {state}.",
                    what_to_do="tertulia learn promote and tertulia learn rollback do that.",
                )
            if state in TRIALS:
                await _check_alone(connection, found)
            await _moved(connection, found, state, by, reason)

    async def champion(self, place: str) -> Candidate | None:
        """Who serves there; None where nothing learnt does. One row is read."""
        query = (
            select(CANDIDATES)
            .join(_CHAMPIONS, _CHAMPIONS.c.name == CANDIDATES.c.name)
            .where(_CHAMPIONS.c.place == place)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
            return _read(row) if row else None

    async def being(self, *states: State) -> list[Candidate]:
        """Those in these states, by their names."""
        query = select(CANDIDATES).where(CANDIDATES.c.state.in_(states)).order_by(CANDIDATES.c.name)
        async with transaction(self._engine) as connection:
            return [_read(row) for row in (await connection.execute(query)).mappings()]

    async def has_served(self, place: str) -> bool:
        """Whether anything learnt ever served there."""
        query = select(_CHAMPIONS.c.place).where(_CHAMPIONS.c.place == place)
        async with transaction(self._engine) as connection:
            return await connection.scalar(query) is not None

    async def crown(self, name: str, *, by: str, reason: str) -> Candidate | None:
        """Have one serve in its place from the next question on; who served before.

        Raises:
            UnknownCandidateError, StateError: nothing was changed.
        """
        async with self._alone() as connection:
            found = await _one(connection, name)
            row = await _seat_of(connection, found.place)
            if found.state == "retired" and name not in row["earlier"]:
                raise StateError(
                    f"{name} was retired, and is none of those that may come back.",
                    what_to_do="What served before the champion may; others are made anew.",
                )
            before = await _one(connection, row["name"]) if row["name"] else None
            if before is not None:
                await _moved(connection, before, "retired", by, f"{name} took its place")
            await _moved(connection, found, "champion", by, reason)
            earlier = [one for one in row["earlier"] if one != name]
            await _seat(
                connection, found.place, name, [*earlier, *([row["name"]] if before else [])]
            )
            return before

    async def roll_back(
        self, place: str, *, by: str, reason: str, to: State = "retired"
    ) -> tuple[Candidate, Candidate | None]:
        """Have the champion before serve again, or what there was before anything was learnt.

        Args:
            place: whose champion goes.
            by: who wants it.
            reason: why.
            to: the state that it goes to: `retired`, or `quarantined`, from where it cannot serve.

        Returns:
            Who went, and who serves now.

        Raises:
            StateError: nothing learnt serves there.
        """
        async with self._alone() as connection:
            row = await _seat_of(connection, place)
            if not row["name"]:
                raise StateError(
                    f"Nothing that was learnt serves as {place}.",
                    what_to_do="What serves where: tertulia learn status",
                )
            gone = await _one(connection, row["name"])
            await _moved(connection, gone, to, by, reason)
            earlier = list(row["earlier"])
            able = [name for name in earlier if (await _one(connection, name)).state == "retired"]
            back = await _one(connection, able[-1]) if able else None
            if back is not None:
                await _moved(connection, back, "champion", by, f"{gone.name} was taken back")
                earlier = earlier[: earlier.index(back.name)]
            await _seat(connection, place, back.name if back else "", earlier if back else [])
            return gone, back

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that no other one of these runs beside: one exchange at a time."""
        async with transaction(self._engine) as connection:
            await schema.alone(connection)
            yield connection


def _read(row: RowMapping) -> Candidate:
    return Candidate(**row)


async def _one(connection: AsyncConnection, name: str) -> Candidate:
    query = select(CANDIDATES).where(CANDIDATES.c.name == name)
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        names = list((await connection.execute(select(CANDIDATES.c.name))).scalars())
        raise UnknownCandidateError(
            f"There is no candidate '{name}'.",
            what_to_do=suggestion(name, names) if names else "Make some: tertulia learn run",
        )
    return _read(row)


async def _check_alone(connection: AsyncConnection, one: Candidate) -> None:
    """Refuse a trial beside another one in the same place: nobody could tell which did what."""
    query = select(CANDIDATES.c.name).where(
        CANDIDATES.c.place == one.place,
        CANDIDATES.c.state.in_(TRIALS),
        CANDIDATES.c.name != one.name,
    )
    if other := await connection.scalar(query):
        raise StateError(
            f"{other} is tried as {one.place} already.",
            what_to_do=f"Wait for its end, or end it: tertulia learn rollback {one.place}",
        )


async def _moved(
    connection: AsyncConnection, one: Candidate, state: State, by: str, reason: str
) -> None:
    if state not in NEXT[one.state]:
        raise StateError(
            f"{one.name} is {one.state}, and cannot become {state}.",
            what_to_do=f"From {one.state} it can become: {', '.join(sorted(NEXT[one.state]))}.",
        )
    changed = update(CANDIDATES).where(CANDIDATES.c.name == one.name)
    await connection.execute(changed.values(state=state))
    await _noted(connection, one.name, state, by, reason)


async def _noted(connection: AsyncConnection, name: str, state: str, by: str, reason: str) -> None:
    values = {"name": name, "state": state, "by": by, "reason": reason, "at": now()}
    await connection.execute(insert(_CHANGES).values(values))


async def _seat_of(connection: AsyncConnection, place: str) -> dict[str, Any]:
    query = select(_CHAMPIONS).where(_CHAMPIONS.c.place == place)
    row = (await connection.execute(query)).mappings().first()
    return dict(row) if row else {"name": "", "earlier": []}


async def _seat(connection: AsyncConnection, place: str, name: str, earlier: Sequence[str]) -> None:
    values = {"place": place, "name": name, "earlier": list(earlier), "switched_at": now()}
    await connection.execute(delete(_CHAMPIONS).where(_CHAMPIONS.c.place == place))
    await connection.execute(insert(_CHAMPIONS).values(values))
