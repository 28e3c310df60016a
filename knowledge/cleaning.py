"""Raw text becomes readable text: nothing invisible, nothing repeated, no broken words."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import normalize

# Signs without a shape: control, zero-width, direction, tag and variation signs, halves of pairs.
# They carry hidden instructions and split words that people search for.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
# Joiners are letters in Persian, Hindi or emoji, and nothing beside Latin letters.
_JOINERS = re.compile("(?<![\u0590-\uffff\U00010000-\U0010ffff])[\u200c\u200d]|[\u200c\u200d]{2,}")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BREAKS = re.compile("\r\n?|[\u0085\u2028\u2029\x0b]")
_TAIL = re.compile(r"(?<![ \t])[ \t]+(?=\n|\f|\Z)")
_EMPTY_LINES = re.compile(r"\n{3,}")
_LIGATURES = str.maketrans({
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
})  # fmt: skip
_PAGE_NUMBER = re.compile(
    r"(?:[-–—| ]*|(?:page|página|pág\.|p\.|seite)\s*)\d{1,4}"
    r"(?:\s*(?:of|de|/|von)\s*\d{1,4})?[-–—| ]*",
    re.IGNORECASE,
)
_CUT_WORD = re.compile(r"(\w+)-\n[ ]*(\w+)")
_ITEM = re.compile(r"\s*(?:[-*+•▪◦‣·–]|\(?\d{1,3}[.)]|[a-z][.)])\s|\|")
_NARROW = 30  # signs; shorter lines are a list, an address, a table, not a paragraph
_HEADING = re.compile(r"#{1,6} ")
_ENDED = re.compile(r"[.!?:;…][\"'»”’)\]]*$")
_REST_OF_SENTENCE = re.compile(r"[^\n.!?]{1,300}[.!?][\"'»”’)\]]*(?=\s|\Z)")


def clean(text: str) -> str:
    """The text without invisible signs, in composed letters, with tidy line ends."""
    text = _BREAKS.sub("\n", text)
    text = _SPACES.sub(" ", _JOINERS.sub("", _INVISIBLE.sub("", text)))
    text = normalize("NFC", text.translate(_LIGATURES))
    return _EMPTY_LINES.sub("\n\n", _TAIL.sub("", text)).strip("\n ")


def clean_pages(pages: Iterable[str]) -> str:
    """The pages of a printed text as flowing text, a form feed between them.

    Headers and footers that repeat, page numbers and hyphens at line ends are gone; lines are
    joined to paragraphs; a sentence that runs over the end of a page stays whole on the first.
    """
    kept = _without_repeated([clean(page).replace("\f", "\n").split("\n") for page in pages])
    whole = "\f".join("\n".join(lines) for lines in kept)
    compounds = frozenset(re.findall(r"\w+-\w+", whole.lower()))
    flowing = [_flowing(_mended(page, compounds)) for page in whole.split("\f")]
    return "\f".join(_sentences_kept_whole(flowing))


def _without_repeated(pages: Sequence[list[str]]) -> list[list[str]]:
    """Pages without the lines that stand at the edge of most pages, whatever their numbers."""
    filled = [[line for line in page if line.strip()] for page in pages]
    edges = Counter(edge for page in filled for edge in {_shape(line) for line in _edge(page)})
    often = max(3, round(0.6 * len(pages)))
    repeated = {shape for shape, count in edges.items() if count >= often}
    return [_trimmed(page, repeated) for page in pages]


def _edge(lines: list[str]) -> list[str]:
    return [*lines[:3], *lines[-3:]]


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _trimmed(lines: list[str], repeated: set[str]) -> list[str]:
    """Only lines at the edge go: the same words in the middle of a page are content."""
    first, last = 0, len(lines)
    while first < last and _is_furniture(lines[first], repeated):
        first += 1
    while last > first and _is_furniture(lines[last - 1], repeated):
        last -= 1
    return lines[first:last]


def _is_furniture(line: str, repeated: set[str]) -> bool:
    bare = line.strip()
    return not bare or _shape(line) in repeated or bool(_PAGE_NUMBER.fullmatch(bare))


def _mended(page: str, compounds: frozenset[str]) -> str:
    """Words that a line end has cut are whole again; compounds seen elsewhere keep their hyphen."""

    def mend(cut: re.Match[str]) -> str:
        is_compound = f"{cut[1]}-{cut[2]}".lower() in compounds or not cut[2][0].islower()
        return f"{cut[1]}-{cut[2]}" if is_compound or cut[1].isdigit() else cut[1] + cut[2]

    return _CUT_WORD.sub(mend, page)


def _flowing(page: str) -> str:
    """Lines of about the full width run on; a short line or a list item ends a paragraph."""
    lines = [" ".join(line.split()) for line in page.split("\n")]
    lengths = sorted(len(line) for line in lines if line)
    width = lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
    flowing = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        flowing += line + _separator(line, following, width)
    return _EMPTY_LINES.sub("\n\n", flowing).strip()


def _separator(line: str, following: str, width: int) -> str:
    if not line or not following:
        return "\n"
    if _HEADING.match(line) or _HEADING.match(following):
        return "\n\n"
    if _ITEM.match(following):
        return "\n"
    runs_on = following[0].islower() and not _ENDED.search(line)
    return " " if runs_on or len(line) >= max(0.85 * width, _NARROW) else "\n\n"


def _sentences_kept_whole(pages: list[str]) -> list[str]:
    """Pages where the rest of a cut sentence has moved to the page on which it began."""
    whole = pages[:1]
    for page in pages[1:]:
        rest = _REST_OF_SENTENCE.match(page) if page[:1].islower() else None
        if rest and whole[-1] and not _ENDED.search(whole[-1]):
            whole[-1] += " " + rest[0]
            page = page[rest.end() :].lstrip()
        whole.append(page)
    return whole
