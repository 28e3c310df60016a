"""Personal data and secrets leave a text: typed placeholders stand in their place.

What is found is found by its shape (numbers, addresses, keys), by `phonenumbers`, and by lists of
names. Afterwards everything is looked for once more: where anything is still found, no text is
given out. Presidio was looked at: its recognisers of numbers are shapes like these, its names need
spaCy with models that no package index has.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from unicodedata import normalize

from knowledge.cleaning import clean
from knowledge.credentials import without_secrets
from knowledge.errors import OperatorError, TertuliaError
from pipelines.learning import names

PLACEHOLDER = re.compile(
    r"\[(?:PERSON|EMAIL|PHONE|IBAN|CARD|ID|NUMBER|LINK|HOST|PLACE|DATE|SECRET)_\d+\]"
)
REGIONS = ("ES", "GB", "US", "MX", "AR")
"""Whose phone numbers are known without a `+` before them."""
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
)
_STREET = r"(?:calle|c/|avda\.?|av\.|avenida|plaza|pza\.?|paseo|ronda|camino|carretera|travesía)"
_ROAD = r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|square|terrace|close|boulevard|blvd)"
SHAPES: tuple[tuple[str, str], ...] = (
    (
        "PERSON",
        r"<@[!&]?[A-Z0-9]+(?:\|[^<>\n]*)?>|\b(?:slack|discord|terminal):[A-Za-z0-9][\w.:-]*",
    ),
    ("EMAIL", r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    (
        "EMAIL",
        r"[\w.+%-]+\s*[\[({]\s*(?:at|arroba)\s*[\])}]\s*[\w.-]+(?:\s*[\[({]?\s*(?:dot|punto)\s*[\])}]?\s*\w+)*",
    ),
    ("EMAIL", r"(?i)\b[\w.+%-]+\s+(?:at|arroba)\s+[\w-]+(?:\s+(?:dot|punto)\s+[\w-]+)+"),
    ("LINK", r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"'`|)\]]+|\bwww\.[^\s<>\"'`|)\]]+"),
    ("PERSON", r"(?<![\w.])@[A-Za-z0-9][\w.-]+"),
    (
        "HOST",
        r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}(?![\w:])",
    ),
    ("HOST", r"(?i)(?<![\w:])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:])"),
    (
        "IBAN",
        r"(?i)(?<![A-Z0-9])[A-Z]{2}\d{2}[ .-]?[A-Z0-9]{4}(?:[ .-]?(?=[A-Z]*\d)[A-Z0-9]{4}){2,6}"
        r"(?:[ .-]?\d{1,4})?(?![A-Z0-9])",
    ),
    ("CARD", r"(?<![\w.,])(?:\d[ -]?){13,19}(?![\w])"),
    ("ID", r"(?i)(?<![A-Z0-9])\d{1,2}[. ]?\d{3}[. ]?\d{3}[ .-]?[A-Z](?![A-Z0-9])"),
    ("ID", r"(?i)(?<![A-Z0-9])[XYZ][ .-]?\d{1,2}[. ]?\d{3}[. ]?\d{2,3}[ .-]?[A-Z](?![A-Z0-9])"),
    ("ID", r"(?i)(?<![A-Z0-9])[ABCDEFGHJKLMNPQRSUVW][ .-]?\d{7}[ .-]?[0-9A-J](?![A-Z0-9])"),
    ("ID", r"(?<!\d)\d{3}[ -]\d{2}[ -]\d{4}(?!\d)"),
    ("ID", r"(?i)(?<![A-Z0-9])[A-Z]{2}[ ]?(?:\d{2}[ ]?){3}[A-D](?![A-Z0-9])"),
    ("ID", r"(?<![A-Z0-9])[A-Z]{1,3}\d{6,9}(?![A-Z0-9])"),
    ("ID", r"(?<![A-Z0-9])\d{4}[ -]?[BCDFGHJKLMNPRSTVWXYZ]{3}(?![A-Za-z0-9])"),
    (
        "PLACE",
        rf"(?i)(?<!\w){_STREET}\s+(?:(?:de|del|la|las|los|el)\s+)*[A-ZÁÉÍÓÚÑ][\w.'’-]*(?:\s+[\w.'’-]+){{0,4}}?,?\s*(?:n[.º°o]*\s*)?\d{{1,4}}(?!\d)",
    ),
    ("PLACE", rf"(?i)(?<!\w)\d{{1,5}}\s+(?:[A-Z][\w'’-]*\s+){{1,3}}{_ROAD}\b"),
    (
        "DATE",
        r"(?<!\d)(?:19\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19\d\d|[3-9]\d))(?!\d)",
    ),
    (
        "DATE",
        rf"(?i)\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+|del\s+)?19\d\d\b",
    ),
    ("DATE", rf"(?i)\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+19\d\d\b"),
)
"""What is found by its shape, whether its check digits are right or mistyped; first come first."""
_LONG = r"(?<![\w.,])\+?\d(?:[ ./()-]{0,2}\d){6,}(?!\w)"
_DATE = re.compile(r"20\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]20\d\d")
_RANDOM = re.compile(
    r"(?<![\w/+=-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])[\w+/=-]{16,}"
)
_SECRET = "\x00"  # noqa: S105 (a sign, no secret)
"""Stands for a secret until it has its number; no cleaned text holds it."""


class RedactionError(TertuliaError):
    """A text could not be made free of personal data: it is not kept."""


class ExamplesExtraMissingError(OperatorError):
    """What finds personal data is not installed."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """Texts without personal data.

    Attributes:
        found: how many placeholders of each type stand in them.
    """

    texts: tuple[str, ...]
    found: dict[str, int]


class Redactor:
    """Takes personal data and secrets out of the texts of a row.

    Args:
        known_words: words of the team that are written with a capital and name nobody.

    Raises:
        ExamplesExtraMissingError: the extra `examples` is not installed.
    """

    def __init__(self, known_words: Collection[str] = ()) -> None:
        self._known = frozenset(names.folded(w) for one in known_words for w in one.split())
        try:
            names.lists()
            _phone_numbers()
        except ImportError as error:
            raise ExamplesExtraMissingError(
                f"Personal data cannot be found here: {error}.",
                what_to_do="Install what finds it: pip install 'tertulia[examples]'",
            ) from error

    def redacted(self, texts: Sequence[str], beside: Collection[str] = ()) -> Redacted:
        """The texts with placeholders; the same name has the same number in all of them.

        Args:
            texts: of one row.
            beside: other texts that tell which words are ordinary ones, such as its passages.

        Raises:
            RedactionError: something is still found afterwards, or the search itself fails.
        """
        try:
            marks = _Marks()
            cleaned = [_plain(text) for text in texts]
            ordinary = names.lower_words([*cleaned, *beside])
            done = tuple(self._without(text, marks, ordinary) for text in cleaned)
            done = tuple(self._named(text, marks, ordinary) for text in done)
            left = [kind for text in done for kind in self._left(text, ordinary)]
        except Exception as error:  # whatever it is: a text that was not searched is not given out
            raise RedactionError(
                f"Personal data could not be looked for: {type(error).__name__}.",
                what_to_do="The row is left out.",
            ) from error
        if left:
            raise RedactionError(
                f"Personal data is left: {', '.join(sorted(set(left)))}.",
                what_to_do="The row is left out.",
            )
        return Redacted(done, dict(Counter(re.findall(r"\[([A-Z]+)_\d+\]", "\n".join(done)))))

    def _without(self, text: str, marks: "_Marks", ordinary: Collection[str]) -> str:
        text = without_secrets(text, _SECRET)
        text = _outside(text, lambda part: _RANDOM.sub(_SECRET, part))
        text = re.sub(_SECRET, lambda _: marks.of("SECRET", ""), text)
        for kind, shape in SHAPES:
            text = _replaced(text, _spans(shape, text), kind, marks)
        text = _replaced(text, _phones(text), "PHONE", marks)
        text = _replaced(text, _long_numbers(text), "NUMBER", marks)
        return self._named(text, marks, ordinary)

    def _named(self, text: str, marks: "_Marks", ordinary: Collection[str]) -> str:
        """The text without names; once more for those that only a later text gave away."""
        return _replaced(text, self._names(text, ordinary, marks.people), "PERSON", marks)

    def _names(
        self, text: str, ordinary: Collection[str], sure: Collection[str] = ()
    ) -> list[tuple[int, int]]:
        hidden = PLACEHOLDER.sub(lambda found: "#" * len(found[0]), text)
        return list(names.names_in(hidden, ordinary=ordinary, known=self._known, sure=sure))

    def _left(self, text: str, ordinary: Collection[str]) -> Iterator[str]:
        """The types of what is still found."""
        rest = PLACEHOLDER.sub("#", text)
        if without_secrets(rest, _SECRET) != rest or _RANDOM.search(rest):
            yield "SECRET"
        yield from (kind for kind, shape in SHAPES if re.search(shape, rest))
        if _phones(rest) or _long_numbers(rest):
            yield "PHONE"
        if self._names(rest, ordinary):
            yield "PERSON"


class _Marks:
    """The placeholders of one row, by what they stand for."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._last: Counter[str] = Counter()

    @property
    def people(self) -> frozenset[str]:
        """The words of the names so far; short ones may be particles."""
        return frozenset(part for kind, part in self._numbers if kind == "PERSON" and len(part) > 3)

    def of(self, kind: str, said: str) -> str:
        """The placeholder for what was said; one part of a name is the whole person."""
        keys = [(kind, part) for part in _parts(kind, said)]
        number = next((self._numbers[key] for key in keys if key in self._numbers), 0)
        if not number:
            self._last[kind] += 1
            number = self._last[kind]
        for key in keys:
            self._numbers.setdefault(key, number)
        return f"[{kind}_{number}]"


