"""Two searches for one question, in two wordings, as one ranked list."""

from collections.abc import Sequence

from pipelines.ranking import Candidate, place


def fused(first: Sequence[Candidate], second: Sequence[Candidate]) -> list[Candidate]:
    """The chunks of both, each once, by the mean of their scores in both.

    What only one of them found counts in the other as the last that was found there. Statements
    keep the reading of the search in which their chunk stands better.
    """
    if not first or not second:
        return [*first, *second]
    least = min(c.score for c in first), min(c.score for c in second)
    by_chunk = {c.chunk.id: [c, None] for c in first}
    for candidate in second:
        by_chunk.setdefault(candidate.chunk.id, [None, None])[1] = candidate
    both = [_joined(one, other, least) for one, other in by_chunk.values()]
    return sorted(both, key=place)


def _joined(
    one: Candidate | None, other: Candidate | None, least: tuple[float, float]
) -> Candidate:
    """One candidate for a chunk, with its score in both."""
    scores = one.score if one else least[0], other.score if other else least[1]
    found = [c for c in (one, other) if c]
    best = max(found, key=lambda c: (c.reading is not None, c.score))
    best.score = sum(scores) / 2
    best.is_superseded = any(c.is_superseded for c in found)
    return best
