"""Walks through a site: from the start page, its sitemaps, and link by link."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from knowledge.fetching import shown
from knowledge.sources import BrokenContentError, Entry, SourceUnavailableError, UnreadableError
from knowledge.sources.website.frontier import Frontier, Step
from knowledge.sources.website.page_notes import PageNote, PageNotes
from knowledge.sources.website.robots import NoRulesError, Robots
from knowledge.sources.website.shelf import Shelf
from knowledge.sources.website.site import Site
from knowledge.sources.website.sitemaps import Sitemaps
from knowledge.sources.website.visits import Visit, Visits

_MAX_HOPS = 10
_EVERYTHING = "/"
_UNREACHABLE = "unreachable"
"""The stamp of a page that could not be had: no page has it, so that it is looked at again."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a crawl works with."""

    visits: Visits
    robots: Robots
    sitemaps: Sitemaps
    notes: PageNotes
    shelf: Shelf


class Crawl:
    """One walk through a site, in the same order as long as the site is the same."""

    def __init__(self, name: str, site: Site, frontier: Frontier, tools: Tools) -> None:
        self._name, self._site, self._frontier, self._tools = name, site, frontier, tools
        self._articles: set[str] = set()
        self._copies: list[tuple[str, str, str]] = []

    async def entries(self) -> AsyncIterator[Entry]:
        """Every page, nearest first; then what may be missing, and why.

        Raises:
            SourceUnavailableError: the start page or robots.txt cannot be read.
        """
        visited = await self._start()
        rules = await self._tools.robots.rules(visited[-1][0].url)
        async for page in self._tools.sitemaps.pages(rules.sitemaps):
            await self._frontier.offer(Step(self._site.canonical(page)))
        while visited:
            for visit, step in visited:
                for entry in await self._taken(visit, step):
                    yield entry
            visited = await self._visited(self._frontier.next())
        for entry in self._rest():
            yield entry

    async def _start(self) -> list[tuple[Visit, Step]]:
        """The start page and the redirects that led to it; without it there is nothing to read."""
        visited: list[tuple[Visit, Step]] = []
        url = self._site.canonical(self._site.start.url) or self._site.start.url
        for _ in range(_MAX_HOPS):
            await self._check_rules(url)
            self._frontier.enter(url)
            visited += await self._visited([Step(url)])
            visit = visited[-1][0]
            onward = self._site.canonical(visit.moved_to, base=visit.url) if visit.moved_to else ""
            if not onward:
                self._check_answer(visit)
                return visited
            url = onward
        raise self._unavailable(url, "it redirects again and again", "Open it in a browser.")

    async def _check_rules(self, url: str) -> None:
        try:
            rules = await self._tools.robots.rules(url)
        except NoRulesError as error:
            raise self._unavailable(url, str(error), error.what_to_do) from error
        if not rules.allows(url):
            raise self._unavailable(
                url,
                "the robots.txt of the site does not allow us to read it",
                "Ask whoever runs the site to allow 'Tertulia' there; or take another start page.",
            )

    def _check_answer(self, visit: Visit) -> None:
        """Whether the start page gives anything to go on with."""
        if visit.moved_to:
            raise self._unavailable(
                visit.url,
                f"it redirects to {shown(visit.moved_to)}",
                "Take that address as the url of the source; or name its host in `also`.",
            )
        if visit.note is None and visit.item is None:
            raise self._unavailable(visit.url, "there is no such page", "Check the address.")
        if isinstance(visit.item, UnreadableError) and not _has_ways_on(visit):
            problem = visit.item
            raise self._unavailable(visit.url, str(problem), problem.what_to_do) from problem

    def _unavailable(self, url: str, why: str, what_to_do: str) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"The website of source '{self._name}' cannot be read: {url}: {why.removesuffix('.')}. "
            "What was known from it stays.",
            what_to_do=what_to_do,
        )

    async def _visited(self, steps: Sequence[Step]) -> list[tuple[Visit, Step]]:
        """Visit some pages at once, and note what they are now."""
        paths = [self._site.path_of(step.url) for step in steps]
        known = await self._tools.notes.get(paths)
        visits = await asyncio.gather(
            *(
                self._tools.visits.visit(step.url, known.get(path))
                for path, step in zip(paths, steps, strict=True)
            )
        )
        found = {path: visit.note for path, visit in zip(paths, visits, strict=True)}
        await self._tools.notes.put(
            {path: note for path, note in found.items() if note != known.get(path)}
        )
        return list(zip(visits, steps, strict=True))

    async def _taken(self, visit: Visit, step: Step) -> list[Entry]:
        """Go where a page leads; the entries that it makes."""
        if visit.moved_to:
            await self._frontier.offer_redirect(step, visit.moved_to, base=visit.url)
        elif visit.note:
            for url in visit.note.links:
                depth = step.depth if url == visit.note.same_as else step.depth + 1
                await self._frontier.offer(Step(url, depth))
        entry = self._entry(visit, step.url)
        return [*([entry] if entry else []), *self._frontier.named()]

    def _entry(self, visit: Visit, url: str) -> Entry | None:
        """The entry of a page; None for one that is gone, moved, a copy, or not wanted."""
        note, path = visit.note, self._site.path_of(url)
        if visit.moved_to or not (note or visit.item) or not self._site.wants(url):
            return None
        if note and note.is_left_out:
            self._frontier.leave_out("noindex", path)
            return None
        if visit.item:
            self._tools.shelf.put(path, visit.item)
        stamp = _stamp(visit.item, note)
        if note and note.same_as and stamp == note.stamp:
            self._copies.append((path, self._site.path_of(note.same_as), stamp))
            return None
        if note and note.stamp:
            self._articles.add(path)
        return Entry(path, stamp)

    def _rest(self) -> Iterator[Entry]:
        """Copies without an original, what is left out, and where nobody could look."""
        for path, original, stamp in self._copies:
            if original not in self._articles:
                self._articles.add(path)
                yield Entry(path, stamp)
        for url in self._tools.sitemaps.useless:
            self._frontier.leave_out("sitemap", "/.", leads_to=url)
        yield from self._frontier.named()
        yield from self._frontier.others()
        for place, error in self._frontier.closed.items():
            yield self._unlistable(place, str(error))
        if problems := self._tools.sitemaps.problems:
            yield self._unlistable(_EVERYTHING, " ".join(problems[:5]))

    def _unlistable(self, place: str, why: str) -> Entry:
        """The entry of a place that could not be looked at: what was known below it stays."""
        advice = "What was known of it stays meanwhile."
        self._tools.shelf.put(place, UnreadableError(why, what_to_do=advice))
        return Entry(place, stamp="unlistable")


def _has_ways_on(visit: Visit) -> bool:
    """Whether a page without text was read at least, and leads somewhere."""
    return isinstance(visit.item, BrokenContentError) and bool(visit.note and visit.note.links)


def _stamp(item: object, note: PageNote | None) -> str:
    is_broken = isinstance(item, BrokenContentError)
    if note is None or (isinstance(item, UnreadableError) and not is_broken):
        return _UNREACHABLE
    return note.stamp
