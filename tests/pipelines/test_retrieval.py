from itertools import count
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.stores import Hit, Leg
from pipelines.late_embedding import LateEmbedding
from pipelines.ranking import Candidate, first_to_embed, gathered, preselected, ranked
from pipelines.retrieval import RETURNED, Retriever
from pipelines.sketching import sketch_waiting
from tests.pipelines.small_knowledge import PUBLIC, asked, chunk, open_index, pages


@pytest.mark.parametrize(
    ("question", "title", "language"),
    [
        ("How many days off do I have?", "Leave", "en"),
        ("¿Cuántos días de vacaciones tengo?", "Leave", "es"),
        ("what is the deposit for a cargo bike?", "Bicicletas", "en"),
        ("¿Dónde está el extintor?", "Seguridad", "es"),
        ("where do we meet when there is a fire?", "Seguridad", "en"),
    ],
)
@pytest.mark.parametrize("is_embedded", [True, False])
async def test_the_right_page_is_first_in_either_language_also_before_all_is_embedded(
    tmp_path: Path, question: str, title: str, language: str, is_embedded: bool
) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        if is_embedded:
            await index.embed_all()
        found = await index.retriever.retrieve(asked(question))
        assert found.chunks[0].chunk.title == title
        assert found.language == language
        assert found.answerability.probability > 0.5
        assert found.state["answerable"] == round(found.answerability.calibrated, 2)
        assert found.state["embedded_now"] == (0 if is_embedded else 6)
        assert found.state["is_complete"]
        scores = [one.score for one in found.chunks]
        assert scores == sorted(scores, reverse=True)


async def test_a_question_about_something_else_is_told_to_have_no_answer_here(
    tmp_path: Path,
) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        found = await index.retriever.retrieve(asked("Who is the CEO of Google?"))
        assert found.answerability.probability < 0.2
        assert "google" in found.answerability.uncovered


