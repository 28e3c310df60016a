"""A chunk as single statements: its sentences, and its table rows in words.

A row is read with the header of its table (`Season: July; Bunk: £33`): small models mix up the
columns of a table that they see as a grid, and an embedder finds a row better this way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.articles import Chunk
from knowledge.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or a row.

    Attributes:
        start, end: where it stands in the chunk's text.
        text: how it reads alone.
    """

    start: int
    end: int
    text: str


def statements(text: str) -> list[Statement]:
    """What a text says, in order; headers and rules of tables are no statements."""
    found: list[Statement] = []
    header: Sequence[str] = ()
    for start, end in sentence_spans(text, 0, len(text)):
        line = text[start:end]
        if not line.startswith("|"):
            header = ()
            found.append(Statement(start, end, line))
        elif not header:
            header = cells(line)
        elif line.strip("|-: "):
            found.append(Statement(start, end, "; ".join(_named(header, cells(line)))))
    return found


def cells(row: str) -> list[str]:
    """The cells of a table row, without their marks."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _named(header: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    for place, cell in enumerate(row):
        name = header[place] if place < len(header) else ""
        if cell:
            yield f"{name.replace('_', ' ')}: {cell}" if name else cell


def above(chunk: Chunk) -> str:
    """What stands above a passage: the title and the headings, outermost first."""
    return " > ".join(dict.fromkeys(part for part in (chunk.title, *chunk.heading) if part))
