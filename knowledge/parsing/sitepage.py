"""Pages of a website: the main content without what surrounds it, and what the page links to.

Which words are main content is what trafilatura is for; how they become Markdown is our own work
(`webpage.py`), so that tables keep their columns and what a page hides stays hidden.
"""

import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode
from trafilatura import bare_extraction
from trafilatura.settings import Document

from knowledge.cleaning import clean
from knowledge.parsing.parsed import Parsed
from knowledge.parsing.plain import title_of
from knowledge.parsing.webpage import decode_page, language_in, page_of, rendered, title_in

_WORD = re.compile(r"\w+")
_WORDS_IN_A_ROW = 4
_MAX_LINKS = 5_000
_MAX_LENGTH = 2_000
_LEAST_SHARE = 0.4
"""Of the words that a page shows: where trafilatura keeps less, it took content for furniture."""
_AROUND = "header, footer, aside, [role=banner], [role=complementary], [role=contentinfo]"
_MAIN = "main, [role=main]"
_LINKED = "a[href], area[href], iframe[src], frame[src]"


def parse_sitepage(content: bytes) -> Parsed:
    """A page's main content as Markdown, and its links as `facts`."""
    page = page_of(decode_page(content))
    facts = _facts(page)
    found = bare_extraction(
        page.html or "",
        with_metadata=True,
        include_comments=False,
        favor_recall=True,
        date_extraction_params={"extensive_search": False, "original_date": False},
    )
    about: dict[str, Any] = found.as_dict() if isinstance(found, Document) else {}
    text = clean(_main_content(page, about.get("text") or ""))
    return Parsed(
        text,
        title=about.get("title") or title_in(page) or title_of(text),
        language=language_in(page),
        updated_at=about.get("date") or "",
        author=clean(about.get("author") or "")[:200],
        facts=facts,
    )


def _main_content(page: LexborHTMLParser, kept: str) -> str:
    """The blocks that a reader sees and trafilatura keeps; all of them where it keeps too few."""
    for node in page.css(_AROUND):
        if not node.css_first("h1"):
            node.attrs["hidden"] = ""
    root = page.css_first(_MAIN) or page.body
    shown = rendered(root) if root else ""
    blocks = re.split(r"\n{2,}(?![ \t]*[\n`])", shown)
    known = f" {_spoken(kept)} "
    main = [block for block in _whole(blocks) if _is_within(block, known)]
    if _length(main) < _LEAST_SHARE * _length(blocks):
        return shown
    return "\n\n".join(main)


def _whole(blocks: list[str]) -> Iterator[str]:
    """The blocks, with preformatted text in one piece."""
    fenced: list[str] = []
    for block in blocks:
        fenced.append(block)
        if sum(part.count("```") for part in fenced) % 2 == 0:
            yield "\n\n".join(fenced)
            fenced = []
    yield from fenced


def _is_within(block: str, known: str) -> bool:
    """Whether at least half of a block stands in a text; table cells may stand in another order."""
    words = _spoken(block).split()
    size = 1 if block.lstrip().startswith("|") else min(_WORDS_IN_A_ROW, len(words))
    rows = {" ".join(words[at : at + size]) for at in range(len(words) - size + 1)} - {""}
    return bool(rows) and sum(f" {row} " in known for row in rows) * 2 >= len(rows)


def _spoken(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _length(blocks: list[str]) -> int:
    return sum(len(_spoken(block)) for block in blocks)


def _facts(page: LexborHTMLParser) -> dict[str, Any]:
    """What the page says to programs: as it is written there, so nothing in it is checked."""
    return {
        "address": _first(page, "base[href]", "href"),
        "canonical": _first(page, "link[rel~=canonical i][href]", "href"),
        "alternates": [
            [node.attributes.get("hreflang") or "", href]
            for node, href in _all(page, "link[rel~=alternate i][hreflang][href]", "href")
        ],
        "robots": [
            (node.attributes.get("content") or "").lower()
            for name in ("robots", "tertulia")
            for node in page.css(f"meta[name='{name}' i]")
        ],
        "links": list(dict.fromkeys(_links(page)))[:_MAX_LINKS],
    }


def _links(page: LexborHTMLParser) -> Iterator[str]:
    """Where the page leads, but for links that it does not vouch for (nofollow)."""
    for node, href in _all(page, _LINKED, "href"):
        if "nofollow" not in (node.attributes.get("rel") or "").lower().split():
            yield href
    for node in page.css("meta[http-equiv=refresh i][content]"):
        _, found, href = (node.attributes.get("content") or "").partition("=")
        if found and len(href) <= _MAX_LENGTH:
            yield href.strip(" '\"")


def _all(page: LexborHTMLParser, selector: str, name: str) -> Iterator[tuple[LexborNode, str]]:
    for node in page.css(selector):
        found = (node.attributes.get(name) or node.attributes.get("src") or "").strip()
        if found and len(found) <= _MAX_LENGTH:
            yield node, found


def _first(page: LexborHTMLParser, selector: str, name: str) -> str:
    return next((found for _, found in _all(page, selector, name)), "")
