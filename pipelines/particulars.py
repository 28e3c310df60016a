"""The particulars of a text: numbers, dates, codes and names, in one form for both languages.

Soft coverage tells that two texts speak of the same things, not that they say the same. What
must not be wrong by a hair is compared exactly, after "1,200", "1.200" and "mil doscientos" style
differences between English and Spanish are taken out.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.words import stop_words

_TOKEN = re.compile(r"(?:(?<!\S)[-−](?=\d))?[^\W_]+(?:[-./:@,'’_+&=?#]+[^\W_]+)*(?: ?%)?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_WITH_BOTH = re.compile(r"([1-9]\d{0,2}(?:,\d{3})+)\.(\d+)|([1-9]\d{0,2}(?:\.\d{3})+),(\d+)")
_DECIMAL_COMMA = re.compile(r"(\d+),(\d{1,2})")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_TIME = re.compile(r"(\d\d?):(\d\d)(:\d\d(?:[.,]\d+)?)?")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)t(\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)(?:(z)|([+-]\d\d):?(\d\d)?)?"
)
_AFTER_NOON = re.compile(
    r"\b(1?\d|[a-z]+)(?:[:.]([0-5]\d))? ?"
    r"(?:p\.? ?m\b\.?|in the (?:afternoon|evening)|de la (?:tarde|noche))",
    re.IGNORECASE,
)
_BEGINNING = re.compile(r"(?:^|[.!?:;\n|>#•…¿¡-])[ \t*_\"'“«(¿¡]*([A-ZÀ-Þ][^\W\d_]*)")
_WHOLE_NAME = re.compile(r"\b[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*)+")
_CURRENCY = re.compile(r"[$€£]|[a-z]+")
_PER_CENT = re.compile(r"(?<=\d) (?:per ?cent|por ciento)\b", re.IGNORECASE)
_SPACED = re.compile(r"(?<=\d)[\u00a0\u202f ](?=\d{3}\b)")
_TENS_AND_UNITS = re.compile(
    r"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)"
    r"(?:[- ]|\s+y\s+)"
    r"(one|two|three|four|five|six|seven|eight|nine"
    r"|uno|un|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)\b",
    re.IGNORECASE,
)


_AUXILIARIES = frozenset("can do does did is are was were may must will should".split())  # noqa: SIM905 (as a list harder to read)


@lru_cache(maxsize=65_536)
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


def table(name: str) -> dict[str, str]:
    """What words of both languages, folded, stand for: of `numbers`, `months` or `weekdays`."""
    return _words()[name]


def number(token: str) -> str | None:
    """A number in one form: `1,200` and `1.200` are `1200`, `12,50` and `12.5` are `12.5`."""
    if not _NUMBER.fullmatch(token):
        return None
    if both := _WITH_BOTH.fullmatch(token):
        whole, part = (both[1], both[2]) if both[1] else (both[3], both[4])
        token = f"{re.sub('[.,]', '', whole)}.{part}"
    if _THOUSANDS.fullmatch(token) and not token.startswith("0"):
        return re.sub(r"[.,]", "", token)
    token = _DECIMAL_COMMA.sub(r"\1.\2", token)
    if token.count(".") == 1 and "," not in token:
        whole, _, part = token.partition(".")
        part = part.rstrip("0")
        return (whole.lstrip("0") or "0") + (f".{part}" if part else "")
    return token if re.search(r"[.,]", token) else token.lstrip("0") or "0"


def currencies(text: str) -> frozenset[str]:
    """The currencies of a text that are told by a sign or a word."""
    table = _words()["currencies"]
    return frozenset(table[word] for word in _CURRENCY.findall(folded(text)) if word in table)


@lru_cache(maxsize=8_192)
def exact_parts(text: str) -> frozenset[str]:
    """Numbers, dates, codes and addresses: what contains a digit or names a day or a month."""
    return frozenset(counted_parts(text))


def counted_parts(text: str) -> Counter[str]:
    """The same with how often each stands there."""
    text = _PER_CENT.sub("%", _TENS_AND_UNITS.sub(_sum, _SPACED.sub("", text)))
    text = _AFTER_NOON.sub(_of_24_hours, text)
    return Counter(part for token in _TOKEN.findall(text) for part in _parts(token))


def _sum(match: re.Match[str]) -> str:
    """`Thirty-five` and `treinta y cinco` are one number, not two."""
    numbers = _words()["numbers"]
    tens, unit = (int(numbers.get(word.lower(), "1")) for word in match.groups())
    return str(tens + unit)


def _of_24_hours(match: re.Match[str]) -> str:
    """`5 pm` is `5` and `17`: another text may say it either way."""
    spoken = _words()["numbers"].get(folded(match[1]), match[1])
    if not spoken.isdigit() or int(spoken) > 12:
        return match[0]
    minutes = match[2] or "00"
    return f"{spoken}:{minutes} {int(spoken) % 12 + 12}:{minutes}"


@lru_cache(maxsize=65_536)
def _parts(token: str) -> tuple[str, ...]:
    return tuple(_read(token))


def _read(token: str) -> list[str]:
    word = folded(token).replace("−", "-")
    if token in ("may", "march"):  # verbs, unless they are written with a capital
        return []
    spelled = _spelled(word)
    if spelled or not any(c.isdigit() for c in word):
        return spelled
    if word.endswith("%"):
        return [f"{part}%" for part in _read(word.rstrip(" %"))]
    plain = number(word)
    if plain is not None:
        return [plain]
    return _mixed(word)


def _spelled(word: str) -> list[str]:
    """What a word stands for without a digit: a number, a day, a month, an address."""
    for table in ("numbers", "months", "weekdays"):
        if word in _words()[table]:
            return [_words()[table][word]]
    if "@" in word or re.match(r"www\.|.*\w\.\w+/|\w+://", word):
        return [word]
    pieces = word.split("-")
    if len(pieces) > 1 and all(piece in _words()["numbers"] for piece in pieces):
        return [_words()["numbers"][piece] for piece in pieces]  # two-thirds, as 2/3
    return []


def _mixed(word: str) -> list[str]:
    """The parts of `9:30-17:00`, `2024-03-01`, `-18`, `25kg` or `E-1432`; codes stay whole."""
    if date := _DATE.fullmatch(word):
        return [date[1], f"month-{int(date[2])}", str(int(date[3]))]
    if instant := _INSTANT.fullmatch(word):
        zone = "+00:00" if instant[3] else instant[4] and f"{instant[4]}:{instant[5] or '00'}"
        return [*_mixed(instant[1]), *_time_or_number(instant[2]), *([zone] if zone else [])]
    if word.startswith("-"):
        return [f"-{part}" for part in _read(word[1:])]
    pieces = re.split(r"[-/]", word)
    if all(re.fullmatch(r"[\d.,:]+", piece) for piece in pieces):
        return [part for piece in pieces for part in _time_or_number(piece)]
    measured = re.fullmatch(r"(\d+(?:[.,]\d+)*)([a-z]{1,4})", word)
    if measured:
        return [number(measured.group(1)) or word]
    return [re.sub(r"['’]s$", "", word)]


def _time_or_number(piece: str) -> list[str]:
    """`9:00` is `9`, `09:30` is `9:30`; a time stays whole, for `10:15` is not `15:10`.

    `15:30:00` is `15:30`; of other seconds the minute may be said, but not the other way round.
    """
    if time := _TIME.fullmatch(piece):
        minute = str(int(time[1])) if time[2] == "00" else f"{int(time[1])}:{time[2]}"
        seconds = (time[3] or "").rstrip("0:.,")
        return [minute, f"{int(time[1])}:{time[2]}{seconds}"] if seconds else [minute]
    return [n for part in piece.split(":") if (n := number(part))]


def names(text: str) -> frozenset[str]:
    """Words written with a capital where neither a sentence nor a line begins, folded.

    At such a beginning a capital says nothing: `Ask Ana` is no more a name than `Ask them`.
    """
    found = set()
    for match in re.finditer(r"[^\W\d_][\w'’-]*", text):
        before = text[: match.start()].rstrip(" \t*_\"'“«(¿¡")
        begins = not before or before[-1] in ".!?:;\n|>#-•…" or before.endswith("¿")
        word = match.group()
        plain = folded(re.sub(r"['’]s$", "", word))
        if word[0].isupper() and not begins and not _says_nothing(plain):
            found.add(plain)
    return frozenset(found)


def names_said(text: str) -> frozenset[str]:
    """The same, and at a beginning what people are called and nothing else is."""
    return names(text) | {word for word in map(folded, _BEGINNING.findall(text)) if is_called(word)}


def is_called(word: str) -> bool:
    """Whether people have this name, folded, and no word of English or Spanish is written so."""
    return word in _people()


@lru_cache(maxsize=1)
def _people() -> frozenset[str]:
    """Made by `tests/benchmarks/fit_names.py`."""
    lines = Path(__file__).with_name("names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def whole_names(text: str) -> frozenset[str]:
    """Names of two words or more, folded: `Halnisen Lambda` is one thing, not two."""
    return frozenset(folded(found) for found in _WHOLE_NAME.findall(text))


def is_one_name(name: str, word: str) -> bool:
    """The same name, both folded, also in the form of the other language: Lisbon and Lisboa."""
    if len(name) <= 4:
        return name == word
    return word.startswith(name[: max(4, len(name) - 2)])


def _says_nothing(word: str) -> bool:
    """Whether a word with a capital is no name: a day, a month, an article."""
    is_calendar = any(word in _words()[table] for table in ("months", "weekdays", "holidays"))
    return is_calendar or word in stop_words("en") or word in stop_words("es")


@lru_cache(maxsize=8_192)
def without_exact_parts(text: str) -> str:
    """The text without what is compared exactly: the words that are left are compared softly."""
    return _TOKEN.sub(lambda match: "" if _parts(match.group()) else match.group(), text)


def bare_words(text: str) -> frozenset[str]:
    """The words of a text without denials and without what English puts beside them."""
    words = {folded(token) for token in _TOKEN.findall(text)}
    return frozenset(words - _words()["negations"].keys() - _AUXILIARIES)


def is_negated(text: str) -> bool:
    """Whether a text denies, forbids or excludes something."""
    return any(folded(token) in _words()["negations"] for token in _TOKEN.findall(text))
