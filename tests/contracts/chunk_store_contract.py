"""What every `ChunkStore` does: a suite that the tests of each store inherit."""

from datetime import UTC, datetime

import numpy as np
import pytest

from knowledge.articles import Audience, Chunk
from knowledge.stores import ChunkStore, Leg, LegName, Probe
from knowledge.vectors import VectorSizeError
from tests.contracts.chunk_store_endurance import ChunkStoreEndurance
from tests.contracts.chunk_store_rights import ChunkStoreRights
from tests.contracts.stored_chunks import ANYBODY, chunk, hits, ids, unit, version_of_article


class ChunkStoreContract(ChunkStoreEndurance, ChunkStoreRights):
    """Inherit as `Test...`, and say how the store is opened."""

    async def test_what_was_written_is_found_by_its_words(self) -> None:
        leave = chunk("leave", "Employees have thirty days of paid leave.")
        async with self.opened(leave, chunk("lunch", "Lunch is at noon.")) as store:
            assert await ids(store, "how many days of leave?") == ["leave"]

    async def test_everything_about_a_chunk_comes_back_as_it_was(self) -> None:
        whole = Chunk(
            id="x",
            article="handbook:leave.md",
            position=3,
            title="Permisos «2024»",
            text="Días de\nvacaciones\u00a0🌴",
            language="es",
            audience=Audience.of("terminal:ana", "slack:U1"),
            heading=("Personas", "Vacaciones"),
            url="https://example.org/leave",
            page=7,
            updated_at=datetime(2024, 5, 1, 12, 30, tzinfo=UTC),
        )
        async with self.opened(whole) as store:
            found = await hits(store, "vacaciones", language="es", reader=Audience.of("slack:U1"))
            assert [hit.chunk for hit in found] == [whole]

    async def test_a_replaced_article_shows_only_its_new_chunks(self) -> None:
        old = [chunk("1", "old holidays", article="a"), chunk("2", "old office", article="a")]
        new = chunk("3", "new holidays", article="a")
        async with self.opened(*old, chunk("4", "other holidays", article="b")) as store:
            await store.replace(["a"], [new])
            assert sorted(await ids(store, "holidays")) == ["3", "4"]
            assert await ids(store, "office") == []
            assert await store.chunks_of("a", reader=ANYBODY) == [new]

    async def test_an_article_without_chunks_is_deleted(self) -> None:
        async with self.opened(chunk("1", "holidays", article="a")) as store:
            await store.replace(["a", "never-there"], [])
            assert await ids(store, "holidays") == []
            assert (await store.state()).chunks == 0

    async def test_writing_the_same_again_changes_nothing(self) -> None:
        same = chunk("1", "holidays", article="a")
        async with self.opened(same) as store:
            await store.replace(["a"], [same])
            assert await ids(store, "holidays") == ["1"]
            assert (await store.state()).chunks == 1

    async def test_a_refused_write_leaves_everything_as_it_was(self) -> None:
        old = chunk("1", "old holidays", article="a")
        twice = [chunk("2", "new holidays", article="a"), chunk("2", "new office", article="a")]
        async with self.opened(old) as store:
            with pytest.raises(ValueError, match="same id"):
                await store.replace(["a"], twice)
            with pytest.raises(ValueError, match="not replaced"):
                await store.replace(["b"], [chunk("3", "x", article="c")])
            with pytest.raises(ValueError, match="already"):
                await store.replace(["b"], [chunk("1", "x", article="b")])
            assert await store.chunks_of("a", reader=ANYBODY) == [old]

    async def test_the_chunks_of_an_article_come_in_order(self) -> None:
        async with self.opened(*reversed(version_of_article(1))) as store:
            found = await store.chunks_of("changing", reader=ANYBODY)
            assert [each.position for each in found] == list(range(20))

    async def test_one_shared_principal_is_enough_to_read(self) -> None:
        for_both = chunk("1", "holidays", audience=Audience.of("slack:U1", "slack:U2"))
        async with self.opened(for_both) as store:
            assert await ids(store, "holidays", reader=Audience.of("slack:U2", "slack:U9")) == ["1"]
            assert await ids(store, "holidays", reader=Audience.of("slack:U9")) == []
            assert await store.chunks_of("article-of-1", reader=Audience.of("slack:U9")) == []

    async def test_nobody_finds_what_has_no_audience(self) -> None:
        async with self.opened(chunk("1", "holidays", audience=Audience())) as store:
            assert await ids(store, "holidays") == []
            assert await ids(store, "holidays", vector=unit(0)) == []

    async def test_a_reader_without_principals_finds_nothing(self) -> None:
        public = chunk("1", "holidays")
        async with self.opened(public) as store:
            await store.add_vectors({public.text_hash: unit(0)})
            assert await ids(store, "holidays", reader=Audience(), vector=unit(0)) == []

    async def test_what_the_reader_may_not_open_takes_no_place_in_the_list(self) -> None:
        secret = [chunk(f"s{n}", "holidays " * 9, audience=Audience.of("x:b")) for n in range(9)]
        public = chunk("public", "a word about holidays")
        async with self.opened(*secret, public) as store:
            await store.add_vectors({each.text_hash: unit(0) for each in secret})
            await store.add_vectors({public.text_hash: np.full(4, 0.5, dtype=np.float32)})
            found = await store.search(
                Probe("holidays", "en", vector=unit(0)), reader=ANYBODY, limit=1
            )
            shown = {hit.chunk.id for leg in found for hit in leg.hits}
            assert shown == {"public"}

    async def test_only_the_wanted_sources_are_searched_and_take_places(self) -> None:
        others = [chunk(f"o{n}", "holidays " * 9, article=f"docs-2:{n}.md") for n in range(9)]
        wanted = chunk("wanted", "a word about holidays", article="docs:a.md")
        secret = chunk("secret", "holidays", audience=Audience.of("x:b"), article="docs:b.md")
        async with self.opened() as store:
            all_of_them = [*others, wanted, secret]
            await store.replace([one.article for one in all_of_them], all_of_them)
            await store.add_vectors({each.text_hash: unit(0) for each in all_of_them})
            for sources, shown in (("docs",), {"wanted"}), (("none", "docs"), {"wanted"}):
                probe = Probe("holidays", "en", vector=unit(0), sources=sources)
                found = await store.search(probe, reader=ANYBODY, limit=1)
                assert {hit.chunk.id for leg in found for hit in leg.hits} == shown
            none = Probe("holidays", "en", vector=unit(0), sources=("none",))
            assert not any(leg.hits for leg in await store.search(none, reader=ANYBODY, limit=9))

    async def test_a_changed_audience_counts_at_once(self) -> None:
        async with self.opened(chunk("1", "holidays", article="a")) as store:
            await store.replace(["a"], [chunk("1", "holidays", "en", Audience.of("x:b"), "a")])
            assert await ids(store, "holidays") == []
            assert await ids(store, "holidays", reader=Audience.of("x:b")) == ["1"]

    async def test_all_sources_are_named_for_everybody(self) -> None:
        names = ("zoo", "docs", "docs-2")
        async with self.opened() as store:
            assert await store.sources() == []
            chunks = [chunk(name, f"Words of {name}", article=f"{name}:a.md") for name in names]
            await store.replace([one.article for one in chunks], chunks)
            assert await store.sources() == ["docs", "docs-2", "zoo"]
            await store.relabel("docs", Audience())
            await store.replace(["docs-2:a.md"], [])
            assert await store.sources() == ["docs", "zoo"]

    async def test_the_articles_of_a_source_are_named_for_everybody(self) -> None:
        of_docs = [
            chunk("1", "x", article="docs:b.md"),
            chunk("2", "y", article="docs:b.md"),
            chunk("3", "z", "en", Audience(), "docs:\U0010ffff"),
            chunk("4", "z", article="docs:a:ñ%_.md"),
        ]
        names = ("docs", "docs2:a.md", "doc:a.md", "Docs:a.md", "docs;a.md", "x")
        others = [chunk(name, "x", article=name) for name in names]
        async with self.opened(*of_docs, *others) as store:
            found = await store.articles("docs")
            assert found == ["docs:a:ñ%_.md", "docs:b.md", "docs:\U0010ffff"]
            assert await store.articles("never") == []

    async def test_a_source_with_another_audience_is_for_those_readers_alone(self) -> None:
        ana, ben = Audience.of("x:ana"), Audience.of("x:ben")
        wide, narrow = (
            chunk("1", "holidays", article="docs:a.md"),
            chunk("2", "holidays", "en", ben, "docs:b.md"),
        )
        async with self.opened(wide, narrow, chunk("3", "holidays", article="docs2:a.md")) as store:
            await store.add_vectors({wide.text_hash: unit(0)})
            assert sorted(await ids(store, "holidays")) == ["1", "3"]
            for _ in range(2):
                await store.relabel("docs", ana)
                assert await ids(store, "holidays") == ["3"]
                assert await ids(store, "holidays", reader=ben) == []
                assert sorted(await ids(store, "holidays", reader=ana)) == ["1", "2"]
                assert await store.chunks_of("docs:b.md", reader=ben) == []
            await store.relabel("docs", Audience())
            assert await ids(store, "holidays", reader=ana) == []
        async with self.opened() as store:
            assert await ids(store, "holidays", reader=ana) == []
            assert len(await store.articles("docs")) == 2

    async def test_a_store_keeps_its_identity_and_shares_it_with_no_other(self) -> None:
        found = []
        for _ in range(2):
            async with self.opened() as store:
                found.append(await store.identity())
        await self.destroy_store()
        async with self.opened() as store:
            found.append(await store.identity())
        assert found[0] == found[1] != found[2]

    async def test_the_question_s_language_and_the_others_are_ranked_apart(self) -> None:
        english, spanish = chunk("en", "Code E-1432"), chunk("es", "Código E-1432", "es")
        unknown, french = chunk("?", "E-1432", ""), chunk("fr", "Le code E-1432", "fr")
        async with self.opened(english, spanish, unknown, french) as store:
            everything = (english, spanish, unknown, french)
            await store.add_vectors({each.text_hash: unit(0) for each in everything})
            legs: tuple[LegName, ...] = ("words", "vectors")
            for name in legs:
                own = await ids(store, "e-1432", vector=unit(0), name=name)
                others = await ids(store, "e-1432", vector=unit(0), name=name, own=False)
                assert (sorted(own), sorted(others)) == (["?", "en"], ["es", "fr"])

    async def test_a_question_without_a_language_searches_all_as_its_own(self) -> None:
        async with self.opened(chunk("1", "Code E-1432"), chunk("2", "E-1432", "es")) as store:
            assert sorted(await ids(store, "E-1432", language="")) == ["1", "2"]
            assert await ids(store, "E-1432", language="", own=False) == []

    async def test_accents_and_endings_do_not_hide_a_word(self) -> None:
        text = "La política de vacaciones en España"
        async with self.opened(chunk("1", text, "es")) as store:
            for question in ("politica", "VACACIÓN", "políticas", "espana", "España"):
                assert await ids(store, question, language="es") == ["1"]

    async def test_the_nearest_vectors_come_first(self) -> None:
        chunks = [chunk(str(n), f"text {n}") for n in range(4)]
        vectors = {
            each.text_hash: np.array([0.1 * n, 0.5, 0, 0], dtype=np.float32)
            for n, each in enumerate(chunks)
        }
        async with self.opened(*chunks) as store:
            await store.add_vectors(vectors)
            found = await hits(store, "", vector=unit(0), name="vectors", limit=3)
            assert [hit.chunk.id for hit in found] == ["3", "2", "1"]
            assert [round(hit.score, 3) for hit in found] == [0.3, 0.2, 0.1]
            assert [hit.chunk.id for hit in found if not hit.has_vector] == []

    async def test_other_languages_can_be_compared_with_a_vector_of_their_own(self) -> None:
        chunks = [chunk("1", "one"), chunk("2", "two"), chunk("3", "tres", "es")]
        chunks.append(chunk("4", "cuatro", "es"))
        vectors = {one.text_hash: unit(n % 2) for n, one in enumerate(chunks)}
        async with self.opened(*chunks) as store:
            await store.add_vectors(vectors)
            probe = Probe("", "en", unit(0), other_vector=unit(1))
            for mapped, expected in (
                (probe, [[("1", 1.0), ("2", 0.0)], [("4", 1.0), ("3", 0.0)]]),
                (Probe("", "en", unit(0)), [[("1", 1.0), ("2", 0.0)], [("3", 1.0), ("4", 0.0)]]),
            ):
                legs = [leg for leg in await found_by(store, mapped) if leg.name == "vectors"]
                found = [[(hit.chunk.id, round(hit.score, 3)) for hit in leg.hits] for leg in legs]
                assert found == expected
            with pytest.raises(VectorSizeError):
                await found_by(store, Probe("", "en", unit(0), other_vector=unit(0)[:3]))

    async def test_sketches_are_searched_once_their_version_is_in_use(self) -> None:
        first = chunk("1", "one")
        async with self.opened(first, chunk("2", "two", "es")) as store:
            await store.add_sketches("a", {first.text_hash: unit(0)})
            probe = Probe("", "en", sketch=unit(0), sketch_version="a")
            assert "sketches" not in {leg.name for leg in await found_by(store, probe)}
            await store.use_sketches("a")
            assert (await store.state()).sketch_version == "a"
            found = [leg.hits for leg in await found_by(store, probe) if leg.name == "sketches"]
            assert [[hit.chunk.id for hit in leg] for leg in found] == [["1"], []]

    async def test_a_new_version_replaces_all_sketches_at_once(self) -> None:
        first, second = chunk("1", "one"), chunk("2", "two")
        async with self.opened(first, second) as store:
            await store.add_sketches("a", {first.text_hash: unit(0)})
            await store.use_sketches("a")
            await store.add_sketches("b", {second.text_hash: unit(1)[:2]})
            assert [each.id for each in await store.without_sketch("a", 9)] == ["2"]
            assert [each.id for each in await store.without_sketch("b", 9)] == ["1"]
            await store.use_sketches("b")
            old = Probe("", "en", sketch=unit(0), sketch_version="a")
            assert "sketches" not in {leg.name for leg in await found_by(store, old)}
            new = Probe("", "en", sketch=unit(1)[:2], sketch_version="b")
            found = [leg.hits for leg in await found_by(store, new) if leg.name == "sketches"]
            assert [[hit.chunk.id for hit in leg] for leg in found] == [["2"], []]
            assert (await store.state()).sketched == 1
        async with self.opened() as store:
            found = [leg.hits for leg in await found_by(store, new) if leg.name == "sketches"]
            assert [[hit.chunk.id for hit in leg] for leg in found] == [["2"], []]

    async def test_a_forgotten_version_of_sketches_can_be_made_again(self) -> None:
        one = chunk("1", "one")
        async with self.opened(one) as store:
            for version in ("a", "b", "a"):
                assert await store.without_sketch(version, 9) == [one]
                await store.add_sketches(version, {one.text_hash: unit(0)})
                assert await store.without_sketch(version, 9) == []
                await store.use_sketches(version)
                state = await store.state()
                assert (state.sketch_version, state.sketched) == (version, 1)

    async def test_every_chunk_is_walked_over_once(self) -> None:
        async with self.opened(*version_of_article(1)) as store:
            await store.replace(["gone"], [chunk("gone", "gone", article="gone")])
            await store.replace(["gone"], [])
            walked = [[each.position for each in batch] async for batch in store.batches(8)]
            assert [len(batch) for batch in walked] == [8, 8, 4]
            assert sorted(place for batch in walked for place in batch) == list(range(20))


async def found_by(store: ChunkStore, probe: Probe) -> list[Leg]:
    """What the store finds for a probe that anybody may have sent."""
    return await store.search(probe, reader=ANYBODY, limit=9)
