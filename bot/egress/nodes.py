"""Markdown as a small tree of what may be shown; nothing else has a place in it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.egress.cleaning import cleaned

Kind = Literal[
    "document", "paragraph", "heading", "bullets", "numbers", "item", "quote", "fence", "rule",
    "table", "row", "cell", "text", "code", "emphasis", "strong", "strike", "link", "break",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A block or a piece of a line.

    Attributes:
        text: of `text`, `code` and `fence`; the address of a `link`.
        mark: `#` to `######` of a heading, the sign or number of an item, the sign of an emphasis,
            the language of a fence, the side (`left`, `right`, `center` or nothing) of a cell, two
            spaces for a break that is not just the end of a line.
        is_near: whether no empty line stands before this block.
    """

    kind: Kind
    text: str = ""
    children: "tuple[Node, ...]" = ()
    mark: str = ""
    is_near: bool = field(default=False, compare=False)


class _Reader(MarkdownIt):
    """Reads addresses as they are written: whether they may stay is not decided here."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 (the library's name)
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802 (the library's name)
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 (the library's name)
        return link


# HTML and reference definitions are text here: nothing of an answer disappears, and no link has its
# address somewhere else.
_reader = _Reader("commonmark", {"html": False})
_reader.enable(["table", "strikethrough"]).disable("reference")

_KINDS: dict[str, Kind] = {
    "paragraph": "paragraph",
    "bullet_list": "bullets",
    "ordered_list": "numbers",
    "blockquote": "quote",
    "table": "table",
    "tr": "row",
    "th": "cell",
    "td": "cell",
    "em": "emphasis",
    "strong": "strong",
    "s": "strike",
}


def parsed(markdown: str) -> Node:
    """The tree of a cleaned text. Links have any address yet; images are their description."""
    lines = markdown.split("\n")
    tree = SyntaxTreeNode(_reader.parse(markdown))
    return Node("document", children=tuple(_blocks(tree.children, lines)))


def _blocks(nodes: Iterable[SyntaxTreeNode], lines: Sequence[str]) -> Iterator[Node]:
    for node in nodes:
        if node.type == "inline":
            yield from joined(_pieces(node.children))
        elif node.type in ("thead", "tbody"):
            yield from _blocks(node.children, lines)
        else:
            yield replace(_block(node, lines), is_near=_is_near(node, lines))


def _is_near(node: SyntaxTreeNode, lines: Sequence[str]) -> bool:
    above = node.map[0] - 1 if node.map else -1
    return above >= 0 and bool(lines[above].strip(" \t>"))


def _block(node: SyntaxTreeNode, lines: Sequence[str]) -> Node:
    if node.type in ("fence", "code_block"):
        return Node("fence", node.content.removesuffix("\n"), mark=_language(node))
    if node.type == "hr":
        return Node("rule")
    children = tuple(_blocks(node.children, lines))
    if node.type == "heading":
        return Node("heading", children=children, mark="#" * int(node.tag[1]))
    if node.type == "list_item":
        return Node("item", children=children, mark=node.info + node.markup)
    side = str(node.attrs.get("style", "")).removeprefix("text-align:")
    return Node(_KINDS[node.type], children=children, mark=side)


def _language(node: SyntaxTreeNode) -> str:
    """The first word behind a fence, if it is a word."""
    word = (node.info.split() or [""])[0]
    return word if word.replace("-", "").replace("+", "").replace("#", "").isalnum() else ""


def _pieces(nodes: Iterable[SyntaxTreeNode]) -> Iterator[Node]:
    for node in nodes:
        if node.type == "image":
            yield Node("text", cleaned(_description(node)))
        elif node.type == "code_inline":
            yield Node("code", node.content)
        elif node.type in ("softbreak", "hardbreak"):
            yield Node("break", mark="  " if node.type == "hardbreak" else "")
        elif node.type == "link":
            yield _link(node)
        elif node.type in _KINDS:
            children = joined(_pieces(node.children))
            yield Node(_KINDS[node.type], children=children, mark=node.markup[:1])
        else:
            yield Node("text", cleaned(node.content))


def _link(node: SyntaxTreeNode) -> Node:
    """A link; one between angle brackets has no words of its own."""
    url = str(node.attrs["href"])
    if node.info != "auto":
        return Node("link", url, joined(_pieces(node.children)))
    written = "".join(child.content for child in node.children)
    if "|" in written:  # Slack's way to write a link
        return Node("text", f"<{written}>")
    return Node("link", url) if ":" in written else Node("text", written)


def _description(node: SyntaxTreeNode) -> str:
    return "".join(_description(c) if c.children else c.content for c in node.children)


def joined(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Pieces of a line, where texts beside each other are one."""
    result: list[Node] = []
    for node in nodes:
        if node.kind == "text" and result and result[-1].kind == "text":
            result[-1] = Node("text", result[-1].text + node.text)
        elif node.kind != "text" or node.text:
            result.append(node)
    return tuple(result)


def plain(node: Node) -> str:
    """The words of a node, without any markup; an address where a link has no words."""
    if node.kind in ("text", "code", "fence"):
        return node.text
    if node.kind == "break":
        return "\n"
    between = "\n" if node.kind in ("document", "item", "quote", "bullets", "numbers") else ""
    return between.join(map(plain, node.children)) or node.text
