"""A website as a source."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.articles import Article, Audience
from knowledge.fetching import (
    Credentials,
    Fetcher,
    FetchLimits,
    Resolver,
    system_resolver,
)
from knowledge.language import language_of
from knowledge.sources import Content, Entry, Notes, NotesInMemory, UnreadableError
from knowledge.sources.website.crawl import Crawl, Tools
from knowledge.sources.website.frontier import Caps, Frontier
from knowledge.sources.website.left_out import explained
from knowledge.sources.website.pace import Clock, Pace
from knowledge.sources.website.page_notes import PageNotes
from knowledge.sources.website.reading import Reading
from knowledge.sources.website.robots import NoRulesError, Robots
from knowledge.sources.website.shelf import Read, Shelf
from knowledge.sources.website.site import Site
from knowledge.sources.website.sitemaps import Sitemaps
from knowledge.sources.website.visits import Visit, Visits


@dataclass(frozen=True, slots=True)
class Manners:
    """How a site is asked.

    Attributes:
        timeout_s: seconds for connecting, and between two pieces of a reply; four times as many
            for a whole page.
        allow_private: hosts that may have private addresses.
    """

    requests_per_second: float
    timeout_s: float
    max_bytes: int
    allow_private: tuple[str, ...] = ()
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a test may put in the place of the real thing: names, certificates, time."""

    resolver: Resolver = system_resolver
    tls: ssl.SSLContext | None = None
    clock: Clock = field(default_factory=Clock)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read, how far, and how."""

    site: Site
    caps: Caps
    manners: Manners


class _Web:
    """The connections and rules of one refresh."""

    def __init__(self, plan: Plan, at: Surroundings) -> None:
        site, caps, manners = plan.site, plan.caps, plan.manners
        self.fetcher = Fetcher(
            allow_private=manners.allow_private,
            credentials=manners.credentials,
            limits=FetchLimits(
                total_s=4 * manners.timeout_s, step_s=manners.timeout_s, connections=caps.at_once
            ),
            resolver=at.resolver,
            tls=at.tls,
        )
        self.pace = Pace(
            self.fetcher,
            requests_per_second=manners.requests_per_second,
            concurrency=caps.at_once,
            clock=at.clock,
        )
        self.robots = Robots(site, self.pace)


class WebsiteSource:
    """The pages of a website, as the site wants them to be read.

    Attributes:
        plan: what is read, how far, and how.
    """

    has_own_audiences = False

    def __init__(
        self,
        *,
        name: str,
        audience: Audience,
        plan: Plan,
        folder: Path,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.name = name
        self.audience = audience
        self.plan, self._site = plan, plan.site
        self._at = surroundings or Surroundings()
        self._reading = Reading(folder, plan.manners.max_bytes)
        self._shelf = Shelf()
        self._notes: PageNotes | None = None
        self._web: _Web | None = None

    async def entries(self, _since: str, notes: Notes) -> AsyncIterator[Entry]:
        """Every page that the sitemaps name and that links lead to.

        Raises:
            SourceUnavailableError: the start page cannot be read.
        """
        await self.close()
        self._notes = PageNotes(notes, self._site.fingerprint)
        web = await self._opened()
        tools = Tools(
            visits=self._visits(web),
            robots=web.robots,
            sitemaps=Sitemaps(self._site, web.pace, self._reading),
            notes=self._notes,
            shelf=self._shelf,
        )
        frontier = Frontier(self._site, self.plan.caps, web.robots)
        async for entry in Crawl(self.name, self._site, frontier, tools).entries():
            yield entry

    async def existing(self) -> AsyncIterator[str]:
        """The path of every page."""
        async for entry in self.entries("", NotesInMemory()):
            yield entry.path

    async def content_hash(self, entry: Entry) -> str:
        """The hash of what makes the article: its words, title, author, date and address."""
        return (await self._read(entry, stays=True)).stamp

    async def read(self, entry: Entry) -> Content:
        """A page; one that is on the shelf is not asked for again."""
        read = await self._read(entry, stays=False)
        parsed = read.parsed
        article = Article(
            id=f"{self.name}:{entry.path}",
            title=parsed.title or _title_from(read.url),
            text=parsed.text,
            language=language_of(parsed.text) or parsed.language,
            audience=self.audience,
            url=read.url,
            updated_at=read.changed_at,
            author=parsed.author,
        )
        return Content(article, read.stamp)

    async def close(self) -> None:
        """Close connections, end the parser, let go of what was read and not asked for."""
        web, self._web = self._web, None
        self._shelf.clear()
        if web:
            await web.fetcher.close()
        await self._reading.close()

    async def _read(self, entry: Entry, *, stays: bool) -> Read:
        if reason := explained(entry):
            raise reason
        item = self._shelf.get(entry.path) if stays else self._shelf.take(entry.path)
        if item is None:
            item = await self._asked_again(entry.path)
        if isinstance(item, UnreadableError):
            self._shelf.take(entry.path)
            raise item
        return item

    async def _asked_again(self, path: str) -> Read | UnreadableError:
        """A page by its path alone: asked for as if nothing were known of it."""
        note = (await self._notes.get([path])).get(path) if self._notes else None
        url = note.url if note else self._site.url_of(path)
        web = await self._opened()
        try:
            if not (await web.robots.rules(url)).allows(url):
                return UnreadableError("robots.txt does not allow it.", what_to_do="Leave it out.")
        except NoRulesError as error:
            return UnreadableError(str(error), what_to_do=error.what_to_do)
        return _item(await self._visits(web).visit(url))

    async def _opened(self) -> _Web:
        if self._web is None:
            await self._reading.tidy()
            self._web = _Web(self.plan, self._at)
        return self._web

    def _visits(self, web: _Web) -> Visits:
        return Visits(self._site, web.pace, self._reading, max_bytes=self.plan.manners.max_bytes)


def _item(visit: Visit) -> Read | UnreadableError:
    if visit.item:
        return visit.item
    if visit.moved_to:
        return UnreadableError("It has moved.", what_to_do="Refresh the source again.")
    return UnreadableError("It is no longer there.", what_to_do="Refresh the source again.")


def _title_from(url: str) -> str:
    words = url.rstrip("/").rpartition("/")[2].partition("?")[0]
    return words.partition(".")[0].replace("-", " ").replace("_", " ").strip().capitalize() or url
