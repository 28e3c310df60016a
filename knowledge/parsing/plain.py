"""Text files: plain text, reStructuredText; and what their bytes mean."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from knowledge.cleaning import clean
from knowledge.parsing.parsed import NotParsedError, Parsed

_BINARY_STARTS = (
    b"\x7fELF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"%PDF-",
    b"\x1f\x8b",
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"
_UNDERLINED = re.compile(
    r"(?:^|(?<=\n))([^\s|#>-][^\n]*)\n(([=\-~^\"'`*+#.:_])\3{2,})[ ]*(?=\n|\Z)"
)
_OVERLINE = re.compile(r"(?m)^([=\-~^*#])\1{2,}[ ]*\n(?=[ ]*\S[^\n]*\n\1{3,}[ ]*$)")
# Two dots and then no directive, target, footnote or substitution; with the lines set in below.
_COMMENT = re.compile(
    r"^\.\.(?:[ ]+(?!_|\[|\||[\w.:+-]+[ ]?::).*|(?=\n[ \t]+\S))(?:\n+[ \t]+\S.*)*(?:\n|\Z)",
    re.MULTILINE,
)
_FIRST_HEADING = re.compile(r"^# +(.+?)[ #]*$", re.MULTILINE)


def parse_restructured_text(content: bytes) -> Parsed:
    """ReStructuredText with its headings as `#`, without comments; directives stay."""
    text = _OVERLINE.sub("", _COMMENT.sub("", clean(decode(content))))
    text = marked_headings(text, underlines="=-~^\"'`*+#.:_")
    return Parsed(clean(text), title=title_of(text))


def parse_text(content: bytes) -> Parsed:
    """Plain text: no line of it is a heading."""
    return Parsed(re.sub(r"(?m)^(?=#{1,6} )", " ", clean(decode(content))))


def title_of(text: str) -> str:
    """The first heading of the highest level, or nothing."""
    found = _FIRST_HEADING.search(text)
    return found[1] if found else ""


def marked_headings(text: str, *, underlines: str) -> str:
    """Underlined headings become `#` headings; levels in the order in which they first appear."""
    levels = dict(zip("=-", (1, 2), strict=True)) if underlines == "=-" else {}

    def mark(found: re.Match[str]) -> str:
        if found[3] not in underlines or len(found[2]) < min(len(found[1]), 3):
            return found[0]
        level = levels.setdefault(found[3], min(len(levels) + 1, 6))
        return f"{'#' * level} {found[1].strip()}"

    return _UNDERLINED.sub(mark, text)


def decode(content: bytes) -> str:
    """The text in these bytes: UTF-8, UTF-16, or else Windows-1252.

    Raises:
        NotParsedError: they are no text.
    """
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    if encoding := _utf_16_without_a_mark(content[:4096]):
        return content.decode(encoding, "replace")
    if _is_binary(content[:65536]):
        raise NotParsedError(
            "It is not text, although its name says so.",
            what_to_do="Give it the suffix of its real format, or leave it out.",
        )
    return _decode_8_bit(content.removeprefix(BOM_UTF8))


def _decode_8_bit(content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    beyond_ascii = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text))) if damaged else 0
    # Damaged UTF-8 has mostly good letters beyond ASCII; Windows-1252 has none.
    return text if damaged * 10 <= beyond_ascii else content.decode("cp1252", "replace")


def _utf_16_without_a_mark(start: bytes) -> str:
    """The byte order in which every second byte of Latin text is zero, or nothing."""
    half = len(start) // 2
    if half < 8:
        return ""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd > 0.7 * half and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd == 0 else ""


def _is_binary(start: bytes) -> bool:
    controls = len(start) - len(start.translate(None, _CONTROL))
    return start.startswith(_BINARY_STARTS) or controls > len(start) * 0.01 + 1
