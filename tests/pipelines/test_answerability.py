from pathlib import Path

import numpy as np
import pytest

from pipelines.answerability import NAMES, Logistic, features, judged, save, uncovered
from pipelines.coverage import WordCoverage
from pipelines.ranking import Candidate
from pipelines.sketching import sketch_waiting
from tests.pipelines.small_knowledge import asked, chunk, open_index, pages


def candidates(*cosines: float | None, is_own: bool = True) -> list[Candidate]:
    return [
        Candidate(chunk(f"c{n}", "text", "en"), is_own, cosine is not None, cosine=cosine)
        for n, cosine in enumerate(cosines)
    ]


def coverage(words: tuple[str, ...], *columns: tuple[float, ...]) -> WordCoverage:
    weights = np.ones(len(words), dtype=np.float32)
    return WordCoverage(words, weights, np.array(columns, dtype=np.float32).T)


@pytest.mark.parametrize("is_own", [True, False])
def test_a_chunk_that_stands_out_and_speaks_of_the_words_is_likely_to_answer(
    is_own: bool,
) -> None:
    words = ("deposit", "bike")
    good = judged(
        "deposit bike", candidates(0.92, 0.84, 0.83, is_own=is_own), coverage(words, *[(1, 1)] * 3)
    )
    poor = judged(
        "deposit bike",
        candidates(0.79, 0.79, 0.78, is_own=is_own),
        coverage(words, *[(0.3,) * 2] * 3),
    )
    assert good.probability > 0.9
    assert poor.probability < 0.3


def test_nothing_found_answers_nothing() -> None:
    assert judged("what?", [], WordCoverage.empty()).probability == 0


def test_features_have_a_name_each_and_are_finite_for_any_number_of_chunks() -> None:
    for some in (candidates(0.9), candidates(None), candidates(*[0.9] * 30), candidates(0.9, None)):
        found = coverage(("word",), *[(0.5,)] * len(some))
        values = features(some, found)
        assert values.shape == (len(NAMES),)
        assert np.isfinite(values).all()
        empty = WordCoverage((), np.zeros(0, np.float32), np.zeros((0, len(some)), np.float32))
        assert np.isfinite(features(some, empty)).all()


def test_names_numbers_and_codes_that_nobody_speaks_of_are_named() -> None:
    words = ("price", "lisbon", "2031", "bike")
    found = coverage(words, (1, 0.2, 0.1, 0.2), (1, 0.3, 0.1, 0.9))
    assert uncovered("What is the price in Lisbon in 2031 for a bike?", found) == ("lisbon", "2031")
    assert uncovered("What is it?", WordCoverage.empty()) == ()


async def test_what_is_asked_by_a_strange_name_is_noticed(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await sketch_waiting(index.store, index.words)
        found = await index.retriever.retrieve(asked("How fast is the wifi in Zaragoza?"))
        assert found.answerability.uncovered == ("zaragoza",)


def test_a_regression_learns_what_tells_answers_apart(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(400, len(NAMES))).astype(np.float32)
    answers = rows[:, 0] + 0.3 * random.normal(size=400) > 0.5
    model = Logistic.fitted(rows, answers)
    right = [
        (model.probability(row) > 0.5) == answer for row, answer in zip(rows, answers, strict=True)
    ]
    assert np.mean(right) > 0.9
    assert abs(model.weights[0]) > 5 * np.abs(model.weights[1:]).max()
    save({"own": model, "other": model}, tmp_path / "weights.json")
    assert '"other"' in (tmp_path / "weights.json").read_text(encoding="utf-8")


def test_a_regression_bears_a_feature_that_never_changes() -> None:
    rows = np.zeros((10, 2), dtype=np.float32)
    rows[5:, 0] = 1
    model = Logistic.fitted(rows, np.arange(10) >= 5)
    assert np.isfinite(model.probability(np.array([0.5, 3.0], dtype=np.float32)))
