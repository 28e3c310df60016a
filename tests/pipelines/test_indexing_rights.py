"""What a refresh and a relabelling do to who may read: nobody keeps a right that was withdrawn."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.sources import Content, Entry
from pipelines.indexing import Wish, refresh
from pipelines.removing import close
from tests.leaks.reference import Reader
from tests.leaks.sources import TEAM, KilledError, Page, Shelf
from tests.pipelines.indexing_world import EVERYONE, World, figures, open_world

EVERYBODY: frozenset[Reader] = frozenset([("everyone", "")])
FOR_ANA: frozenset[Reader] = frozenset([("user", "ana")])
ANA = Audience.of(f"{TEAM}:user:ana")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as world:
        yield world


def shelf(readers: frozenset[Reader] = EVERYBODY, **pages: frozenset[Reader] | None) -> Shelf:
    """A source whose pages are for these readers; None: for whoever the source is for."""
    own = {name: Page("leave", f"canary {name}", who) for name, who in pages.items()}
    return Shelf("chats", readers, has_own_audiences=True, pages=own)


async def refreshed(world: World, source: Shelf) -> tuple[int, int, int, int, int]:
    return figures(await refresh(source, store=world.store, ledger=world.ledger))


async def read_by(world: World, reader: Audience) -> set[str]:
    """The pages that this reader can open."""
    articles = await world.store.articles("chats")
    found = {a: await world.store.chunks_of(a, reader=reader) for a in articles}
    return {article.removeprefix("chats:") for article, chunks in found.items() if chunks}


async def test_each_page_is_for_its_own_readers_and_the_others_for_those_of_the_source(
    world: World,
) -> None:
    source = shelf(EVERYBODY, a=FOR_ANA, b=None, c=frozenset())
    await refreshed(world, source)
    assert await read_by(world, EVERYONE) == {"b"}
    assert await read_by(world, ANA) == {"a"}


async def test_a_page_that_is_for_fewer_and_cannot_be_read_is_closed_to_the_others(
    world: World,
) -> None:
    source = shelf(a=EVERYBODY, b=EVERYBODY)
    await refreshed(world, source)
    source.pages["a"] = replace(source.pages["a"], readers=FOR_ANA, is_broken=True)
    assert (await refreshed(world, source))[4] == 1
    assert await read_by(world, EVERYONE) == {"b"}
    source.pages["a"].is_broken = False
    await refreshed(world, source)
    assert (await read_by(world, EVERYONE), await read_by(world, ANA)) == ({"b"}, {"a"})


async def test_other_readers_of_the_source_count_for_the_pages_without_their_own(
    world: World,
) -> None:
    source = shelf(a=None, b=EVERYBODY)
    await refreshed(world, source)
    source.readers = FOR_ANA
    source.pages["a"].is_broken = True
    await refreshed(world, source)
    assert await read_by(world, EVERYONE) == {"b"}
    source.pages["a"].is_broken = False
    await refreshed(world, source)
    assert (await read_by(world, EVERYONE), await read_by(world, ANA)) == ({"b"}, {"a"})


async def test_an_article_is_for_those_whom_the_list_of_its_source_names(world: World) -> None:
    """What is read a moment later may say otherwise; it was listed for these."""
    await refreshed(world, _Unaware(shelf(a=FOR_ANA, b=None)))
    assert (await read_by(world, EVERYONE), await read_by(world, ANA)) == ({"b"}, {"a"})


async def test_two_audiences_that_look_alike_are_told_apart(world: World) -> None:
    source = shelf(a=frozenset([("user", "x"), ("user", "y")]))
    await refreshed(world, source)
    source.pages["a"].readers = frozenset([("user", f"x {TEAM}:user:y")])
    assert (await refreshed(world, source))[1] == 1
    assert await read_by(world, Audience.of(f"{TEAM}:user:y")) == set()


async def test_a_right_that_is_withdrawn_during_a_refresh_counts_for_what_it_reads(
    world: World,
) -> None:
    for name in ("a.md", "b.md"):
        (world.folder / name).write_text("Thirty days of leave.", encoding="utf-8")
    asked: list[Audience] = []

    def now() -> Audience:
        """As before when the refresh begins; for Ana alone once something was read."""
        asked.append(ANA)
        return ANA if len(asked) > 1 else EVERYONE

    report = await world.refresh(wish=Wish(audience_now=now))
    assert report.indexed == 2
    assert await world.chunks("a.md") == []
    assert await world.chunks("a.md", ANA)


async def test_a_right_that_is_withdrawn_during_a_refresh_counts_also_if_it_is_killed_then(
    world: World,
) -> None:
    pages = {f"{n:03}": Page("leave", f"canary {n}") for n in range(65)}
    source = _Settable(Shelf("chats", EVERYBODY, pages=pages))
    source.breaks_at = 64
    asked: list[Audience] = []

    def now() -> Audience:
        asked.append(ANA)
        return ANA if len(asked) > 1 else EVERYONE

    with pytest.raises(KilledError):
        await refresh(source, store=world.store, ledger=world.ledger, wish=Wish(audience_now=now))
    assert await read_by(world, EVERYONE) == set()
    assert len(await read_by(world, ANA)) == 64


async def test_readers_that_changed_before_a_refresh_begins_count_from_its_beginning(
    world: World,
) -> None:
    (world.folder / "a.md").write_text("Thirty days of leave.", encoding="utf-8")
    await world.refresh(wish=Wish(audience_now=lambda: Audience()))
    assert await world.chunks("a.md") == []
    assert await world.store.articles("docs") == ["docs:a.md"]


async def test_a_page_with_its_own_readers_keeps_them_when_those_of_its_source_change(
    world: World,
) -> None:
    source = _Settable(shelf(a=EVERYBODY))
    wish = Wish(audience_now=lambda: ANA)
    await refresh(source, store=world.store, ledger=world.ledger, wish=wish)
    assert source.audience == ANA
    assert await read_by(world, EVERYONE) == {"a"}


async def test_a_source_that_is_closed_is_read_by_nobody_until_it_is_refreshed(
    world: World,
) -> None:
    source = shelf(a=FOR_ANA, b=EVERYBODY)
    await refreshed(world, source)
    await close("chats", store=world.store, ledger=world.ledger)
    assert await read_by(world, Audience(ANA.principals | EVERYONE.principals)) == set()
    await refreshed(world, source)
    assert (await read_by(world, EVERYONE), await read_by(world, ANA)) == ({"b"}, {"a"})


class _Settable(Shelf):
    """A shelf whose audience may be set, as that of a real source."""

    def __init__(self, other: Shelf) -> None:
        super().__init__(other.name, other.readers, other.has_own_audiences, other.pages)
        self._now = EVERYONE

    @property
    def audience(self) -> Audience:
        return self._now

    @audience.setter
    def audience(self, value: Audience) -> None:
        self._now = value


class _Unaware(_Settable):
    """A shelf whose pages, once they are read, are for whoever the source is for."""

    def __init__(self, other: Shelf) -> None:
        super().__init__(other)
        self._now = other.audience

    async def read(self, entry: Entry) -> Content:
        content = await super().read(entry)
        return replace(content, article=replace(content.article, audience=self.audience))


async def test_an_entry_that_could_not_be_read_is_for_its_own_readers_when_it_can(
    world: World,
) -> None:
    source = _WithCursor(shelf(a=FOR_ANA, b=EVERYBODY))
    source.pages["a"].is_broken = True
    assert (await refreshed(world, source))[4] == 1
    source.pages["a"].is_broken = False
    await refreshed(world, source)
    assert (await read_by(world, EVERYONE), await read_by(world, ANA)) == ({"b"}, {"a"})


class _WithCursor(_Settable):
    """A shelf that names its pages once."""

    async def entries(self, since: str, notes: object, /) -> AsyncIterator[Entry]:
        async for entry in super().entries(since, notes):  # type: ignore[arg-type]  # it keeps none
            if not since:
                yield replace(entry, cursor="all")
