"""Tables of an answer, as Slack's own: its Markdown shows none."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.egress.aligned import aligned

MOST_ROWS, MOST_CELLS, MOST_CHARACTERS = 100, 20, 9_000
"""What Slack takes in one table; longer ones become several."""
Json = Mapping[str, Any]
Row = Sequence[Token]
_TABLE = re.compile(
    r"^(?P<margin>[ >]*)\|.*\n(?P=margin)\|[-:| ]+\|[ ]*(?:\n(?P=margin)\|.*)*", re.MULTILINE
)
_FENCE = re.compile(r"^[ >]*```.*?(?:^[ >]*```[ ]*$|\Z)", re.MULTILINE | re.DOTALL)
_READER = MarkdownIt("commonmark").enable("table")


def pieces(text: str) -> Iterator[Json]:
    """Blocks for a text that has passed the gate: Markdown, and tables between it.

    In lists and quotes, where Slack has no tables, and where one has too many columns for Slack,
    columns are made of spaces.
    """
    position, written = 0, ""
    for found in _tables(text):
        rows, margin = _rows(found[0], found["margin"]), found["margin"]
        written, position = written + text[position : found.start()], found.end()
        if rows and not margin and len(rows[0]) <= MOST_CELLS:
            yield from _markdown(written)
            yield from ({"type": "table", "rows": part} for part in _several(rows))
            written = ""
        else:
            drawn = _drawn(rows, margin) if rows else found[0]
            written += drawn if len(written + drawn) <= MOST_CHARACTERS else found[0]
    yield from _markdown(written + text[position:])


def _tables(text: str) -> Iterator[re.Match[str]]:
    """Where tables stand that are no code."""
    fences = [fence.span() for fence in _FENCE.finditer(text)]
    for found in _TABLE.finditer(text):
        if not any(start <= found.start() < end for start, end in fences):
            yield found


def _markdown(text: str) -> Iterator[Json]:
    if text.strip():
        yield {"type": "markdown", "text": text.strip("\n")}


def _rows(table: str, margin: str) -> list[list[Token]]:
    """The cells of a table, row by row; all rows are as long as the first one."""
    lines = (line.removeprefix(margin) for line in table.split("\n"))
    rows: list[list[Token]] = []
    for token in _READER.parse("\n".join(lines)):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(token)
    return rows


def _several(rows: Sequence[Row]) -> Iterator[list[list[Json]]]:
    """A table as Slack takes it; the first row stands above each of several."""
    head, *others = rows
    begun, size = [head], _size(head)
    for row in others:
        if len(begun) == MOST_ROWS or (len(begun) > 1 and size + _size(row) > MOST_CHARACTERS):
            yield [[_cell(cell) for cell in one] for one in begun]
            begun, size = [head], _size(head)
        begun.append(row)
        size += _size(row)
    yield [[_cell(cell) for cell in one] for one in begun]


def _size(row: Row) -> int:
    """Characters of a row, with the signs that part its cells where it becomes words."""
    return sum(len(cell.content) + 3 for cell in row)


def _drawn(rows: Sequence[Row], margin: str) -> str:
    """A table made of spaces."""
    words = [[_words(cell).replace("`", "'") for cell in row] for row in rows]
    lines = ["```", *aligned(words, [""] * len(rows[0])).split("\n"), "```"]
    return "\n".join(f"{margin}{line}" for line in lines)


def _cell(cell: Token) -> Json:
    """A cell; only where there are links in it, it is more than words."""
    if not any(child.type == "link_open" for child in cell.children or ()):
        return {"type": "raw_text", "text": _words(cell) or " "}
    section = {"type": "rich_text_section", "elements": list(_linked(cell.children or ()))}
    return {"type": "rich_text", "elements": [section]}


def _linked(children: Sequence[Token]) -> Iterator[Json]:
    url = ""
    for child in children:
        if child.type in ("link_open", "link_close"):
            url = str(child.attrs.get("href", ""))
        elif text := _word(child):
            yield {"type": "link", "url": url, "text": text} if url else _text(text)


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def _words(cell: Token) -> str:
    """What people read in a cell."""
    return "".join(map(_word, cell.children or ()))


def _word(child: Token) -> str:
    return " " if child.type == "softbreak" else child.content
