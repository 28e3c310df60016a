"""What the robots.txt of a host allows (protego)."""

from dataclasses import dataclass

from protego import Protego

from knowledge.errors import OperatorError
from knowledge.fetching import (
    USER_AGENT,
    FetchFailedError,
    FetchRefusedError,
    Target,
    target_of,
)
from knowledge.sources.website.pace import Pace
from knowledge.sources.website.site import Site

_MAX_BYTES = 512 * 1024
_MAX_HOPS = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one host, as far as they are for us."""

    rules: Protego

    def allows(self, url: str) -> bool:
        """Whether we may ask for this address."""
        return self.rules.can_fetch(url, USER_AGENT)

    @property
    def delay_s(self) -> float:
        """The seconds between two requests that the host wishes; 0 where it says nothing."""
        return self.rules.crawl_delay(USER_AGENT) or 0.0

    @property
    def sitemaps(self) -> list[str]:
        """The sitemaps that it names."""
        return list(self.rules.sitemaps)


class NoRulesError(OperatorError):
    """The robots.txt of a host could not be had, so nothing of it may be read."""


class Robots:
    """The rules of every host that was asked, kept for one refresh."""

    def __init__(self, site: Site, pace: Pace) -> None:
        self._site, self._pace = site, pace
        self._known: dict[str, Rules | NoRulesError] = {}

    async def rules(self, url: str) -> Rules:
        """The rules for an address; RFC 9309: where there are none, all is allowed.

        Raises:
            NoRulesError: they could not be had, so nothing is allowed.
        """
        target = target_of(url)
        known = self._known.get(target.place) or await self._asked(target)
        self._known[target.place] = known
        if isinstance(known, NoRulesError):
            raise known
        return known

    async def _asked(self, target: Target) -> Rules | NoRulesError:
        url = f"{target.scheme}://{target.place}/robots.txt"
        try:
            rules = Rules(Protego.parse(await self._text(url)))
        except (FetchFailedError, FetchRefusedError) as error:
            return NoRulesError(str(error), what_to_do=error.what_to_do)
        self._pace.slow_down(url, rules.delay_s)
        return rules

    async def _text(self, url: str) -> str:
        for _ in range(_MAX_HOPS):
            if not self._site.holds(url):
                break
            async with self._pace.get(url) as reply:
                if reply.location:
                    url = reply.location
                    continue
                if reply.status >= 500:
                    raise FetchFailedError(
                        f"{url} answered {reply.status}: nobody may read the site meanwhile.",
                        what_to_do="Refresh again later.",
                    )
                is_there = reply.status == 200
                content = await reply.start(max_bytes=_MAX_BYTES) if is_there else b""
                return content.decode("utf-8", "replace")
        return ""
