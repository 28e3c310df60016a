"""Messages that want an answer, from their arrival to what was posted: none is ever lost."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Column, Integer, String, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.columns import Written
from knowledge.conversations import now
from knowledge.database import METADATA, insert_missing, transaction
from knowledge.instants import Instant
from knowledge.leases import changed
from knowledge.together import Together

State = Literal["received", "running", "answered", "posted", "told", "withdrawn", "dead"]
"""`answered` is stored and not yet posted; `told` was told why there is no answer; `dead` could not
be told, either."""
OPEN: tuple[State, ...] = ("received", "running", "answered")

_TURNS = Table(
    "turns",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("platform", String, nullable=False),
    Column("conversation", String, nullable=False, index=True),
    Column("author", String, nullable=False),
    Column("text", Written, nullable=False),
    Column("place", JSON, nullable=False),
    Column("locale", String, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("owner", String, nullable=False),
    Column("post", JSON),
    Column("posted_as", String, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
_KEYS = Table(
    "turn_keys",
    METADATA,
    Column("key", String, primary_key=True),
    Column("turn", Integer, nullable=False, index=True),
)


class _KnownError(Exception):
    """A message of this name was written down meanwhile."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message that wants an answer.

    Attributes:
        platform: the name of the platform's file.
        keys: what the platform calls it; a message may come several times under several names.
        conversation: one turn at a time is answered in it.
        author: the principal of whoever asks.
        place: where the reply goes, in the platform's own words; JSON.
        locale: the asker's, such as `es-ES`; empty where it is not known.
    """

    platform: str
    keys: tuple[str, ...]
    conversation: str
    author: str
    text: str
    place: Mapping[str, Any] = field(default_factory=dict)
    locale: str = ""
    sent_at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn as it stands.

    Attributes:
        tries: how often its answer was begun.
        owner: the process that answers it.
        post: what is to be posted, or was; None as long as there is nothing.
        posted_as: what the platform calls the posted message.
    """

    number: int
    turn: Turn
    state: State
    tries: int
    owner: str
    post: Mapping[str, Any] | None
    posted_as: str

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Arrival:
    """A turn that has come; see `Turns.receive`."""

    turn: Turn
    owner: str
    instead_of: str

    @property
    def names(self) -> list[str]:
        """What it is called from now on."""
        return list(dict.fromkeys(filter(None, (*self.turn.keys, self.instead_of))))


