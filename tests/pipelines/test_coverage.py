from pathlib import Path

import pytest

from pipelines.coverage import InLanguage, SoftCoverage, WordCoverage
from pipelines.sketching import sketch_waiting
from tests.pipelines.small_knowledge import PAGES, open_index, pages


async def test_a_sentence_is_covered_by_its_own_page_in_either_language(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        texts = [text for _, text in PAGES.values()]
        own = list(PAGES).index("Bicicletas")
        coverage = SoftCoverage(index.words)
        for sentence in ("The deposit for a cargo bike is 35 euros.", "La fianza son 35 euros."):
            covered = await coverage.coverage(sentence, texts)
            assert covered.argmax() == own
            assert covered[own] > 0.6
            assert ((covered >= 0) & (covered <= 1)).all()


async def test_the_same_words_are_covered_completely(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        coverage = SoftCoverage(index.words)
        text = "The dishwasher E-1432 starts at 18:00 on Fridays."
        assert await coverage.coverage(text, [text]) == pytest.approx([1.0], abs=1e-4)


async def test_numbers_and_codes_match_across_languages_without_a_vector(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        coverage = SoftCoverage(index.words)
        english, spanish = InLanguage("E1432", "en"), InLanguage("el código E1432", "es")
        (found,) = await coverage.by_word([english], [spanish, InLanguage("E1433", "en")])
        assert found.share == pytest.approx([1.0, 0.0], abs=0.2)


async def test_the_word_that_nothing_covers_is_seen(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        texts = [InLanguage(text, language) for language, text in PAGES.values()]
        question = InLanguage("Does the sauna have a dishwasher?", "en")
        (found,) = await SoftCoverage(index.words).by_word([question], texts)
        nearest = dict(zip(found.words, found.found.max(axis=1), strict=True))
        assert nearest["dishwasher"] == pytest.approx(1, abs=1e-4)
        assert nearest["sauna"] < 0.7


async def test_texts_without_words_cover_nothing_and_need_nothing(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        coverage = SoftCoverage(index.words)
        matrix = await coverage.matrix(["", "the kitchen"], ["", "?!", "kitchen"])
        assert matrix.shape == (2, 3)
        assert not matrix[0].any()
        assert not matrix[1, :2].any()
        assert matrix[1, 2] == pytest.approx(1, abs=1e-4)
        assert (await coverage.matrix(["kitchen"], [])).shape == (1, 0)
        assert (await coverage.matrix([], ["kitchen"])).shape == (0, 1)


async def test_an_endless_question_is_looked_at_in_part(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        words = " ".join(f"w{n}" for n in range(300))
        (found,) = await SoftCoverage(index.words).by_word([InLanguage(words, "en")], [])
        assert len(found.words) == 200


def test_coverage_of_nothing_is_empty() -> None:
    assert WordCoverage.empty().share.shape == (0,)
    assert WordCoverage.empty().of([]).words == ()
