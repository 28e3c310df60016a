"""What goes into the prompt: the statements of the best chunks that come nearest to the question.

Measured with a 1.5B model on 40 questions: ten chosen sentences of five chunks give as many right
answers (26) as four whole chunks (25), with half the tokens and in half the time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil

import numpy as np

from knowledge.articles import Chunk
from pipelines.close_reading import Reading
from pipelines.duplicates import sameness
from pipelines.retrieval import Ranked, Retrieved
from pipelines.statements import Statement, above, statements

COUNT = 5
"""Chunks that statements are chosen from. On a handbook of 12 pages the answer is among the chosen
statements for 17 of 21 questions at 150 tokens, 18 at 300, 19 at 450."""
MOST = 12
"""The same where everything of a kind is wanted."""
CHARACTERS_A_TOKEN = 3.3
"""Of Spanish with Qwen's tokens; English takes 4, so a budget is kept in both languages."""
NEIGHBOUR_WEIGHT = 0.25
"""An answer often stands beside the statement that names what was asked about."""
CHUNK_WEIGHT = 0.5
"""How much the place of its chunk counts beside what the statement says itself."""
NEAR = 0.03
"""How far behind the best statement the others may be that are read first. With those beside them
they are 156 tokens and hold the answer to 38 of 42 questions; 450 tokens of all hold 40."""
OTHER_LANGUAGE = 0.03
"""e5 gives text in the question's language this much more than the same text in another one."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered piece of the prompt: the title and headings of a chunk, and words from it.

    Attributes:
        places: of its statements among those of the chunk.
    """

    number: int
    chunk: Chunk
    text: str
    places: tuple[int, ...] = ()

    @property
    def proof(self) -> str:
        """What claims are compared with: without the first line of a result, which is its call."""
        return self.text.partition("\n")[2] if self.chunk.is_result else self.text


@dataclass(frozen=True, slots=True)
class _Line:
    """A statement that may go into the prompt: its chunk's rank, its place there, its worth."""

    rank: int
    place: int
    statement: Statement
    worth: float

    is_row: bool

    @property
    def tokens(self) -> int:
        return tokens(self.statement.text)


def select(
    found: Retrieved, *, max_tokens: int, after: Sequence[Passage] = (), count: int = COUNT
) -> list[Passage]:
    """The statements that answer best, grouped by chunk, in the order in which they stand there.

    Args:
        found: a search; the best chunk comes first also among the passages.
        max_tokens: of all passages together, headings included; estimated by length.
        after: passages that were not enough. They stay as they are, so that the model need not
            read them again, and what they left out follows. Without them only what is nearly as
            near as the best statement is taken, with what stands beside it.
        count: chunks to choose from.

    Returns:
        Passages numbered from 1; a gap between statements is marked with `…`.
    """
    chunks, best_first = _worth_reading(found, count)
    if after:
        read = {(p.chunk.id, place) for p in after for place in p.places}
        wanted = [n for n in best_first if (chunks[n.rank].chunk.id, n.place) not in read]
        max_tokens -= sum(tokens(passage.text) for passage in after)
    else:
        wanted = list(_near(best_first))
    chosen = _within(max_tokens, chunks, wanted)
    return [*after, *_passages(chunks, chosen, first=len(after) + 1)]


def select_whole(found: Retrieved, *, max_tokens: int, count: int = MOST) -> list[Passage]:
    """Whole chunks as far as they fit, for questions that want everything of a kind.

    The items of a list are seldom near to the question themselves. First come the chunks that say
    the nearest things, each to its end, then what is left of the others.

    Returns:
        Passages numbered from 1, as `select` gives them.
    """
    chunks, best_first = _worth_reading(found, count)
    ranks = {line.rank: n for n, line in reversed([*enumerate(best_first)])}
    wanted = sorted(best_first, key=lambda line: (ranks[line.rank], line.place))
    return list(_passages(chunks, _within(max_tokens, chunks, wanted), first=1))


def _worth_reading(found: Retrieved, count: int) -> tuple[list[Ranked], list[_Line]]:
    """The chunks to choose from, and their statements, best first.

    Left out are old versions, what a newer page contradicts, and what was said already.
    """
    chunks = [one for one in found.chunks if not one.is_superseded][:count]
    wrong = {(c.other.chunk.id, c.other.place) for c in found.conflicts if c.is_older}
    lines = [
        line
        for rank, one in enumerate(chunks)
        for line in _lines(rank, one, found)
        if (one.chunk.id, line.place) not in wrong
    ]
    return chunks, list(_once(sorted(lines, key=lambda line: -line.worth)))


