"""Markdown as a list of blocks, each with its headings and its page: what chunks are made of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+•▪◦‣·–]|\(?\d{1,3}[.)])[ \t]")
_RULE_OF_TABLE = re.compile(r"[ \t]*\|?[\s:|-]*-[\s:|-]*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item, table row, code block or heading: `text[start:end]` of the article.

    Attributes:
        kind: `heading`, `code`, `row`, `item` or `prose`.
        heading: the headings above it, outermost first.
        page: counted from 1; None in formats without pages.
        header: where the first row of its table stands; None outside tables and for that row.
    """

    kind: str
    start: int
    end: int
    heading: tuple[str, ...] = ()
    page: int | None = None
    header: tuple[int, int] | None = None


def blocks(text: str) -> Iterator[Block]:
    """The blocks of an article in their order; every word of it stands in exactly one."""
    paged = "\f" in text
    path: dict[int, str] = {}
    start = 0
    for number, page in enumerate(text.split("\f"), 1):
        for block in _in_tables(text, _merged(_lines(text, start, start + len(page)), text)):
            if block.kind == "heading":
                _descend(path, text[block.start : block.end])
            above = tuple(path[level] for level in sorted(path))
            yield replace(block, heading=above, page=number if paged else None)
        start += len(page) + 1


def _descend(path: dict[int, str], line: str) -> None:
    """Put a heading in its place and forget those below it."""
    found = _HEADING.match(line)
    level, words = (len(found[1]), found[2]) if found else (1, line)
    for deeper in [other for other in path if other >= level]:
        del path[deeper]
    path[level] = words


def _lines(text: str, start: int, end: int) -> Iterator[Block]:
    """One block a line; empty lines are blocks of the kind `gap`."""
    fence = ""
    at = start
    while at < end:
        line_end = text.find("\n", at, end)
        line_end = end if line_end < 0 else line_end
        line = text[at:line_end]
        mark = _FENCE.match(line)
        if fence or mark:
            yield Block("code" if fence else "fence", at, line_end)
            fence = _after(fence, line, mark)
        else:
            yield Block(_kind(line), at, line_end)
        at = line_end + 1


def _after(fence: str, line: str, mark: re.Match[str] | None) -> str:
    """The fence that is open after this line, or nothing."""
    if not fence:
        return mark[1] if mark else ""
    closes = mark is not None and mark[1].startswith(fence) and line.strip() == mark[1]
    return "" if closes else fence


def _kind(line: str) -> str:
    if not line.strip():
        return "gap"
    if line.lstrip().startswith("|"):
        return "row"
    if line.startswith("#") and _HEADING.match(line):
        return "heading"
    return "item" if _ITEM.match(line) else "prose"


def _merged(lines: Iterator[Block], text: str) -> Iterator[Block]:
    """Lines that run on become one block; gaps end one and are left out, but not inside code."""
    open_block: Block | None = None
    for line in lines:
        if open_block and _runs_on(open_block, line):
            open_block = replace(open_block, end=line.end)
            continue
        if open_block:
            yield open_block
        open_block = None if line.kind == "gap" else line
    if open_block:
        yield open_block


def _runs_on(block: Block, line: Block) -> bool:
    if block.kind == "fence":
        return line.kind == "code"
    return block.kind in {"prose", "item"} and line.kind == "prose"


def _in_tables(text: str, found: Iterator[Block]) -> Iterator[Block]:
    """Rows learn where the header of their table stands; the rule below it goes with the header."""
    header: Block | None = None
    before: Block | None = None
    for block in found:
        current = block
        if block.kind != "row":
            header = None
        elif header is None or before is None or text[before.end : block.start].count("\n") > 1:
            header = block
        elif before is header and _RULE_OF_TABLE.match(text[block.start : block.end]):
            header = current = replace(header, end=block.end)
            before = current
            continue
        else:
            current = replace(block, header=(header.start, header.end))
        if before:
            yield before
        before = current
    if before:
        yield before
