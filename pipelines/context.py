"""What goes into the prompt: the sentences of the best chunks that speak of the question.

Measured with a 1.5B model on 40 questions: ten chosen sentences of five chunks give as many right
answers (26) as four whole chunks (25), with half the tokens and in half the time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from knowledge.articles import Chunk
from knowledge.sentences import sentence_spans
from pipelines.retrieval import Ranked, Retrieved

COUNT = 5
"""Chunks that sentences are chosen from; with more a small model mixes its sources up."""
CHARACTERS_A_TOKEN = 3.3
"""Of Spanish with Qwen's tokens; English takes 4, so a budget is kept in both languages."""
NEIGHBOUR_WEIGHT = 0.3
"""An answer often stands beside the sentence that names what was asked about."""
CHUNK_WEIGHT = 4.0
"""Scores of the first and the fifth chunk differ by about .1, coverages of sentences by .4."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered piece of the prompt: the title and headings of a chunk, and words from it."""

    number: int
    chunk: Chunk
    text: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a chunk.

    Attributes:
        rank: the chunk's place among those found.
        place: the sentence's place in the chunk.
        needs: places of table rows without which this row cannot be read.
    """

    rank: int
    place: int
    start: int
    end: int
    needs: tuple[int, ...] = ()


async def select(found: Retrieved, *, max_tokens: int, count: int = COUNT) -> list[Passage]:
    """The sentences that answer best, grouped by chunk, in the order in which they stand there.

    Args:
        found: a search; the best chunk comes first also among the passages.
        max_tokens: of all passages together, headings included; estimated by length.
        count: chunks to choose from.

    Returns:
        Passages numbered from 1; a gap between sentences is marked with `…`.
    """
    ranked = found.chunks[:count]
    sentences = [s for rank, one in enumerate(ranked) for s in _sentences(rank, one.chunk.text)]
    worth = await _worth(found, ranked, sentences)
    order = sorted(range(len(sentences)), key=lambda n: (-worth[n], n))
    chosen = _within(max_tokens, ranked, sentences, order)
    return list(_passages(ranked, sentences, chosen))


def tokens(text: str) -> int:
    """About how many tokens a text has, rather too many than too few."""
    return ceil(len(text) / CHARACTERS_A_TOKEN) + 1


def _sentences(rank: int, text: str) -> Iterator[_Sentence]:
    header: list[int] = []
    for place, (start, end) in enumerate(sentence_spans(text, 0, len(text))):
        line = text[start:end]
        if not line.startswith("|"):
            header = []
            yield _Sentence(rank, place, start, end)
            continue
        yield _Sentence(rank, place, start, end, tuple(header))
        is_rule = not line.strip("|-: ")
        if not header or (is_rule and len(header) == 1):
            header.append(place)


async def _worth(
    found: Retrieved, ranked: Sequence[Ranked], sentences: Sequence[_Sentence]
) -> list[float]:
    """How much each sentence speaks of the question, beside its neighbours and with its chunk."""
    if not sentences:
        return []
    texts = [ranked[s.rank].chunk.text[s.start : s.end] for s in sentences]
    covered = await found.coverage.coverage(found.question, texts)
    best = ranked[0].score
    worth = []
    for n, sentence in enumerate(sentences):
        beside = [
            float(covered[m])
            for m in (n - 1, n + 1)
            if 0 <= m < len(sentences) and sentences[m].rank == sentence.rank
        ]
        value = float(covered[n]) + NEIGHBOUR_WEIGHT * max(beside, default=0.0)
        worth.append(value + CHUNK_WEIGHT * (ranked[sentence.rank].score - best))
    return worth


def _within(
    max_tokens: int,
    ranked: Sequence[Ranked],
    sentences: Sequence[_Sentence],
    order: Sequence[int],
) -> set[tuple[int, int]]:
    """As many of the best sentences as fit, by rank and place; the very best is always there."""
    size = {
        (s.rank, s.place): tokens(ranked[s.rank].chunk.text[s.start : s.end]) for s in sentences
    }
    chosen: set[tuple[int, int]] = set()
    left = max_tokens
    for n in order:
        sentence = sentences[n]
        new = {(sentence.rank, place) for place in (*sentence.needs, sentence.place)} - chosen
        cost = sum(size[one] for one in new)
        if sentence.rank not in {rank for rank, _ in chosen}:
            cost += tokens(_above(ranked[sentence.rank].chunk)) + 4
        if cost <= left or not chosen:
            chosen |= new
            left -= cost
    return chosen


def _passages(
    ranked: Sequence[Ranked], sentences: Sequence[_Sentence], chosen: set[tuple[int, int]]
) -> Iterator[Passage]:
    number = 0
    for rank, one in enumerate(ranked):
        kept = [s for s in sentences if s.rank == rank and (rank, s.place) in chosen]
        if kept:
            number += 1
            body = _joined(one.chunk.text, kept)
            yield Passage(number, one.chunk, f"{_above(one.chunk)}\n{body}".strip())


def _above(chunk: Chunk) -> str:
    """What stands above a passage: the title and the headings, outermost first."""
    return " > ".join(part for part in (chunk.title, *chunk.heading) if part)


def _joined(text: str, kept: Sequence[_Sentence]) -> str:
    """The sentences as they stand in the text, what was left out between them marked."""
    parts = [text[kept[0].start : kept[0].end]]
    for before, after in pairwise(kept):
        between = text[before.end : after.start]
        if after.place == before.place + 1:
            parts.append(between)
        else:
            parts.append("\n…\n" if "\n" in between else " … ")
        parts.append(text[after.start : after.end])
    return "".join(parts)
