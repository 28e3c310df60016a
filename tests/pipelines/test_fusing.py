from knowledge.articles import Chunk
from pipelines.fusing import fused
from pipelines.ranking import Candidate
from tests.pipelines.small_knowledge import PUBLIC


def found(**scores: float) -> list[Candidate]:
    """Candidates by the name of their page."""
    return [
        Candidate(Chunk(f"h:{n}#0", f"h:{n}", 0, n, n, "en", PUBLIC), True, True, score=score)
        for n, score in scores.items()
    ]


def order(first: list[Candidate], second: list[Candidate]) -> list[tuple[str, float]]:
    return [(c.chunk.title, round(c.score, 3)) for c in fused(first, second)]


def test_what_both_searches_found_comes_before_what_one_of_them_did() -> None:
    both = order(found(a=0.3, b=0.2, c=0.0), found(b=0.3, d=0.25, a=0.1))
    assert both == [("b", 0.25), ("a", 0.2), ("d", 0.125), ("c", 0.05)]


def test_a_search_that_found_nothing_changes_nothing() -> None:
    assert order(found(a=0.3, b=0.2), []) == [("a", 0.3), ("b", 0.2)]
    assert order([], found(a=0.3)) == [("a", 0.3)]


def test_an_old_version_stays_one() -> None:
    first, second = found(a=0.3), found(a=0.2)
    second[0].is_superseded = True
    assert fused(first, second)[0].is_superseded
