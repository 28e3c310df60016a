"""Who may read what is known is what `tertulia.toml` says: the one place that makes it so.

What came from one place is never opened to anybody new because the file now names another place
under the same source: it is closed, and gone when the new place is read.
"""

from dataclasses import replace
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from bot.source_entry import SourceEntry, StructureError
from knowledge.articles import Audience
from knowledge.errors import OperatorError
from knowledge.terms import Terms
from pipelines.indexing import Wish

if TYPE_CHECKING:
    from bot.app import App

LOOK_S = 40.0
"""Seconds between two looks at the file by those who ask; `serve` looks more often, by itself."""
_FILE, _SETTLED = "tertulia.toml", "settled"  # no source has such a name
_SEVERAL = ""
"""The origin while a refresh reads another place: what is known may be from either."""
_ELSEWHERE = "~"
"""Before an origin: other versions of the index still hold what came from another one."""
log = structlog.get_logger(__name__)


class Settling:
    """Gives all that is known the readers that the file gives it.

    Attributes:
        is_told: whether a file says who reads; a set of questions brings knowledge of its own.
    """

    def __init__(self, app: "App") -> None:
        self._app = app
        self.is_told = True
        self._look_at = 0.0

    async def look(self) -> None:
        """Follow an edit that nobody has followed yet; cheap where there is none."""
        if monotonic() < self._look_at or not self.is_told:
            return
        noted = await (await self._app.ledger()).notes(_FILE).get([_SETTLED])
        if noted.get(_SETTLED) == self._content():
            self._look_at = monotonic() + LOOK_S
            return
        try:
            await self.follow()
        except StructureError as error:  # somebody is just editing it, or is told elsewhere
            self._look_at = monotonic() + LOOK_S
            log.warning("failed to follow the file", kind=error.kind)

    async def follow(self) -> set[str]:
        """Settle who reads what as the file says now; the sources that must be read anew.

        Raises:
            StructureError: the file is written wrong.
        """
        content = self._content()
        stale = await self.settle()
        self._app.structure.sources()
        await (await self._app.ledger()).notes(_FILE).put({_SETTLED: content})
        return stale

    async def settle(self) -> set[str]:
        """The same as far as the file is right: a mistake in one table does not hold up the others.

        Raises:
            StructureError: nothing of the file can be read.
        """
        structure = self._app.structure
        named, sound = structure.names(), structure.sound()
        stale = {entry.name for entry in sound if await settle(self._app, entry)}
        for name in await self._known() - set(named):
            await self._app.index.close(name)
        self._look_at = monotonic() + LOOK_S
        return stale

    async def _known(self) -> set[str]:
        """All sources of which anything is kept: after a kill the ledger does not know of all."""
        known = set(await (await self._app.ledger()).articles())
        return known.union(await self._app.index.sources())

    def _content(self) -> str:
        """The hash of the file; that of nothing where it cannot be read."""
        return sha256(self._app.structure.content()).hexdigest()


async def settle(app: "App", entry: SourceEntry) -> bool:
    """Give what is known of a source the readers of its entry; whether it must be read anew.

    Where articles say who may read them, or came from another place, it is closed until then.
    """
    terms = (await app.ledger()).terms(entry.name)
    noted = await terms.get()
    wanted = _wanted(app, entry, noted)
    if wanted is None:
        await app.index.close(entry.name)
        return True
    if noted is None:  # what is kept, if anything, came from a place that nobody knows
        await app.index.close(entry.name)
    known = noted or wanted
    after = replace(wanted, origin=known.origin)
    may_stay = known.may_become(wanted)
    if not may_stay:
        after = Terms(known.origin, Audience())
    if noted and may_stay and not wanted.has_own_audiences:
        await app.index.relabel(entry.name, wanted.audience)
    elif after != known:
        await app.index.close(entry.name)
    if after != noted:
        await terms.put(after)
    is_new = noted is None or known.origin != wanted.origin
    return is_new or (wanted.has_own_audiences and after != known)


def _wanted(app: "App", entry: SourceEntry, noted: Terms | None) -> Terms | None:
    """The terms that the file wants; None where nothing tells who may read its articles."""
    try:
        has_own_audiences = app.structure.built(entry).has_own_audiences
    except OperatorError as error:  # its job fails too, and says why
        log.warning("failed to build a source", source=entry.name, kind=error.kind)
        if noted is None:
            return None
        has_own_audiences = noted.has_own_audiences
    return Terms(
        entry.origin_beside(noted.origin if noted else ""), entry.audience, has_own_audiences
    )


async def begin(app: "App", entry: SourceEntry, wish: Wish) -> Wish:
    """Make way for a refresh of a source: what it may not keep is gone. How to do it then."""
    now = readers_now(app, entry)
    entry = entry if now is None else replace(entry, audience=now)
    await settle(app, entry)
    terms = (await app.ledger()).terms(entry.name)
    known = await terms.get()
    wanted = _wanted(app, entry, known)
    bound, is_elsewhere = None, False
    if known and wanted and not known.may_become(wanted):
        await app.index.forget(entry.name)
        await terms.put(wanted)
    elif known and known.origin not in {entry.origin, _ELSEWHERE + entry.origin}:
        await terms.put(replace(known, origin=_SEVERAL))
        bound, is_elsewhere = known.audience, True

    def audience_now() -> Audience | None:
        readers = readers_now(app, entry)
        if readers is None or bound is None:
            return readers
        return Audience(readers.principals & bound.principals)

    return replace(wish, origin=entry.origin, is_elsewhere=is_elsewhere, audience_now=audience_now)


async def end(app: "App", entry: SourceEntry) -> None:
    """Note that all that is known of a source came from the place of its entry."""
    terms = (await app.ledger()).terms(entry.name)
    known = await terms.get()
    if known and known.origin == _SEVERAL:
        is_all = len(await (await app.stores()).every()) == 1
        origin = entry.origin if is_all else _ELSEWHERE + entry.origin
        await terms.put(replace(known, origin=origin))


def readers_now(app: "App", entry: SourceEntry) -> Audience | None:
    """Who may read what comes from an entry by now: nobody where the file has another one.

    None where the file is written wrong: somebody is just editing it, or is told elsewhere.
    """
    try:
        entries = app.structure.sound()
    except StructureError:
        return None
    same = (one.audience for one in entries if (one.name, one.origin) == (entry.name, entry.origin))
    return next(same, Audience())
