"""The sitemaps of a site, one after another: which pages it names itself."""

from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from knowledge.fetching import FetchFailedError, FetchRefusedError, ReplyTooLargeError, shown
from knowledge.parsing import NotParsedError
from knowledge.sources.website.pace import Pace
from knowledge.sources.website.reading import Reading
from knowledge.sources.website.site import Site

_MOST = 500
_MAX_BYTES = 50 * 2**20
_MAX_HOPS = 5
_MISSING = {400, 401, 403, 404, 410}
_GUESS = "/sitemap.xml"


class Sitemaps:
    """Reads them once.

    Attributes:
        problems: why pages may be missing from what was found, a sentence each.
        useless: sitemaps that the site names and that we will never read.
    """

    def __init__(self, site: Site, pace: Pace, reading: Reading) -> None:
        self._site, self._pace, self._reading = site, pace, reading
        self.problems: list[str] = []
        self.useless: list[str] = []

    async def pages(self, declared: Sequence[str]) -> AsyncIterator[str]:
        """The addresses in the declared sitemaps, or in the one that most sites have.

        One that cannot be read is a problem, unless nobody declared it and it is not there.
        """
        start = self._site.start
        waiting = deque(urljoin(start.url, one) for one in declared or [_GUESS])
        seen = set(waiting)
        while waiting:
            url = waiting.popleft()
            facts = await self._facts(url, is_guess=not declared and len(seen) == 1)
            for page in facts.get("pages", ()):
                yield page
            if not facts.get("is_whole", True):
                self._problem(url, "ends in the middle")
            new = [one for one in facts.get("sitemaps", ()) if one not in seen]
            new = new[: max(0, _MOST - len(seen))]
            waiting.extend(new)
            seen.update(new)

    async def _facts(self, url: str, *, is_guess: bool) -> Mapping[str, Any]:
        """What one sitemap says; nothing where it cannot be read."""
        try:
            return await self._read(url)
        except _MissingError:
            if not is_guess:
                self.useless.append(url)
        except NotParsedError as error:
            if not is_guess:
                self._problem(url, f"cannot be read. {error}")
        except (FetchFailedError, FetchRefusedError, ReplyTooLargeError) as error:
            self._problem(url, f"cannot be read. {error}")
        return {}

    async def _read(self, url: str) -> Mapping[str, Any]:
        for _ in range(_MAX_HOPS):
            if not self._site.holds(url):
                raise _MissingError
            async with self._pace.get(url) as reply:
                if reply.location:
                    url = reply.location
                    continue
                if reply.status in _MISSING:
                    raise _MissingError
                if reply.status != 200:
                    raise FetchFailedError(
                        f"It answered {reply.status}.", what_to_do="Refresh again later."
                    )
                saved = await self._reading.save(reply, ".sitemap", max_bytes=_MAX_BYTES)
            return (await saved.parsed()).facts
        raise _MissingError

    def _problem(self, url: str, why: str) -> None:
        self.problems.append(f"The sitemap {shown(url)} {why.removesuffix('.')}.")


class _MissingError(Exception):
    """There is no such sitemap where we may look."""
