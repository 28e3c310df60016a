"""What a page says to programs, judged: its links, its other names, whether it may be indexed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from knowledge.parsing import Parsed
from knowledge.sources.website.site import Site

_NO_INDEX = {"noindex", "none"}
_NO_FOLLOW = {"nofollow", "none"}
_US = "tertulia"


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts of a page beside its text.

    Attributes:
        url: the canonical address where it only writes the same page in another way.
        links: canonical addresses within the site; translations and the page's original too.
        same_as: the address of the page that this one is a copy of; empty for an original.
        is_left_out: whether the page asks not to be indexed.
    """

    url: str
    links: tuple[str, ...] = ()
    same_as: str = ""
    is_left_out: bool = False

    @classmethod
    def of(cls, parsed: Parsed, url: str, site: Site, tags: Sequence[str]) -> "Facts":
        """The facts of a page that came from an address of the site.

        Args:
            parsed: the page.
            url: where it came from.
            site: what counts as a link.
            tags: the headers `X-Robots-Tag` of the reply.
        """
        said: dict[str, Any] = dict(parsed.facts)
        base = urljoin(url, said.get("address", ""))
        rules = {*_split(said.get("robots", ())), *_for_us(tags)}
        other = _original(said, url, base, site, parsed.language)
        is_same = not other or site.path_of(other) == site.path_of(url)
        links = [*_followed(said, rules), *(href for _, href in said.get("alternates", ()))]
        found = (site.canonical(href, base=base) for href in links)
        return cls(
            url=other if other and is_same else url,
            links=tuple(dict.fromkeys(filter(None, [*found, "" if is_same else other]))),
            same_as="" if is_same else other,
            is_left_out=not rules.isdisjoint(_NO_INDEX),
        )


def asks_to_be_left_out(tags: Sequence[str]) -> bool:
    """Whether headers `X-Robots-Tag` tell us not to index a page."""
    return not _NO_INDEX.isdisjoint(_for_us(tags))


def _followed(said: dict[str, Any], rules: set[str]) -> list[str]:
    return said.get("links", []) if rules.isdisjoint(_NO_FOLLOW) else []


def _original(said: dict[str, Any], url: str, base: str, site: Site, language: str) -> str:
    """The address that the page names as its own; not one of its translations.

    Sites that name the English page as the original of the Spanish one lose no page here.
    """
    stated = site.canonical(said["canonical"], base=base) if said.get("canonical") else ""
    languages = {
        site.canonical(href, base=base): code[:2].lower()
        for code, href in said.get("alternates", ())
        if code.lower() != "x-default"
    }
    own = language or languages.get(url, "")
    is_translation = stated in languages and own and languages[stated] != own
    return "" if is_translation else stated


def _split(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from (word.strip().lower() for word in text.split(","))


def _for_us(tags: Sequence[str]) -> Iterator[str]:
    """The rules of `X-Robots-Tag`, without those for other programs (`NAME: noindex`)."""
    for tag in tags:
        name, colon, rest = tag.partition(":")
        is_named = colon and "," not in name and not name.strip().lower().startswith("unavailable")
        if not is_named:
            yield from _split([tag])
        elif name.strip().lower() == _US:
            yield from _split([rest])
