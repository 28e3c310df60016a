"""Days as people say them without a year, in both languages: "tomorrow", "el viernes", "4 May"."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from pipelines.particulars import folded, table

_NEAR = {
    r"day after tomorrow|pasado manana": 2,
    r"day before yesterday|anteayer|antes de ayer": -2,
    r"tomorrow|(?<!\bla )(?<!\besta )manana": 1,
    r"yesterday|ayer": -1,
    r"today|tonight|hoy|esta noche": 0,
}
"""How far off they are, those first that hold another one."""
_AHEAD = re.compile(r"\b(?:in|within|en|dentro de) (\w+) (days?|dias?|weeks?|semanas?)\b")
_WEEKDAY = re.compile(r"(?:\b(next|last|proximo|pasado) )?\b(\w+)(?: (que viene|pasado)\b)?")
_NUMERIC = re.compile(
    r"(?<![\w/.,:+-])(\d\d?)(?:([/.-])(\d\d?)\2(\d{4})|/(\d\d?)(?:/(\d\d))?)(?![\w/]|[.,:-]\d)"
)
"""Such as 25/12/2026, 25.12.2026, 12/25/26 and 25/12; 25.12 would be a number."""
_ALWAYS, _MONTHS = "24/7", 12
_MOST_DAYS = 1_000


def days_said(text: str, day: date) -> frozenset[str]:
    """The days that a text may mean, as YYYY-MM-DD; those with a year stand there as they are.

    Args:
        text: what people wrote.
        day: on which they wrote it.
    """
    plain = folded(text)
    found = {day + timedelta(n) for n in (*_near(plain), *_weekdays(plain, day))}
    found.update(_of_months(plain, day), _in_numbers(plain, day))
    return frozenset(one.isoformat() for one in found)


def in_words(day: date) -> str:
    """A day in words that models know from texts: `Monday 4 May 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def _near(text: str) -> Iterator[int]:
    """How many days off what is told by words alone is."""
    for words, distance in _NEAR.items():
        text, times = re.subn(rf"\b(?:{words})\b", " ", text)
        yield from [distance][:times]
    for count, unit in _AHEAD.findall(text):
        said = table("numbers").get(count, {"a": "1", "un": "1", "una": "1"}.get(count, count))
        days = int(said) * (7 if unit[0] in "ws" else 1) if said.isdecimal() else 0
        yield from [days] if 0 < days <= _MOST_DAYS else []


def _weekdays(text: str, day: date) -> Iterator[int]:
    """How many days off a weekday is: the one to come, for "next" also that of the next week."""
    for before, word, after in _WEEKDAY.findall(text):
        if name := table("weekdays").get(word):
            ahead = (int(name.removeprefix("day-")) - day.isoweekday()) % 7
            if {before, after} & {"last", "pasado"}:
                yield ahead - 7
            elif before or after:
                yield from (ahead, ahead + 7) if ahead else (7,)
            else:
                yield from (ahead,) if ahead else (0, 7)


def _of_months(text: str, day: date) -> Iterator[date]:
    """The last and the next such day of a month."""
    for first, second, third, fourth in _days_of_months().findall(text):
        name = table("months")[second or third]
        month, number = int(name.removeprefix("month-")), int(first or fourth)
        yield from _last_and_next(month, number, day)


def _last_and_next(month: int, number: int, day: date) -> Iterator[date]:
    known = [one for n in range(-8, 9) if (one := _day(day.year + n, month, number))]
    yield from [one for one in known if one < day][-1:]
    yield from [one for one in known if one >= day][:1]


def _in_numbers(text: str, day: date) -> Iterator[date]:
    """Days in numbers alone, if only one of both can be the month; 4/5 may be two days."""
    for found in _NUMERIC.finditer(text):
        first, second = int(found[1]), int(found[3] or found[5])
        if found[0] == _ALWAYS or (max(first, second) <= _MONTHS and first != second):
            continue
        month, number = sorted((first, second))
        if found[4] or found[6]:
            said = _day(int(found[4] or f"20{found[6]}"), month, number)
            yield from [said] if said else []
        else:
            yield from _last_and_next(month, number, day)


@cache
def _days_of_months() -> re.Pattern[str]:
    months = "|".join(table("months"))
    return re.compile(
        rf"\b(?:(\d\d?)(?:st|nd|rd|th|o)?(?: of| de)? ({months})"
        rf"|({months}) (\d\d?)(?:st|nd|rd|th)?)\b(?!,?(?: of| del?)? \d{{4}}\b)"
    )


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:  # such as 29 February
        return None
