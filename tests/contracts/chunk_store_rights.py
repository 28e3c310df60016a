"""What every `ChunkStore` does when who may read something changes."""

import asyncio
import sys

from knowledge.articles import Audience
from knowledge.stores import Probe
from tests.contracts.stored_chunks import ANYBODY, PROJECT, OpensStores, chunk, ids, unit

ANA, BEN = Audience.of("x:ana"), Audience.of("x:ben")


class ChunkStoreRights(OpensStores):
    """The part of the contract that is about rights."""

    async def test_an_article_for_other_readers_is_for_those_alone(self) -> None:
        first, second = (
            chunk("1", "holidays", article="docs:a.md"),
            chunk("2", "holidays", article="docs:b.md"),
        )
        async with self.opened(first, second) as store:
            await store.add_vectors({first.text_hash: unit(0)})
            for audiences in ({"docs:a.md": ANA, "docs:never.md": ANA}, {"docs:b.md": BEN}, {}):
                await store.relabel_articles(audiences)
            assert await ids(store, "holidays") == []
            assert await ids(store, "", vector=unit(0), name="vectors") == []
            assert await ids(store, "holidays", reader=ANA) == ["1"]
            assert await ids(store, "", reader=ANA, vector=unit(0), name="vectors") == ["1"]
            assert [c.id for c in await store.chunks_of("docs:b.md", reader=BEN)] == ["2"]
            assert len(await store.articles("docs")) == 2
        async with self.opened() as store:
            assert await ids(store, "holidays") == []

    async def test_what_is_in_another_language_is_for_its_readers_alone(self) -> None:
        spanish, french = (
            chunk("es", "holidays 2026", "es", ANA, "docs:a.md"),
            chunk("fr", "holidays 2026", "fr", ANA, "docs:b.md"),
        )
        async with self.opened(spanish, french) as store:
            await store.add_vectors({spanish.text_hash: unit(0)})
            for language, own in (("en", False), ("", True)):
                for reader, found in ((BEN, []), (ANA, ["es", "fr"])):
                    legs = await store.search(
                        Probe("holidays 2026", language, unit(0)), reader=reader, limit=9
                    )
                    hits = {h.chunk.id for leg in legs for h in leg.hits if leg.own_language is own}
                    assert sorted(hits) == found

    async def test_chunks_that_may_be_read_now_are_told_from_those_that_may_not(self) -> None:
        async with self.opened(
            chunk("1", "one", article="docs:a.md"),
            chunk("2", "two", "en", ANA, "docs:b.md"),
            chunk("3", "three", "en", Audience(), "docs:c.md"),
        ) as store:
            every = ["1", "2", "3", "never"]
            assert await store.readable(every, reader=ANYBODY) == {"1"}
            assert await store.readable(every, reader=ANA) == {"2"}
            assert await store.readable(every, reader=Audience()) == set()
            assert await store.readable([], reader=ANYBODY) == set()
            await store.replace(["docs:a.md"], [chunk("4", "other", article="docs:a.md")])
            assert await store.readable(every, reader=ANYBODY) == set()
            await store.relabel("docs", ANA)
            assert await store.readable([*every, "4"], reader=ANYBODY) == set()
            assert await store.readable([*every, "4"], reader=ANA) == {"2", "3", "4"}

    async def test_a_right_that_another_process_withdraws_is_gone_here(self) -> None:
        async with self.opened(
            chunk("1", "holidays", article="docs:a.md"), chunk("2", "holidays", article="more:b.md")
        ) as store:
            assert sorted(await ids(store, "holidays")) == ["1", "2"]
            await self._elsewhere(
                "await store.relabel('docs', Audience.of('x:ana'))",
                "await store.relabel_articles({'more:b.md': Audience.of('x:ana')})",
            )
            async with asyncio.timeout(60):
                while await ids(store, "holidays") or await store.readable(  # noqa: ASYNC110 (no event)
                    ["1", "2"], reader=ANYBODY
                ):
                    await asyncio.sleep(0.05)
            assert sorted(await ids(store, "holidays", reader=ANA)) == ["1", "2"]

    async def _elsewhere(self, *lines: str) -> None:
        """Run these lines with the same store in a process of their own."""
        work = "".join(f"    {line}\n" for line in lines)
        program = (
            "import asyncio\nfrom knowledge.articles import Audience\n"
            f"{self.opening.format(folder=str(self.folder))}\n"
            f"async def work():\n    store = await open_store()\n{work}    await store.close()\n"
            "asyncio.run(work())\n"
        )
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=PROJECT)
        assert await process.wait() == 0
