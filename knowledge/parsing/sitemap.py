"""Sitemaps: the addresses in them, from XML, gzipped XML or plain lines."""

import re
import zlib
from io import BytesIO
from typing import Any

from lxml import etree

from knowledge.parsing.parsed import NotParsedError, Parsed

_MAX_UNPACKED = 50 * 2**20  # what the protocol allows
_MAX_ADDRESSES = 50_000  # likewise
_MAX_LENGTH = 2_048
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#x?[0-9a-fA-F]+);)")
_GZIP = b"\x1f\x8b"
_ENDS = re.compile(rb"</(?:[\w-]+:)?(?:urlset|sitemapindex)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.DOTALL)


def parse_sitemap(content: bytes) -> Parsed:
    """The addresses of pages and of further sitemaps, as `facts`.

    Raises:
        NotParsedError: it unpacks to too much, or is no sitemap at all.
    """
    content = _unpacked(content) if content.startswith(_GZIP) else content
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return Parsed("", facts=_from_xml(content))
    lines = content[: _MAX_ADDRESSES * _MAX_LENGTH].decode("utf-8", "replace").split()
    pages = [line for line in lines if line.startswith(("http://", "https://"))]
    if not pages:
        raise _no_sitemap()
    return Parsed("", facts=_facts(pages, [], is_whole=True))


def _unpacked(content: bytes) -> bytes:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = inflater.decompress(content, _MAX_UNPACKED + 1)
    except zlib.error as error:
        raise NotParsedError("It is damaged.", what_to_do="Have it made anew.") from error
    if len(found) > _MAX_UNPACKED:
        raise NotParsedError(
            f"It unpacks to more than {_MAX_UNPACKED // 2**20} MB (a bomb?).",
            what_to_do="Split it into several sitemaps.",
        )
    return found


def _from_xml(content: bytes) -> dict[str, Any]:
    """Addresses by the element around them; entities are not resolved, nothing else is loaded."""
    pages: list[str] = []
    sitemaps: list[str] = []
    root = ""
    for event, element in etree.iterparse(
        BytesIO(_BARE_AMPERSAND.sub(b"&amp;", content)),
        events=("start", "end"),
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
    ):
        name = _name(element)
        root = root or name
        if event == "start":
            continue
        parent = element.getparent()
        if name == "loc" and parent is not None:
            _keep(element.text, sitemaps if _name(parent) == "sitemap" else pages)
        elif name == "link" and element.get("hreflang"):
            _keep(element.get("href"), pages)
        elif name in {"url", "sitemap"}:
            element.clear(keep_tail=False)
    if root not in {"urlset", "sitemapindex"}:
        raise _no_sitemap()
    return _facts(pages, sitemaps, is_whole=bool(_ENDS.search(content[-4096:])))


def _keep(address: str | None, kept: list[str]) -> None:
    found = "".join((address or "").split())
    if found and len(found) <= _MAX_LENGTH and len(kept) < 2 * _MAX_ADDRESSES:
        kept.append(found)


def _name(element: Any) -> str:  # noqa: ANN401 (lxml's elements)
    return str(element.tag).rpartition("}")[2]


def _facts(pages: list[str], sitemaps: list[str], *, is_whole: bool) -> dict[str, Any]:
    return {
        "pages": list(dict.fromkeys(pages)),
        "sitemaps": list(dict.fromkeys(sitemaps)),
        "is_whole": is_whole,
    }


def _no_sitemap() -> NotParsedError:
    return NotParsedError("It is no sitemap.", what_to_do="Correct its address in robots.txt.")
