"""A website in the index: what changed, what went, what failed, and what a restart costs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.sources import Entry, SourceUnavailableError
from knowledge.sources.website import build
from knowledge.sources.website.source import WebsiteSource
from pipelines.indexing import Wish, refresh
from pipelines.refresh_report import RefreshReport
from tests.fakes.loopback import Reply
from tests.fakes.website import FakeSite, open_site, page
from tests.knowledge import documents
from tests.pipelines.indexing_world import EVERYONE, World, figures, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


@pytest.fixture
async def site() -> AsyncIterator[FakeSite]:
    things = {
        "/": page("Welcome to the cooperative.", "/leave", "/kitchen", "/rules.pdf"),
        "/leave": page("You have 25 days of leave.", "/leave/forms"),
        "/leave/forms": page("The form for leave is F-12."),
        "/kitchen": page("The kitchen closes at ten."),
    }
    async with open_site(things) as opened:
        pdf = documents.pdf([["Nobody smokes in the boat house."]])
        opened.put({"/rules.pdf": Reply(pdf, content_type="application/pdf")})
        yield opened


def source_of(site: FakeSite, world: World) -> WebsiteSource:
    return build(
        name="docs",
        url=site.url,
        audience=EVERYONE,
        folder=world.home / "site",
        allow_private="127.0.0.1",
        requests_per_second=10_000,
    )


async def refreshed(site: FakeSite, world: World, *, full: bool = False) -> RefreshReport:
    report = await refresh(
        source_of(site, world), store=world.store, ledger=world.ledger, wish=Wish(full=full)
    )
    assert report.found == report.indexed + report.unchanged + len(report.failed)
    return report


async def test_a_site_is_indexed_and_only_what_changed_is_read_again(
    world: World, site: FakeSite
) -> None:
    assert figures(await refreshed(site, world)) == (5, 5, 0, 0, 0)
    assert "25 days" in await world.text("/leave")
    assert "smokes" in await world.text("/rules.pdf")
    (chunk,) = await world.chunks("/leave/forms")
    assert (chunk.article, chunk.url) == ("docs:/leave/forms", f"{site.url}leave/forms")
    site.asked()
    assert figures(await refreshed(site, world)) == (5, 0, 5, 0, 0)
    asked = site.asked()
    assert sorted(asked) == sorted({*asked})  # each page once: unchanged ones were not read
    site.put({"/leave": page("You have 30 days of leave.", "/leave/forms")})
    del site.things["/kitchen"]
    assert figures(await refreshed(site, world)) == (4, 1, 3, 1, 0)
    assert "30 days" in await world.text("/leave")
    assert await world.chunks("/kitchen") == []
    assert figures(await refreshed(site, world, full=True)) == (4, 4, 0, 0, 0)


async def test_a_restart_goes_on_with_what_was_known(tmp_path: Path, site: FakeSite) -> None:
    async with open_world(tmp_path) as world:
        await refreshed(site, world)
    async with open_world(tmp_path) as world:
        assert figures(await refreshed(site, world)) == (5, 0, 5, 0, 0)
        assert "25 days" in await world.text("/leave")


async def test_a_refresh_that_was_killed_before_anything_was_kept_loses_no_page(
    world: World, site: FakeSite
) -> None:
    source = source_of(site, world)
    notes = world.ledger.notes("docs")
    walked = [entry async for entry in source.entries("", notes)]  # noted, and never indexed
    await source.close()
    assert len(walked) == 5
    assert figures(await refreshed(site, world)) == (5, 5, 0, 0, 0)
    assert "25 days" in await world.text("/leave")


async def test_a_page_that_fails_keeps_its_words_and_is_read_when_it_is_back(
    world: World, site: FakeSite
) -> None:
    await refreshed(site, world)
    whole = site.things["/leave"]
    site.put({"/leave": Reply(b"", 500)})
    report = await refreshed(site, world)
    assert figures(report) == (5, 0, 4, 0, 1)
    assert report.failed[0].article == "docs:/leave"
    assert not report.is_whole
    assert "answered 500" in report.failed[0].reason
    assert "25 days" in await world.text("/leave")
    site.put({"/leave": whole})
    assert figures(await refreshed(site, world)) == (5, 1, 4, 0, 0)


@pytest.mark.parametrize("status", [401, 403, 407, 451])
async def test_a_page_that_is_not_shown_to_us_any_more_is_found_by_nobody_until_it_is(
    world: World, site: FakeSite, status: int
) -> None:
    await refreshed(site, world)
    whole = site.things["/leave"]
    site.put({"/leave": Reply(b"", status)})
    for full in (False, False, True):
        report = await refreshed(site, world, full=full)
        assert [one.article for one in report.failed] == ["docs:/leave"]
        assert f"does not show it to us ({status})" in report.failed[0].reason
        assert await world.chunks("/leave") == []
        assert "F-12" in await world.text("/leave/forms")
    site.put({"/leave": whole})
    assert figures(await refreshed(site, world)) == (5, 1, 4, 0, 0)
    assert "25 days" in await world.text("/leave")


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        ("/kitchen", Reply(b"<main><script>draw()</script></main>", content_type="text/html")),
        ("/kitchen", Reply(b"", content_type="text/html")),
        ("/rules.pdf", Reply(documents.pdf([[]]), content_type="application/pdf")),
        ("/rules.pdf", Reply(b"", content_type="application/pdf")),
    ],
)
async def test_a_page_that_is_empty_now_is_found_by_nobody(
    world: World, site: FakeSite, path: str, reply: Reply
) -> None:
    await refreshed(site, world)
    site.put({path: reply})
    for _ in range(2):
        report = await refreshed(site, world)
        assert figures(report) == (5, 0, 4, 0, 1)
        assert "no text" in report.failed[0].reason
        assert await world.chunks(path) == []


async def test_a_site_that_refuses_most_of_its_pages_is_not_believed_until_told(
    world: World, site: FakeSite
) -> None:
    pages = {f"/{number}": page(f"Text {number}.") for number in range(12)}
    site.put({"/": page("All.", *pages), **pages})
    assert figures(await refreshed(site, world)) == (13, 13, 0, 0, 0)
    site.put({path: Reply(b"", 403) for path in pages})
    for _ in range(2):
        with pytest.raises(SourceUnavailableError, match="only 1 of its 13") as caught:
            await refreshed(site, world)
        assert "12 cannot be read, such as /0: The site does not show it to us (403)." in str(
            caught.value
        )
        assert await world.text("/7") == "Text 7."
    site.put({"/7": pages["/7"]})
    force = Wish(force=True)
    report = await refresh(
        source_of(site, world), store=world.store, ledger=world.ledger, wish=force
    )
    assert figures(report) == (13, 1, 1, 0, 11)
    assert (await world.text("/7"), await world.text("/8")) == ("Text 7.", "")
    site.put({"/": Reply(b"", 401)})
    with pytest.raises(SourceUnavailableError, match="401"):
        await refreshed(site, world)
    assert await world.text("/7") == "Text 7."


async def test_a_page_that_asks_not_to_be_indexed_is_taken_out_and_named(
    world: World, site: FakeSite
) -> None:
    await refreshed(site, world)
    site.put({"/kitchen": page("Closed.", head='<meta name="robots" content="noindex">')})
    report = await refreshed(site, world)
    assert figures(report) == (5, 0, 4, 1, 1)
    assert await world.chunks("/kitchen") == []
    assert report.is_whole
    report = await refreshed(site, world)
    assert figures(report) == (5, 0, 4, 0, 1)
    assert report.is_whole


async def test_a_site_that_is_down_and_a_sitemap_that_fails_take_nothing_away(
    world: World, site: FakeSite
) -> None:
    sitemap = f"<urlset><url><loc>{site.url}lonely</loc></url></urlset>"
    site.put({"/lonely": page("Lonely."), "/sitemap.xml": Reply(sitemap.encode())})
    assert figures(await refreshed(site, world)) == (6, 6, 0, 0, 0)
    site.put({"/sitemap.xml": Reply(b"", 500)})
    report = await refreshed(site, world)
    assert figures(report) == (6, 0, 5, 0, 1)
    assert report.failed[0].article == "docs:/"
    assert "Lonely" in await world.text("/lonely")
    site.put({"/": Reply(b"", 503, headers={"Retry-After": "7200"})})
    with pytest.raises(SourceUnavailableError, match="7200 seconds"):
        await refreshed(site, world)
    assert "25 days" in await world.text("/leave")


async def test_a_page_is_for_whom_its_source_is_for(world: World, site: FakeSite) -> None:
    source = source_of(site, world)
    source.audience = Audience.of("terminal:ana")
    await refresh(source, store=world.store, ledger=world.ledger)
    assert await world.chunks("/leave") == []
    assert len(await world.chunks("/leave", Audience.of("terminal:ana"))) == 1


async def test_a_path_alone_gives_the_page_that_was_noted_under_it(
    world: World, site: FakeSite
) -> None:
    site.put({"/": page("Start.", "/folder/"), "/folder/": page("In the folder.")})
    source = source_of(site, world)
    assert [entry.path async for entry in source.entries("", world.ledger.notes("docs"))]
    source._shelf.clear()
    assert "In the folder" in (await source.read(Entry("/folder", "1"))).article.text
    await source.close()
