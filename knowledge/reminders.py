"""Reminders: what people want to be told later, until it was told once or is wanted no longer.

What a channel is told of our own accord waits here, too, for whoever serves its platform.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, Integer, String, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.columns import Written
from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.errors import AskerError
from knowledge.instants import Instant
from knowledge.leases import changed
from knowledge.runs import Runs
from knowledge.schema import METADATA
from knowledge.turn import TURNS

MOST_OPEN = 50
"""Reminders that a person may have open at once."""
KEPT_FOR = timedelta(days=30)
"""What was told or cancelled is known for so long after it was due."""
SAID_ONCE_IN = timedelta(minutes=10)
"""Several processes may notice the same: what a channel was told just now it is not told again."""
_OPEN = ("open", "telling")
"""`telling` is about to be told by a process; if that was killed, another one goes on with it."""

REMINDERS = Table(
    "reminders",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("person", String, nullable=False, index=True),
    Column("conversation", String, nullable=False),
    Column("platform", String, nullable=False),
    Column("place", JSON, nullable=False),
    Column("language", String, nullable=False),
    Column("when", String, nullable=False),
    Column("what", Written, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("state", String, nullable=False),
    sqlite_autoincrement=True,  # a number that was told shall never be another reminder's
)


class TooManyRemindersError(AskerError):
    """Somebody wants to be reminded of more than anybody would read."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """What somebody wants to be told later.

    Attributes:
        person: the principal of whoever wants it; `NOBODY` of what a channel is told.
        conversation: where it was asked for, and is told; the full name of the channel.
        what: in the words of whoever wants it; Markdown of ours for a channel.
        platform, place: where the question stands by which it was asked for, as a `Turn` has them;
            filled in by `Reminders.add`.
        language: in which it is told.
        when: the time at which it is due, as its person reads it.
        number: by which it is named; 0 for one that is not kept yet.
    """

    person: str
    conversation: str
    what: str
    due_at: datetime
    language: str = "en"
    when: str = ""
    platform: str = ""
    place: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0


def job_of(platform: str) -> str:
    """The name of the job that tells the reminders of a platform."""
    return f"remind:{platform}"


class Reminders:
    """All reminders, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._runs = Runs(engine)

    async def add(self, wanted: Reminder) -> Reminder:
        """Keep a reminder, and have whoever serves its platform wake up for it.

        Its place is that of the last thing that the person asked in the conversation; where nothing
        is known of that, it is asked in a terminal.

        Raises:
            TooManyRemindersError: the person has as many as anybody may have.
        """
        async with transaction(self._engine) as connection:
            await connection.execute(_long_over(wanted.person))
            row = _row(wanted) | await self._place(connection, wanted)
            number = await _inserted(connection, row)
        await self.wake(row["platform"])
        return _reminder(row | {"number": number})

    async def announce(self, wanted: Reminder) -> bool:
        """Have whoever serves its platform tell a channel something; False where it was just told.

        Args:
            wanted: with its platform, and `NOBODY` as the person.

        Raises:
            TooManyRemindersError: so much waits already that somebody should look why.
        """
        same = _is_same(wanted) & (REMINDERS.c.due_at > wanted.due_at - SAID_ONCE_IN)
        async with transaction(self._engine) as connection:
            # It deletes something or nothing: from here on nobody else writes to a file.
            await connection.execute(_long_over(wanted.person))
            if await connection.scalar(select(REMINDERS.c.number).where(same).limit(1)):
                return False
            await _inserted(connection, _row(wanted))
        await self.wake(wanted.platform)
        return True

    async def _place(
        self,
        connection: Any,  # noqa: ANN401 (an open transaction)
        wanted: Reminder,
    ) -> dict[str, Any]:
        query = (
            select(TURNS.c.platform, TURNS.c.place)
            .where(TURNS.c.conversation == wanted.conversation, TURNS.c.author == wanted.person)
            .order_by(TURNS.c.number.desc())
            .limit(1)
        )
        found = (await connection.execute(query)).first()
        if found is None:
            return {"platform": "terminal", "place": {}}
        return {"platform": found.platform, "place": found.place}

    async def of(self, person: str) -> list[Reminder]:
        """What somebody will be told, what is due first before the rest."""
        return await self._all(_is_open(person))

    async def due(self, platform: str, person: str = "") -> list[Reminder]:
        """What is to be told by now on a platform, to everybody or to one person alone."""
        is_due = (REMINDERS.c.platform == platform) & (REMINDERS.c.due_at <= now())
        whose = _is_open(person) if person else REMINDERS.c.state.in_(_OPEN)
        return await self._all(is_due & whose)

    async def wake(self, platform: str, *, not_before: datetime | None = None) -> None:
        """Make the job of a platform due when its next reminder is, or at this time if it is past.

        Who asks last is heard while the job runs, and others may ask at the same time: so we look
        again, until nothing has come in before what we have asked for.
        """
        asked = None
        while (due_at := await self._next_due(platform)) not in (None, asked):
            asked = due_at
            at = max(due_at, not_before) if not_before else due_at
            await self._runs.ask(job_of(platform), at)

    async def _next_due(self, platform: str) -> datetime | None:
        query = select(func.min(REMINDERS.c.due_at)).where(
            REMINDERS.c.platform == platform, REMINDERS.c.state.in_(_OPEN)
        )
        async with transaction(self._engine) as connection:
            found: datetime | None = await connection.scalar(query)
        return found

    async def cancel(self, number: int, person: str) -> bool:
        """Take back a reminder of a person; False where there is none that is still to be told."""
        return await self._change(number, ("open",), "cancelled", REMINDERS.c.person == person)

    async def claim(self, number: int) -> bool:
        """Begin to tell one; from now on it cannot be taken back. False where that is over."""
        return await self._change(number, _OPEN, "telling")

    async def told(self, number: int) -> bool:
        """Note that one was told; False where somebody else has noted that before."""
        return await self._change(number, _OPEN, "told")

    async def _change(self, number: int, before: tuple[str, ...], after: str, *more: Any) -> bool:  # noqa: ANN401 (conditions of SQLAlchemy)
        is_it = (REMINDERS.c.number == number) & REMINDERS.c.state.in_(before)
        return await changed(
            self._engine, update(REMINDERS).where(is_it, *more).values(state=after)
        )

    async def _all(self, which: Any) -> list[Reminder]:  # noqa: ANN401 (a condition of SQLAlchemy)
        query = select(REMINDERS).where(which)
        query = query.order_by(REMINDERS.c.due_at, REMINDERS.c.number)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_reminder(dict(row)) for row in rows]


