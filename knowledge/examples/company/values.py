"""Values to plant: codes, people, sums, spans and days, each worded in both languages.

Codes, people and sums are drawn without repetition (up to 900,000 sums), in an order that looks
random: a counter is multiplied by a number that shares no factor with how many there are.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from string import ascii_uppercase

from knowledge.examples.company.questions import Language
from knowledge.examples.company.wording import ValueKind, words

_CODES, _CODE_STEP = 26 * 26 * 100_000, 7_368_787
_SUMS, _SUM_STEP = 900_000, 458_357
_PERSON_STEP = 104_729
_NAME_STEP = 15_013
_FIRST_DAY = date(2027, 1, 4)


@dataclass(frozen=True, slots=True)
class Value:
    """A planted value: how it stands on a page, and what a right answer may hold."""

    texts: Mapping[Language, str]
    keys: tuple[str, ...]


class Values:
    """Where the values of one company come from; remembers how many were drawn."""

    def __init__(self, seed: int) -> None:
        self._shift = shift(seed)
        self._drawn: Counter[str] = Counter()

    def draw(self, kind: ValueKind, chance: Random) -> Value:
        """A new value; spans of days and dates may come twice, the others not."""
        if kind == "days":
            return _days(chance.randint(11, 90))
        if kind == "date":
            return day(_FIRST_DAY + timedelta(days=chance.randrange(2000)))
        return {"code": self._code, "amount": self._sum, "person": self._person}[kind]()

    def _next(self, kind: ValueKind, *, step: int, among: int) -> tuple[int, int]:
        """How often all of them were used up, and the next of them."""
        again, number = divmod(self._drawn[kind], among)
        self._drawn[kind] += 1
        return again, (number * step + self._shift) % among

    def _code(self) -> Value:
        _, number = self._next("code", step=_CODE_STEP, among=_CODES)
        letters, digits = divmod(number, 100_000)
        first, second = divmod(letters, 26)
        text = f"{ascii_uppercase[first]}{ascii_uppercase[second]}-{digits:05}"
        return Value({"en": text, "es": text}, (text,))

    def _sum(self) -> Value:
        _, number = self._next("amount", step=_SUM_STEP, among=_SUMS)
        amount = 100_000 + number
        english, spanish = f"{amount:,}", f"{amount:,}".replace(",", ".")
        keys = (english, spanish, str(amount))
        return Value({"en": f"€{english}", "es": f"{spanish} €"}, keys)

    def _person(self) -> Value:
        first, last = words("names")["first"], words("names")["last"]
        everybody = len(first) * len(last) ** 2
        again, number = self._next("person", step=_PERSON_STEP, among=everybody)
        number, mother = divmod(number, len(last))
        given, father = divmod(number, len(last))
        initial = f" {ascii_uppercase[again % 26]}." if again else ""
        text = f"{first[given]}{initial} {last[father]} {last[mother]}"
        return Value({"en": text, "es": text}, (text,))


def _days(count: int) -> Value:
    texts: dict[Language, str] = {"en": f"{count} working days", "es": f"{count} días hábiles"}
    return Value(texts, (*texts.values(), f"{count} days", f"{count} días"))


def day(when: date) -> Value:
    """A day of the calendar."""
    months = words("names")["months"]
    english, spanish = (months[language][when.month - 1] for language in ("en", "es"))
    texts: dict[Language, str] = {
        "en": f"{when.day} {english} {when.year}",
        "es": f"{when.day} de {spanish} de {when.year}",
    }
    american = f"{english} {when.day}, {when.year}"
    return Value(texts, (*texts.values(), american, when.isoformat()))


@cache
def shift(seed: int) -> int:
    """How far the values of this company are moved, so that another seed gives other ones."""
    return Random(seed).randrange(10**9)


def name(number: int, *, seed: int) -> str:
    """The name of a family of subjects; another number is another name."""
    found = words("names")
    starts, middles, ends = found["starts"], found["middles"], found["ends"]
    again, place = divmod(number, len(starts) * len(middles) * len(ends))
    place = (place * _NAME_STEP + shift(seed)) % (len(starts) * len(middles) * len(ends))
    place, end = divmod(place, len(ends))
    start, middle = divmod(place, len(middles))
    text = f"{starts[start]}{middles[middle]}{ends[end]}"
    return f"{text}-{again + 1}" if again else text
