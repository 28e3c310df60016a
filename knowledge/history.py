"""Conversations, answers with their receipts, and feedback, in the relational database."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import JSON, Column, Integer, String, Table, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.articles import Audience, is_attached
from knowledge.columns import Written
from knowledge.conversations import (
    Answer,
    ChunkUse,
    Conversation,
    Feedback,
    Message,
    Receipt,
    ToolUsed,
)
from knowledge.database import insert_missing, transaction
from knowledge.instants import Instant
from knowledge.schema import METADATA

OURSELVES = "tertulia"
"""The author of our own messages."""
OpenNow = Callable[[Sequence[str], Audience], Awaitable[set[str]]]
"""Those of these chunks that a reader may open now."""
ASKED_BACK = "which-meaning"
"""The reason of an answer that asks which of its pages was meant."""
_LETTERS = "ACDEFGHJKLMNPQRTUVWXY23467"  # for names that are read out: no look-alikes

MESSAGES = Table(
    "messages",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("conversation", String, nullable=False, index=True),
    Column("author", String, nullable=False),
    Column("text", Written, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("readers", JSON, nullable=False),
)
ANSWERS = Table(
    "answers",
    METADATA,
    Column("reference", String, primary_key=True),
    Column("conversation", String, nullable=False, index=True),
    Column("question", String, nullable=False),
    Column("text", Written, nullable=False),
    Column("language", String, nullable=False),
    Column("reason", String),
    Column("citations", JSON, nullable=False),
    Column("receipt", JSON, nullable=False),
    Column("learns_in", String, nullable=False, server_default=""),
)
FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("reference", String, nullable=False, index=True),
    Column("author", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("comment", Written, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("fault", String, nullable=False, server_default=""),
    Column("better", Written, nullable=False, server_default=""),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer as it is kept.

    Attributes:
        text: as it was posted.
        citations: with `n`, `chunk`, `article`, `title`, `url` and `quote`.
        readers: the principals of those before whom it was said.
        asker: who has asked.
    """

    reference: str
    conversation: str
    language: str
    text: str
    citations: tuple[Mapping[str, Any], ...]
    receipt: Receipt
    readers: frozenset[str] = frozenset()
    asker: str = ""

    def was_told_to(self, reader: Audience) -> bool:
        """Whether somebody has asked it, or could read it where it was said."""
        return self.asker in reader.principals or reader.principals >= self.readers

    async def still(self, reader: Audience, open_now: OpenNow) -> "Recorded | None":
        """The same for who reads it now, with the passages that they may open.

        None where they may not open all that it rests on.
        """
        cited = _kept_chunks(self.citations)
        used = {use.chunk for use in self.receipt.chunks if not is_attached(use.article)}
        still = await open_now(sorted(cited | used), reader)
        if not cited <= still:
            return None
        gone = (cited | used) - still
        left = tuple(use for use in self.receipt.chunks if use.chunk not in gone)
        return replace(self, receipt=replace(self.receipt, chunks=left))

    @property
    def rests_on_attached(self) -> bool:
        """Whether the search found something in what came with the question, for those there."""
        return any(is_attached(use.article) for use in self.receipt.chunks)


