"""Tables as text: rows in, Markdown out; and CSV files, which are nothing else."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from knowledge.cleaning import clean
from knowledge.parsing.parsed import NotParsedError, Parsed
from knowledge.parsing.plain import decode

_STATED = re.compile(r"sep=([,;\t|])\r?\n")  # how Excel is told the sign
_QUOTED = re.compile(r'"[^"]*(?:"|\Z)')


def table(rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first row is its header; empty rows and columns are left out."""
    filled = [row for row in ([_cell(cell) for cell in row] for row in rows) if any(row)]
    width = max(map(len, filled), default=0)
    padded = [[*row, *[""] * (width - len(row))] for row in filled]
    kept = [column for column in zip(*padded, strict=True) if any(column)]
    if not kept:
        return ""
    lines = [f"| {' | '.join(row)} |" for row in zip(*kept, strict=True)]
    lines.insert(1, "|" + " --- |" * len(kept))
    return "\n".join(lines)


def parse_csv(content: bytes) -> Parsed:
    """One table; comma, semicolon, tab or bar, whichever the file uses."""
    text = decode(content)
    stated = _STATED.match(text)
    sign = stated[1] if stated else _delimiter(text)
    lines = StringIO(text[stated.end() :] if stated else text, newline="")
    try:
        return Parsed(
            clean(table(csv.reader(lines, delimiter=sign, skipinitialspace=sign != "\t")))
        )
    except csv.Error as error:
        raise NotParsedError(
            f"It is not a table that I can read: {error}.",
            what_to_do="Open it in a spreadsheet and save it as CSV again.",
        ) from error


def _delimiter(text: str) -> str:
    """The sign that splits the first lines most evenly, whatever stands between quotes."""
    bare = _QUOTED.sub("", text[:20_000])
    lines = [line for line in bare.splitlines() if line.strip()][:20]

    def evenness(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines] or [0]
        return min(counts), max(counts)

    best = max(",;\t|", key=evenness)
    return best if evenness(best)[1] else ","


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
