"""Rows to learn from, and who agreed to that; in the relational database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Column, String, Table, Text, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.articles import Audience
from knowledge.columns import valid
from knowledge.conversations import now
from knowledge.database import insert_missing, transaction, upsert
from knowledge.instants import Instant
from knowledge.schema import METADATA

Kind = Literal["answer", "refusal", "tool", "style"]
"""What a row teaches."""
State = Literal["waiting", "approved", "rejected", "forgotten"]
"""`waiting` is for a curator to look at; of a `forgotten` one nothing is left but its name."""
Split = Literal["", "train", "eval"]
Opinion = Literal["", "up", "down"]
Turns = tuple[Mapping[str, str], ...]

SOMEBODY = "somebody"
"""Stands for a curator who is forgotten."""
_A_QUERY = 400

EXAMPLES = Table(
    "learning_examples",
    METADATA,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("messages", JSON, nullable=False),
    Column("given", Text, nullable=False),
    Column("opinion", String, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("provenance", JSON, nullable=False),
    Column("consent", JSON, nullable=False),
    Column("people", JSON, nullable=False),
    Column("doubts", JSON, nullable=False),
    Column("split", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("curator", String, nullable=False),
    Column("decided_at", Instant),
)
CONSENTS = Table(
    "learning_consents",
    METADATA,
    Column("person", String, primary_key=True),
    Column("given_at", Instant, nullable=False),
)
SETS = Table(
    "learning_sets",
    METADATA,
    Column("id", String, primary_key=True),
    Column("folder", String, nullable=False),
    Column("rows", JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_of_it", JSON, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the answer that is to be learnt; nothing in it names a person.

    Attributes:
        id: as people name it: `E-7Q2M` comes from the answer `T-7Q2M`.
        messages: turns with `role` (`system`, `user`, `assistant`) and `content`, as TRL takes
            them; the last one is what is to be learnt.
        given: the answer that was given, where another one is to be learnt; else empty.
        opinion: what people said of the answer that was given.
        audience: who may read all passages behind it: whoever learns from it serves no others.
        provenance: where it came from: messages, passages with versions, prompt, model, feedback.
        consent: who agreed, as it stood when the row was made.
        people: who asked and who rated, by name; shown to nobody.
        doubts: why a curator should look twice.
        split: `eval` rows are never learnt from; empty until a set was made.
        asked_at: when the question was asked.
        curator: who decided; empty where nobody has.
    """

    id: str
    kind: Kind
    messages: Turns
    audience: Audience
    provenance: Mapping[str, Any] = field(default_factory=dict)
    consent: Mapping[str, Any] = field(default_factory=dict)
    given: str = ""
    opinion: Opinion = ""
    people: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    split: Split = ""
    state: State = "waiting"
    asked_at: datetime = field(default_factory=now)
    made_at: datetime = field(default_factory=now)
    curator: str = ""
    decided_at: datetime | None = None

    @property
    def question(self) -> str:
        """The last thing that was asked."""
        asked = (one["content"] for one in reversed(self.messages) if one["role"] == "user")
        return next(asked, "")

    @property
    def target(self) -> str:
        """What is to be learnt."""
        last = self.messages[-1] if self.messages else {"role": "", "content": ""}
        return last["content"] if last["role"] == "assistant" else ""

    @property
    def is_corrected(self) -> bool:
        """Whether another answer is to be learnt than the one that was given."""
        return bool(self.given)

    @property
    def passages(self) -> frozenset[str]:
        """The passages that the answer rests on, by the hash of their text."""
        known = self.provenance.get("passages", ())
        return frozenset(one["version"] for one in known if not one.get("is_beside"))


@dataclass(frozen=True, slots=True)
class MadeSet:
    """Rows that were given out together.

    Attributes:
        id: the beginning of the SHA-256 of its manifest.
        folder: where it was written.
        rows: the ids of its examples.
        made_of_it: what was trained on it, by name.
    """

    id: str
    folder: str
    rows: tuple[str, ...]
    made_at: datetime = field(default_factory=now)
    made_of_it: tuple[str, ...] = ()