async def _inserted(connection: Any, row: Mapping[str, Any]) -> int | None:  # noqa: ANN401 (an open transaction)
    """Keep a row, unless too many are open; its number."""
    adding = insert(REMINDERS).values(row).returning(REMINDERS.c.number)
    number: int | None = await connection.scalar(adding)
    query = select(func.count()).where(_is_open(row["person"]))
    if (await connection.scalar(query) or 0) > MOST_OPEN:
        raise TooManyRemindersError(
            f"There are {MOST_OPEN} open reminders already.",
            what_to_do="Cancel one of them first.",
        )
    return number


def _is_same(one: Reminder) -> Any:  # noqa: ANN401 (a condition of SQLAlchemy)
    columns = REMINDERS.c
    is_there = (columns.person == one.person) & (columns.conversation == one.conversation)
    return is_there & (columns.what == one.what)


def _is_open(person: str) -> Any:  # noqa: ANN401 (a condition of SQLAlchemy)
    return (REMINDERS.c.person == person) & REMINDERS.c.state.in_(_OPEN)


def _long_over(person: str) -> Any:  # noqa: ANN401 (a statement)
    is_over = (REMINDERS.c.person == person) & REMINDERS.c.state.not_in(_OPEN)
    return delete(REMINDERS).where(is_over, REMINDERS.c.due_at < now() - KEPT_FOR)


def _row(one: Reminder) -> dict[str, Any]:
    row = asdict(one) | {"state": "open"}
    del row["number"]
    return row


def _reminder(row: Mapping[str, Any]) -> Reminder:
    return Reminder(**{name: value for name, value in row.items() if name != "state"})
