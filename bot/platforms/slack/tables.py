"""Tables of an answer, as Slack's own: its Markdown shows none."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST_ROWS, MOST_CELLS, MOST_CHARACTERS = 100, 20, 9_000
Json = Mapping[str, Any]
_TABLE = re.compile(r"^\|.*\n\|[-:| ]+\|[ ]*(?:\n\|.*)*", re.MULTILINE)
_FENCE = re.compile(r"^```.*?(?:^```[ ]*$|\Z)", re.MULTILINE | re.DOTALL)
_READER = MarkdownIt("commonmark").enable("table")


def pieces(text: str) -> Iterator[Json]:
    """Blocks for a text that has passed the gate: Markdown, and tables between it."""
    position = 0
    for found in _tables(text):
        table = _table(found[0])
        if table is None:
            continue
        yield from _markdown(text[position : found.start()])
        yield table
        position = found.end()
    yield from _markdown(text[position:])


def _tables(text: str) -> Iterator[re.Match[str]]:
    """Where tables stand that are no code."""
    fences = [fence.span() for fence in _FENCE.finditer(text)]
    for found in _TABLE.finditer(text):
        if not any(start <= found.start() < end for start, end in fences):
            yield found


def _markdown(text: str) -> Iterator[Json]:
    if text.strip():
        yield {"type": "markdown", "text": text.strip("\n")}


def _table(text: str) -> Json | None:
    """A table as Slack wants it; None where it is larger than Slack takes."""
    rows: list[list[Json]] = []
    for token in _READER.parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append({"type": "raw_text", "text": _words(token) or " "})
    width = max((len(row) for row in rows), default=0)
    if not 0 < width <= MOST_CELLS or len(rows) > MOST_ROWS or len(text) > MOST_CHARACTERS:
        return None
    return {"type": "table", "rows": rows}


def _words(cell: Token) -> str:
    """What people read in a cell."""
    return "".join(
        " " if child.type == "softbreak" else child.content for child in cell.children or ()
    )
