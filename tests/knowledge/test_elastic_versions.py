"""Versions of an index: built beside the live one, taken into use when they are right."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.stores import ChunkStore
from knowledge.stores.elastic import Elastic, ElasticIndexes, ElasticStore, VersionError, compared
from knowledge.stores.elastic.failures import StoreClosedError, StoreRefusedError
from tests.contracts.stored_chunks import chunk, ids, unit
from tests.knowledge.test_elastic_store import SHAPE, indexes

OTHER = replace(SHAPE, pipeline="another chunker")


@pytest.fixture
async def opened(elasticsearch_url: str, tmp_path: Path) -> AsyncIterator[ElasticIndexes]:
    found = indexes(elasticsearch_url, tmp_path)
    yield found
    await found.remove()
    await found.close()


@pytest.fixture
async def other(elasticsearch_url: str, tmp_path: Path) -> AsyncIterator[ElasticIndexes]:
    """The same indexes, for somebody whose chunker has changed."""
    found = indexes(elasticsearch_url, tmp_path, OTHER)
    yield found
    await found.close()


async def fill(store: ChunkStore, sources: dict[str, int], word: str = "leave") -> None:
    """So many articles of each source, with their vectors."""
    chunks = [
        chunk(f"{source}{n}", f"{word} number{source}{n}", article=f"{source}:{n}")
        for source, count in sources.items()
        for n in range(count)
    ]
    await store.replace([one.article for one in chunks], chunks)
    await store.add_vectors({one.text_hash: unit(0) for one in chunks})


async def states(found: ElasticIndexes) -> list[tuple[int, bool, bool]]:
    return [(v.number, v.is_live, v.is_refused) for v in await found.versions()]


async def test_the_first_version_is_in_use_at_once_also_for_two_who_make_it_together(
    opened: ElasticIndexes, elasticsearch_url: str, tmp_path: Path
) -> None:
    beside = indexes(elasticsearch_url, tmp_path)
    first, second = await asyncio.gather(opened.live(), beside.live())
    await beside.close()
    assert first.index == second.index
    assert await first.identity() == await second.identity()
    assert await states(opened) == [(1, True, False)]
    assert (await opened.next()).index == first.index


async def test_a_changed_chunker_writes_beside_what_people_read(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    await fill(await opened.live(), {"docs": 3}, "old")
    new = await other.next()
    await fill(new, {"docs": 3}, "new")
    live = await other.live()
    assert (await ids(live, "old"), await ids(live, "new")) == (["docs0", "docs1", "docs2"], [])
    assert (await other.next()).index == new.index
    await other.swap(new)
    live = await opened.live()
    assert (await ids(live, "old"), len(await ids(live, "new"))) == ([], 3)
    assert await states(opened) == [(1, False, False), (2, True, False)]


async def test_the_indexes_of_a_team_whose_name_begins_with_ours_are_left_alone(
    opened: ElasticIndexes, elasticsearch_url: str
) -> None:
    live = await opened.live()
    theirs = ElasticIndexes(Elastic(elasticsearch_url), f"{opened.name}-v2", OTHER)
    try:
        beside = await theirs.live()
        assert [version.index for version in await opened.versions()] == [live.index]
        assert (await opened.live()).index == live.index
        await opened.remove()
        assert [version.index for version in await theirs.versions()] == [beside.index]
    finally:
        await theirs.remove()
        await theirs.close()


async def test_only_the_version_before_is_kept(
    opened: ElasticIndexes, elasticsearch_url: str, tmp_path: Path
) -> None:
    await opened.live()
    for number in range(3):
        shape = replace(SHAPE, pipeline=f"chunker {number}")
        changed = indexes(elasticsearch_url, tmp_path, shape)
        await changed.swap(await changed.next())
        await changed.close()
    assert await states(opened) == [(3, False, False), (4, True, False)]


async def test_a_version_begun_for_settings_that_changed_again_is_dropped(
    opened: ElasticIndexes, other: ElasticIndexes, elasticsearch_url: str, tmp_path: Path
) -> None:
    await opened.live()
    begun = await other.next()
    third = indexes(elasticsearch_url, tmp_path, replace(SHAPE, pipeline="a third chunker"))
    new = await third.next()
    await third.close()
    assert [v.index for v in await opened.versions()] == [(await opened.live()).index, new.index]
    assert begun.index != new.index


async def test_going_back_is_remembered_until_somebody_forces_it(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    with pytest.raises(VersionError, match="no earlier version"):
        await opened.rollback()
    await fill(await opened.live(), {"docs": 1}, "old")
    new = await other.next()
    await other.swap(new)
    assert (await other.rollback()).number == 1
    assert await ids(await other.live(), "old") == ["docs0"]
    assert await states(opened) == [(1, True, False), (2, False, True)]
    with pytest.raises(VersionError, match="Version 2 of the index") as caught:
        await other.next()
    assert "EMBEDDING_MODEL" in caught.value.what_to_do
    assert (await opened.next()).index == (await opened.live()).index
    forced = await other.next(force=True)
    await other.swap(forced)
    assert await states(opened) == [(1, False, False), (2, True, False)]


async def both(opened: ElasticIndexes, other: ElasticIndexes) -> tuple[ElasticStore, ElasticStore]:
    return await opened.live(), await other.next()


async def test_a_version_that_has_all_and_finds_all_is_ready(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    old, new = await both(opened, other)
    await fill(old, {"docs": 10, "wiki": 10})
    await fill(new, {"docs": 8, "wiki": 10})
    comparison = await compared(old, new)
    assert comparison.articles == {"docs": (10, 8), "wiki": (10, 10)}
    assert comparison.probes == (20, 18)
    assert comparison.is_ready


async def test_a_source_that_was_not_refreshed_yet_keeps_the_old_version_in_use(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    old, new = await both(opened, other)
    await fill(old, {"docs": 90, "wiki": 10})
    await fill(new, {"docs": 90})
    comparison = await compared(old, new)
    assert comparison.missing == {"wiki": (10, 0)}
    assert not comparison.is_ready


async def test_a_version_without_all_vectors_waits(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    old, new = await both(opened, other)
    await fill(old, {"docs": 2})
    await fill(new, {"docs": 2})
    await new.replace(["docs:9"], [chunk("docs9", "no vector yet", article="docs:9")])
    comparison = await compared(old, new)
    assert (comparison.waiting, comparison.is_ready) == (1, False)


async def test_a_version_that_does_not_find_what_the_old_one_finds_is_not_ready(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    old, new = await both(opened, other)
    await fill(old, {"docs": 10})
    await new.replace(
        [f"docs:{n}" for n in range(10)],
        [chunk(f"docs{n}", "\ufffd" * 9, article=f"docs:{n}") for n in range(10)],
    )
    await new.add_vectors({chunk("x", "\ufffd" * 9).text_hash: unit(0)})
    comparison = await compared(old, new)
    assert comparison.probes == (10, 0)
    assert (comparison.agrees, comparison.missing, comparison.waiting) == (False, {}, 0)


async def test_probes_are_asked_with_the_rights_of_what_they_come_from(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    old, new = await both(opened, other)
    ana = Audience.of("x:ana")
    for store in (old, new):
        await store.replace(["docs:1"], [chunk("1", "secret leave", "en", ana, "docs:1")])
        await store.replace(["docs:2"], [chunk("2", "for nobody", "en", Audience(), "docs:2")])
    assert (await compared(old, new)).probes == (1, 1)


async def test_a_changed_audience_counts_in_every_version(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    old, new = await both(opened, other)
    await fill(old, {"docs": 1})
    await fill(new, {"docs": 1})
    stores = await other.present()
    assert [store.index for store in stores] == [old.index, new.index]
    for store in stores:
        await store.relabel("docs", Audience.of("x:ana"))
        assert await ids(store, "leave") == []
        assert await ids(store, "leave", reader=Audience.of("x:ana")) == ["docs0"]


@pytest.fixture
async def elastic(elasticsearch_url: str) -> AsyncIterator[Elastic]:
    found = Elastic(elasticsearch_url)
    yield found
    await found.close()


async def test_a_closed_index_is_named_with_how_to_open_it(
    opened: ElasticIndexes, other: ElasticIndexes, elastic: Elastic
) -> None:
    live = await opened.live()
    await fill(live, {"docs": 2})
    await elastic.ask("POST", f"/{live.index}/_close")
    for use in (opened.live, opened.next, other.next, live.state):
        with pytest.raises(StoreClosedError, match=f"The index {live.index} of .* is closed") as e:
            await use()
        assert e.value.what_to_do == f"Open it: POST {opened.place}/{live.index}/_open"
    with pytest.raises(StoreClosedError, match=live.index):
        await ids(live, "leave")
    with pytest.raises(StoreClosedError, match=live.index):
        await fill(live, {"docs": 2})
    assert await states(opened) == [(1, True, False)]
    await elastic.ask("POST", f"/{live.index}/_open", wait_for_active_shards=1)
    assert await ids(await opened.live(), "leave") == ["docs0", "docs1"]


async def test_a_closed_version_that_nobody_searches_keeps_its_number(
    opened: ElasticIndexes, other: ElasticIndexes, elastic: Elastic
) -> None:
    await opened.live()
    being_built = await other.next()
    await elastic.ask("POST", f"/{being_built.index}/_close")
    assert await ids(await opened.live(), "leave") == []
    assert await states(opened) == [(1, True, False), (2, False, False)]
    with pytest.raises(StoreClosedError, match=being_built.index):
        await fill(await opened.next(), {"docs": 1})


async def test_an_index_that_takes_no_writes_says_so_and_can_be_searched(
    opened: ElasticIndexes, elastic: Elastic
) -> None:
    live = await opened.live()
    await fill(live, {"docs": 2})
    for block, advice in (("read_only_allow_delete", "disk is full"), ("write", "read-only")):
        settings = f"/{live.index}/_settings"
        await elastic.ask("PUT", settings, {f"index.blocks.{block}": True})
        with pytest.raises(StoreRefusedError, match="takes no writes now") as caught:
            await fill(live, {"docs": 3})
        assert advice in caught.value.what_to_do
        assert await ids(live, "leave") == ["docs0", "docs1"]
        await elastic.ask("PUT", settings, {f"index.blocks.{block}": None})
    await fill(live, {"docs": 3})
    assert len(await ids(live, "leave")) == 3