def _once(best_first: Sequence[_Line]) -> Iterator[_Line]:
    """Each statement once, also where two pages have it."""
    said: dict[tuple[str, ...], int] = {}
    for line in best_first:
        same = sameness(line.statement.text)
        if not same or said.setdefault(same, line.rank) == line.rank:
            yield line


def tokens(text: str) -> int:
    """About how many tokens a text has, rather too many than too few."""
    return ceil(len(text) / CHARACTERS_A_TOKEN) + 1


def _near(best_first: Sequence[_Line]) -> Iterator[_Line]:
    """What is nearly as near as the best, each sentence followed by those beside it."""
    at = {(line.rank, line.place): line for line in best_first}
    given: set[tuple[int, int]] = set()
    for line in best_first:
        if line.worth < best_first[0].worth - NEAR:
            return
        beside = () if line.is_row else (line.place + 1, line.place - 1)
        for place in (line.place, *beside):
            key = (line.rank, place)
            if key in at and key not in given:
                given.add(key)
                yield at[key]


def _lines(rank: int, ranked: Ranked, found: Retrieved) -> Iterator[_Line]:
    """The statements of a chunk with what each is worth, that of their neighbours included."""
    reading = ranked.reading or _unread(ranked.chunk)
    nearness = np.pad(reading.nearness, 1)
    beside = np.maximum(nearness[:-2], nearness[2:])
    behind = CHUNK_WEIGHT * (ranked.score - found.chunks[0].score)
    if ranked.chunk.language != found.language:
        behind += OTHER_LANGUAGE
    for place, statement in enumerate(reading.statements):
        own, neighbour = float(nearness[place + 1]), float(beside[place])
        worth = own + NEIGHBOUR_WEIGHT * max(neighbour - own, 0.0) + behind
        is_row = ranked.chunk.text[statement.start] == "|"
        yield _Line(rank, place, statement, worth, is_row)


def _unread(chunk: Chunk) -> Reading:
    """All statements alike, for a chunk that was not read closely."""
    found = tuple(statements(chunk.text))
    return Reading(found, np.zeros(len(found), dtype=np.float32))


def _within(max_tokens: int, chunks: Sequence[Ranked], order: Sequence[_Line]) -> list[_Line]:
    """As many of the best statements as fit; the very best is always there."""
    chosen: list[_Line] = []
    left = max_tokens
    for line in order:
        is_new = all(other.rank != line.rank for other in chosen)
        heading = tokens(above(chunks[line.rank].chunk)) + 4 if is_new else 0
        if line.tokens + heading <= left or not chosen:
            chosen.append(line)
            left -= line.tokens + heading
    return sorted(chosen, key=lambda line: (line.rank, line.place))


def _passages(
    chunks: Sequence[Ranked], chosen: Sequence[_Line], *, first: int
) -> Iterator[Passage]:
    ranks = dict.fromkeys(line.rank for line in chosen)
    for number, rank in enumerate(ranks, first):
        chunk = chunks[rank].chunk
        lines = [line for line in chosen if line.rank == rank]
        text = f"{above(chunk)}\n{_joined(lines, chunk.text)}".strip()
        yield Passage(number, chunk, text, tuple(line.place for line in lines))


def _joined(lines: Sequence[_Line], text: str) -> str:
    """The statements one behind the other, each on its line where it stood on one.

    Of the rows of a table the best comes first: small models like to take the first one.
    """
    parts: list[str] = []
    for is_rows, some in groupby(lines, key=lambda line: line.is_row):
        if is_rows:
            parts += [line.statement.text for line in sorted(some, key=lambda line: -line.worth)]
        else:
            parts.append(_sentences(list(some), text))
    return "\n".join(parts)


def _sentences(lines: Sequence[_Line], text: str) -> str:
    """Sentences with `…` where something is left out."""
    parts = [lines[0].statement.text]
    for before, after in pairwise(lines):
        is_next = after.place == before.place + 1
        between = text[before.statement.end : after.statement.start]
        line_break = "\n" if "\n" in between else " "
        parts.append(line_break if is_next else f"{line_break}…{line_break}")
        parts.append(after.statement.text)
    return "".join(parts)
