"""A long text becomes several messages, and nothing of it is lost."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from wcwidth import grapheme_boundary_before

LEAST_SHARE = 4
"""A cut at a better place is taken from this part of a message on, a quarter."""
_FENCE = re.compile(r"^(?P<margin>[ >]*)```[^`\n]*\n", re.MULTILINE)
_TABLE = re.compile(r"^[ >]*\|.*\n[ >]*\|[-:| ]+\|[ ]*\n(?:[ >]*\|.*(?:\n|\Z))*", re.MULTILINE)
_RULED = re.compile(r"[^\n]*\n[ >]*-+(?:-\+-+)*\n")
_WHOLE = (
    re.compile(r"`[^`\n]+`|\[[^\[\]\n]*\]\(<?[^\s<>()]*>?\)|<[^<>\s|]+(?:\|[^<>\n]*)?>"),
    re.compile(r"\*\*[^*\n]{1,200}\*\*|\\.|&#?\w{1,31};"),
    re.compile(r"\S*://\S*"),
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n+")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"[.!?…:;][\"'”»)\]*_]*\s+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a text.

    Attributes:
        shown: what is posted: fences closed and opened again, the head of a table once more.
        original: the same part of the text as it was; joined, the originals are the text.
    """

    shown: str
    original: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A fence or a table; what stands in it is cut at lines only.

    Attributes:
        body: where what is repeated ends; nothing is cut before.
        end_of_body: where the closing fence begins; nothing is cut from there on.
        closing: what ends a message that is cut here.
    """

    start: int
    body: int
    end_of_body: int
    end: int
    opening: str = ""
    closing: str = ""


NOWHERE = _Stretch(0, 0, 0, 0)


def split(text: str, limit: int) -> tuple[Part, ...]:
    """Messages of at most `limit` characters.

    They end where a paragraph ends, else a line, a sentence, a word, and never inside of what
    people see as one sign. Text that is only spaces belongs to the message before it.

    Args:
        text: Markdown; its fences are made of three backticks.
        limit: at least 100 characters.
    """
    stretches = [*_fences(text)]
    stretches += [
        s for s in _tables(text) if not any(f.start <= s.start < f.end for f in stretches)
    ]
    return tuple(_parts(text, limit, sorted(stretches, key=lambda stretch: stretch.start)))


def _fences(text: str) -> Iterator[_Stretch]:
    position = 0
    while opening := _FENCE.search(text, position):
        closing = re.compile(r"^[ >]*```[ ]*$", re.MULTILINE).search(text, opening.end())
        inner, end = (closing.start(), closing.end()) if closing else (len(text), len(text))
        head = _RULED.match(text, opening.end())
        body = min(head.end() if head else opening.end(), inner)
        opened = text[opening.start() : body]
        yield _Stretch(opening.start(), body, inner, end, opened, opening["margin"] + "```")
        position = end


def _tables(text: str) -> Iterator[_Stretch]:
    for table in _TABLE.finditer(text):
        lines = table[0].split("\n", 2)
        head = f"{lines[0]}\n{lines[1]}\n"
        body = table.start() + len(head)
        yield _Stretch(table.start(), body, table.end(), table.end(), head)


def _parts(text: str, limit: int, stretches: Sequence[_Stretch]) -> Iterator[Part]:
    start = 0
    while start < len(text):
        opening = _at(stretches, start).opening
        opening = opening if len(opening) <= limit // 2 else ""
        end = _end(text, start, limit - len(opening), stretches)
        if not text[end:].strip():
            end = len(text)
        shown = (opening + text[start:end]).strip("\n").rstrip()
        closing = _at(stretches, end).closing
        yield Part(f"{shown}\n{closing}" if closing else shown, text[start:end])
        start = end


def _at(stretches: Iterable[_Stretch], position: int) -> _Stretch:
    """The stretch that a cut at this place cuts in two."""
    return next(
        (s for s in stretches if s.body <= position < s.end and position > s.start), NOWHERE
    )


def _end(text: str, start: int, room: int, stretches: Sequence[_Stretch]) -> int:
    """Where the message that begins here ends."""
    if len(text) - start <= room:
        return len(text)
    longest = max((len(s.closing) + 1 for s in stretches), default=0)
    last = start + room - longest
    forbidden = [*_forbidden(stretches), *_whole(text, start, last, stretches)]
    for places in _PLACES:
        found = [p for p in places(text, start, last, stretches) if not _is_in(p, forbidden)]
        if found and found[-1] - start >= room // LEAST_SHARE:
            return found[-1]
    return _hard_end(text, start, last, forbidden)


def _hard_end(text: str, start: int, last: int, forbidden: Sequence[tuple[int, int]]) -> int:
    """Between two signs, where nothing better is left."""
    end = grapheme_boundary_before(text, last + 1)
    for low, high in forbidden:
        if low < end < high and low - start > (last - start) // 2:
            end = low
    return end if end > start else last


def _forbidden(stretches: Iterable[_Stretch]) -> Iterator[tuple[int, int]]:
    """Heads with nothing below them, and the line that closes a fence."""
    for stretch in stretches:
        yield stretch.start, stretch.body + 1
        if stretch.closing:
            yield stretch.end_of_body - 1, stretch.end


def _whole(
    text: str, start: int, last: int, stretches: Sequence[_Stretch]
) -> Iterator[tuple[int, int]]:
    """Links, code and escapes that a cut would make something else of."""
    for pattern in _WHOLE:
        for found in pattern.finditer(text, start, min(len(text), last + 2_000)):
            if found.start() < last and _at(stretches, found.start()) is NOWHERE:
                yield found.span()


def _is_in(position: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(low < position < high for low, high in spans)


def _paragraphs(text: str, start: int, last: int, stretches: Sequence[_Stretch]) -> list[int]:
    edges = [e for s in stretches for e in (s.start, s.end) if start < e <= last]
    return sorted([*_outside(_PARAGRAPH, text, start, last, stretches), *edges])


def _lines(text: str, start: int, last: int, _stretches: Sequence[_Stretch]) -> list[int]:
    return [found.end() for found in _LINE.finditer(text, start, last)]


def _sentences(text: str, start: int, last: int, stretches: Sequence[_Stretch]) -> list[int]:
    return _outside(_SENTENCE, text, start, last, stretches)


def _words(text: str, start: int, last: int, _stretches: Sequence[_Stretch]) -> list[int]:
    return [found.end() for found in _SPACE.finditer(text, start, last)]


def _outside(
    pattern: re.Pattern[str], text: str, start: int, last: int, stretches: Sequence[_Stretch]
) -> list[int]:
    ends = [found.end() for found in pattern.finditer(text, start, last)]
    return [end for end in ends if _at(stretches, end) is NOWHERE]


_PLACES: tuple[Callable[[str, int, int, Sequence[_Stretch]], list[int]], ...] = (
    _paragraphs,
    _lines,
    _sentences,
    _words,
)
