"""What every `ChunkStore` withstands: hostile questions, other writers, sudden ends."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
import pytest

from knowledge.articles import Audience, Chunk
from knowledge.stores import Probe
from tests.contracts.stored_chunks import (
    ANYBODY,
    OpensStores,
    chunk,
    hits,
    ids,
    unit,
    version_of_article,
)

_LOOKS = 100
Replace = Callable[[Sequence[str], Sequence[Chunk]], Awaitable[None]]

HOSTILE = [
    "",
    " ",
    '"',
    "'; DROP TABLE chunks; --",
    'leave" OR "x',
    "leave NOT days NEAR(a b, 2) AND (",
    "text : leave",
    "headline:leave*",
    "^leave + days -x {a b}:c",
    "leave\x00days",
    "\ud800 leave",
    "🌴🏖️ leave 👩‍👩‍👧",
    "۱۲۳ عطلة 休暇 отпуск",
    "%s ? :a @b $c",
    "the of and",
]


class ChunkStoreEndurance(OpensStores):
    """The part of the contract that is about lasting."""

    @pytest.mark.parametrize("question", HOSTILE)
    async def test_no_question_is_syntax(self, question: str) -> None:
        async with self.opened(chunk("1", "thirty days of leave")) as store:
            found = await ids(store, question, language="en")
            assert found == (["1"] if "leave" in question else [])

    async def test_words_that_say_nothing_in_the_other_language_find_nothing_there(self) -> None:
        async with self.opened(chunk("1", "todos para una", "es")) as store:
            assert await ids(store, "para", own=False) == []

    async def test_a_very_long_question_is_answered_from_its_beginning_and_its_end(self) -> None:
        filling = " ".join(f"word{n}" for n in range(12_000))
        async with self.opened(chunk("1", "leave"), chunk("2", "lunch")) as store:
            assert sorted(await ids(store, f"leave {filling} lunch")) == ["1", "2"]
            assert await ids(store, "x" * 100_000) == []

    async def test_no_chunk_is_found_twice_by_a_leg(self) -> None:
        same = [
            chunk(str(n), "leave leave leave", language)
            for n, language in enumerate(("en", "es", "", "fr", "en"))
        ]
        async with self.opened(*same) as store:
            await store.add_vectors({same[0].text_hash: unit(0)})
            legs = await store.search(Probe("leave", "", unit(0)), reader=ANYBODY, limit=9)
            for leg in legs:
                found = [hit.chunk.id for hit in leg.hits]
                assert len(found) == len(set(found))
            assert [len(leg.hits) for leg in legs] == [5, 0, 5, 0]

    async def test_equals_come_in_the_same_order_every_time(self) -> None:
        same = [chunk(str(n), "the same leave") for n in range(30)]
        async with self.opened(*same) as store:
            await store.add_vectors({same[0].text_hash: unit(0)})
            words = await hits(store, "leave", limit=7)
            vectors = await hits(store, "", vector=unit(0), name="vectors", limit=7)
        async with self.opened() as store:
            assert await hits(store, "leave", limit=7) == words
            assert await hits(store, "", vector=unit(0), name="vectors", limit=7) == vectors

    async def test_a_limit_of_nothing_finds_nothing(self) -> None:
        async with self.opened(chunk("1", "leave")) as store:
            assert await hits(store, "leave", limit=0) == ()

    async def test_a_store_opened_again_holds_what_it_held(self) -> None:
        kept = chunk("1", "leave")
        async with self.opened(kept) as store:
            await store.add_vectors({kept.text_hash: unit(2)})
        async with self.opened() as store:
            assert await ids(store, "leave") == ["1"]
            (found,) = await hits(store, "", vector=unit(2), name="vectors")
            assert (found.score, found.has_vector) == (1.0, True)

    async def test_a_text_that_comes_back_has_its_vector_still(self) -> None:
        kept = chunk("1", "leave", article="a")
        async with self.opened(kept) as store:
            await store.add_vectors({kept.text_hash: unit(1)})
            await store.replace(["a"], [])
            assert (await store.state()).embedded == 0
            await store.replace(["b"], [chunk("2", "leave", article="b")])
            assert await store.without_vector(9) == []
            assert await ids(store, "", vector=unit(1), name="vectors") == ["2"]
            known = await store.vectors([kept.text_hash, "unknown"])
            assert list(known) == [kept.text_hash]
            assert np.array_equal(known[kept.text_hash], unit(1))

    async def test_chunks_without_a_vector_are_named_until_they_have_one(self) -> None:
        chunks = [chunk(str(n), f"text {n}") for n in range(3)]
        async with self.opened(*chunks) as store:
            assert len(await store.without_vector(2)) == 2
            await store.add_vectors({each.text_hash: unit(0) for each in chunks[:2]})
            assert await store.without_vector(9) == chunks[2:]
            state = await store.state()
            assert (state.chunks, state.embedded, state.sketched) == (3, 2, 0)

    async def test_readers_in_other_tasks_see_whole_writes_only(self) -> None:
        async with self.opened(*version_of_article(0)) as store:
            writer = asyncio.create_task(_write(store.replace, 25))
            while not writer.done():
                for found in await asyncio.gather(*(hits(store, "paragraph") for _ in range(4))):
                    assert len(found) == 20
                    assert len({hit.chunk.text.split()[1] for hit in found}) == 1
            await writer

    async def test_another_process_writes_while_this_one_reads(self) -> None:
        async with self.opened() as store, self.another_writer():
            seen: set[str] = set()
            while len(seen) < 3:
                found = await hits(store, "paragraph")
                versions = {hit.chunk.text.split()[1] for hit in found}
                assert (len(found), len(versions)) == (20, 1)
                seen |= versions

    async def test_two_processes_may_write_in_turns(self) -> None:
        async with self.opened() as store, self.another_writer():
            for n in range(5):
                await store.replace(["mine"], [chunk("mine", f"lunch {n}", article="mine")])
                assert [hit.chunk.text for hit in await hits(store, "lunch")] == [f"lunch {n}"]

    async def test_a_writer_that_is_killed_leaves_a_whole_store(self) -> None:
        for _ in range(3):
            async with self.another_writer() as process:
                await asyncio.sleep(0.05)
                process.kill()
            async with self.opened() as store:
                # A server may still carry out what the writer had sent before it was killed.
                for _ in range(_LOOKS):
                    found = await store.chunks_of("changing", reader=ANYBODY)
                    assert len(found) == 20
                    assert len({each.text.split()[1] for each in found}) == 1
                    if sorted(await ids(store, "paragraph")) == sorted(e.id for e in found):
                        break
                    await asyncio.sleep(0.1)
                else:
                    pytest.fail("words are kept of chunks that are gone")
                await store.replace(["mine"], [chunk("mine", "lunch", article="mine")])
                assert await ids(store, "lunch", reader=Audience.of("everyone")) == ["mine"]


async def _write(replace: Replace, times: int) -> None:
    for number in range(1, times + 1):
        await replace(["changing"], version_of_article(number))
