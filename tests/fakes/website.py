"""A small website on loopback: pages with ETags, and whatever else a test puts at an address."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from tests.fakes.loopback import LoopbackServer, Reply, Request

Thing = str | Reply | Callable[[Request], Reply]
HTML = "text/html"


@dataclass
class FakeSite:
    """What stands at which path: HTML, a whole reply, or a function that replies."""

    server: LoopbackServer
    things: dict[str, Thing] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The start page."""
        return f"{self.server.url}/"

    @property
    def place(self) -> str:
        """Host and port."""
        return self.server.url.removeprefix("http://")

    @property
    def port(self) -> str:
        """The port with its colon, as it stands behind a host."""
        return f":{self.place.rpartition(':')[2]}"

    def put(self, things: Mapping[str, Thing]) -> None:
        """Put things at paths, in the place of others."""
        self.things.update(things)

    def asked(self) -> list[str]:
        """The paths that were asked for since this was called the last time, in order."""
        paths = [request.path for request in self.server.requests]
        self.server.requests.clear()
        return paths

    def respond(self, request: Request) -> Reply:
        """What stands there; unchanged pages are told as such."""
        thing = self.things.get(request.path)
        if thing is None:
            return Reply(b"Not here.", 404, HTML)
        if isinstance(thing, Reply):
            return thing
        if not isinstance(thing, str):
            return thing(request)
        etag = f'"{sha256(thing.encode()).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return Reply(b"", 304, "", {"ETag": etag})
        return Reply(thing.encode(), content_type=HTML, headers={"ETag": etag})


@asynccontextmanager
async def open_site(things: Mapping[str, Thing] | None = None) -> AsyncIterator[FakeSite]:
    """A site that holds these things."""
    server = LoopbackServer(lambda request: site.respond(request))
    async with server:
        site = FakeSite(server, dict(things or {}))
        yield site


def page(text: str, *links: str, title: str = "", head: str = "", lang: str = "en") -> str:
    """A page with a text, links below it, and more in its head."""
    listed = "".join(f'<li><a href="{link}">More</a></li>' for link in links)
    return (
        f'<!doctype html><html lang="{lang}"><head><title>{title or text[:20]}</title>{head}</head>'
        f"<body><nav><ul>{listed}</ul></nav><main><p>{text}</p></main></body></html>"
    )


def moved(location: str, status: int = 302) -> Reply:
    """A redirect."""
    return Reply(b"", status, HTML, {"Location": location})


def sitemap(*addresses: str) -> Reply:
    """A sitemap of these pages."""
    inner = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</urlset>'
    return Reply(text.encode(), content_type="application/xml")
