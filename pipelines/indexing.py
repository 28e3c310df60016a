"""Source -> articles -> chunks -> store: only what has changed, and every entry accounted for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from time import monotonic
from typing import Any

from knowledge import chunking
from knowledge.articles import Chunk
from knowledge.ledger import Ledger, Record
from knowledge.sources import (
    BrokenContentError,
    Entry,
    Source,
    SourceUnavailableError,
    UnreadableError,
)
from knowledge.stores import ChunkStore

PIPELINE_VERSION = f"parsing 1, chunking {chunking.VERSION}"
_ENTRIES_A_BATCH = 64
_DELETED_AT_ONCE = 500
_MANY = 10


@dataclass(frozen=True, slots=True)
class Failure:
    """An article that could not be read, and why."""

    article: str
    reason: str


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did; found = indexed + unchanged + failed."""

    name: str
    found: int = 0
    indexed: int = 0
    unchanged: int = 0
    deleted: int = 0
    failed: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The report as `tertulia refresh --json` prints it."""
        failed = [{"article": one.article, "reason": one.reason} for one in self.failed]
        return {
            "name": self.name,
            "found": self.found,
            "indexed": self.indexed,
            "unchanged": self.unchanged,
            "deleted": self.deleted,
            "failed": failed,
            "seconds": round(self.seconds, 2),
        }


Progress = Callable[[RefreshReport], None]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one entry.

    Attributes:
        record: what the ledger shall say; None leaves it as it is.
        chunks: what the store shall hold; None leaves it as it is.
        failure: why nothing could be read; empty where it could.
    """

    record: Record | None = None
    chunks: list[Chunk] | None = None
    failure: str = ""


async def refresh(
    source: Source,
    *,
    store: ChunkStore,
    ledger: Ledger,
    fingerprint: str = PIPELINE_VERSION,
    full: bool = False,
    progress: Progress = lambda _: None,
) -> RefreshReport:
    """Bring the store up to date with a source; may be killed at any point and run again.

    An entry that has become unreadable keeps its old chunks and is named in the report. Another
    audience of the source counts at once for all of it, also for what cannot be read now.

    Args:
        source: where the articles come from; it is closed at the end and can be used again.
        store: where their chunks are kept.
        ledger: what earlier refreshes did.
        fingerprint: of the pipeline; articles that another pipeline has made are made anew.
        full: read and index everything anew, changed or not.
        progress: called after every batch with the report so far.

    Raises:
        SourceUnavailableError: the source cannot be listed, or is empty all of a sudden; nothing
            was deleted.
    """
    started = monotonic()
    report = RefreshReport(source.name)
    await store.relabel(source.name, source.audience)
    held = await _held(source.name, store)
    look = _Look(source, _mark(fingerprint, await store.identity()), held, anew=full)
    seen: set[str] = set()
    kept: list[str] = []
    try:
        async for batch in _batches(source.entries()):
            seen.update(entry.path for entry in batch)
            kept += [entry.path for entry in batch if _is_folder(entry)]
            records = await ledger.records(source.name, [entry.path for entry in batch])
            outcomes = await _all([look.at(entry, records) for entry in batch])
            await _keep(source.name, batch, outcomes, store=store, ledger=ledger)
            _count(report, batch, outcomes)
            progress(report)
        known = await _known(source.name, store=store, ledger=ledger)
        gone = [path for path in known if not (path in seen or path.startswith(tuple(kept)))]
        if not (seen or full):
            _refuse_emptiness(source.name, len(gone))
        report.deleted = await _delete(source.name, gone, store=store, ledger=ledger)
    finally:
        await source.close()
    report.seconds = monotonic() - started
    return report


async def forget(name: str, *, store: ChunkStore, ledger: Ledger) -> int:
    """Take everything that came from a source out of store and ledger; the number of articles."""
    paths = await _known(name, store=store, ledger=ledger)
    return await _delete(name, paths, store=store, ledger=ledger)


async def _known(name: str, *, store: ChunkStore, ledger: Ledger) -> list[str]:
    """The paths of a source that store or ledger know: after a kill it may be one of the two."""
    recorded = [path async for path in ledger.paths(name)]
    return sorted((await _held(name, store)).union(recorded))


async def _held(name: str, store: ChunkStore) -> set[str]:
    """The paths of a source that have chunks in the store."""
    return {article.removeprefix(f"{name}:") for article in await store.articles(name)}