def _plain(text: str) -> str:
    """The text in plain letters and digits: bold, wide or Arabic ones would not be found."""
    return "".join(
        one if one in "ªº" or len(plain := normalize("NFKC", one)) != 1 else _digit(plain)
        for one in clean(text).replace(_SECRET, "")
    )


def _digit(sign: str) -> str:
    return str(int(sign)) if sign.isdecimal() else sign


def _parts(kind: str, said: str) -> list[str]:
    if kind == "PERSON":
        return [names.folded(part) for part in re.findall(r"[^\W_]{2,}", said)]
    return [re.sub(r"[\W_]", "", said).casefold()] if said else []


def _replaced(text: str, spans: Sequence[tuple[int, int]], kind: str, marks: _Marks) -> str:
    parts, end = [], 0
    for start, stop in spans:
        parts += [text[end:start], marks.of(kind, text[start:stop])]
        end = stop
    return "".join([*parts, text[end:]])


def _spans(shape: str, text: str) -> list[tuple[int, int]]:
    """Where a shape stands outside placeholders."""
    hidden = PLACEHOLDER.sub(lambda found: "#" * len(found[0]), text)
    return [found.span() for found in re.finditer(shape, hidden)]


def _outside(text: str, change: Any) -> str:  # noqa: ANN401 (a function of text to text)
    parts = re.split(f"({PLACEHOLDER.pattern})", text)
    return "".join(part if PLACEHOLDER.fullmatch(part) else change(part) for part in parts)


def _phones(text: str) -> list[tuple[int, int]]:
    hidden = PLACEHOLDER.sub(lambda found: "#" * len(found[0]), text)
    found: list[tuple[int, int]] = []
    for region in REGIONS:
        for match in _phone_numbers().PhoneNumberMatcher(hidden, region):
            is_new = all(match.end <= start or match.start >= end for start, end in found)
            if is_new and not _DATE.fullmatch(match.raw_string.strip()):
                found.append((match.start, match.end))
    return sorted(found)


def _long_numbers(text: str) -> list[tuple[int, int]]:
    """Numbers of seven digits and more, whatever they are; dates of our time are none."""
    return [(a, b) for a, b in _spans(_LONG, text) if not _DATE.fullmatch(text[a:b].strip())]


@cache
def _phone_numbers() -> Any:  # noqa: ANN401 (a library that is mostly absent)
    import phonenumbers

    return phonenumbers