async def test_without_an_audience_nothing_is_found(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        found = await index.retriever.retrieve(asked("wifi password", audience=Audience()))
        assert found.chunks == ()
        assert await index.retriever.search("wifi", reader=Audience(), top=5) == []


async def test_nobody_finds_what_they_may_not_open(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        secret = chunk("Wages", "Ana earns 40,000 a year.", "en", audience=Audience.of("t:boss"))
        await index.add([*pages(), secret])
        await sketch_waiting(index.store, index.words)
        everyone = await index.retriever.search("What does Ana earn?", reader=PUBLIC, top=20)
        assert "Wages" not in {found.title for found, _ in everyone}
        assert len(everyone) == 6
        boss = Audience.of("t:boss")
        (only,) = await index.retriever.search("What does Ana earn?", reader=boss, top=20)
        assert only[0].title == "Wages"


async def test_a_follow_up_is_searched_with_the_question_before_it(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        follow_up = asked("How long may I keep a cargo bike?", "and the deposit?")
        found = await index.retriever.retrieve(follow_up)
        assert found.chunks[0].chunk.title == "Bicicletas"


async def test_a_change_of_subject_leaves_what_was_said_before_behind(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        again = asked("What is the guest wifi password?", "How many days of leave do I get?")
        found = await index.retriever.retrieve(again)
        assert found.chunks[0].chunk.title == "Leave"
        assert found.question == "How many days of leave do I get?"


async def test_a_word_that_tells_no_language_is_taken_as_the_asker_spoke_before(
    tmp_path: Path,
) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        found = await index.retriever.retrieve(asked("¿Cuándo se limpia la cocina?", "18:00?"))
        assert found.language == "es"
        found = await index.retriever.retrieve(asked("18:00?"))
        assert found.language == index.words.corpus.main_language


@pytest.mark.parametrize("query", ["", "  \n", "?!", "\0", '"AND" OR NEAR(', "😀", "a " * 50_000])
async def test_no_query_is_an_error(tmp_path: Path, query: str) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages()[:2])
        await sketch_waiting(index.store, index.words)
        found = await index.retriever.search(query, reader=PUBLIC, top=3)
        assert len(found) <= 2


async def test_an_empty_store_answers_with_nothing(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        found = await index.retriever.retrieve(asked("wifi password"))
        assert found.chunks == ()


async def test_knowledge_without_sketches_is_found_by_words(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        found = await index.retriever.retrieve(asked("Who cleans the kitchen?"))
        assert found.chunks[0].chunk.title == "Kitchen"


async def test_an_answer_rests_on_a_few_chunks_while_a_search_gives_as_many_as_wanted(
    tmp_path: Path,
) -> None:
    async with open_index(tmp_path) as index:
        many = [
            chunk("Kitchen", f"Kitchen rule {n}.", "en", position=n) for n in range(RETURNED + 20)
        ]
        await index.add(many)
        await sketch_waiting(index.store, index.words)
        retriever = index.retriever
        assert len((await retriever.retrieve(asked("kitchen rules"))).chunks) == RETURNED
        assert len(await retriever.search("kitchen rules", reader=PUBLIC, top=25)) == 25


async def test_late_embedding_keeps_what_it_made_and_stops_when_time_is_up(
    tmp_path: Path,
) -> None:
    async with open_index(tmp_path) as index:
        await index.add(
            [chunk("Kitchen", f"Kitchen rule {n}.", "en", position=n) for n in range(20)]
        )
        await sketch_waiting(index.store, index.words)
        seconds = count()
        late = LateEmbedding(seconds=1, clock=lambda: float(next(seconds)))
        retriever = Retriever(index.store, index.embedder, index.words, late=late)
        found = await retriever.retrieve(asked("kitchen rules"))
        assert found.state["embedded_now"] == 8
        assert not found.state["is_complete"]
        assert (await index.store.state()).embedded == 8
        assert len(found.chunks) == RETURNED
        without_vector = [one.score for one in found.chunks[8:]]
        assert max(without_vector) < min(one.score for one in found.chunks[:8])


async def test_a_vector_from_elsewhere_is_used_for_a_chunk_found_by_words(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        many = [chunk("Bread", f"Bread of day {n}.", "en", position=n) for n in range(120)]
        await index.add([*many, chunk("Code", "QX77 opens the cellar.", "en")])
        await sketch_waiting(index.store, index.words)
        await index.embed_all()
        found = await index.retriever.search("bread bread bread day QX77", reader=PUBLIC, top=80)
        assert "Code" in {one.title for one, _ in found}


def candidate(name: str, cosine: float | None, *, is_own: bool = True, words: float = 0.0,
              coverage: float = 0.0) -> Candidate:  # fmt: skip
    return Candidate(
        chunk(name, name, "en"), is_own, cosine is not None, words, 0.0, cosine, coverage
    )


def test_the_other_language_comes_first_where_it_stands_out_more() -> None:
    own = [candidate(f"own{n}", 0.84) for n in range(10)]
    other = [candidate(f"other{n}", 0.80, is_own=False) for n in range(10)]
    best = candidate("best", 0.835, is_own=False)
    assert ranked([*own, *other, best])[0] is best


def test_equal_candidates_are_in_the_same_order_whatever_found_them_first() -> None:
    some = [candidate(name, 0.8) for name in "abc"]
    again = ranked(list(reversed(some)))
    assert [c.chunk.title for c in again] == ["a", "b", "c"]


def test_a_chunk_that_several_legs_found_is_one_candidate() -> None:
    one, two = chunk("one", "one", "en"), chunk("two", "two", "en")
    legs = [
        Leg("words", True, (Hit(one, 8.0, True), Hit(two, 4.0, True))),
        Leg("vectors", True, (Hit(one, 0.9, True),)),
        Leg("sketches", True, (Hit(two, 0.5, True),)),
        Leg("words", False, ()),
    ]
    first, second = gathered(legs)
    assert (first.words, first.cosine, first.sketch) == (1.0, 0.9, 0.0)
    assert (second.words, second.cosine, second.sketch) == (0.5, None, 0.5)


def test_more_of_the_other_language_is_embedded_because_it_is_harder_to_find() -> None:
    own = [candidate(f"own{n:02}", None, coverage=1 - n / 100) for n in range(40)]
    other = [candidate(f"x{n:02}", None, is_own=False, coverage=1 - n / 100) for n in range(40)]
    first = first_to_embed([*own, *other, candidate("known", 0.9)], 40)
    assert sum(c.is_own for c in first) == 12
    assert len(first) == 40
    assert len(first_to_embed(own, 40)) == 40


def test_only_the_best_of_a_group_are_compared_word_by_word() -> None:
    many = [candidate(f"c{n:03}", 0.9 - n / 1000) for n in range(100)]
    unknown = candidate("unknown", None)
    chosen = preselected([*many, unknown])
    assert len(chosen) == 71
    assert unknown in chosen
    assert many[0] in chosen


async def test_a_newer_page_that_one_may_not_open_pushes_no_older_one_down(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        text = "In case of fire everybody meets at the {}. Take the stairs in the north."
        old = chunk("Fire plan 2022", text.format("car park"), "en")
        new = chunk("Fire plan 2024", text.format("station"), "en", audience=Audience.of("t:boss"))
        found = []
        for known in ([*pages(), old], [*pages(), old, new]):
            await index.add(known)
            await index.embed_all()
            seen = await index.retriever.retrieve(asked("Where does everybody meet after a fire?"))
            found.append([(one.chunk.title, one.is_superseded) for one in seen.chunks])
        assert found[0] == found[1]
        assert found[0][0] == ("Fire plan 2022", False)
        boss = Audience.of("everyone", "t:boss")
        seen = await index.retriever.retrieve(
            asked("Where does everybody meet after a fire?", audience=boss)
        )
        assert [one.is_superseded for one in seen.chunks[:2]] == [False, True]
