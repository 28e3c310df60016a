"""Rights in Elasticsearch: while others write, in every version of an index, after a crash."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from knowledge.articles import Audience, Chunk
from knowledge.stores.elastic import ElasticIndexes, ElasticStore
from knowledge.stores.elastic.bulk import put_again, write
from knowledge.stores.elastic.contents import Contents, Query
from knowledge.stores.elastic.documents import chunk_of
from knowledge.stores.elastic.failures import ConflictError
from knowledge.stores.elastic.labelling import Labels
from knowledge.stores.elastic.rewriting import Rewriter
from tests.contracts.stored_chunks import chunk, ids
from tests.knowledge.test_elastic_versions import fill, opened, other

__all__ = ["opened", "other"]


async def test_what_is_closed_or_removed_in_a_new_version_is_so_in_the_one_that_people_search(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    old = await opened.live()
    await fill(old, {"docs": 3, "wiki": 1})
    new = await other.next()
    ana = Audience.of("x:ana")
    closed = chunk("docs0", "leave numberdocs0", "en", ana, "docs:0")
    await new.replace(["docs:0", "docs:1"], [closed])
    await new.relabel_articles({"docs:2": ana})
    await new.relabel("wiki", ana)
    assert await ids(old, "leave") == []
    assert await ids(old, "leave", reader=ana) == ["docs0", "docs2", "wiki0"]


async def test_what_was_struck_out_of_a_page_is_not_opened_where_the_older_text_still_stands(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    old, ana, both = await opened.live(), Audience.of("x:ana"), Audience.of("everyone", "x:ana")
    wages = chunk("docs0", "leave and wages", "en", ana, "docs:0")
    await old.replace(["docs:0", "docs:1"], [wages, chunk("docs1", "plans", article="docs:1")])
    new = await other.next()
    await new.replace(["docs:1"], [chunk("docs1", "other plans", "en", ana, "docs:1")])
    assert await ids(old, "plans") == []
    await new.replace(["docs:0"], [chunk("docs0", "leave", "en", both, "docs:0")])
    assert await ids(new, "leave") == ["docs0"]
    assert await ids(old, "leave") == []
    assert await ids(old, "wages", reader=ana) == ["docs0"]
    await new.replace(["docs:0"], [replace(wages, audience=both)])
    assert await ids(old, "wages") == ["docs0"], "the same text is for the same readers"


async def test_going_back_opens_nothing_that_was_closed_meanwhile(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    await fill(await opened.live(), {"docs": 3})
    new = await other.next()
    await fill(new, {"docs": 3})
    await other.swap(new)
    ana = Audience.of("x:ana")
    live = await other.next()
    await live.replace(["docs:0"], [chunk("docs0", "leave numberdocs0", "en", ana, "docs:0")])
    await live.replace(["docs:1"], [])
    await other.rollback()
    back = await opened.live()
    assert back.index == (await opened.versions())[0].index
    assert await ids(back, "leave") == ["docs2"]
    assert await ids(back, "leave", reader=ana) == ["docs0"]


async def test_a_version_that_is_dropped_meanwhile_is_no_error(
    opened: ElasticIndexes, other: ElasticIndexes
) -> None:
    await fill(await opened.live(), {"docs": 1})
    new = await other.next()
    held = new.followed_by(
        [ElasticStore(opened._elastic, f"{opened.name}-v9", board="x", kept="x", facts={})]
    )
    await held.replace(["docs:0", "docs:1"], [chunk("docs0", "leave", article="docs:0")])
    await held.relabel("docs", Audience.of("x:ana"))
    await held.relabel_articles({"docs:0": Audience.of("x:ben")})
    assert await ids(held, "leave", reader=Audience.of("x:ben")) == ["docs0"]


async def test_a_writer_that_was_killed_leaves_nothing_that_shows_later(
    opened: ElasticIndexes,
) -> None:
    store, ana = await opened.live(), Audience.of("x:ana")
    narrow = chunk("1", "leave", "en", ana, "docs:1")
    await store.replace(["docs:1"], [narrow])
    wide = replace(narrow, audience=Audience.of("everyone"))
    operations = await store.labels._rewriter.operations([wide])
    await write(opened._elastic, operations)  # and no further: nobody sees it yet
    again = await opened.live()
    await again.replace(["docs:1"], [narrow])
    assert await ids(again, "leave") == []
    assert await ids(again, "leave", reader=ana) == ["1"]


async def test_what_changes_while_vectors_are_written_stays_changed(
    opened: ElasticIndexes,
) -> None:
    store, ana = await opened.live(), Audience.of("x:ana")
    await fill(store, {"docs": 3})
    rewriter = store.labels._rewriter

    async def behind(query: Query) -> None:
        """What a search found before the change is written back after it."""
        contents = Contents(opened._elastic, store.index)
        async for hits in contents.versions(query):
            await store.relabel_articles({"docs:0": ana})
            await store.replace(["docs:1"], [])
            chunks = [chunk_of(hit["_source"]) for hit in hits]
            whole = await rewriter._whole(chunks)
            await write(opened._elastic, map(put_again, hits, whole))

    await behind({"match_all": {}})
    await store.refresh()
    assert await ids(store, "leave") == ["docs2"]
    assert await ids(store, "leave", reader=ana) == ["docs0"]


async def test_a_source_that_others_keep_writing_stays_closed(opened: ElasticIndexes) -> None:
    store, ana = await opened.live(), Audience.of("x:ana")
    await fill(store, {"docs": 1})
    wide = chunk("docs0", "leave numberdocs0", article="docs:0")

    class Stubborn(Labels):
        """While it labels, somebody writes the same chunk for everybody again."""

        async def _label(self, query: Query, change: Callable[[Chunk], Chunk]) -> None:
            await store.replace(["docs:0"], [replace(wide, audience=ana)])
            await write(opened._elastic, await store.labels._rewriter.operations([wide]))
            await super()._label(query, change)

    labels = store.labels
    stubborn = Stubborn(opened._elastic, store.index, labels._rewriter, labels._board)
    await stubborn.of_source("docs", ana)
    assert await ids(store, "leave") == []
    assert await ids(store, "leave", reader=ana) == ["docs0"]


async def test_a_source_that_cannot_be_labelled_is_closed_all_the_same(
    opened: ElasticIndexes,
) -> None:
    store, ana = await opened.live(), Audience.of("x:ana")
    await fill(store, {"docs": 1})

    class Idle(Rewriter):
        """Somebody else is quicker every time."""

        async def amend(self, query: Query, change: Callable[[Chunk], Chunk]) -> int:
            """There is always something left to do."""
            return 1

    board = store.labels._board
    idle = Idle(opened._elastic, store.index, store._kept, board)
    with pytest.raises(ConflictError, match="keep writing"):
        await Labels(opened._elastic, store.index, idle, board).of_source("docs", ana)
    assert await ids(store, "leave") == []
    await store.relabel("docs", ana)
    assert await ids(store, "leave", reader=ana) == ["docs0"]
    assert (await board.read()).audiences == {}
