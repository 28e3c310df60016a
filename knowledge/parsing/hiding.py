"""How HTML hides words from its readers: by element, by attribute, by style."""

import re

from selectolax.lexbor import LexborNode

_UNSEEN = frozenset(
    """
    head script style noscript template nav svg math iframe object embed canvas audio video button
    select input textarea dialog
    """.split()  # noqa: SIM905 (a list of forty quoted words is harder to read)
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt"})
_HIDING_STYLE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)"
    r"|opacity:(?:0?\.0\d*|0%?)(?![.\d])|transform:scale\(0\)"
    r"|font-size:(?:0(?![.\d])|[01]?(?:\.\d+)?p[xt])|(?<![-\w])font:0"
    r"|(?:left|top|text-indent):-\d{3,}|translate[xy]?\(-\d{3,}"
    r"|clip:rect\(0|clip-path:inset\((?:50|100)%"
    r"|(?<![-\w])(?:max-)?(?:height|width):0(?:px)?(?:;.*)?(?<![-\w])overflow:hidden"
    r"|(?<![-\w])overflow:hidden.*(?<![-\w])(?:max-)?(?:height|width):0(?:px)?(?:;|!|$)"
)
_WHITE = re.compile(
    r"(?<![-\w])color:(?:white|#fff(?:fff)?(?![\da-f])|transparent|rgba?\(255,255,255)"
)
_GROUND = re.compile(
    r"background(?:-color|-image)?:"
    r"(?!(?:white|#fff(?:fff)?|none|transparent|inherit|initial|unset)(?:[;!]|$))."
)
_NO_MEANING = re.compile(r"\s|/\*.*?\*/", re.DOTALL)
# Style sheets: rules for one class or id alone; those for print or small screens do not count.
_CONDITIONAL = re.compile(r"@[^{};]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})|/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NAMED = re.compile(r"(?:(?<=,)|^)\s*([.#][A-Za-z][\w-]*)\s*(?=,|$)")


def is_hidden(node: LexborNode | None) -> bool:
    """Whether the element, by itself, keeps its words from a reader."""
    if node is None or node.tag == "-text":
        return False
    if node.tag in _UNSEEN:
        return not _is_heading(node)
    attributes = node.attributes
    if not attributes:
        return False
    style = _bare(attributes.get("style"))
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or bool(_HIDING_STYLE.search(style))
        or (bool(_WHITE.search(style)) and not _has_ground(node))
    )


def hidden_by(sheet: str) -> list[str]:
    """The classes and ids that a style sheet makes invisible.

    White letters are invisible only where no rule of the sheet paints a ground for them.
    """
    rules = [(names, _bare(style)) for names, style in _RULE.findall(_CONDITIONAL.sub("", sheet))]
    has_ground = any(_GROUND.search(style) for _, style in rules)
    return [
        name
        for names, style in rules
        if _HIDING_STYLE.search(style) or (_WHITE.search(style) and not has_ground)
        for name in _NAMED.findall(names)
    ]


def _is_heading(node: LexborNode) -> bool:
    """A button may be the heading of something that opens."""
    return node.tag == "button" and node.parent is not None and node.parent.tag in _HEADINGS


def _bare(style: str | None) -> str:
    return _NO_MEANING.sub("", style or "").lower()


def _has_ground(node: LexborNode) -> bool:
    """Whether the element, or one around it, is painted in something but white."""
    around: LexborNode | None = node
    while around is not None:
        attributes = around.attributes
        colour = (attributes.get("bgcolor") or "").lower()
        if _GROUND.search(_bare(attributes.get("style"))) or colour.strip("#f") not in {
            "",
            "white",
        }:
            return True
        around = around.parent
    return False
