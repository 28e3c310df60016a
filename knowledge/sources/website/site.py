"""The addresses of a website: what belongs to it, and the one form in which each is written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from urllib.parse import urljoin, urlsplit

from knowledge.fetching import FetchRefusedError, Target, target_of

_TRACKING = re.compile(
    r"utm_\w+|[gdw]clid|[gw]braid|fbclid|msclkid|yclid|igshid|mc_[ce]id|mkt_tok|_ga|_gl|_hs\w+"
    r"|phpsessid|jsessionid",
    re.IGNORECASE,
)
_SESSION = re.compile(r";jsessionid=[^/?]*", re.IGNORECASE)
_ENCODED = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_NO_PAGE = re.compile(
    r"\.(?:png|jpe?g|gif|webp|avif|svgz?|ico|bmp|tiff?|css|m?js|json|map|woff2?|ttf|otf|eot"
    r"|mp[34]|m4[av]|ogg|wav|webm|avi|mov|zip|t?gz|bz2|xz|7z|rar|tar|exe|msi|dmg|iso|deb|rpm|jar"
    r"|apk|rss|atom|ics)\Z",
    re.IGNORECASE,
)
_START = "/."
_HTTP = 80


@dataclass(frozen=True, slots=True)
class Site:
    """Which addresses are of this website.

    Attributes:
        start: the start page.
        places: hosts with their ports, the one of the start page first.
        only: patterns of the paths that are read; empty for all.
        skip: patterns of the paths that are left alone.
    """

    start: Target
    places: tuple[str, ...]
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes with what counts as a link within the site."""
        return sha256(" ".join((self.start.url, *self.places)).encode()).hexdigest()[:12]

    def canonical(self, address: str, *, base: str = "") -> str:
        """The one form of an address; empty where it is no page of this site's hosts.

        Fragments, tracking parameters and session ids are gone, `..` is resolved, letters are
        escaped in one way. The order of other parameters stays: it may mean something.
        """
        try:
            joined = urljoin(base, re.sub(r"[\t\r\n]", "", address).strip().replace(" ", "%20"))
            target = target_of(joined)
        except (FetchRefusedError, ValueError):
            return ""
        if target.place not in self.places:
            return ""
        path, _, query = _even(target.resource).partition("?")
        path = _without_dots(_SESSION.sub("", path))
        if _NO_PAGE.search(path):
            return ""
        kept = "&".join(part for part in query.split("&") if part and not _is_tracking(part))
        # A site with TLS has it for all its pages; asked without, it would only redirect.
        is_safe = self.start.scheme == "https" and target.port == _HTTP
        scheme = "https" if is_safe else target.scheme
        return f"{scheme}://{target.place}{path}{'?' if kept else ''}{kept}"

    def holds(self, url: str) -> bool:
        """Whether an address, canonical or not, is on one of the site's hosts."""
        try:
            return target_of(url).place in self.places
        except FetchRefusedError:
            return False

    def wants(self, url: str) -> bool:
        """Whether a canonical address is one of those that shall be read."""
        resource = target_of(url).resource
        if any(_matches(resource, pattern) for pattern in self.skip):
            return False
        return not self.only or any(_matches(resource, pattern) for pattern in self.only)

    def path_of(self, url: str) -> str:
        """The path of the article at a canonical address: no two articles for `/a` and `/a/`.

        It never ends in `/`, which would stand for a folder. The start of a host is `/.`; pages of
        further hosts begin with `//HOST`.
        """
        target = target_of(url)
        path, question, query = target.resource.partition("?")
        path = path.rstrip("/") or _START
        host = "" if target.place == self.places[0] else f"//{target.place}"
        found = f"{host}{path}{question}{query}"
        return f"{found[:-1]}%2F" if found.endswith("/") else found

    def url_of(self, path: str) -> str:
        """The address of a path that `path_of` has given, as far as it can be known from it."""
        parts = urlsplit(path)
        place = parts.netloc or self.places[0]
        resource = ("/" if parts.path == _START else parts.path) + (
            f"?{parts.query}" if parts.query else ""
        )
        return f"{self.start.scheme}://{place}{resource}"


def site_of(
    url: str, *, also: Iterable[str] = (), only: Iterable[str] = (), skip: Iterable[str] = ()
) -> Site:
    """The site of a start page and of further hosts.

    Raises:
        FetchRefusedError: one of the addresses is none.
    """
    start = target_of(url)
    further = (host_named(host, start.scheme).place for host in also)
    places = tuple(dict.fromkeys((start.place, *further)))
    return Site(start, places, tuple(only), tuple(skip))


def host_named(name: str, scheme: str = "http") -> Target:
    """The host that an option names: `wiki.intra`, `wiki.intra:8080`, or the address of a page.

    Raises:
        FetchRefusedError: it names none.
    """
    return target_of(name if "://" in name else f"{scheme}://{name}/")


def _matches(resource: str, pattern: str) -> bool:
    """Whether an address is one of a pattern; without a `*` it is the beginning of addresses."""
    return fnmatchcase(resource, pattern if "*" in pattern else f"{pattern}*")


def _without_dots(path: str) -> str:
    """A path without `.` and `..`, as browsers ask for it; it begins with one slash."""
    kept: list[str] = []
    for part in path.lstrip("/").split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    ends_in_folder = path.endswith(("/.", "/.."))
    return "/" + "/".join([*kept, ""] if ends_in_folder and kept else kept)


def _is_tracking(parameter: str) -> bool:
    return bool(_TRACKING.fullmatch(parameter.partition("=")[0]))


def _even(resource: str) -> str:
    """Escapes in capitals, and none for letters that need none."""

    def even(found: re.Match[str]) -> str:
        letter = chr(int(found[1], 16))
        return letter if letter in _UNRESERVED else found[0].upper()

    return _ENCODED.sub(even, resource)
