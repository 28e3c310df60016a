"""A tree becomes text again, in the dialect of one chat."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.egress.aligned import aligned
from bot.egress.dialects import PLAIN, Dialect
from bot.egress.nodes import Node

_MARKS = {"emphasis": "*", "strong": "**", "strike": "~~"}
_SIDES = {"left": ":---", "right": "---:", "center": ":---:"}
_DEFINITION = re.compile(r"\](:\s*)$")
_LONE_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes nodes in one dialect.

    Attributes:
        is_careful: whether everything is escaped that could be, and every block stands alone.
    """

    dialect: Dialect
    is_careful: bool = False

    def blocks(self, nodes: Sequence[Node]) -> str:
        """Blocks below each other, with an empty line between them where there was one."""
        result = ""
        for node in nodes:
            text = self.block(node)
            if result and text:
                result += "\n" if self._is_near(node) else "\n\n"
            result += text
        return result

    def _is_near(self, node: Node) -> bool:
        return node.is_near and (node.kind == "item" or not self.is_careful)

    def block(self, node: Node) -> str:
        """One block, without a line end behind it."""
        if node.kind in ("paragraph", "cell"):
            return self.line(node.children).strip()
        write = {
            "heading": self._heading,
            "rule": lambda _: "---",
            "fence": self._fence,
            "table": self._table,
            "quote": lambda quote: _prefixed("> ", self.blocks(quote.children)),
            "item": self._item,
        }.get(node.kind)
        return write(node) if write else self.blocks(node.children)

    def _heading(self, node: Node) -> str:
        words = " ".join(self.line(node.children).split("\n"))
        return f"{node.mark} {words}".strip()

    def _item(self, node: Node) -> str:
        indented = _prefixed(" " * (len(node.mark) + 1), self.blocks(node.children))
        return f"{node.mark} {indented.lstrip(' ')}".rstrip(" ")

    def _fence(self, node: Node) -> str:
        if not node.text.strip():
            return ""
        return f"```{node.mark}\n{_without_runs(node.text, 3)}\n```"

    def _table(self, node: Node) -> str:
        head, *rows = [[self._cell(cell) for cell in row.children] for row in node.children]
        sides = [_SIDES.get(cell.mark, "---") for cell in node.children[0].children]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, sides, *rows))

    def _cell(self, cell: Node) -> str:
        return _LONE_PIPE.sub(r"\\|", self.block(cell))

    def line(self, nodes: Sequence[Node]) -> str:
        """The pieces of a paragraph; its line ends stay."""
        result = ""
        for node in nodes:
            if node.kind == "link" and not node.children and self.dialect.is_markdown:
                # Else it would be the definition of a reference, which is not shown.
                result = _DEFINITION.sub(r"]\\\1", result)
            result += self.piece(node)
            if node.kind == "break":
                result = result.rstrip(" ") + ("  \n" if self._is_hard(node) else "\n")
        return result

    def _is_hard(self, node: Node) -> bool:
        return bool(node.mark) and self.dialect.has_hard_breaks

    def piece(self, node: Node) -> str:
        """One piece of a line."""
        if node.kind == "text":
            return self.dialect.escaped(node.text, self.is_careful)
        if node.kind == "code":
            return self._code(node.text)
        words = self.line(node.children)
        if node.kind == "link":
            return self.dialect.link(words, node.text)
        if node.kind == "break" or not words.strip():
            return words
        mark = self.dialect.marks.get(node.kind, self._mark(node))
        return f"{mark}{words}{mark}"

    def _mark(self, node: Node) -> str:
        return node.mark if node.kind == "emphasis" and node.mark else _MARKS[node.kind]

    def _code(self, code: str) -> str:
        code = _without_runs(code, 2)
        mark = self.dialect.marks.get("code", "``" if "`" in code else "`")
        if mark == "``":
            return f"`` {code} ``"
        return f"{mark}{code.replace('`', chr(39)) if mark else code}{mark}"


def written(tree: Node, dialect: Dialect, *, is_careful: bool = False) -> str:
    """The text of a tree that `adapted` has made ready for the dialect."""
    return Pen(dialect, is_careful).blocks(tree.children)


def adapted(node: Node, dialect: Dialect) -> Node:
    """The tree with what the dialect has instead of what it lacks."""
    if node.kind == "table" and not dialect.has_tables:
        return Node("fence", _aligned(node), is_near=node.is_near)
    children = tuple(adapted(child, dialect) for child in node.children)
    if node.kind == "heading" and len(node.mark) > dialect.deepest_heading:
        words = Node("strong", children=tuple(_without_strong(children)))
        return Node("paragraph", children=(words,), is_near=node.is_near)
    if node.kind == "break" and not dialect.has_hard_breaks:
        return Node("break")
    return replace(node, children=children)


def _without_strong(nodes: Sequence[Node]) -> list[Node]:
    """What is bold already, and ends of lines, have no place in a bold line."""
    result: list[Node] = []
    for node in nodes:
        if node.kind == "strong":
            result += _without_strong(node.children)
        else:
            result.append(Node("text", " ") if node.kind == "break" else node)
    return result


def _aligned(table: Node) -> str:
    plainly = Pen(PLAIN)
    rows = [[plainly.block(cell) for cell in row.children] for row in table.children]
    return aligned(rows, [cell.mark for cell in table.children[0].children])


def _prefixed(prefix: str, text: str) -> str:
    lines = text.split("\n")
    return "\n".join((prefix + line).rstrip(" ") if not line else prefix + line for line in lines)


def _without_runs(code: str, length: int) -> str:
    """Code in which no backticks stand together that would end it."""
    return re.sub("`" * length + "+", lambda run: " ".join(_pairs(run[0], length - 1)), code)


def _pairs(run: str, length: int) -> list[str]:
    return [run[i : i + length] for i in range(0, len(run), length)]