def _mark(fingerprint: str, store_identity: str) -> str:
    """What the ledger notes: in another store even the same pipeline has made nothing yet."""
    return sha256(f"{fingerprint}\0{store_identity}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Look:
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

    async def at(self, entry: Entry, known: dict[str, Record]) -> _Outcome:
        """Decide what to do with an entry, and read it where it must be read."""
        record = known.get(entry.path)
        try:
            if record and self._counts(record):
                if record.stamp == entry.stamp:
                    return _Outcome(failure=record.failure)
                if not record.failure and await self._is_same(entry, record):
                    return _Outcome(record=replace(record, stamp=entry.stamp))
            return await self._read(entry)
        except BrokenContentError as error:
            failure = f"{error} {error.what_to_do}"
            content_hash = record.content_hash if record else ""
            broken = Record(entry.path, entry.stamp, content_hash, self.fingerprint, failure)
            return _Outcome(record=broken, failure=failure)
        except UnreadableError as error:
            return _Outcome(failure=f"{error} {error.what_to_do}")

    def _counts(self, record: Record) -> bool:
        """Whether a record may be believed: what it says was read must be in the store."""
        if self.anew or record.fingerprint != self.fingerprint:
            return False
        return bool(record.failure) or record.path in self.held

    async def _is_same(self, entry: Entry, record: Record) -> bool:
        return await self.source.content_hash(entry) == record.content_hash

    async def _read(self, entry: Entry) -> _Outcome:
        content = await self.source.read(entry)
        chunks = await asyncio.to_thread(chunking.chunks_of, content.article)
        record = Record(entry.path, entry.stamp, content.content_hash, self.fingerprint)
        return _Outcome(record, chunks)


async def _all(looks: Sequence[Coroutine[Any, Any, _Outcome]]) -> list[_Outcome]:
    """Every outcome, or the first error when all have ended: then the source can be closed."""
    ended = await asyncio.gather(*looks, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    return [one for one in ended if isinstance(one, _Outcome)]


def _is_folder(entry: Entry) -> bool:
    return entry.path.endswith("/") or not entry.path


async def _batches(entries: AsyncIterator[Entry]) -> AsyncIterator[list[Entry]]:
    batch: list[Entry] = []
    async for entry in entries:
        batch.append(entry)
        if len(batch) == _ENTRIES_A_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def _keep(
    name: str,
    batch: Sequence[Entry],
    outcomes: Sequence[_Outcome],
    *,
    store: ChunkStore,
    ledger: Ledger,
) -> None:
    """Chunks first, ledger after: a kill between the two costs a second look, never a gap."""
    read = [
        (_article_id(name, entry.path), outcome.chunks)
        for entry, outcome in zip(batch, outcomes, strict=True)
        if outcome.chunks is not None
    ]
    if read:
        chunks = [chunk for _, found in read for chunk in found or ()]
        await store.replace([article for article, _ in read], chunks)
    await ledger.record(name, [outcome.record for outcome in outcomes if outcome.record])


def _count(report: RefreshReport, batch: Sequence[Entry], outcomes: Sequence[_Outcome]) -> None:
    for entry, outcome in zip(batch, outcomes, strict=True):
        report.found += 1
        if outcome.failure:
            report.failed.append(Failure(_article_id(report.name, entry.path), outcome.failure))
        elif outcome.chunks is None:
            report.unchanged += 1
        else:
            report.indexed += 1


def _refuse_emptiness(name: str, known: int) -> None:
    """An empty folder where there were many articles is mostly a drive that is not mounted."""
    if known >= _MANY:
        raise SourceUnavailableError(
            f"Source '{name}' is empty, but {known} articles are known from it. They stay.",
            what_to_do="Check that its drive is mounted. If it is meant to be empty: "
            f"`tertulia refresh {name} --full`.",
        )


async def _delete(name: str, paths: Sequence[str], *, store: ChunkStore, ledger: Ledger) -> int:
    """Remove articles from the store and then from the ledger; the number of them."""
    for start in range(0, len(paths), _DELETED_AT_ONCE):
        some = paths[start : start + _DELETED_AT_ONCE]
        await store.replace([_article_id(name, path) for path in some], [])
        await ledger.forget(name, some)
    return len(paths)


def _article_id(name: str, path: str) -> str:
    return f"{name}:{path}"