class Turns:
    """All turns, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._arrivals = Together(self._write_down)

    async def receive(self, turn: Turn, owner: str, instead_of: str = "") -> KeptTurn | None:
        """Write a turn down; None where one of its names is known already.

        Args:
            turn: the message, as its platform tells it.
            owner: the process that answers it.
            instead_of: a name of an earlier turn, which names this one from now on.
        """
        try:
            return await self._arrivals.add(Arrival(turn, owner, instead_of))
        except _KnownError:
            return None

    async def _write_down(self, arrivals: Sequence[Arrival]) -> list[KeptTurn | None]:
        """Keep those of which no name is known, neither from before nor from one before them."""
        async with transaction(self._engine) as connection:
            # It deletes nothing: from here on nobody else writes to a database in a file.
            await connection.execute(delete(_KEYS).where(_KEYS.c.key.in_([])))
            known = await _known(connection, arrivals)
            fresh = [one for one in arrivals if _is_new(one, known)]
            if not fresh:
                return [None] * len(arrivals)
            handed_on = [one.instead_of for one in fresh if one.instead_of]
            if handed_on:
                await connection.execute(delete(_KEYS).where(_KEYS.c.key.in_(handed_on)))
            numbers = await _inserted(connection, fresh)
            await self._name(connection, fresh, numbers)
        kept = {id(one): _received(one, number) for one, number in zip(fresh, numbers, strict=True)}
        return [kept.get(id(one)) for one in arrivals]

    async def _name(
        self, connection: AsyncConnection, fresh: Sequence[Arrival], numbers: Sequence[int]
    ) -> None:
        rows = [
            {"key": key, "turn": number}
            for one, number in zip(fresh, numbers, strict=True)
            for key in one.names
        ]
        named = insert_missing(_KEYS, self._engine).values(rows).returning(_KEYS.c.key)
        if len((await connection.execute(named)).all()) < len(rows):
            raise _KnownError  # another process was quicker; nothing of this transaction stays

    async def begin(self, number: int) -> bool:
        """Note that an answer is begun; False where nobody waits for it any longer."""
        begun = _of(number, *OPEN).values(
            state="running", tries=_TURNS.c.tries + 1, changed_at=now()
        )
        return await changed(self._engine, begun)

    async def answer(self, number: int, post: Mapping[str, Any]) -> bool:
        """Store what is to be posted; False where nobody waits for it any longer."""
        stored = _of(number, *OPEN).values(state="answered", post=dict(post), changed_at=now())
        return await changed(self._engine, stored)

    async def end(self, number: int, state: State, posted_as: str = "") -> bool:
        """Note how it ended; False where it had ended before."""
        ended = _of(number, *OPEN).values(state=state, posted_as=posted_as, changed_at=now())
        return await changed(self._engine, ended)

    async def take_over(self, kept: KeptTurn, owner: str) -> bool:
        """Make an open turn ours; False where somebody else was faster."""
        taken = _of(kept.number, *OPEN).where(_TURNS.c.owner == kept.owner).values(owner=owner)
        return await changed(self._engine, taken)

    async def named(self, key: str) -> KeptTurn | None:
        """The turn of this name."""
        query = select(_TURNS).join(_KEYS, _KEYS.c.turn == _TURNS.c.number)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query.where(_KEYS.c.key == key))).first()
        return _kept(row, (key,)) if row else None

    async def has(self, conversation: str) -> bool:
        """Whether somebody has asked something in a conversation, lately or just now."""
        query = select(_TURNS.c.number).where(_TURNS.c.conversation == conversation).limit(1)
        async with transaction(self._engine) as connection:
            return await connection.scalar(query) is not None

    async def latest(self, platform: str) -> datetime | None:
        """When the last turn of a platform was sent."""
        query = select(func.max(_TURNS.c.sent_at)).where(_TURNS.c.platform == platform)
        async with transaction(self._engine) as connection:
            found: datetime | None = await connection.scalar(query)
        return found

    async def open(self, platforms: Sequence[str]) -> list[KeptTurn]:
        """All turns of these platforms for which somebody still waits, oldest first."""
        query = (
            select(_TURNS)
            .where(_TURNS.c.state.in_(OPEN), _TURNS.c.platform.in_(platforms))
            .order_by(_TURNS.c.number)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
            numbers = [row.number for row in rows]
            names = await connection.execute(select(_KEYS).where(_KEYS.c.turn.in_(numbers)))
            found = [(name.turn, name.key) for name in names]
        return [_kept(row, tuple(key for turn, key in found if turn == row.number)) for row in rows]

    async def forget_ended(self, before: datetime) -> None:
        """Remove what ended before this moment; platforms deliver nothing again after so long."""
        old = select(_TURNS.c.number).where(
            _TURNS.c.state.not_in(OPEN), _TURNS.c.changed_at < before
        )
        async with transaction(self._engine) as connection:
            await connection.execute(delete(_KEYS).where(_KEYS.c.turn.in_(old)))
            await connection.execute(delete(_TURNS).where(_TURNS.c.number.in_(old)))


async def _known(connection: AsyncConnection, arrivals: Sequence[Arrival]) -> set[str]:
    """The names of these that somebody has already."""
    names = {name for one in arrivals for name in one.names}
    return set(await connection.scalars(select(_KEYS.c.key).where(_KEYS.c.key.in_(names))))


def _is_new(arrival: Arrival, known: set[str]) -> bool:
    """Whether none of its names is known but the one that it takes over; now they are."""
    is_new = known.isdisjoint({*arrival.names} - {arrival.instead_of})
    known.update(arrival.names if is_new else ())
    return is_new


async def _inserted(connection: AsyncConnection, fresh: Sequence[Arrival]) -> Sequence[int]:
    """The numbers of these turns, in order."""
    shared = {"state": "received", "tries": 0, "posted_as": "", "post": None, "changed_at": now()}
    rows = [asdict(one.turn) | shared | {"owner": one.owner} for one in fresh]
    for row in rows:
        del row["keys"]
    made = insert(_TURNS).returning(_TURNS.c.number, sort_by_parameter_order=True)
    return (await connection.scalars(made, rows)).all()


def _received(arrival: Arrival, number: int) -> KeptTurn:
    return KeptTurn(number, arrival.turn, "received", 0, arrival.owner, None, "")


def _of(number: int, *states: State) -> Any:  # noqa: ANN401 (a statement, still without its values)
    return update(_TURNS).where(_TURNS.c.number == number, _TURNS.c.state.in_(states))


def _kept(row: Any, keys: tuple[str, ...]) -> KeptTurn:  # noqa: ANN401 (a row of the table)
    turn = Turn(
        platform=row.platform,
        keys=keys,
        conversation=row.conversation,
        author=row.author,
        text=row.text,
        place=row.place,
        locale=row.locale,
        sent_at=row.sent_at,
    )
    return KeptTurn(row.number, turn, row.state, row.tries, row.owner, row.post, row.posted_as)
