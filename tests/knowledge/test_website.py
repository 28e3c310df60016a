"""A website as a source: what is found, in which form, and what is named as not read."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import Article
from knowledge.errors import OperatorError
from knowledge.fetching import Resolver, system_resolver
from knowledge.sources import (
    BrokenContentError,
    Entry,
    Notes,
    NotesInMemory,
    OptionError,
    SourceUnavailableError,
    UnreadableError,
)
from knowledge.sources.website import build
from knowledge.sources.website.source import Surroundings, WebsiteSource
from tests.contracts.source_contract import AUDIENCE, SourceContract
from tests.fakes.clock import HurriedClock
from tests.fakes.loopback import Reply, Request
from tests.fakes.website import FakeSite, moved, open_site, page, sitemap
from tests.knowledge import documents


class TestWebsiteSource(SourceContract):
    @pytest.fixture(autouse=True)
    async def world(self, tmp_path: Path) -> AsyncIterator[None]:
        self.folder = tmp_path
        self.texts: dict[str, str] = {}
        async with open_site({"/": self._start}) as self.site:
            yield

    def _start(self, _: Request) -> Reply:
        listed = page("Everything.", *(f"/pages/{name}" for name in sorted(self.texts)))
        return Reply(listed.encode(), content_type="text/html")

    def source(self) -> WebsiteSource:
        return build(
            name="world",
            url=self.site.url,
            only="/pages/",
            audience=AUDIENCE,
            folder=self.folder,
            allow_private="127.0.0.1",
            requests_per_second=10_000,
        )

    def put(self, path: str, text: str) -> None:
        self.texts[path] = text
        self.site.put({f"/pages/{path}": page(text)})

    def put_broken(self, path: str) -> bool:
        self.texts[path] = ""
        self.site.put({f"/pages/{path}": Reply(b"%PDF-x", content_type="application/pdf")})
        return True

    def empty(self, path: str) -> bool:
        self.put(path, "")
        return True

    def refuse(self, path: str) -> bool:
        self.site.put({f"/pages/{path}": Reply(b"", 403)})
        return True

    def remove(self, path: str) -> None:
        del self.texts[path], self.site.things[f"/pages/{path}"]


@pytest.fixture
async def site() -> AsyncIterator[FakeSite]:
    async with open_site() as opened:
        yield opened


class Reader:
    """Reads a site, again and again, with what was noted the last time."""

    def __init__(self, site: FakeSite, folder: Path) -> None:
        self.site, self.folder = site, folder
        self.notes: Notes = NotesInMemory()
        self.clock = HurriedClock()
        self.resolver: Resolver = system_resolver

    def source(self, **options: object) -> WebsiteSource:
        """The site as a source; whatever it waits for takes no time."""
        given: dict[str, object] = {"url": self.site.url, "allow_private": "127.0.0.1"}
        built = build(name="site", audience=AUDIENCE, folder=self.folder, **(given | options))
        return WebsiteSource(
            name=built.name,
            audience=built.audience,
            plan=built.plan,
            folder=self.folder,
            surroundings=Surroundings(clock=self.clock, resolver=self.resolver),
        )

    async def paths(self, **options: object) -> list[str]:
        """The paths of all entries."""
        return [entry.path for entry in await self.entries(**options)]

    async def entries(self, **options: object) -> list[Entry]:
        source = self.source(**options)
        found = [entry async for entry in source.entries("", self.notes)]
        await source.close()
        assert len({entry.path for entry in found}) == len(found)
        return found

    async def results(self, **options: object) -> dict[str, Article | str]:
        """Every article, or the reason why it could not be read, by path."""
        source = self.source(**options)
        results: dict[str, Article | str] = {}
        async for entry in source.entries("", self.notes):
            try:
                results[entry.path] = (await source.read(entry)).article
            except UnreadableError as error:
                results[entry.path] = f"{error} {error.what_to_do}"
        await source.close()
        assert not list(self.folder.iterdir())
        return results

    async def article(self, path: str, **options: object) -> Article:
        found = (await self.results(**options))[path]
        assert isinstance(found, Article)
        return found

    async def reason(self, path: str, **options: object) -> str:
        found = (await self.results(**options))[path]
        assert isinstance(found, str)
        return found

    async def unavailable(self, **options: object) -> SourceUnavailableError:
        with pytest.raises(SourceUnavailableError) as caught:
            await self.entries(**options)
        assert caught.value.what_to_do
        return caught.value


@pytest.fixture
def reader(site: FakeSite, tmp_path: Path) -> Reader:
    return Reader(site, tmp_path / "site")


async def test_pages_are_found_link_by_link_each_once_and_loops_do_no_harm(
    site: FakeSite, reader: Reader
) -> None:
    site.put(
        {
            "/": page(
                "Start.", "/a", "b.html#part", "/a?utm_source=mail", "mailto:x@y.z", "/x.png"
            ),
            "/a": page("Page a.", "/", "/a/", "./../c", "http://elsewhere.example/"),
            "/b.html": page("Page b.", "/a", "//"),
            "/c": page("Page c.", "/a", "/c?page=2", "/c?page=2&fbclid=1"),
            "/c?page=2": page("Page c, continued."),
        }
    )
    assert await reader.paths() == ["/.", "/a", "/b.html", "/c", "/c?page=2"]
    assert site.asked() == ["/robots.txt", "/", "/sitemap.xml", "/a", "/b.html", "/c", "/c?page=2"]


async def test_an_article_carries_what_its_page_says_of_itself(
    site: FakeSite, reader: Reader
) -> None:
    head = (
        '<meta name="author" content="Ana Ruiz">'
        '<meta property="article:modified_time" content="2024-05-02T10:00:00Z">'
    )
    text = (
        "<h1>Leave</h1><h2>How much</h2>You have 25 days of leave.<table><tr><th>Kind</th>"
        "<th>Days</th></tr><tr><td>Holiday</td><td>25</td></tr></table>"
    )
    site.put({"/": page(text, title="Leave", head=head)})
    article = await reader.article("/.")
    assert (article.id, article.title, article.url) == ("site:/.", "Leave", site.url)
    assert (article.language, article.audience, article.author) == ("en", AUDIENCE, "Ana Ruiz")
    assert article.updated_at is not None
    assert article.updated_at.date().isoformat() == "2024-05-02"
    assert "## How much" in article.text
    assert "| Holiday | 25 |" in article.text


async def test_sitemaps_come_first_and_lead_to_pages_that_nothing_links_to(
    site: FakeSite, reader: Reader
) -> None:
    index = (
        f"<sitemapindex><sitemap><loc>{site.url}packed.xml.gz</loc></sitemap>"
        f"<sitemap><loc>{site.url}plain.txt</loc></sitemap></sitemapindex>"
    )
    packed = gzip.compress(sitemap(f"{site.url}lonely").body)
    site.put(
        {
            "/robots.txt": Reply(b"Sitemap: /index.xml", content_type="text/plain"),
            "/index.xml": Reply(index.encode(), content_type="text/xml"),
            "/packed.xml.gz": Reply(packed, content_type="application/gzip"),
            "/plain.txt": Reply(f"{site.url}plain".encode(), content_type="text/plain"),
            "/": page("Start.", "/linked"),
            "/lonely": page("Lonely."),
            "/plain": page("Plain."),
            "/linked": page("Linked."),
        }
    )
    assert await reader.paths() == ["/.", "/lonely", "/plain", "/linked"]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (Reply(b"<urlset><url><loc>{}", content_type="text/xml"), "ends in the middle"),
        (Reply(b"<html>", content_type="text/xml"), "It is no sitemap"),
        (Reply(b"", 500), "answered 500"),
        (Reply(gzip.compress(b"<urlset>" + b" " * 60 * 2**20)), "unpacks to more than 50 MB"),
        (Reply(b"\x1f\x8bnonsense"), "damaged"),
        (Reply(b"x" * 9, headers={"Content-Length": "99999999"}), "more than 50 MB"),
        (Reply(b"x" * 9, cut_at=3), "broke off"),
    ],
    ids=["cut", "no sitemap", "500", "bomb", "no gzip", "too large", "broken off"],
)
async def test_where_a_sitemap_cannot_be_read_what_was_known_stays(
    site: FakeSite, reader: Reader, broken: Reply, why: str
) -> None:
    declared = Reply(f"Sitemap: {site.url}map.xml".encode())
    site.put({"/robots.txt": declared, "/map.xml": broken, "/": page("Start.")})
    results = await reader.results()
    assert list(results) == ["/.", "/"]
    assert why in str(results["/"])


async def test_sitemaps_that_are_not_there_or_elsewhere_are_named_and_nothing_is_kept_for_them(
    site: FakeSite, reader: Reader
) -> None:
    for address in ("http://elsewhere.example/map.xml", f"{site.url}gone.xml", f"{site.url}loop"):
        site.put({"/robots.txt": Reply(f"Sitemap: {address}".encode()), "/": page("Start.")})
        site.put({"/loop": moved("/loop")})
        results = await reader.results()
        assert list(results) == ["/.", "/.#sitemap"]
        assert address in str(results["/.#sitemap"])


async def test_pages_that_have_not_changed_are_neither_sent_nor_parsed_and_still_lead_on(
    site: FakeSite, reader: Reader
) -> None:
    plain = Reply(page("Without an ETag.").encode(), content_type="text/html")
    site.put({"/": page("Start.", "/a"), "/a": page("A.", "/b", "/plain"), "/b": page("B.")})
    site.put({"/plain": plain})
    first = await reader.entries()
    site.asked()
    again = await reader.entries()
    assert again == first
    assert [entry.path for entry in first] == ["/.", "/a", "/b", "/plain"]
    site.put({"/b": page("Another b.")})
    changed = {entry.path for entry in set(await reader.entries()) - set(first)}
    assert changed == {"/b"}


async def test_what_surrounds_the_text_of_a_page_may_change_without_the_article(
    site: FakeSite, reader: Reader
) -> None:
    site.put({"/": page("The same text.", head="<meta name=token content=1>")})
    first = await reader.entries()
    site.put({"/": page("The same text.", "/new", head="<meta name=token content=2>")})
    assert await reader.entries() == first


async def test_one_article_a_page_under_its_canonical_address(
    site: FakeSite, reader: Reader
) -> None:
    def original(address: str) -> str:
        return f'<link rel="canonical" href="{address}">'

    site.put(
        {
            "/": page("Start.", "/copy", "/slash", "/ring/1", "/orphan", "/out"),
            "/copy": page("Text.", head=original("/original")),
            "/original": page("Text.", head=original(f"{site.url}original")),
            "/slash": page("Slash.", head=original("/slash/")),
            "/ring/1": page("Ring.", head=original("/ring/2")),
            "/ring/2": page("Ring.", head=original("/ring/1")),
            "/orphan": page("Orphan.", head=original("/missing")),
            "/out": page("Out.", head=original("http://elsewhere.example/out")),
        }
    )
    results = await reader.results()
    assert list(results) == ["/.", "/slash", "/out", "/original", "/ring/1", "/orphan"]
    slash = results["/slash"]
    assert isinstance(slash, Article)
    assert slash.url == f"{site.url}slash/"


async def test_both_languages_of_a_page_are_articles_also_where_one_claims_to_be_a_copy(
    site: FakeSite, reader: Reader
) -> None:
    alternates = (
        '<link rel="alternate" hreflang="en" href="/en"><link rel="alternate" hreflang="es-ES" '
        'href="/es"><link rel="alternate" hreflang="x-default" href="/en">'
        '<link rel="canonical" href="/en">'
    )
    site.put(
        {
            "/": page("Start.", "/en"),
            "/en": page("The kitchen is open until ten in the evening.", head=alternates),
            "/es": page("La cocina está abierta hasta las diez.", head=alternates, lang="es"),
        }
    )
    results = await reader.results()
    assert list(results) == ["/.", "/en", "/es"]
    spanish = results["/es"]
    assert isinstance(spanish, Article)
    assert spanish.language == "es"


async def test_what_robots_txt_forbids_is_not_asked_for_and_named(
    site: FakeSite, reader: Reader
) -> None:
    rules = (
        b"User-agent: *\nDisallow: /all\n\n"
        b"User-agent: Tertulia\nDisallow: /private\nAllow: /private/open\n"
    )
    site.put(
        {
            "/robots.txt": Reply(rules, content_type="text/plain"),
            "/": page("Start.", "/private", "/private/open", "/all"),
            "/private": page("Secret."),
            "/private/open": page("Open."),
            "/all": page("All."),
        }
    )
    results = await reader.results()
    assert list(results) == ["/.", "/private#robots", "/private/open", "/all"]
    assert "does not allow" in str(results["/private#robots"])
    assert "/private" not in site.asked()
    source = reader.source()
    with pytest.raises(UnreadableError, match="does not allow"):
        await source.read(Entry("/private", "1"))
    await source.close()


async def test_pages_that_ask_not_to_be_indexed_are_named_and_still_lead_on(
    site: FakeSite, reader: Reader
) -> None:
    def tagged(tag: str) -> Reply:
        return Reply(page("Tagged.").encode(), 200, "text/html", {"X-Robots-Tag": tag})

    site.put(
        {
            "/": page("Start.", "/a", "/b", "/c", "/d", "/e"),
            "/a": page("A.", "/f", head='<meta name="robots" content="NOINDEX">'),
            "/b": tagged("noindex, nofollow"),
            "/c": tagged("otherbot: noindex"),
            "/d": tagged("tertulia: none"),
            "/e": page("E.", "/g", head='<meta name="Tertulia" content="nofollow">'),
            "/f": page("F."),
            "/g": page("G."),
        }
    )
    found = ["/.", "/a#noindex", "/b#noindex", "/c", "/d#noindex", "/e", "/f"]
    assert await reader.paths() == found
    assert await reader.paths() == found


async def test_a_page_that_asks_later_not_to_be_indexed_goes_and_may_come_back(
    site: FakeSite, reader: Reader
) -> None:
    def reply(request: Request) -> Reply:
        status = 304 if request.headers.get("if-none-match") else 200
        return Reply(page("Text.").encode(), status, "text/html", {"ETag": '"1"', **tags})

    tags: dict[str, str] = {}
    site.put({"/": page("Start.", "/a"), "/a": reply})
    assert await reader.paths() == ["/.", "/a"]
    tags["X-Robots-Tag"] = "noindex"
    assert await reader.paths() == ["/.", "/a#noindex"]
    assert await reader.paths() == ["/.", "/a#noindex"]


async def test_caps_on_depth_and_pages_name_what_they_leave_out(
    site: FakeSite, reader: Reader
) -> None:
    many = [f"/p{number:02}" for number in range(40)]
    site.put({"/": page("Start.", *many), **{path: page("Text.", f"{path}/deep") for path in many}})
    named = await reader.results(max_depth=1)
    deep = [path for path in named if path.endswith("#max_depth")]
    assert len(deep) == 20
    assert "20 more pages" in str(named["/.#max_depth-others"])
    few = await reader.results(max_pages=10, max_depth=1)
    assert sum(isinstance(found, Article) for found in few.values()) == 10
    assert "11 more pages" in str(few["/.#max_pages-others"])
    assert "Raise `max_pages`" in str(few["/.#max_pages-others"])


async def test_large_endless_and_exploding_pages_are_stopped_and_named(
    site: FakeSite, reader: Reader
) -> None:
    bomb = gzip.compress(b"<p>" + b"0" * 30 * 2**20)
    gzipped = {"Content-Encoding": "gzip"}
    site.put(
        {
            "/": page("Start.", "/large", "/endless", "/bomb", "/packed", "/lie", "/odd"),
            "/large": Reply(b"x" * 2**21, content_type="text/html"),
            "/endless": Reply(b"x" * 2**16, content_type="text/html", is_endless=True),
            "/bomb": Reply(bomb, content_type="text/html", headers=gzipped),
            "/packed": Reply(gzip.compress(page("Packed.").encode()), 200, "text/html", gzipped),
            "/lie": Reply(b"not packed", content_type="text/html", headers=gzipped),
            "/odd": Reply(b"?", content_type="text/html", headers={"Content-Encoding": "br"}),
        }
    )
    results = await reader.results(max_page_mb=1)
    for path in ("/large", "/endless", "/bomb"):
        assert "more than 1 MB" in str(results[path])
    assert isinstance(results["/packed"], Article)
    assert "not compressed as it says" in str(results["/lie"])
    assert "'br'" in str(results["/odd"])


async def test_a_page_that_fails_is_named_and_what_it_led_to_is_still_found(
    site: FakeSite, reader: Reader
) -> None:
    site.put({"/": page("Start.", "/a"), "/a": page("A.", "/b"), "/b": page("B.")})
    assert await reader.paths() == ["/.", "/a", "/b"]
    for failing in (
        Reply(b"", 500),
        Reply(b"", 403),
        Reply(b"", 200, "text/html", {"Content-Length": "9"}),
        Reply(b"x", 200, "text/html", hang_at=0),
        Reply(b"<p>", 200, "image/png"),
    ):
        site.put({"/a": failing})
        results = await reader.results(timeout_s=3)
        assert list(results) == ["/.", "/a", "/b"]
        assert isinstance(results["/a"], str)
    site.put({"/a": Reply(b"", 410)})
    assert await reader.paths() == ["/."]


async def test_redirects_are_followed_within_the_site_only_and_not_for_ever(
    site: FakeSite, reader: Reader
) -> None:
    chain = {f"/hop{number}": moved(f"/hop{number + 1}") for number in range(20)}
    site.put(
        {
            "/": page("Start.", "/old", "/folder", "/out", "/inside", "/hop0", "/self", "/blank"),
            "/old": moved("/new", 301),
            "/new": page("New."),
            "/folder": moved("/folder/"),
            "/folder/": page("Folder.", "deeper"),
            "/folder/deeper": page("Deeper."),
            "/out": moved("http://elsewhere.example/"),
            "/inside": moved("http://169.254.169.254/latest/meta-data/"),
            "/self": moved("/self"),
            "/blank": moved(""),
            **chain,
        }
    )
    results = await reader.results()
    assert "http://elsewhere.example/" in str(results["/out#elsewhere"])
    assert "out of the site" in str(results["/inside#elsewhere"])
    assert "again and again" in str(results["/hop10#redirects"])
    assert "redirects to itself" in str(results["/self"])
    assert "answered 302" in str(results["/blank"])
    articles = {path for path, found in results.items() if isinstance(found, Article)}
    assert articles == {"/.", "/new", "/folder", "/folder/deeper"}
    deeper = results["/folder/deeper"]
    assert isinstance(deeper, Article)
    assert deeper.url == f"{site.url}folder/deeper"


async def test_pdf_text_and_office_files_that_are_linked_are_read(
    site: FakeSite, reader: Reader
) -> None:
    pdf = documents.pdf([["Opening hours: nine to five."]], title="House rules")
    changed = {"Last-Modified": "Tue, 02 Jan 2024 10:00:00 GMT"}
    site.put(
        {
            "/": page("Start.", "/rules.pdf", "/download", "/notes.txt", "/bare", "/x.bin"),
            "/rules.pdf": Reply(pdf, content_type="application/pdf"),
            "/download": Reply(b"%PDF-broken", content_type="application/pdf"),
            "/notes.txt": Reply(b"Some notes.", 200, "text/plain", changed),
            "/bare": Reply(page("Bare.").encode(), content_type="", headers={"Content-Type": ""}),
            "/x.bin": Reply(b"x", content_type="application/octet-stream"),
        }
    )
    results = await reader.results()
    rules, notes = results["/rules.pdf"], results["/notes.txt"]
    assert isinstance(rules, Article)
    assert isinstance(notes, Article)
    assert (rules.title, "nine to five" in rules.text) == ("House rules", True)
    assert (notes.title, notes.text) == ("Notes", "Some notes.")
    assert notes.updated_at is not None
    assert notes.updated_at.year == 2024
    assert "damaged" in str(results["/download"])
    assert isinstance(results["/bare"], Article)
    assert "octet-stream" in str(results["/x.bin"])


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        ("año".encode("cp1252"), "text/html; charset=iso-8859-1"),
        ("año".encode(), "text/html; charset=iso-8859-1"),
        ("год".encode("windows-1251"), "text/html; charset=windows-1251"),
        (
            b'<meta charset="koi8-r">' + "год".encode("windows-1251"),
            "text/html;charset=windows-1251",
        ),
        ("año".encode("utf-16"), "text/html; charset=utf-16"),
        ("año".encode("cp1252"), "text/html; charset=utf-8"),
        ("año".encode("cp1252"), "text/html; charset=no-such-thing"),
    ],
)
async def test_letters_come_out_right_whatever_the_site_says_of_them(
    site: FakeSite, reader: Reader, content: bytes, stated: str
) -> None:
    site.put({"/": Reply(content, content_type=stated)})
    assert (await reader.article("/.")).text in {"año", "год"}


async def test_pages_without_text_are_named_and_still_lead_on(
    site: FakeSite, reader: Reader
) -> None:
    site.put({"/": '<a href="/a"></a><script>draw()</script>', "/a": page("A.")})
    results = await reader.results()
    assert "no text" in str(results["/."])
    assert isinstance(results["/a"], Article)


async def test_other_hosts_of_the_site_are_read_under_their_names(
    site: FakeSite, reader: Reader
) -> None:
    async with open_site() as other:
        other.put({"/": page("Other start."), "/a": page("Other a.")})
        site.put({"/": page("Start.", other.url, f"{other.url}a", "/a"), "/a": page("A.")})
        assert await reader.paths() == ["/.", "/a"]
        results = await reader.results(also=other.place)
        there = f"//{other.place}"
        assert list(results) == ["/.", f"{there}/.", f"{there}/a", "/a"]
        article = results[f"{there}/."]
        assert isinstance(article, Article)
        assert article.url == other.url
        source = reader.source(also=[other.place])
        assert "Other a" in (await source.read(Entry(f"{there}/a", "1"))).article.text
        await source.close()
        other.put({"/robots.txt": Reply(b"", 503)})
        results = await reader.results(also=other.place)
        assert list(results) == ["/.", "/a", f"{there}/"]


async def test_a_host_of_the_site_that_turns_out_to_be_private_is_not_asked(
    site: FakeSite, reader: Reader
) -> None:
    async def resolver(host: str, _port: int) -> list[str]:
        return ["169.254.169.254" if host == "data.example" else "127.0.0.1"]

    reader.resolver = resolver
    site.put({"/": page("Start.", "http://data.example/latest", f"//evil.example{site.port}/a")})
    results = await reader.results(also=f"data.example, evil.example{site.port}")
    assert list(results) == ["/.", "//data.example/", f"//evil.example{site.port}/"]
    assert "169.254.169.254, which is reserved" in str(results["//data.example/"])
    assert "127.0.0.1, which is private" in str(results[f"//evil.example{site.port}/"])
    assert site.asked() == ["/robots.txt", "/", "/sitemap.xml"]


async def test_patterns_choose_which_pages_are_read(site: FakeSite, reader: Reader) -> None:
    names = ["/docs/a", "/docs/old/b", "/blog/c", "/blog/help/d"]
    site.put({"/": page("Start.", *names), **{name: page("Text.") for name in names}})
    assert await reader.paths(only="/docs, /*/help/*", skip="/docs/old") == [
        "/docs/a",
        "/blog/help/d",
    ]


async def test_a_site_that_cannot_be_read_at_all_says_why(site: FakeSite, reader: Reader) -> None:
    assert "there is no such page" in str(await reader.unavailable())
    site.put({"/": Reply(b"", 500)})
    assert "answered 500" in str(await reader.unavailable())
    site.put({"/": "<script>draw()</script>"})
    assert "no text" in str(await reader.unavailable())
    site.put({"/": moved("http://elsewhere.example/")})
    assert "redirects to http://elsewhere.example/" in str(await reader.unavailable())
    site.put({f"/{at}": moved(f"/{at + 1}") for at in range(20)} | {"/": moved("/0")})
    assert "again and again" in str(await reader.unavailable())
    site.put({"/": page("Start."), "/robots.txt": Reply(b"User-agent: *\nDisallow: /")})
    assert "robots.txt" in str(await reader.unavailable())
    site.put({"/robots.txt": Reply(b"", 500)})
    assert "answered 500" in str(await reader.unavailable())
    refused = await reader.unavailable(allow_private="")
    assert "is private" in str(refused)
    assert "allow_private=127.0.0.1" in refused.what_to_do
    gone = await reader.unavailable(url="http://127.0.0.1:1/", timeout_s=2)
    assert "could not be reached" in str(gone)


async def test_a_start_page_may_redirect_within_the_site(site: FakeSite, reader: Reader) -> None:
    site.put({"/": moved("/home"), "/home": page("Home.", "/")})
    site.put({"/robots.txt": moved("/rules.txt"), "/rules.txt": Reply(b"Disallow: /home/x")})
    assert await reader.paths() == ["/home"]
    site.put({"/robots.txt": moved("http://elsewhere.example/robots.txt")})
    assert await reader.paths() == ["/home"]


async def test_a_page_is_read_by_its_path_alone_or_says_what_became_of_it(
    site: FakeSite, reader: Reader
) -> None:
    site.put({"/": page("Start."), "/moved": moved("/"), "/a": page("A.")})
    source = reader.source()
    assert "A." in (await source.read(Entry("/a", "1"))).article.text
    with pytest.raises(UnreadableError, match="moved"):
        await source.read(Entry("/moved", "1"))
    with pytest.raises(UnreadableError, match="no longer there"):
        await source.read(Entry("/gone", "1"))
    await source.close()
    site.put({"/robots.txt": Reply(b"", 500)})
    with pytest.raises(UnreadableError, match="answered 500"):
        await source.read(Entry("/a", "1"))
    await source.close()
    site.put({"/robots.txt": Reply(b"", 404)})
    assert [path async for path in source.existing()] == ["/."]
    await source.close()


async def test_the_secret_of_a_site_goes_to_that_site_alone(site: FakeSite, reader: Reader) -> None:
    async with open_site({"/": page("Other.")}) as other:
        site.put({"/": page("Start.", other.url)})
        for options in ({"token": "s3cret"}, {"user": "ana", "password": "s3cret"}):
            await reader.paths(also=other.place, **options)
            sent = {request.headers.get("authorization") for request in site.server.requests}
            assert len(sent) == 1
            assert sent.pop() in {"Bearer s3cret", "Basic YW5hOnMzY3JldA=="}
            assert not any("authorization" in one.headers for one in other.server.requests)
            site.asked()
        assert "s3cret" not in repr(reader.source(token="s3cret").plan)  # noqa: S106 (a test)


@pytest.mark.parametrize(
    "options",
    [
        {"url": "ftp://example.org/"},
        {"url": "http://ana:secret@example.org/"},
        {"also": "http://"},
        {"allow_private": "0x7f000001"},
        {"user": "ana"},
        {"token": "a", "user": "b", "password": "c"},
    ],
)
def test_options_that_cannot_be_are_refused(reader: Reader, options: dict[str, object]) -> None:
    with pytest.raises(OptionError) as caught:
        reader.source(**options)
    assert isinstance(caught.value, OperatorError)
    assert caught.value.what_to_do
    assert "secret" not in str(caught.value)


async def test_broken_content_is_not_looked_at_again_until_it_changes(
    site: FakeSite, reader: Reader
) -> None:
    site.put({"/": page("Start.", "/a"), "/a": Reply(b"%PDF-x", content_type="application/pdf")})
    source = reader.source()
    entries = {entry.path: entry async for entry in source.entries("", reader.notes)}
    with pytest.raises(BrokenContentError):
        await source.content_hash(entries["/a"])
    with pytest.raises(BrokenContentError):
        await source.read(entries["/a"])
    await source.close()
    assert (await reader.entries())[1] == entries["/a"]


async def test_what_an_earlier_run_left_behind_is_tidied_up(site: FakeSite, reader: Reader) -> None:
    site.put({"/": page("Start.")})
    documents.write(reader.folder, {"left.sitepage": "x"})
    await reader.paths()
    assert not list(reader.folder.iterdir())


async def test_a_folder_that_cannot_be_used_ends_the_refresh_and_says_so(
    site: FakeSite, reader: Reader
) -> None:
    def without_folder(_: Request) -> Reply:
        reader.folder.rmdir()
        return Reply(page("A.").encode(), content_type="text/html")

    site.put({"/": page("Start.", "/a"), "/a": without_folder})
    assert "cannot be kept" in str(await reader.unavailable())
    reader.folder.write_text("a file")
    assert str(reader.folder) in str(await reader.unavailable())
