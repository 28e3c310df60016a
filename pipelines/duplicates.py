"""The same text in two places: one of them is enough to read and to cite.

A page that was copied, or kept in two sources, would take two of the few places of an answer and
be cited as if two pages agreed.
"""

from collections.abc import Iterable, Iterator

from knowledge.articles import Chunk
from knowledge.words import words
from pipelines.particulars import exact_parts
from pipelines.ranking import Candidate

ALIKE = 0.9
"""From this share of common words on two chunks are one text, if no number differs."""
FEWEST_WORDS = 8
"""Shorter statements are often the same by chance: "Closed on Mondays.\""""


def without_copies(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Those whose text no better one has; lazily, best first."""
    kept: list[tuple[frozenset[str], Chunk]] = []
    for candidate in candidates:
        said = frozenset(words(candidate.chunk.text))
        if not any(_is_copy(candidate.chunk, said, *other) for other in kept):
            kept.append((said, candidate.chunk))
            yield candidate


def _is_copy(chunk: Chunk, said: frozenset[str], others: frozenset[str], other: Chunk) -> bool:
    """Whether two chunks of different articles say the same, to the last number."""
    if chunk.article == other.article or chunk.language != other.language:
        return False
    if len(said & others) < ALIKE * len(said | others):
        return False
    return exact_parts(chunk.text) == exact_parts(other.text)


def sameness(statement: str) -> tuple[str, ...]:
    """What two statements have in common that are one; empty for one too short to tell."""
    said = tuple(words(statement))
    return said if len(said) >= FEWEST_WORDS else ()
