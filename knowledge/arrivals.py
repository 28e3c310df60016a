"""Messages that have come, written down together: the same one is taken once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge import pictures
from knowledge.conversations import now
from knowledge.database import insert_missing, transaction
from knowledge.turn import KEYS, OPEN, TURNS, KeptTurn, State, Turn


class _KnownError(Exception):
    """Another process has written down a message of this name meanwhile."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A turn that has come; see `Turns.receive`."""

    turn: Turn
    owner: str
    instead_of: str
    edits: int = 0
    post: Mapping[str, Any] | None = None

    @property
    def names(self) -> list[str]:
        """What it is called from now on."""
        return list(dict.fromkeys(filter(None, (*self.turn.keys, self.instead_of))))

    @property
    def state(self) -> State:
        """How it stands: what comes with a post is answered already."""
        return "received" if self.post is None else "answered"


async def write_down(engine: AsyncEngine, arrivals: Sequence[Arrival]) -> list[KeptTurn | None]:
    """Keep those of which no name is known, neither from before nor from one before them."""
    while True:
        try:
            async with transaction(engine) as connection:
                kept = await _written(connection, arrivals, insert_missing(KEYS, engine))
        except _KnownError:  # from now on we see what the other process has written
            continue
        return [kept.get(id(one)) for one in arrivals]


async def _written(
    connection: AsyncConnection,
    arrivals: Sequence[Arrival],
    naming: Any,  # noqa: ANN401 (each dialect has a type of its own)
) -> dict[int, KeptTurn]:
    # It deletes nothing: from here on nobody else writes to a database in a file.
    await connection.execute(delete(KEYS).where(KEYS.c.key.in_([])))
    known = await _known(connection, arrivals)
    fresh = [one for one in arrivals if _is_new(one, known)]
    if not fresh:
        return {}
    handed_on = [one.instead_of for one in fresh if one.instead_of]
    if handed_on:
        await _withdraw(connection, handed_on)
    numbered = list(zip(fresh, await _inserted(connection, fresh), strict=True))
    turn_of = {name: number for one, number in numbered for name in one.names}
    rows = [{"key": name, "turn": number} for name, number in turn_of.items()]
    named = naming.values(rows).returning(KEYS.c.key)
    if len((await connection.execute(named)).all()) < len(rows):
        raise _KnownError  # nothing of this transaction stays
    return {id(one): _received(one, number) for one, number in numbered}


async def _withdraw(connection: AsyncConnection, names: Sequence[str]) -> None:
    """End the turns that hand these names on, and forget what they said."""
    numbers = select(KEYS.c.turn).where(KEYS.c.key.in_(names))
    await pictures.forget(connection, numbers)
    earlier = update(TURNS).where(TURNS.c.number.in_(numbers))
    left = earlier.where(TURNS.c.state.in_(OPEN))
    await connection.execute(left.values(state="withdrawn", changed_at=now()))
    await connection.execute(earlier.values(text="", post=None, place={}))
    await connection.execute(delete(KEYS).where(KEYS.c.key.in_(names)))


async def _known(connection: AsyncConnection, arrivals: Sequence[Arrival]) -> set[str]:
    """The names of these that somebody has already."""
    names = {name for one in arrivals for name in one.names}
    return set(await connection.scalars(select(KEYS.c.key).where(KEYS.c.key.in_(names))))


def _is_new(arrival: Arrival, known: set[str]) -> bool:
    """Whether none of its names is known but the one that it takes over; now they are."""
    is_new = known.isdisjoint({*arrival.names} - {arrival.instead_of})
    known.update(arrival.names if is_new else ())
    return is_new


async def _inserted(connection: AsyncConnection, fresh: Sequence[Arrival]) -> Sequence[int]:
    """The numbers of these turns, in order."""
    rows = [_row(one) for one in fresh]
    made = insert(TURNS).returning(TURNS.c.number, sort_by_parameter_order=True)
    return (await connection.scalars(made, rows)).all()


def _row(arrival: Arrival) -> dict[str, Any]:
    row = asdict(arrival.turn) | {"tries": 0, "posted_as": "", "changed_at": now()}
    row |= {"owner": arrival.owner, "edits": arrival.edits}
    row |= {"state": arrival.state, "post": arrival.post and dict(arrival.post)}
    del row["keys"]
    return row


def _received(arrival: Arrival, number: int) -> KeptTurn:
    stands = (arrival.state, 0, arrival.owner, arrival.post, "", arrival.edits)
    return KeptTurn(number, arrival.turn, *stands)
