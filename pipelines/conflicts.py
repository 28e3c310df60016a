"""Statements that contradict each other: two pages, one subject, different values.

"The deposit is 35 euros" beside "The deposit is 40 euros": the newer page counts, and whoever asked
is told that another one says otherwise. What is compared are numbers, dates, codes and, between two
versions of one page, names; all other words must be nearly the same, and the subject must be one:
pages about two cars say different prices and contradict nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Protocol

from knowledge.articles import Chunk
from knowledge.words import content_words, stems
from pipelines.close_reading import Reading
from pipelines.outdated import APART, asks_for_old, named
from pipelines.particulars import exact_parts, names, without_exact_parts
from pipelines.statements import Statement

ALIKE = 0.7
"""From this share of common words on, two sentences are about one thing."""
WITHIN = 0.06
"""How far behind the nearest statement one may be that is about what was asked."""


class Found(Protocol):
    """A chunk that a search found, as `retrieval.Ranked`."""

    @property
    def chunk(self) -> Chunk:
        """The chunk."""

    @property
    def reading(self) -> Reading | None:
        """Its statements, where it was read closely."""

    @property
    def is_superseded(self) -> bool:
        """Whether a newer version of its page was found."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two statements.

    Attributes:
        place: of the statement in its chunk.
        quote: its words as they stand in the chunk.
        values: what it says and the other one does not.
    """

    chunk: Chunk
    place: int
    quote: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two statements that cannot both hold.

    Attributes:
        is_older: whether the other one is known to be the older; else nobody knows which holds.
    """

    kept: Side
    other: Side
    is_older: bool


@dataclass(frozen=True)
class Said:
    """A statement near to the question, and what is compared of it."""

    found: Found
    place: int
    statement: Statement

    @property
    def chunk(self) -> Chunk:
        """Where it stands."""
        return self.found.chunk

    @cached_property
    def parts(self) -> frozenset[str]:
        """Its values: numbers, dates and codes."""
        return exact_parts(self.statement.text)

    @cached_property
    def names(self) -> frozenset[str]:
        """Whom and what it names."""
        return names(self.statement.text)

    @cached_property
    def subject(self) -> frozenset[str]:
        """What its page is about, by its title."""
        return frozenset(named(self.chunk.title).subject)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Words of content without numbers; and without names, which may be what differs."""
        language = self.chunk.language
        plain = content_words(without_exact_parts(self.statement.text), language)
        return frozenset(stems((w for w in plain if w not in self.names), language))

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table."""
        return self.chunk.text[self.statement.start] == "|"


def conflicts(question: str, found: Sequence[Found]) -> tuple[Conflict, ...]:
    """The contradictions among what was found that is near to a question.

    Args:
        question: as it was asked; who asks what held once, or in a year, knows that it changed.
        found: ranked, best first.
    """
    if asks_for_old(question) or named(question).year:
        return ()
    pairs = combinations(list(near(found)), 2)
    return tuple(c for first, second in pairs if (c := _conflict(first, second)))


def near(found: Sequence[Found]) -> Iterator[Said]:
    """The statements that are nearly as near to the question as the nearest one."""
    read = [(one, one.reading) for one in found if one.reading]
    best = max((reading.best for _, reading in read), default=0.0)
    for one, reading in read:
        for place, statement in enumerate(reading.statements):
            if reading.nearness[place] >= best - WITHIN:
                yield Said(one, place, statement)


def _conflict(first: Said, second: Said) -> Conflict | None:
    if first.chunk.article == second.chunk.article or not _is_of_one_thing(first, second):
        return None
    ours, theirs = _values(first, second), _values(second, first)
    if not ours or not theirs:
        return None
    sides = _side(first, ours), _side(second, theirs)
    age = _age(first, second)
    return Conflict(*(sides if age >= 0 else sides[::-1]), is_older=age != 0)


def _is_of_one_thing(first: Said, second: Said) -> bool:
    """Whether two statements have one subject and nearly the same words beside their values."""
    if first.chunk.language != second.chunk.language or first.is_row != second.is_row:
        return False
    if not _is_one_page(first, second) and (not first.names or first.names != second.names):
        return False
    common, whole = first.stems & second.stems, first.stems | second.stems
    least = 1.0 if first.is_row else ALIKE
    return bool(common) and len(common) >= least * len(whole)


def _is_one_page(first: Said, second: Said) -> bool:
    """Whether both pages are called the same, but for years, versions and words such as "old"."""
    return bool(first.subject) and first.subject == second.subject


def _values(said: Said, other: Said) -> frozenset[str]:
    """What one says and the other does not."""
    if _is_one_page(said, other):
        return (said.parts | said.names) - (other.parts | other.names)
    return said.parts - other.parts


def _side(said: Said, values: frozenset[str]) -> Side:
    statement, text = said.statement, said.chunk.text
    return Side(said.chunk, said.place, text[statement.start : statement.end], values)


def _age(first: Said, second: Said) -> int:
    """1 where the second is the older one, -1 where the first is, 0 where nobody knows."""
    if first.found.is_superseded is not second.found.is_superseded:
        return 1 if second.found.is_superseded else -1
    years = named(first.chunk.title).year, named(second.chunk.title).year
    if years[0] and years[1] and years[0] != years[1]:
        return 1 if years[1] < years[0] else -1
    dates = first.chunk.updated_at, second.chunk.updated_at
    if dates[0] and dates[1] and abs(dates[0] - dates[1]) >= APART:
        return 1 if dates[1] < dates[0] else -1
    return 0