class LearningExamples:
    """All rows, consents and sets."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, examples: Sequence[Example]) -> None:
        """Write rows, in the place of earlier ones of the same name."""
        async with transaction(self._engine) as connection:
            if examples:
                rows = [_row(one) for one in examples]
                await connection.execute(upsert(EXAMPLES, self._engine), rows)

    async def renew(self, example: Example) -> bool:
        """Write a row that nobody has decided on; False where somebody has, or it is forgotten."""
        row = _row(example)
        async with transaction(self._engine) as connection:
            added = await connection.execute(insert_missing(EXAMPLES, self._engine).values(row))
            if added.rowcount == 1:
                return True
            waiting = update(EXAMPLES).where(
                EXAMPLES.c.id == example.id, EXAMPLES.c.state == "waiting"
            )
            return (await connection.execute(waiting.values(row))).rowcount == 1

    async def all(self, *states: State) -> list[Example]:
        """The rows in these states, or all of them; oldest question first."""
        query = select(EXAMPLES).order_by(EXAMPLES.c.asked_at, EXAMPLES.c.id)
        if states:
            query = query.where(EXAMPLES.c.state.in_(states))
        async with transaction(self._engine) as connection:
            return [_example(row) for row in (await connection.execute(query)).mappings()]

    async def named(self, name: str) -> Example | None:
        """The row of this name; None where there is none."""
        query = select(EXAMPLES).where(EXAMPLES.c.id == name)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
        return _example(row) if row else None

    async def decide(
        self, example: Example, state: Literal["approved", "rejected"], curator: str
    ) -> bool:
        """Note what a curator has decided; False where the row was forgotten meanwhile."""
        there = update(EXAMPLES).where(
            EXAMPLES.c.id == example.id, EXAMPLES.c.state.in_(("waiting", "approved", "rejected"))
        )
        decided = replace(example, state=state, curator=curator, decided_at=now())
        async with transaction(self._engine) as connection:
            return (await connection.execute(there.values(_row(decided)))).rowcount == 1

    async def assign(self, splits: Mapping[str, Split]) -> None:
        """Note which rows are learnt from and which ones measure; who was either stays so."""
        async with transaction(self._engine) as connection:
            for name, split in splits.items():
                free = update(EXAMPLES).where(EXAMPLES.c.id == name, EXAMPLES.c.split == "")
                await connection.execute(free.values(split=split))

    async def drop(self, names: Sequence[str]) -> None:
        """Remove rows that nobody has decided on; they may be made anew."""
        async with transaction(self._engine) as connection:
            for start in range(0, len(names), _A_QUERY):
                some = EXAMPLES.c.id.in_(names[start : start + _A_QUERY])
                await connection.execute(
                    delete(EXAMPLES).where(some, EXAMPLES.c.state == "waiting")
                )

    async def forget_curator(self, person: str) -> None:
        """Keep that somebody decided, and not who."""
        mine = update(EXAMPLES).where(EXAMPLES.c.curator == person)
        async with transaction(self._engine) as connection:
            await connection.execute(mine.values(curator=SOMEBODY))
        brought = [one for one in await self.all() if one.consent.get("imported_by") == person]
        unnamed = [replace(o, consent={**o.consent, "imported_by": SOMEBODY}) for o in brought]
        await self.put(unnamed)

    async def forget(self, names: Iterable[str]) -> list[str]:
        """Leave nothing of these rows but their names, which are not made anew; those that were."""
        there = [one for one in await self.all() if one.id in set(names)]
        gone = [_tombstone(one) for one in there if one.state != "forgotten"]
        await self.put(gone)
        return [one.id for one in gone]

    async def of_person(self, person: str) -> list[Example]:
        """The rows to which somebody has contributed."""
        return [one for one in await self.all() if person in one.people]

    async def consents(self) -> dict[str, datetime]:
        """Who has agreed that something is learnt from what they write, and since when."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(select(CONSENTS))
            return {row.person: row.given_at for row in rows}

    async def agree(self, person: str, at: datetime | None = None) -> None:
        """Note that somebody agrees, from now on; who did so before has agreed since then."""
        row = {"person": person, "given_at": at or now()}
        async with transaction(self._engine) as connection:
            await connection.execute(insert_missing(CONSENTS, self._engine).values(row))

    async def disagree(self, person: str) -> None:
        """Note that somebody does not agree any more."""
        async with transaction(self._engine) as connection:
            await connection.execute(delete(CONSENTS).where(CONSENTS.c.person == person))

    async def add_set(self, made: MadeSet) -> None:
        """Note which rows were given out together; the same set once more adds nothing."""
        row = asdict(made) | {"rows": list(made.rows), "made_of_it": list(made.made_of_it)}
        async with transaction(self._engine) as connection:
            await connection.execute(insert_missing(SETS, self._engine).values(row))

    async def sets(self) -> list[MadeSet]:
        """All sets that were given out, oldest first."""
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(select(SETS).order_by(SETS.c.made_at))).mappings()
            return [
                MadeSet(
                    row["id"],
                    row["folder"],
                    tuple(row["rows"]),
                    row["made_at"],
                    tuple(row["made_of_it"]),
                )
                for row in rows
            ]

    async def made_of(self, set_id: str, name: str) -> None:
        """Note that something was trained on a set, to be made anew once a row is forgotten."""
        for one in await self.sets():
            if one.id == set_id and name not in one.made_of_it:
                changed = update(SETS).where(SETS.c.id == set_id)
                async with transaction(self._engine) as connection:
                    await connection.execute(changed.values(made_of_it=[*one.made_of_it, name]))

    async def holding(self, names: Iterable[str]) -> list[MadeSet]:
        """The sets in which one of these rows was given out."""
        wanted = set(names)
        return [one for one in await self.sets() if wanted.intersection(one.rows)]


def _row(example: Example) -> dict[str, Any]:
    row = asdict(example) | {"audience": sorted(example.audience.principals)}
    row["messages"] = [{k: valid(v) for k, v in one.items()} for one in example.messages]
    row["given"] = valid(example.given)
    return row | {key: list(row[key]) for key in ("people", "doubts")}


def _example(row: Mapping[Any, Any]) -> Example:
    values = dict(row) | {"audience": Audience.of(*row["audience"])}
    return Example(**values | {key: tuple(row[key]) for key in ("messages", "people", "doubts")})


def _tombstone(example: Example) -> Example:
    """A row of which nothing is left but that it was there."""
    return Example(
        example.id,
        example.kind,
        (),
        Audience(),
        split=example.split,
        state="forgotten",
        asked_at=example.asked_at,
        made_at=example.made_at,
        decided_at=now(),
    )
