import numpy as np
import pytest

from pipelines.answerability import judged
from pipelines.close_reading import Reading
from pipelines.coverage import WordCoverage
from pipelines.ranking import (
    STATEMENT_WEIGHT,
    USUAL_CHUNK,
    Candidate,
    background,
    least,
    ranked,
    reordered,
)
from pipelines.statements import Statement
from tests.pipelines.small_knowledge import chunk

ANOTHER = "openai:some-embedder"


def candidate(name: str, cosine: float | None, *, is_own: bool = True) -> Candidate:
    return Candidate(chunk(name, name, "en"), is_own, cosine is not None, cosine=cosine)


def read(name: str, score: float, *nearness: float, is_own: bool = True) -> Candidate:
    """A candidate whose statements are this near to the question."""
    one = candidate(name, 0.85, is_own=is_own)
    one.score = score
    some = tuple(Statement(n, n + 1, "x") for n, _ in enumerate(nearness))
    one.reading = Reading(some, np.array(nearness, dtype=np.float32))
    return one


def titles(candidates: list[Candidate]) -> list[str]:
    return [one.chunk.title for one in candidates]


def test_the_best_statement_decides_among_chunks_of_like_score() -> None:
    some = [read("all alike", 0.05, 0.83, 0.83, 0.83), read("one that answers", 0.04, 0.75, 0.88)]
    assert titles(reordered(some)) == ["one that answers", "all alike"]


def test_what_was_read_closely_comes_before_what_was_not() -> None:
    unread = candidate("unread", 0.9)
    unread.score = 0.5
    assert titles(reordered([unread, read("read", 0.0, 0.7)])) == ["read", "unread"]


def test_statements_of_the_other_language_are_compared_among_themselves() -> None:
    own = [read(f"own{n}", 0.01, 0.85) for n in range(7)]
    others = [read(f"other{n}", 0.01, 0.80, is_own=False) for n in range(7)]
    best = read("best", 0.01, 0.84, is_own=False)
    assert reordered([*own, *others, best])[0] is best


def test_candidates_that_nobody_read_keep_their_order() -> None:
    some = ranked([candidate("a", 0.9), candidate("b", 0.8), candidate("c", None)])
    assert titles(reordered(some)) == ["a", "b", "c"]
    assert reordered([]) == []


def test_a_chunk_without_statements_falls_behind() -> None:
    assert titles(reordered([read("empty", 0.05), read("full", 0.0, 0.8)])) == ["full", "empty"]


def test_a_small_group_is_compared_with_what_is_usual() -> None:
    assert background([0.9], 0.83) == pytest.approx(0.83)
    assert background([], 0.795) == pytest.approx(0.795)
    assert background([0.9] * 20, 0.83) == pytest.approx(0.9)


def test_with_an_unknown_embedder_the_least_of_what_was_found_is_usual() -> None:
    assert ANOTHER not in USUAL_CHUNK
    some = [candidate("good", 0.61), candidate("bad", 0.22), candidate("other", 0.40, is_own=False)]
    done = ranked(some, ANOTHER)
    assert titles(done) == ["good", "other", "bad"]
    assert done[0].score == pytest.approx(0.61 - 0.22)
    assert least([]).of(is_own=True) == 0
    assert titles(ranked([candidate("alone", 0.3)], ANOTHER)) == ["alone"]


def test_statements_of_an_unknown_embedder_are_compared_with_the_least_of_them() -> None:
    some = [read("a", 0.0, 0.3), read("b", 0.0, 0.5, 0.2), read("c", 0.0, 0.4, is_own=False)]
    done = reordered(some, ANOTHER)
    assert titles(done) == ["b", "c", "a"]
    assert done[1].score == pytest.approx(0.1 * STATEMENT_WEIGHT, abs=1e-6)


def test_with_an_unknown_embedder_words_alone_tell_whether_an_answer_is_there() -> None:
    weights = np.ones(2, dtype=np.float32)
    covered = WordCoverage(("deposit", "bike"), weights, np.full((2, 1), 1.0, np.float32))
    uncovered = WordCoverage(("ceo", "google"), weights, np.full((2, 1), 0.1, np.float32))
    some = [candidate("bikes", 0.45)]
    some[0].words = 1.0
    there = judged("deposit bike", some, covered, embedder=ANOTHER).probability
    some[0].words = 0.0
    absent = judged("ceo google", some, uncovered, embedder=ANOTHER).probability
    assert absent < 0.2
    assert there > 0.5
