"""How one entry of a source is looked at: left alone, or read and cut into chunks."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from knowledge import chunking
from knowledge.articles import Audience, Chunk
from knowledge.ledger import Record
from knowledge.principals import wrong_readers
from knowledge.sources import (
    BrokenContentError,
    Entry,
    Source,
    UnreadableError,
    WithdrawnError,
)

AGAIN = "again"
"""The stamp of an entry that is looked at because it could not be read the last time."""

_FOR = " for "


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry.

    Attributes:
        record: what the ledger shall say; None leaves it as it is.
        chunks: what the store shall hold; None leaves it as it is.
        failure: why nothing could be read; empty where it could.
        withdrawn: what the ledger shall say once what was known of the entry is taken out; None
            where nothing is. That is done when it is known how many others are withdrawn.
    """

    record: Record | None = None
    chunks: list[Chunk] | None = None
    failure: str = ""
    withdrawn: Record | None = None


class NobodyError(BrokenContentError):
    """An entry is for somebody who is nobody: nobody finds it until it says otherwise."""


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
        if entry.audience is None and self.source.has_own_audiences and entry.stamp != AGAIN:
            entry = replace(entry, audience=self.source.audience)
        try:
            if record and self._counts(record):
                if record.stamp == _stamp(entry):
                    return Outcome(failure=record.failure)
                if not record.failure and await self._is_same(entry, record):
                    return Outcome(record=replace(record, stamp=_stamp(entry)))
            return await self._read(entry)
        except BrokenContentError as error:
            return self._failed(entry, record, error, stamp=entry.stamp)
        except UnreadableError as error:
            return self._failed(entry, record, error, stamp="")

    def _counts(self, record: Record) -> bool:
        """Whether a record may be believed: what it says was read must be in the store."""
        if self.anew or record.fingerprint != self.fingerprint:
            return False
        return bool(record.failure) or record.path in self.held

    async def _is_same(self, entry: Entry, record: Record) -> bool:
        """Whether an entry has the bytes that were read, and is for the same people."""
        if not _has_same_readers(entry, record):
            return False
        return await self.source.content_hash(entry) == record.content_hash

    async def _read(self, entry: Entry) -> Outcome:
        content = await self.source.read(entry)
        article = content.article
        if entry.audience is not None:
            article = replace(article, audience=entry.audience)
        elif entry.stamp == AGAIN and self.source.has_own_audiences:
            entry = replace(entry, audience=article.audience)
        if self.source.has_own_audiences:
            _check_readers(article.audience)
        chunks = await asyncio.to_thread(chunking.chunks_of, article)
        record = Record(entry.path, _stamp(entry), content.content_hash, self.fingerprint)
        return Outcome(record, chunks)

    def _failed(
        self, entry: Entry, record: Record | None, error: UnreadableError, *, stamp: str
    ) -> Outcome:
        """An entry that cannot be read keeps its words, unless they are for others now.

        Those of one that was withdrawn are taken out later; until then it is to be looked at again.
        """
        failure = f"{error} {error.what_to_do}"
        if is_folder(entry):
            return Outcome(failure=failure)
        keeps = entry.audience is None or (record and _has_same_readers(entry, record))
        keeps = keeps and not isinstance(error, NobodyError)
        readers = _readers(entry)
        if entry.audience is None and record and is_waiting(record):
            readers = record.stamp
        content_hash = record.content_hash if record and keeps else ""
        noted = Record(entry.path, stamp + readers, content_hash, self.fingerprint, failure)
        is_known = bool(content_hash) or entry.path in self.held
        if keeps and is_known and isinstance(error, WithdrawnError):
            waiting = replace(noted, stamp=readers)
            return Outcome(waiting, None, failure, withdrawn=replace(noted, content_hash=""))
        return Outcome(noted, None if keeps else [], failure)


def _check_readers(audience: Audience) -> None:
    """Refuse an audience that names nobody: it would hide the article without a word.

    Raises:
        NobodyError: says who is meant, most likely.
    """
    for message, what_to_do in wrong_readers(sorted(audience.principals)):
        raise NobodyError(f"{message}, so nobody finds it.", what_to_do=what_to_do)


def is_folder(entry: Entry) -> bool:
    """Whether an entry stands for all that is below it."""
    return entry.path.endswith("/") or not entry.path


def article_id(source: str, path: str) -> str:
    """The id of the article that an entry holds."""
    return f"{source}:{path}"


def is_waiting(record: Record) -> bool:
    """Whether an entry is to be looked at again, since its content is not known to be at fault."""
    return not record.stamp or record.stamp.startswith(_FOR)


def _stamp(entry: Entry) -> str:
    """The entry's stamp, and who may read it: another audience is a change."""
    return f"{entry.stamp}{_readers(entry)}"


def _readers(entry: Entry) -> str:
    if entry.audience is None:
        return ""
    # As JSON: a principal may hold blanks, and no two audiences may look alike.
    return f"{_FOR}{json.dumps(sorted(entry.audience.principals))}"


def _has_same_readers(entry: Entry, record: Record) -> bool:
    return record.stamp.endswith(_readers(entry))
