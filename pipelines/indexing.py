"""Source -> articles -> chunks -> store: only what has changed, and every entry accounted for."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from time import monotonic
from typing import Any

from knowledge import chunking
from knowledge.articles import Audience
from knowledge.ledger import Ledger, Record
from knowledge.sources import Entry, Source
from knowledge.stores import ChunkStore
from pipelines.entries import AGAIN, Look, Outcome, article_id, is_folder, is_waiting
from pipelines.refresh_report import Failure, RefreshReport
from pipelines.removing import delete, held, known, refuse_shrinking, withdraw

PIPELINE_VERSION = f"parsing 1, chunking {chunking.VERSION}"
_ENTRIES_A_BATCH = 64

Progress = Callable[[RefreshReport], None]


async def _go_on() -> None:
    """Nothing keeps a refresh from going on."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a refresh shall be done.

    Attributes:
        fingerprint: of the pipeline; articles that another pipeline has made are made anew.
        full: read and index everything anew, changed or not.
        force: believe a source that has lost many of its articles.
        progress: called after every batch with the report so far.
        checkpoint: awaited before every batch is read and before anything is written. It may take
            its time, so that others go first; what it raises ends the refresh there, and the next
            one goes on from there.
        origin: of the source; what was read elsewhere is read anew.
        is_elsewhere: whether the source is at another place now: what is not found there is gone,
            however much it is, and what cannot be read there too.
        audience_now: asked around every batch, who may read the source by now; None: as it says.
    """

    fingerprint: str = PIPELINE_VERSION
    full: bool = False
    force: bool = False
    origin: str = ""
    is_elsewhere: bool = False
    progress: Progress = lambda _: None
    checkpoint: Callable[[], Awaitable[None]] = _go_on
    audience_now: Callable[[], Audience | None] = lambda: None


async def refresh(
    source: Source, *, store: ChunkStore, ledger: Ledger, wish: Wish | None = None
) -> RefreshReport:
    """Bring the store up to date with a source; may be killed at any point and run again.

    An entry that has become unreadable keeps its old chunks and is named in the report, unless the
    source says that it is for others now, that we may not read it or that it is empty: then nobody
    finds it until it can be read. Another audience of the source counts at once for all of it, also
    for what cannot be read now.

    Args:
        source: where the articles come from; it is closed at the end and can be used again.
        store: where their chunks are kept.
        ledger: what earlier refreshes did.
        wish: how to do it.

    Raises:
        SourceUnavailableError: the source cannot be listed, or has lost or withdrawn many of its
            articles all of a sudden; nothing was taken out.
    """
    run = _Run(source, store, ledger, wish or Wish())
    try:
        return await run.done()
    finally:
        await source.close()


class _Run:
    """One refresh of one source.

    Attributes:
        seen: the paths that were looked at.
        kept: the folders that could not be listed: what was known below them stays.
        withdrawn: what the ledger shall say of entries, by path, once their chunks are taken out.
    """

    def __init__(self, source: Source, store: ChunkStore, ledger: Ledger, wish: Wish) -> None:
        self._source, self._store, self._ledger, self._wish = source, store, ledger, wish
        self.report = RefreshReport(source.name)
        self.seen: set[str] = set()
        self.kept: list[str] = []
        self.withdrawn: dict[str, Record] = {}
        self._held: set[str] = set()
        self._known = 0
        self._mark = self._cursor_mark = ""

    async def done(self) -> RefreshReport:
        """Look at what may have changed, then remove what is gone."""
        started = monotonic()
        name = self._source.name
        await self._wish.checkpoint()
        await self._follow_rights()
        if not self._source.has_own_audiences:
            await self._store.relabel(name, self._source.audience)
        self._held = await held(name, self._store)
        # A new version of the index holds nothing yet; the ledger tells how much there is to lose.
        self._known = max(len(self._held), (await self._ledger.articles()).get(name, 0))
        self._mark = _mark(self._wish, await self._store.identity(), self._source)
        # What another kind of source has noted under this name is no place in this one.
        self._cursor_mark = f"{self._mark} {type(self._source).__qualname__}"
        since = "" if self._wish.full else await self._ledger.cursor(name, self._cursor_mark)
        entries = self._source.entries(since, self._ledger.notes(name))
        try:
            async for batch in _batches(entries):
                await self._look_at(batch)
        finally:
            if isinstance(entries, AsyncGenerator):  # what it has open is closed before the source
                await entries.aclose()
        present = await self._rest() if since else self.seen
        await self._remove_gone(present)
        await self._follow_rights()
        self.report.seconds = monotonic() - started
        return self.report

    async def _look_at(self, batch: Sequence[Entry]) -> None:
        """Decide on some entries, keep what was read, and go on from there after a kill."""
        await self._wish.checkpoint()
        name, report = self._source.name, self.report
        look = Look(self._source, self._mark, self._held, anew=self._wish.full)
        self.seen.update(entry.path for entry in batch)
        self.kept += [entry.path for entry in batch if is_folder(entry)]
        records = await self._ledger.records(name, [entry.path for entry in batch])
        outcomes = await _all([look.at(entry, records) for entry in batch])
        await self._keep(batch, outcomes)
        await self._follow_rights()
        cursors = [entry.cursor for entry in batch if entry.cursor]
        if cursors:
            await self._ledger.move_cursor(name, cursors[-1], self._cursor_mark)
        _count(report, batch, outcomes)
        self._note_withdrawn(batch, outcomes)
        self._wish.progress(report)

    async def _follow_rights(self) -> None:
        """A refresh may take hours: whoever loses the right to read meanwhile loses it now."""
        now = self._wish.audience_now()
        if now is None or now == self._source.audience:
            return
        self._source.audience = now
        if not self._source.has_own_audiences:
            await self._store.relabel(self._source.name, now)

    async def _rest(self) -> set[str]:
        """What exists beside the changes since a cursor: known to be unchanged, or to be broken."""
        present = {path async for path in self._source.existing()}
        failures = await self._ledger.failures(self._source.name)
        again = [one.path for one in failures if is_waiting(one) and one.path in present]
        for batch in _in_batches(Entry(path, AGAIN) for path in again if path not in self.seen):
            await self._look_at(batch)
        reasons = {record.path: record.failure for record in failures}
        for path in sorted(present - self.seen):
            self.report.found += 1
            _count_known(self.report, path, reasons.get(path, ""))
        return present

    async def _keep(self, batch: Sequence[Entry], outcomes: Sequence[Outcome]) -> None:
        """Chunks first, ledger after: a kill between the two costs a second look, never a gap."""
        read = [
            (article_id(self._source.name, entry.path), outcome.chunks)
            for entry, outcome in zip(batch, outcomes, strict=True)
            if outcome.chunks is not None
        ]
        if read:
            chunks = [chunk for _, found in read for chunk in found or ()]
            await self._wish.checkpoint()
            await self._store.replace([article for article, _ in read], chunks)
        records = [outcome.record for outcome in outcomes if outcome.record]
        await self._ledger.record(self._source.name, records)

    def _note_withdrawn(self, batch: Sequence[Entry], outcomes: Sequence[Outcome]) -> None:
        """Note what is to be taken out; what was named before and is readable by now is not."""
        for entry, outcome in zip(batch, outcomes, strict=True):
            self.withdrawn.pop(entry.path, None)
            if outcome.withdrawn:
                self.withdrawn[entry.path] = outcome.withdrawn

    def _unread(self) -> set[str]:
        """What could not be read in this refresh."""
        return {one.article.removeprefix(f"{self._source.name}:") for one in self.report.failed}

    async def _remove_gone(self, present: set[str]) -> None:
        """Take out what is known and no longer there or withdrawn, if that can be believed."""
        name, kept = self._source.name, tuple(self.kept)
        paths = await known(name, store=self._store, ledger=self._ledger)
        if self._wish.is_elsewhere:
            kept, present = (), present - self._unread()
        gone = {path for path in paths if not (path in present or path.startswith(kept))}
        withdrawn = [record for path, record in self.withdrawn.items() if path not in gone]
        if not (self._wish.force or self._wish.is_elsewhere):
            lost = len(self._held.intersection(gone)) + len(withdrawn)
            refuse_shrinking(name, lost, self._known, withdrawn)
        await self._wish.checkpoint()
        await withdraw(name, withdrawn, store=self._store, ledger=self._ledger)
        self.report.deleted = await delete(
            name, sorted(gone), store=self._store, ledger=self._ledger
        )


def _mark(wish: Wish, store_identity: str, source: Source) -> str:
    """What the ledger notes: in another store even the same pipeline has made nothing yet.

    Where entries say who may read them, some do not: those are for the source's audience, and have
    to be made anew when that is another one.
    """
    others = sorted(source.audience.principals) if source.has_own_audiences else ()
    origin = (wish.origin,) if wish.origin else ()
    return sha256(
        "\0".join((wish.fingerprint, store_identity, *origin, *others)).encode()
    ).hexdigest()[:16]


async def _all(looks: Sequence[Coroutine[Any, Any, Outcome]]) -> list[Outcome]:
    """Every outcome, or the first error when all have ended: then the source can be closed."""
    ended = await asyncio.gather(*looks, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    return [one for one in ended if isinstance(one, Outcome)]


async def _batches(entries: AsyncIterator[Entry]) -> AsyncIterator[list[Entry]]:
    """Some entries at a time; of one that is named twice, the last."""
    batch: dict[str, Entry] = {}
    async for entry in entries:
        batch.pop(entry.path, None)
        batch[entry.path] = entry
        if len(batch) == _ENTRIES_A_BATCH:
            yield [*batch.values()]
            batch = {}
    if batch:
        yield [*batch.values()]


def _in_batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    left = iter(entries)
    while batch := list(islice(left, _ENTRIES_A_BATCH)):
        yield batch


def _count(report: RefreshReport, batch: Sequence[Entry], outcomes: Sequence[Outcome]) -> None:
    for entry, outcome in zip(batch, outcomes, strict=True):
        report.found += 1
        if outcome.failure:
            article = article_id(report.name, entry.path)
            report.failed.append(Failure(article, outcome.failure, entry.is_left_out))
        elif outcome.chunks is None:
            report.unchanged += 1
        else:
            report.indexed += 1


def _count_known(report: RefreshReport, path: str, failure: str) -> None:
    """Count an entry that was not looked at, since nothing about it has changed."""
    if failure:
        report.failed.append(Failure(article_id(report.name, path), failure))
    else:
        report.unchanged += 1
