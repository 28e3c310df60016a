"""Asks for one page: what came of it, and what shall be noted of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

from knowledge.fetching import FetchFailedError, FetchRefusedError, Reply, ReplyTooLargeError
from knowledge.parsing import NotParsedError, Parsed
from knowledge.read_files import unparsed
from knowledge.sources import BrokenContentError, EmptyError, UnreadableError, WithdrawnError
from knowledge.sources.website.facts import Facts, asks_to_be_left_out
from knowledge.sources.website.pace import Pace
from knowledge.sources.website.page_notes import PageNote
from knowledge.sources.website.reading import Reading, Saved, content_type, suffix_of
from knowledge.sources.website.shelf import Read
from knowledge.sources.website.site import Site

_GONE = {404, 410}
_LOCKED = {401, 403, 407, 451}
_MAX_HOPS = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of asking for a page.

    Attributes:
        url: what was asked.
        note: what shall be noted; None where the page is gone.
        item: the page, or why it could not be read; None where it is as it was.
        moved_to: where a redirect leads; not followed, and not checked.
    """

    url: str
    note: PageNote | None = None
    item: Read | UnreadableError | None = None
    moved_to: str = ""


class Visits:
    """Asks for pages of one site."""

    def __init__(self, site: Site, pace: Pace, reading: Reading, *, max_bytes: int) -> None:
        self._site, self._pace, self._reading = site, pace, reading
        self._max_bytes = max_bytes

    async def visit(self, url: str, known: PageNote | None = None) -> Visit:
        """Ask for a page, only for what has changed since it was noted.

        Redirects between two ways to write the same page are followed (`/a` to `/a/`, http to
        https); all others are for the caller to judge.
        """
        path = self._site.path_of(url)
        for _ in range(_MAX_HOPS):
            visit = await self._asked(url, known)
            onward = self._site.canonical(visit.moved_to, base=url) if visit.moved_to else ""
            if not onward or self._site.path_of(onward) != path:
                return visit
            url = onward
        problem = UnreadableError(
            "It redirects to itself.",
            what_to_do="Open it in a browser; the site must be put right.",
        )
        return Visit(url, known, problem)

    async def _asked(self, url: str, known: PageNote | None) -> Visit:
        conditions = known.conditions if known and known.raw_hash else {}
        try:
            async with self._pace.get(url, conditions) as reply:
                visit = self._judged(url, reply, known)
                if visit:
                    return visit
                saved = await self._reading.save(reply, suffix_of(reply))
        except (FetchFailedError, FetchRefusedError) as error:
            return Visit(url, known, UnreadableError(str(error), what_to_do=error.what_to_do))
        except ReplyTooLargeError as error:
            advice = "Raise `max_page_mb` of this source in tertulia.toml, or split it."
            problem = BrokenContentError(str(error), what_to_do=advice)
            return Visit(url, _broken(url, known, f"over {self._max_bytes}"), problem)
        return await self._read(url, saved, known)

    def _judged(self, url: str, reply: Reply, known: PageNote | None) -> Visit | None:
        """What came of it by the head of the reply alone; None where the body must be read."""
        if reply.status == 304 and known:
            return Visit(url, _confirmed(known, reply))
        if reply.location:
            onward = self._site.canonical(reply.location, base=url)
            note = PageNote(url, links=(onward,)) if onward else None
            return Visit(url, note, moved_to=reply.location)
        if reply.status in _GONE:
            return Visit(url)
        if reply.status != 200:
            return Visit(url, known, _refusal(reply.status))
        if not suffix_of(reply):
            stated = content_type(reply)
            return Visit(url, _broken(url, known, stated), _no_page(stated))
        return None

    async def _read(self, url: str, saved: Saved, known: PageNote | None) -> Visit:
        if known and known.raw_hash == saved.raw_hash:
            await saved.drop()
            return Visit(url, _with_head(known, saved))
        try:
            parsed = await saved.parsed()
        except NotParsedError as error:
            problem = unparsed(error)
            if not isinstance(problem, BrokenContentError):
                return Visit(url, known, problem)
            return Visit(url, _with_head(_broken(url, known, saved.raw_hash), saved), problem)
        facts = Facts.of(parsed, url, self._site, saved.tags)
        stamp = _stamp(parsed, facts.url)
        read = Read(facts.url, stamp, parsed, _changed_at(saved, parsed))
        note = PageNote(
            url,
            stamp=stamp,
            links=facts.links,
            same_as=facts.same_as,
            is_left_out=facts.is_left_out,
        )
        return Visit(url, _with_head(note, saved), read if parsed.text.strip() else _empty())


def _with_head(note: PageNote, saved: Saved) -> PageNote:
    """A note with what the site said beside the page."""
    return replace(note, raw_hash=saved.raw_hash, etag=saved.etag, modified=saved.modified)


def _confirmed(known: PageNote, reply: Reply) -> PageNote:
    """The note of a page that has not changed, unless its head now says not to index it."""
    if known.is_left_out or not asks_to_be_left_out(reply.headers("x-robots-tag")):
        return known
    return replace(known, is_left_out=True, etag="", modified="", raw_hash="")


def _stamp(parsed: Parsed, url: str) -> str:
    """Of all that makes the article; what else the page shows may change as it likes."""
    parts = (url, parsed.title, parsed.author, parsed.updated_at, parsed.text)
    return sha256("\0".join(parts).encode()).hexdigest()


def _broken(url: str, known: PageNote | None, why: str) -> PageNote:
    """The note of a page that came and is at fault; its old links are the best that we have."""
    return PageNote(url, stamp=f"broken {why}", links=known.links if known else ())


def _changed_at(saved: Saved, parsed: Parsed) -> datetime | None:
    """When the page says that it was changed, else when the site says so."""
    for moment in _moments(parsed.updated_at, saved.modified):
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _moments(stated: str, header: str) -> Iterator[datetime]:
    for read, text in ((datetime.fromisoformat, stated), (parsedate_to_datetime, header)):
        try:
            yield read(text)
        except ValueError:
            continue


def _refusal(status: int) -> UnreadableError:
    if status in _LOCKED:
        return WithdrawnError(
            f"The site does not show it to us ({status}).",
            what_to_do="Give `token`, or `user` and `password`, as ${NAME} from the environment; "
            "or leave the page out with `skip`.",
        )
    return UnreadableError(f"The site answered {status}.", what_to_do="Refresh again later.")


def _no_page(stated: str) -> BrokenContentError:
    return BrokenContentError(
        f"It is {stated[:80]}; pages, PDF, text and office files are read.",
        what_to_do="Leave it out with `skip`.",
    )


def _empty() -> EmptyError:
    return EmptyError(
        "There is no text in it.",
        what_to_do="If a browser shows text: a script writes it there. Give the address of pages "
        "that hold their text themselves.",
    )
