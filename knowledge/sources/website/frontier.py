"""The pages that are still to be visited, and those that never will be."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.fetching import target_of
from knowledge.sources import Entry
from knowledge.sources.website.left_out import LeftOut
from knowledge.sources.website.robots import NoRulesError, Robots
from knowledge.sources.website.site import Site

_MAX_HOPS = 10


@dataclass(frozen=True, slots=True)
class Caps:
    """How far a crawl goes.

    Attributes:
        max_depth: links from the start page or a page of a sitemap.
        max_pages: addresses that are asked for.
        at_once: pages that are asked for at the same time.
    """

    max_depth: int
    max_pages: int
    at_once: int


@dataclass(frozen=True, slots=True)
class Step:
    """A page to be visited: how many links it is away, and after how many redirects."""

    url: str
    depth: int = 0
    hops: int = 0


class Frontier:
    """A queue in which no page stands twice. It holds addresses, at most `max_pages` of them.

    Attributes:
        closed: hosts whose robots.txt could not be had, as paths of folders, and why.
    """

    def __init__(self, site: Site, caps: Caps, robots: Robots) -> None:
        self._site, self._caps, self._robots = site, caps, robots
        self._queue: deque[Step] = deque()
        self._known: set[str] = set()
        self._left_out = LeftOut()
        self.closed: dict[str, NoRulesError] = {}

    def enter(self, url: str) -> None:
        """Note a page that is visited outside the queue."""
        self._known.add(self._site.path_of(url))

    def next(self) -> list[Step]:
        """The pages to be visited now; none at the end."""
        return [self._queue.popleft() for _ in range(min(self._caps.at_once, len(self._queue)))]

    async def offer(self, step: Step) -> None:
        """Take a page in, if it is one that shall be read and is not known yet."""
        if not step.url or not self._site.wants(step.url):
            return
        path = self._site.path_of(step.url)
        if path in self._known:
            return
        if why := await self._reason_against(step):
            self._left_out.add(why, path)
        elif target_of(step.url).place not in self._closed_places():
            self._known.add(path)
            self._queue.append(step)

    async def offer_redirect(self, step: Step, moved_to: str, *, base: str) -> None:
        """Take in where a page has moved to; out of the site we do not follow."""
        path = self._site.path_of(step.url)
        onward = self._site.canonical(moved_to, base=base)
        if not onward:
            self._left_out.add("elsewhere", path, leads_to=moved_to)
        elif step.hops >= _MAX_HOPS:
            self._left_out.add("redirects", path)
        else:
            await self.offer(Step(onward, step.depth, step.hops + 1))

    def leave_out(self, reason: str, path: str, *, leads_to: str = "") -> None:
        """Note a page that is not read, for a reason of its own."""
        self._left_out.add(reason, path, leads_to=leads_to)

    def named(self) -> Iterator[Entry]:
        """The pages left out since this was asked the last time."""
        return self._left_out.named()

    def others(self) -> Iterator[Entry]:
        """How many more there were."""
        return self._left_out.others()

    async def _reason_against(self, step: Step) -> str:
        """Why a page is not visited; empty where it may be, or where its host cannot be asked."""
        try:
            rules = await self._robots.rules(step.url)
        except NoRulesError as error:
            self.closed[f"//{target_of(step.url).place}/"] = error
            return ""
        if not rules.allows(step.url):
            return "robots"
        if step.depth > self._caps.max_depth:
            return "max_depth"
        return "max_pages" if len(self._known) >= self._caps.max_pages else ""

    def _closed_places(self) -> set[str]:
        return {place.strip("/") for place in self.closed}
