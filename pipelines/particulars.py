"""The particulars of a text: numbers, dates, codes and names, in one form for both languages.

Soft coverage tells that two texts speak of the same things, not that they say the same. What
must not be wrong by a hair is compared exactly, after "1,200", "1.200" and "mil doscientos" style
differences between English and Spanish are taken out.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

_TOKEN = re.compile(r"[^\W_]+(?:[-./:@,'’_+][^\W_]+)*", re.UNICODE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_DECIMAL_COMMA = re.compile(r"(\d+),(\d{1,2})")
_SPACED = re.compile(r"(?<=\d)[\u00a0\u202f ](?=\d{3}\b)")
_TENS_AND_UNITS = re.compile(
    r"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)"
    r"(?:[- ]|\s+y\s+)"
    r"(one|two|three|four|five|six|seven|eight|nine"
    r"|uno|un|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)\b",
    re.IGNORECASE,
)


def folded(text: str) -> str:
    """Lower case without accents: `Política` and `politica` are one word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    """Words for numbers, months, weekdays and negations, from `particulars.yaml`."""
    path = Path(__file__).with_name("particulars.yaml")
    tables = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        name: {word: str(value) for value, words in table.items() for word in words.split()}
        for name, table in tables.items()
    }


def number(token: str) -> str | None:
    """A number in one form: `1,200` and `1.200` are `1200`, `12,50` and `12.5` are `12.5`."""
    if not _NUMBER.fullmatch(token):
        return None
    if _THOUSANDS.fullmatch(token) and not token.startswith("0"):
        return re.sub(r"[.,]", "", token)
    token = _DECIMAL_COMMA.sub(r"\1.\2", token)
    if token.count(".") == 1 and "," not in token:
        whole, _, part = token.partition(".")
        part = part.rstrip("0")
        return (whole.lstrip("0") or "0") + (f".{part}" if part else "")
    return token if re.search(r"[.,]", token) else token.lstrip("0") or "0"


def exact_parts(text: str) -> frozenset[str]:
    """Numbers, dates and codes of a text: whatever contains a digit or names a day or a month."""
    text = _TENS_AND_UNITS.sub(_sum, _SPACED.sub("", text))
    return frozenset(part for token in _TOKEN.findall(text) for part in _parts(token))


def _sum(match: re.Match[str]) -> str:
    """`Thirty-five` and `treinta y cinco` are one number, not two."""
    numbers = _words()["numbers"]
    tens, unit = (int(numbers.get(word.lower(), "1")) for word in match.groups())
    return str(tens + unit)


def _parts(token: str) -> list[str]:
    word = folded(token)
    if token in ("may", "march"):  # verbs, unless they are written with a capital
        return []
    for table in ("numbers", "months", "weekdays"):
        if word in _words()[table]:
            return [_words()[table][word]]
    pieces = word.split("-")
    if len(pieces) > 1 and all(piece in _words()["numbers"] for piece in pieces):
        return [_words()["numbers"][piece] for piece in pieces]  # two-thirds, as 2/3
    if not any(c.isdigit() for c in word):
        return []
    plain = number(word)
    if plain is not None:
        return [plain]
    return _mixed(word)


def _mixed(word: str) -> list[str]:
    """The parts of `9:30-17:00`, `2024-03-01`, `25kg` or `E-1432`; codes stay whole."""
    pieces = re.split(r"[-/:]", word)
    if all(number(piece) for piece in pieces if piece):
        parts = [n for piece in pieces if (n := number(piece))]
        return parts[:1] if ":" in word and parts[1:] == ["0"] else parts  # 9:00 is 9
    measured = re.fullmatch(r"(\d+(?:[.,]\d+)?)([a-z]{1,4})", word)
    if measured:
        return [number(measured.group(1)) or word]
    return [re.sub(r"['’]s$", "", word)]


def names(text: str) -> frozenset[str]:
    """Words written with a capital where neither a sentence nor a line begins, folded."""
    found = set()
    for match in re.finditer(r"[^\W\d_][\w'’-]*", text):
        before = text[: match.start()].rstrip(" \t*_\"'“«(¿¡")
        begins = not before or before[-1] in ".!?:;\n|>#-•…" or before.endswith("¿")
        word = match.group()
        plain = folded(re.sub(r"['’]s$", "", word))
        if word[0].isupper() and not begins and not _is_calendar(plain):
            found.add(plain)
    return frozenset(found)


def _is_calendar(word: str) -> bool:
    return any(word in _words()[table] for table in ("months", "weekdays", "holidays"))


def without_exact_parts(text: str) -> str:
    """The text without what is compared exactly: the words that are left are compared softly."""
    return _TOKEN.sub(lambda match: "" if _parts(match.group()) else match.group(), text)


def is_negated(text: str) -> bool:
    """Whether a text denies, forbids or excludes something."""
    return any(folded(token) in _words()["negations"] for token in _TOKEN.findall(text))
