"""Markdown as blocks of runs, as a chat shows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.pictures.sheet import Run

_READER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
_NAME = re.compile(r"(@[\w-]+)")
_STYLES = {"strong": "bold", "em": "italic", "s": "strike", "link": "link"}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, an item, a quote or code.

    Attributes:
        sign: in front of it, such as the number of an item.
    """

    runs: tuple[Run, ...]
    kind: str = "paragraph"
    sign: str = ""


def blocks_of(markdown: str) -> list[Block]:
    """The blocks of a text."""
    found: list[Block] = []
    around: list[str] = []
    number = 0
    for token in _READER.parse(markdown):
        if token.type == "ordered_list_open":
            number = int(token.attrs.get("start", 1)) - 1
        if token.type in (
            "bullet_list_open",
            "ordered_list_open",
            "blockquote_open",
            "heading_open",
        ):
            around.append(token.type.removesuffix("_open"))
        elif token.type in (
            "bullet_list_close",
            "ordered_list_close",
            "blockquote_close",
            "heading_close",
        ):
            around.pop()
        elif token.type == "list_item_open":
            number += 1
        elif token.type in ("fence", "code_block"):
            found.append(Block((Run(token.content.rstrip("\n"), "fence"),), "code"))
        elif token.type == "inline":
            found.append(_block(token, around, number))
    return found


def _block(token: Token, around: list[str], number: int) -> Block:
    style = "bold" if "heading" in around else ""
    runs = tuple(_runs(token.children or [], style))
    if "blockquote" in around:
        return Block(runs, "quote")
    if around and around[-1] == "ordered_list":
        return Block(runs, "item", f"{number}.")
    if around and around[-1] == "bullet_list":
        return Block(runs, "item", "•")
    return Block(runs)


def _runs(children: list[Token], style: str) -> Iterator[Run]:
    styles = [style] if style else []
    for child in children:
        kind, _, side = child.type.rpartition("_")
        if kind in _STYLES and side == "open":
            styles.append(_STYLES[kind])
        elif kind in _STYLES and side == "close":
            styles.remove(_STYLES[kind])
        elif child.type in ("softbreak", "hardbreak"):
            yield Run("\n")
        elif child.type == "code_inline":
            yield Run(child.content, "code")
        elif child.content:
            yield from _named(child.content, " ".join(styles))


def _named(text: str, style: str) -> Iterator[Run]:
    """Names with an @ stand out."""
    for piece in _NAME.split(text):
        if piece:
            yield Run(piece, "name" if _NAME.fullmatch(piece) and not style else style)
