"""From what a model wrote to what may be shown: foreign links, pings and secrets leave the tree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.egress.addresses import (
    Piece,
    agrees,
    outside,
    pieces,
    without_calls,
    without_links,
    without_masks,
    without_tokens,
)
from bot.egress.cleaning import cleaned
from bot.egress.credentials import is_named_by, masked
from bot.egress.nodes import Node, joined, plain
from bot.wording import say

LONGEST_ADDRESS = 1_000
"""Longer ones are not linked: no part of a message may cut an address in two."""
_INLINE = frozenset({"text", "code", "emphasis", "strong", "strike", "link"})
_WITH_WORDS = frozenset({"paragraph", "fence", "item", "cell"})
_WITH_BLOCKS = frozenset({"bullets", "numbers", "quote"})
_UNFIT = frozenset(" \t\n<>|\"'`\\^{}")
"""Signs that end an address in one chat or the other."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be linked, and how the reader's chat finds links by itself.

    Attributes:
        links_names: whether `example.org`, without `https://`, becomes a link.
        links_in_code: whether an address inside code becomes a link.
    """

    allowed: frozenset[str]
    language: str
    links_names: bool = False
    links_in_code: bool = False

    def mark(self, key: str) -> str:
        """What people read in place of something that was taken out."""
        return say(key, self.language)


def linkable(links: Iterable[str]) -> frozenset[str]:
    """The addresses that can be linked so that every chat reads them to their end."""
    return frozenset(
        url
        for url in links
        if url.startswith(("https://", "http://"))
        and len(url) <= LONGEST_ADDRESS
        and not _UNFIT.intersection(url)
        and cleaned(url) == url
    )


def screened(node: Node, rules: Rules) -> Node:
    """The same tree without anything that leads elsewhere, notifies people or is secret."""
    if node.kind in ("code", "fence"):
        return replace(node, text=_code(node.text, rules))
    unlinked = joined(_without_foreign(node.children, rules))
    children = _whole(joined(_screened_all(unlinked, rules)), rules)
    if node.kind == "table":
        children = tuple(_below(children[0], row, rules) for row in children)
    return replace(node, children=_behind(children, rules))


def _behind(nodes: tuple[Node, ...], rules: Rules) -> tuple[Node, ...]:
    """Blocks, items or cells, without those that are a secret which the one before them names."""
    named = zip((Node("text"), *nodes), nodes, strict=False)
    return tuple(_unless_named(node, by, rules) for by, node in named)


def _below(header: Node, row: Node, rules: Rules) -> Node:
    """The same for the cells of a row, which the head of their column names."""
    cells = zip(row.children, header.children, strict=False)
    return replace(row, children=tuple(_unless_named(cell, head, rules) for cell, head in cells))


def _unless_named(node: Node, by: Node, rules: Rules) -> Node:
    if node.kind in _WITH_BLOCKS and node.children:
        first = _unless_named(node.children[0], by, rules)
        return replace(node, children=(first, *node.children[1:]))
    if node.kind not in _WITH_WORDS or not is_named_by(plain(by).strip(), plain(node).strip()):
        return node
    mark = rules.mark("secret-removed")
    if node.kind == "fence":
        return replace(node, text=mark)
    words = Node("text", mark)
    children = (words,) if node.kind != "item" else (Node("paragraph", children=(words,)),)
    return replace(node, children=children)


def _whole(nodes: tuple[Node, ...], rules: Rules) -> tuple[Node, ...]:
    """The pieces of a line; no more than its words where a secret runs through several of them."""
    if not any(node.kind in _INLINE for node in nodes):
        return nodes
    words = "".join(map(plain, nodes))
    safe = masked(words, rules.mark("secret-removed"), but=rules.allowed)
    if safe == words:
        return nodes
    lines = ((*_text(line, rules), Node("break")) for line in safe.split("\n"))
    return joined(piece for line in lines for piece in line)[:-1]


def _without_foreign(nodes: Iterable[Node], rules: Rules) -> Iterator[Node]:
    """Links that may not stay are what they said, before texts are read together."""
    for node in nodes:
        if node.kind != "link" or node.text in rules.allowed:
            yield node
        elif node.children:
            yield from _without_foreign(node.children, rules)
        else:
            yield Node("text", _unlinked(node.text, rules))


def _unlinked(url: str, rules: Rules) -> str:
    """What stands for `<url>`; `<std::vector>` only looks like one."""
    is_address = any(piece.kind == "removed" for piece in pieces(url, ()))
    return rules.mark("link-removed") if is_address else f"<{url}>"


def _screened_all(nodes: Iterable[Node], rules: Rules) -> Iterator[Node]:
    for node in nodes:
        if node.kind == "text":
            yield from _text(node.text, rules)
        elif node.kind == "link":
            yield from _link(node, rules)
        else:
            yield screened(node, rules)


def _text(text: str, rules: Rules) -> Iterator[Node]:
    """What a text becomes; read again where something was taken out, which lays bare the rest."""
    safe = masked(text, rules.mark("secret-removed"), but=rules.allowed)
    quiet = outside(safe, rules.allowed, without_calls)
    nodes = joined(_shown(piece, rules) for piece in pieces(quiet, rules.allowed))
    for node in nodes:
        if node.kind == "text" and node.text != text:
            yield from _text(node.text, rules)
        else:
            yield node


def _shown(piece: Piece, rules: Rules) -> Node:
    if piece.kind == "link":
        return Node("link", piece.text)
    if piece.kind == "removed":
        return Node("text", rules.mark("link-removed"))
    if piece.kind == "mention":
        return Node("text", rules.mark("mention-removed"))
    if piece.kind == "host" and rules.links_names:
        return Node("code", piece.text)
    return Node("text", without_tokens(piece.text))


def _link(node: Node, rules: Rules) -> Iterator[Node]:
    """A link with its words, or beside them where they speak of another address."""
    label = " ".join(cleaned("".join(map(plain, node.children))).split())
    if label == node.text or not label:
        yield Node("link", node.text)
    elif agrees(label, node.text):
        safe = masked(label, rules.mark("secret-removed"))
        words = without_tokens(without_calls(safe)).translate(_IN_LABEL)
        yield Node("link", node.text, (Node("text", words),))
    else:
        # A title such as "How we use draw.io"; a word alone is nothing but the other address.
        yield from _text(f"{label}: ", rules) if " " in label else ()
        yield Node("link", node.text)


# Inside the words of a link these would end it, and chats do not unescape there.
_IN_LABEL = str.maketrans("[]<>|`\\", "()‹›/'/")


def _code(code: str, rules: Rules) -> str:
    safe = masked(cleaned(code), rules.mark("secret-removed"), but=rules.allowed)
    quiet = outside(safe, rules.allowed, lambda part: without_tokens(without_calls(part)))
    safe = without_masks(quiet)
    return without_links(safe, rules.allowed) if rules.links_in_code else safe
