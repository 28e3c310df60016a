"""Pages that are known to be there and are not read, on purpose: each reason is named.

Such a page stands in the report under its path, a `#` and the reason. It is no path of an article,
so what was known of the page before is taken out.
"""

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b

from knowledge.fetching import shown
from knowledge.sources import BrokenContentError, Entry

_NAMED = 20
"""So many pages are named for each reason; of the others only the number."""
_COUNTED = 100_000

_REASONS = {
    "robots": (
        "The robots.txt of the site does not allow us to read it.",
        "Ask whoever runs the site to allow 'Tertulia' in robots.txt; or leave it.",
    ),
    "noindex": (
        "It asks not to be indexed (noindex).",
        "If it is yours and shall be found, take 'noindex' out of it.",
    ),
    "max_depth": (
        "It is more links away from the start page than `max_depth` allows.",
        "Raise `max_depth` of this source in tertulia.toml, or list it in a sitemap.",
    ),
    "max_pages": (
        "The site has more pages than `max_pages` allows.",
        "Raise `max_pages` of this source in tertulia.toml, or choose with `only` and `skip`.",
    ),
    "elsewhere": (
        "It leads out of the site, to {0}; that was not followed.",
        "If that is part of your site, name its host in the option `also`.",
    ),
    "sitemap": (
        "The sitemap {0} that the site names is not there, or on another host.",
        "Correct it in robots.txt, or name its host in the option `also`.",
    ),
    "redirects": (
        "It redirects again and again.",
        "Open it in a browser; the site must be put right.",
    ),
}


class LeftOut:
    """Counts what is left out, each page once, and names the first ones."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._seen: set[bytes] = set()
        self._waiting: list[Entry] = []

    def add(self, reason: str, path: str, *, leads_to: str = "") -> None:
        """Note a page that is not read."""
        name = f"{path}#{reason}"
        digest = blake2b(name.encode(), digest_size=8).digest()
        if digest in self._seen or len(self._seen) >= _COUNTED:
            return
        self._seen.add(digest)
        self._counts[reason] += 1
        if self._counts[reason] <= _NAMED:
            stamp = shown(leads_to) if leads_to else reason
            self._waiting.append(Entry(name, stamp, is_left_out=True))

    def named(self) -> Iterator[Entry]:
        """The pages to be named that have not been given yet."""
        waiting, self._waiting = self._waiting, []
        yield from waiting

    def others(self) -> Iterator[Entry]:
        """One entry for all further pages of each reason."""
        for reason, count in sorted(self._counts.items()):
            if count > _NAMED:
                yield Entry(f"/.#{reason}-others", str(count - _NAMED), is_left_out=True)


def explained(entry: Entry) -> BrokenContentError | None:
    """Why a page is left out; None for the entry of a page that is not."""
    _, found, reason = entry.path.partition("#")
    if not found:
        return None
    sentence, advice = _REASONS[reason.removesuffix("-others")]
    if reason.endswith("-others"):
        sentence = f"{entry.stamp} more pages, not named here: {sentence}"
    return BrokenContentError(sentence.format(entry.stamp), what_to_do=advice)
