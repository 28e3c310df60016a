"""How one entry of a source is looked at: left alone, or read and cut into chunks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge import chunking
from knowledge.articles import Chunk
from knowledge.ledger import Record
from knowledge.sources import BrokenContentError, Entry, Source, UnreadableError

AGAIN = "again"
"""The stamp of an entry that is looked at because it could not be read the last time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry.

    Attributes:
        record: what the ledger shall say; None leaves it as it is.
        chunks: what the store shall hold; None leaves it as it is.
        failure: why nothing could be read; empty where it could.
    """

    record: Record | None = None
    chunks: list[Chunk] | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How the entries of one refresh are looked at.

    Attributes:
        fingerprint: of the pipeline and the store; a record with another one counts for nothing.
        held: the paths that have chunks in the store.
        anew: whether to read what seems unchanged too.
    """

    source: Source
    fingerprint: str
    held: set[str]
    anew: bool

    async def at(self, entry: Entry, known: Mapping[str, Record]) -> Outcome:
        """Decide what to do with an entry, and read it where it must be read."""
        record = known.get(entry.path)
        try:
            if record and self._counts(record):
                if record.stamp == _stamp(entry):
                    return Outcome(failure=record.failure)
                if not record.failure and await self._is_same(entry, record):
                    return Outcome(record=replace(record, stamp=_stamp(entry)))
            return await self._read(entry)
        except BrokenContentError as error:
            return self._failed(entry, record, error, stamp=_stamp(entry))
        except UnreadableError as error:
            return self._failed(entry, record, error, stamp="")

    def _counts(self, record: Record) -> bool:
        """Whether a record may be believed: what it says was read must be in the store."""
        if self.anew or record.fingerprint != self.fingerprint:
            return False
        return bool(record.failure) or record.path in self.held

    async def _is_same(self, entry: Entry, record: Record) -> bool:
        """Whether an entry has the bytes that were read, and is for the same people."""
        if not record.stamp.endswith(_readers(entry)):
            return False
        return await self.source.content_hash(entry) == record.content_hash

    async def _read(self, entry: Entry) -> Outcome:
        content = await self.source.read(entry)
        article = content.article
        if entry.audience is not None:
            article = replace(article, audience=entry.audience)
        chunks = await asyncio.to_thread(chunking.chunks_of, article)
        record = Record(entry.path, _stamp(entry), content.content_hash, self.fingerprint)
        return Outcome(record, chunks)

    def _failed(
        self, entry: Entry, record: Record | None, error: UnreadableError, *, stamp: str
    ) -> Outcome:
        failure = f"{error} {error.what_to_do}"
        if is_folder(entry):
            return Outcome(failure=failure)
        content_hash = record.content_hash if record else ""
        return Outcome(
            Record(entry.path, stamp, content_hash, self.fingerprint, failure), None, failure
        )


def is_folder(entry: Entry) -> bool:
    """Whether an entry stands for all that is below it."""
    return entry.path.endswith("/") or not entry.path


def article_id(source: str, path: str) -> str:
    """The id of the article that an entry holds."""
    return f"{source}:{path}"


def waiting(failures: Sequence[Record]) -> list[Entry]:
    """The entries among the failed ones whose content is not known to be at fault."""
    return [Entry(record.path, AGAIN) for record in failures if not record.stamp]


def _stamp(entry: Entry) -> str:
    """The entry's stamp, and who may read it: another audience is a change."""
    return f"{entry.stamp}{_readers(entry)}"


def _readers(entry: Entry) -> str:
    if entry.audience is None:
        return ""
    return f" for {' '.join(sorted(entry.audience.principals))}"
