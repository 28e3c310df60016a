"""Web pages: what a reader sees, with headings, lists and tables."""

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.cleaning import clean
from knowledge.parsing.hiding import hidden_by, is_hidden
from knowledge.parsing.parsed import Parsed
from knowledge.parsing.plain import decode, title_of
from knowledge.parsing.tables import table

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?\s*([\w-]{3,20})""", re.IGNORECASE)
_KNOWN_ENCODING = re.compile(
    r"(?:windows|cp)-?125\d|iso-8859-\d\d?|latin-?1|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gb2312|gbk"
    r"|gb18030|big5|macintosh"
)
_AS_BROWSERS_READ = {"iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252"}
_BLOCKS = frozenset(
    """
    address article aside blockquote body caption dd details div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr legend li main ol p pre section summary table tbody td
    tfoot th thead tr ul
    """.split()  # noqa: SIM905 (as above)
)
# Its words would leave it in the head of a page, where the parser expects none.
_NOSCRIPT = re.compile(r"(?<=<)noscript\b|(?<=</)noscript\b", re.IGNORECASE)
# Spaces between blocks, and the gap between the sign of a list item and a paragraph inside it.
_LOOSE = re.compile(r"(\n- )\s+|(?<=\n) (?=\S)|(?<![ \t])[ \t]+(?=\n)")


def parse_webpage(content: bytes) -> Parsed:
    """A page's visible text as Markdown."""
    page = page_of(decode_page(content))
    text = clean(rendered(page.body) if page.body else "")
    return Parsed(text, title=title_in(page) or title_of(text), language=language_in(page))


def title_in(page: LexborHTMLParser) -> str:
    """The title in the head of a page."""
    head = page.css_first("head > title")
    return " ".join((head.text() if head else "").split())


def language_in(page: LexborHTMLParser) -> str:
    """The language that a page states, as ISO 639-1; empty where it states none."""
    root = page.root
    return ((root.attributes.get("lang") or "") if root else "")[:2].lower()


def page_of(html: str) -> LexborHTMLParser:
    """A parsed page in which what its own style sheets hide is marked as hidden."""
    page = LexborHTMLParser(_NOSCRIPT.sub("template", html))
    for sheet in page.css("style"):
        for selector in hidden_by(sheet.text()):
            for node in page.css(selector):
                node.attrs["hidden"] = ""
    return page


def rendered(root: LexborNode) -> str:
    """The visible text below a node; blocks are separated by empty lines."""
    pieces: list[str] = []
    preformatted = 0
    for node, entering in _walk(root):
        tag = node.tag or ""
        if tag == "-text":
            pieces.append(_text(node, preformatted=preformatted > 0))
        elif tag == "table" and not entering:
            continue
        elif tag == "table" and _is_grid(node):
            pieces.append(f"\n\n{_grid(node)}\n\n")
        else:
            preformatted += (1 if entering else -1) if tag == "pre" else 0
            pieces.append(_border(tag, entering=entering))
    return _LOOSE.sub(lambda found: found[1] or "", "".join(pieces)).strip()


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every visible node twice, entering and leaving; pages may nest deeper than Python calls."""
    waiting = [(root, True)]
    while waiting:
        node, entering = waiting.pop()
        if entering and is_hidden(node):
            continue
        yield node, entering
        if not entering or node.tag == "-text":
            continue
        waiting.append((node, False))
        if not (node.tag == "table" and _is_grid(node)):
            waiting.extend((child, True) for child in reversed(list(node.iter(include_text=True))))


def _text(node: LexborNode, *, preformatted: bool) -> str:
    text = node.text(deep=False)
    return text if preformatted else re.sub(r"\s+", " ", text)


def _border(tag: str, *, entering: bool) -> str:
    """What stands in the text where an element begins or ends."""
    if tag == "br":
        return "\n" if entering else ""
    if tag == "li":
        return "\n- " if entering else ""
    if tag == "pre":
        return "\n\n```\n" if entering else "\n```\n\n"
    if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
        return f"\n\n{'#' * int(tag[1])} " if entering else "\n\n"
    return "\n\n" if tag in _BLOCKS else ""


def _is_grid(node: LexborNode) -> bool:
    """Whether a table holds values and not the layout of a page."""
    first = node.css_first("tr")
    columns = len(first.css("td, th")) if first else 0
    return columns > 1 and len(node.css("table")) <= 1 and not node.css("h1, h2, h3, pre, ul, ol")


def _grid(node: LexborNode) -> str:
    rows = [row for row in node.css("tr") if not (is_hidden(row) or is_hidden(row.parent))]
    caption = node.css_first("caption")
    cells = [[cell for cell in row.css("td, th") if not is_hidden(cell)] for row in rows]
    above = f"{rendered(caption)}\n\n" if caption else ""
    return above + table(_aligned(cells))


def _aligned(rows: Iterable[list[LexborNode]]) -> Iterator[list[str]]:
    """The words of each row in their columns; a cell over several rows is in all of them."""
    hanging: dict[int, tuple[str, int]] = {}
    for cells in rows:
        row = {column: words for column, (words, _) in hanging.items()}
        hanging = {at: (words, left - 1) for at, (words, left) in hanging.items() if left > 1}
        column = 0
        for cell in cells:
            while column in row:
                column += 1
            row[column], below = rendered(cell), _span(cell, "rowspan") - 1
            if below:
                hanging[column] = row[column], below
            column += _span(cell, "colspan")
        yield [row.get(at, "") for at in range(max(row, default=-1) + 1)]


def _span(cell: LexborNode, name: str) -> int:
    stated = cell.attributes.get(name) or ""
    return int(stated) if re.fullmatch("[1-9][0-9]{0,2}", stated) else 1


def decode_page(content: bytes) -> str:
    """The text of a page: UTF-8 where it is that, else as it states in its first 2 KB.

    Pages in UTF-8 that state another encoding are common; the other way round hardly exists.
    """
    stated = _CHARSET.search(content[:2048])
    encoding = stated[1].decode("ascii").lower() if stated else ""
    if _KNOWN_ENCODING.fullmatch(encoding) and _is_no_utf_8(content):
        return content.decode(_AS_BROWSERS_READ.get(encoding, encoding), "replace")
    return decode(content)


def _is_no_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False
