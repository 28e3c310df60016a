"""A page of the company and its four formats."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Literal

from knowledge.examples.company.questions import Language

Format = Literal["md", "txt", "html", "csv"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section of a page; every part may be empty."""

    heading: str = ""
    text: str = ""
    items: Sequence[str] = ()
    rows: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page; `path` is relative to the company's folder."""

    path: str
    title: str
    language: Language
    updated: str
    blocks: Sequence[Block]


def rendered(page: Page) -> str:
    """The page as the text of its file; the suffix of the path decides which."""
    formats: dict[str, Callable[[Page], str]] = {
        "md": _markdown,
        "txt": _text,
        "html": _html,
        "csv": _csv,
    }
    return formats[page.path.rpartition(".")[2]](page)


def _markdown(page: Page) -> str:
    parts = [f"---\ntitle: {page.title}\nupdated: {page.updated}\n---", f"# {page.title}"]
    for block in page.blocks:
        parts += [f"## {block.heading}"] if block.heading else []
        parts += [block.text] if block.text else []
        parts += ["\n".join(f"- {item}" for item in block.items)] if block.items else []
        parts += ["\n".join(_markdown_table(block.rows))] if block.rows else []
    return "\n\n".join(parts) + "\n"


def _markdown_table(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    head, *body = [f"| {what} | {value} |" for what, value in rows]
    yield from (head, "|---|---|", *body)


def _text(page: Page) -> str:
    parts = [page.title]
    for block in page.blocks:
        parts += [block.heading.upper()] if block.heading else []
        parts += [block.text] if block.text else []
        parts += ["\n".join(f"* {item}" for item in block.items)] if block.items else []
        parts += ["\n".join(f"{what}: {value}" for what, value in block.rows)] if block.rows else []
    return "\n\n".join(parts) + "\n"


def _html(page: Page) -> str:
    title = escape(page.title)
    body = "\n".join(part for block in page.blocks for part in _html_block(block))
    return (
        f'<!doctype html>\n<html lang="{page.language}">\n<head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def _html_block(block: Block) -> Iterator[str]:
    if block.heading:
        yield f"<h2>{escape(block.heading)}</h2>"
    if block.text:
        yield f"<p>{escape(block.text)}</p>"
    if block.items:
        yield "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
    if block.rows:
        cells = (f"<tr><td>{escape(what)}</td><td>{escape(v)}</td></tr>" for what, v in block.rows)
        yield f"<table>{''.join(cells)}</table>"


def _csv(page: Page) -> str:
    """The rows first, their head included; what else the blocks say becomes remarks."""
    out = StringIO()
    table = csv.writer(out, lineterminator="\n")
    for block in page.blocks:
        table.writerows((page.title, *row) for row in block.rows)
    table.writerows((page.title, block.heading, block.text) for block in page.blocks if block.text)
    return out.getvalue()
