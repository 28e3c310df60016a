"""Messages that want an answer, from their arrival to what was posted: none is ever lost."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge import pictures
from knowledge.arrivals import Arrival, write_down
from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.leases import changed
from knowledge.together import Together
from knowledge.turn import (
    FREE_EDITS,
    KEYS,
    NOBODY,
    OPEN,
    TOO_MUCH,
    TURNS,
    WORDS,
    KeptTurn,
    State,
    Turn,
    kept_turn,
)


class Turns:
    """All turns, in the relational database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._arrivals = Together(partial(write_down, engine))

    async def receive(
        self,
        turn: Turn,
        owner: str,
        instead_of: str = "",
        *,
        edits: int = 0,
        post: Mapping[str, Any] | None = None,
    ) -> KeptTurn | None:
        """Write a turn down; None where one of its names is known already.

        Args:
            turn: the message, as its platform tells it.
            owner: the process that answers it.
            instead_of: a name of an earlier turn, which names this one from now on.
            edits: how often what was asked has been edited.
            post: what is to be posted, where that is known already.
        """
        return await self._arrivals.add(Arrival(turn, owner, instead_of, edits, post))

    async def begin(self, kept: KeptTurn) -> bool:
        """Note that an answer is begun; False where nobody waits for it any longer."""
        begun = _owned(kept).values(state="running", tries=TURNS.c.tries + 1, changed_at=now())
        return await changed(self._engine, begun)

    async def answer(
        self, kept: KeptTurn, post: Mapping[str, Any], contents: Sequence[bytes] = ()
    ) -> bool:
        """Store what is to be posted; False where nobody waits for it any longer.

        Args:
            kept: the turn.
            post: what is to be posted.
            contents: the bytes of its pictures.
        """
        stored = _owned(kept).values(state="answered", post=dict(post), changed_at=now())
        return await self._with_pictures(kept, stored, contents)

    async def end(self, kept: KeptTurn, state: State, posted_as: str = "") -> bool:
        """Note how it ended; False where it had ended before."""
        ended = _open(kept).values(state=state, posted_as=posted_as, changed_at=now())
        return await self._with_pictures(kept, ended, ())

    async def _with_pictures(
        self,
        kept: KeptTurn,
        change: Any,  # noqa: ANN401 (a statement of SQLAlchemy)
        contents: Sequence[bytes],
    ) -> bool:
        """Change a turn and keep these pictures for it; False where there is nothing to change."""
        async with transaction(self._engine) as connection:
            is_changed = (await connection.execute(change)).rowcount == 1
            if is_changed:
                await pictures.keep(connection, kept.number, contents)
        return is_changed

    async def pictures(self, kept: KeptTurn) -> list[bytes]:
        """The bytes of the pictures that are to be posted for a turn, in order."""
        async with transaction(self._engine) as connection:
            return await pictures.kept(connection, kept.number)

    async def refuse(self, kept: KeptTurn, why: int = TOO_MUCH) -> bool:
        """Note that it is not answered; False where nobody waits for it any longer.

        Args:
            kept: the turn.
            why: `TOO_MUCH` counts towards no limit, `NOT_FOR_THEM` towards their own one alone.
        """
        refused = _owned(kept).values(refused=why, changed_at=now())
        return await changed(self._engine, refused)

    async def forget(self, kept: KeptTurn) -> None:
        """Keep of a turn that was taken back only that there was one."""
        left = update(TURNS).where(TURNS.c.number == kept.number)
        place = {part: held for part, held in kept.turn.place.items() if part != WORDS}
        gone = left.values(state="withdrawn", text="", post=None, place=place)
        if kept.is_open:  # what ended long ago must not count as asked just now
            gone = gone.values(changed_at=now())
        await self._with_pictures(kept, gone, ())

    async def rule_out(self, key: str, owner: str) -> None:
        """Take no message of this name that is still to come: it was taken back already."""
        platform, long_ago = key.partition(":")[0], datetime.fromtimestamp(0, UTC)
        kept = await self.receive(Turn(platform, (key,), "", "", "", sent_at=long_ago), owner)
        if kept:
            await self.forget(kept)

    async def take_over(self, kept: KeptTurn, owner: str) -> KeptTurn | None:
        """Make an open turn that of another process; None where somebody else was faster."""
        is_taken = await changed(self._engine, _owned(kept).values(owner=owner))
        return replace(kept, owner=owner, is_taken_over=True) if is_taken else None

    async def left_to(self, owner: str, numbers: Collection[int]) -> set[int]:
        """Which of these turns are still open and to be answered by a process."""
        query = select(TURNS.c.number).where(
            TURNS.c.number.in_(numbers), TURNS.c.owner == owner, TURNS.c.state.in_(OPEN)
        )
        async with transaction(self._engine) as connection:
            return set((await connection.scalars(query)).all())

    async def named(self, key: str) -> KeptTurn | None:
        """The turn of this name."""
        query = select(TURNS).join(KEYS, KEYS.c.turn == TURNS.c.number)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query.where(KEYS.c.key == key))).first()
        return kept_turn(row, (key,)) if row else None

    async def is_withdrawn(self, number: int) -> bool:
        """Whether nobody wants an answer to a turn any more, or it is known no longer."""
        query = select(TURNS.c.state).where(TURNS.c.number == number)
        async with transaction(self._engine) as connection:
            return await connection.scalar(query) in (None, "withdrawn")

    async def posted_as(self, number: int) -> str:
        """What the post of a turn is called; empty where there is none."""
        query = select(TURNS.c.posted_as).where(TURNS.c.number == number)
        async with transaction(self._engine) as connection:
            return str(await connection.scalar(query) or "")

    async def has(self, conversation: str) -> bool:
        """Whether somebody has asked something in a conversation, lately or just now."""
        query = select(TURNS.c.number).where(TURNS.c.conversation == conversation).limit(1)
        async with transaction(self._engine) as connection:
            return await connection.scalar(query) is not None

    async def asked(self, name: str, since: datetime, *, before: int, most: int) -> list[datetime]:
        """When the last questions of a person or in a channel were at hand, the latest first.

        Args:
            name: the principal.
            since: what was at hand earlier does not count.
            before: the number of a turn; later ones do not count, either.
            most: how many are returned.
        """
        query = (
            select(TURNS.c.changed_at)
            .where(
                or_(
                    (TURNS.c.author == name) & (TURNS.c.refused != TOO_MUCH),
                    (TURNS.c.channel == name) & (TURNS.c.refused == 0),
                ),
                TURNS.c.decision.is_(None),
                TURNS.c.edits.not_in(range(1, FREE_EDITS + 1)),
                TURNS.c.changed_at > since,
                TURNS.c.number < before,
            )
            .order_by(TURNS.c.changed_at.desc())
            .limit(most)
        )
        async with transaction(self._engine) as connection:
            return list((await connection.scalars(query)).all())

    async def last_reference(self, channel: str, person: str) -> str:
        """The reference of the last answer to a person in a channel."""
        reference = TURNS.c.post["reference"].as_string()
        query = (
            select(reference)
            # One that is just being posted is seen before that is noted.
            .where(TURNS.c.state.in_(("answered", "posted")), reference != "")
            .where(TURNS.c.channel == channel, TURNS.c.author == person)
            .order_by(TURNS.c.number.desc())
            .limit(1)
        )
        async with transaction(self._engine) as connection:
            return str(await connection.scalar(query) or "")

    async def latest(self, platform: str) -> datetime | None:
        """When the last turn of a platform was sent that somebody said."""
        query = select(func.max(TURNS.c.sent_at)).where(
            TURNS.c.platform == platform, TURNS.c.author != NOBODY
        )
        async with transaction(self._engine) as connection:
            found: datetime | None = await connection.scalar(query)
        return found

    async def latest_of(
        self, what: Literal["channel", "conversation"], prefix: str, most: int
    ) -> list[str]:
        """The channels or conversations named like this, that of the latest turn first."""
        name = TURNS.c[what]
        query = (
            select(name)
            .where(name.startswith(prefix, autoescape=True))
            .group_by(name)
            .order_by(func.max(TURNS.c.number).desc())
            .limit(most)
        )
        async with transaction(self._engine) as connection:
            return list((await connection.scalars(query)).all())

    async def open(self, platforms: Sequence[str], conversation: str = "") -> list[KeptTurn]:
        """All turns of these platforms for which somebody still waits, oldest first.

        Args:
            platforms: their names.
            conversation: only what was asked there.
        """
        of_them = TURNS.c.platform.in_(platforms)
        query = select(TURNS).where(TURNS.c.state.in_(OPEN), of_them).order_by(TURNS.c.number)
        if conversation:
            query = query.where(TURNS.c.conversation == conversation)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
            numbers = [row.number for row in rows]
            names = await connection.execute(select(KEYS).where(KEYS.c.turn.in_(numbers)))
            found = [(name.turn, name.key) for name in names]
        return [
            kept_turn(row, tuple(key for turn, key in found if turn == row.number)) for row in rows
        ]

    async def forget_ended(self, before: datetime) -> None:
        """Remove what ended before this moment; platforms deliver nothing again after so long."""
        old = select(TURNS.c.number).where(TURNS.c.state.not_in(OPEN), TURNS.c.changed_at < before)
        async with transaction(self._engine) as connection:
            await pictures.forget(connection, old)
            await connection.execute(delete(KEYS).where(KEYS.c.turn.in_(old)))
            await connection.execute(delete(TURNS).where(TURNS.c.number.in_(old)))


def _open(kept: KeptTurn) -> Any:  # noqa: ANN401 (a statement, still without its values)
    return update(TURNS).where(TURNS.c.number == kept.number, TURNS.c.state.in_(OPEN))


def _owned(kept: KeptTurn) -> Any:  # noqa: ANN401 (a statement, still without its values)
    return _open(kept).where(TURNS.c.owner == kept.owner)