class History:
    """What was asked, answered and rated."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def authors(self, conversation: str) -> frozenset[str]:
        """The people who have written in a conversation."""
        query = select(MESSAGES.c.author).where(MESSAGES.c.conversation == conversation)
        async with transaction(self._engine) as connection:
            found = await connection.scalars(query.distinct())
        return frozenset(found) - {OURSELVES}

    async def earlier(
        self, conversation: str, reader: Audience, most: int, *, open_now: OpenNow
    ) -> list[Message]:
        """The last messages of a conversation, oldest first.

        What was said before a smaller circle is left out: it may rest on articles that not
        everybody who reads now may open. So is every answer of ours with a source that was
        closed, changed or removed since; and one that only named pages, which may have been, too.
        What we had said there before we took part is no answer, and stands there for all.
        """
        query = (
            select(MESSAGES, ANSWERS.c.reference, ANSWERS.c.citations, ANSWERS.c.reason)
            .outerjoin(ANSWERS, ANSWERS.c.reference == MESSAGES.c.id)
            .where(MESSAGES.c.conversation == conversation)
            .order_by(MESSAGES.c.number.desc())
            .limit(most)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        heard = [row for row in reversed(rows) if reader.principals.issuperset(row.readers)]
        cited = {row.id: _kept_chunks(row.citations or ()) for row in heard}
        still = await open_now(sorted(set().union(*cited.values())), reader)
        return [
            Message(row.id, row.author, row.text, row.sent_at, _offers(row.reason, row.citations))
            for row in heard
            if row.author != OURSELVES
            or row.reference is None
            or (row.citations and cited[row.id] <= still)
        ]

    async def keep(self, conversation: Conversation, answer: Answer) -> Answer:
        """Write down a question with its answer, which gets its reference here."""
        question = conversation.question
        answer = replace(answer, reference=await self._free_reference())
        readers = sorted(conversation.audience.principals)
        shared = {"conversation": conversation.id, "readers": readers}
        asked = _said(question) | shared
        said = _said(Message(answer.reference, OURSELVES, answer.text)) | shared
        async with transaction(self._engine) as connection:
            # A process that has lost the turn may have written down an answer that nobody reads.
            await _drop(connection, question.id)
            await connection.execute(insert(MESSAGES), [asked, said])
            await connection.execute(insert(ANSWERS), [_row(answer, conversation, question.id)])
        return answer

    async def keep_earlier(
        self, conversation: str, said: Sequence[Message], readers: Audience
    ) -> None:
        """Write down what was said before we took part, unless anything is written down already."""
        if not said or await self.authors(conversation):
            return
        shared = {"conversation": conversation, "readers": sorted(readers.principals)}
        async with transaction(self._engine) as connection:
            for one in said:
                row = insert_missing(MESSAGES, self._engine).values(_said(one) | shared)
                await connection.execute(row)

    async def recorded(self, reference: str) -> Recorded | None:
        """The answer of this name; None where there is none."""
        asked = MESSAGES.alias()
        query = (
            select(ANSWERS, MESSAGES.c.readers, asked.c.author)
            .join(MESSAGES, MESSAGES.c.id == ANSWERS.c.reference)
            .join(asked, asked.c.id == ANSWERS.c.question)
            .where(ANSWERS.c.reference == reference)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        return recorded_of(row)

    async def drop(self, question: str) -> None:
        """Forget a question that is answered anew, with the answer that it had."""
        async with transaction(self._engine) as connection:
            await _drop(connection, question)

    async def _free_reference(self) -> str:
        """A short name that no answer has yet."""
        while True:
            reference = "T-" + "".join(secrets.choice(_LETTERS) for _ in range(4))
            query = select(ANSWERS.c.reference).where(ANSWERS.c.reference == reference)
            async with transaction(self._engine) as connection:
                if await connection.scalar(query) is None:
                    return reference

    async def keep_feedback(self, feedback: Feedback) -> None:
        """Write down what somebody thought of an answer; the same once more adds nothing."""
        known = await self.feedback(feedback.reference)
        earlier = [one for one in known if one.author == feedback.author]
        if earlier and replace(earlier[-1], given_at=feedback.given_at) == feedback:
            return
        async with transaction(self._engine) as connection:
            await connection.execute(insert(FEEDBACK), [asdict(feedback)])

    async def feedback(self, reference: str) -> list[Feedback]:
        """What people thought of an answer, first opinion first."""
        query = select(*FEEDBACK.c[1:]).where(FEEDBACK.c.reference == reference)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query.order_by(FEEDBACK.c.number))).all()
        return [Feedback(*row) for row in rows]


async def _drop(connection: AsyncConnection, question: str) -> None:
    answers = select(ANSWERS.c.reference).where(ANSWERS.c.question == question)
    said = or_(MESSAGES.c.id == question, MESSAGES.c.id.in_(answers))
    await connection.execute(delete(MESSAGES).where(said))
    await connection.execute(delete(ANSWERS).where(ANSWERS.c.question == question))


def recorded_of(row: Any) -> Recorded:  # noqa: ANN401 (a row with columns of several tables)
    """An answer of its row, which has its readers and its asker besides."""
    receipt = dict(row.receipt)
    receipt["chunks"] = tuple(ChunkUse(**use) for use in receipt["chunks"])
    receipt["tools"] = tuple(ToolUsed(**used) for used in receipt["tools"])
    return Recorded(
        row.reference,
        row.conversation,
        row.language,
        row.text,
        tuple(row.citations),
        Receipt(**receipt),
        frozenset(row.readers),
        row.author,
    )


def _said(message: Message) -> dict[str, Any]:
    """A message as it is kept; what it offers stands with the answer that it is."""
    return {
        "id": message.id,
        "author": message.author,
        "text": message.text,
        "sent_at": message.sent_at,
    }


def _offers(reason: str | None, citations: Iterable[Mapping[str, Any]] | None) -> tuple[str, ...]:
    """The titles between which an answer asks to choose."""
    return tuple(one["title"] for one in citations or () if reason == ASKED_BACK)


def _kept_chunks(citations: Iterable[Mapping[str, Any]]) -> set[str]:
    """The chunks of knowledge that are cited; not those of what came with the question."""
    return {one["chunk"] for one in citations if not is_attached(one["article"])}


def _row(answer: Answer, conversation: Conversation, question: str) -> Mapping[str, Any]:
    return {
        "reference": answer.reference,
        "conversation": conversation.id,
        "question": question,
        "text": answer.text,
        "language": answer.language,
        "reason": answer.reason,
        "citations": [
            {"n": c.n, "chunk": c.chunk.id, "article": c.chunk.article, "quote": c.quote}
            | {"title": c.chunk.label, "url": c.chunk.url}
            for c in answer.citations
        ],
        "receipt": asdict(answer.receipt),
        "learns_in": conversation.learns_in,
    }
