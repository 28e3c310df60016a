"""The five fields of cron in a time zone, with days on which the clocks are changed."""

from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.triggers.cron import CronTrigger

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_MOMENT = timedelta(seconds=1)


class Cron:
    """A rhythm that is bound to the calendar and to the clock on the wall.

    Where clocks are put forward, a time that does not exist is moved by what was left out. Where
    they are put back, a time that comes twice counts once; but with `*` for the hour it is real
    time that counts, and both are due.

    Raises:
        ValueError: it is none; says which field is wrong.
    """

    def __init__(self, text: str, zone: tzinfo) -> None:
        fields = text.lower().split()
        if len(fields) != len(_FIELDS):
            raise ValueError(f"cron has {len(_FIELDS)} fields, and these are {len(fields)}")
        minutes, hours, days, months, weekdays = map(_numbers, fields, range(len(_FIELDS)))
        _, hour, day, _, weekday = fields
        self.text = f"{text} in {zone}"
        self._zone = zone
        self._counts_hours = hour[0] == "*"
        either = [(days, weekdays)]
        if "*" not in (day[0], weekday[0]):  # cron: where both are given, one is enough
            either = [(days, set(range(7))), (set(range(1, 32)), weekdays)]
        self._triggers = [
            CronTrigger(
                minute=_listed(minutes, 60),
                hour=_listed(hours, 24),
                day=_listed(of_month, 31),
                month=_listed(months, 12),
                # Monday is 0 there, and 1 in cron.
                day_of_week=_listed({(number - 1) % 7 for number in of_week}, 7),
                # A wall clock that is never changed, unless hours are counted.
                timezone=zone if self._counts_hours else UTC,
            )
            for of_month, of_week in either
        ]
        if not self._first(datetime.now(zone)):
            raise ValueError("this day never comes")

    def following(self, due: datetime, now: datetime) -> datetime:
        """The first time after both that fits the fields."""
        after = max(due, now).astimezone(UTC).replace(microsecond=0)
        if self._counts_hours:
            return self._sure((after + _MOMENT).astimezone(self._zone)).astimezone(UTC)
        wall = after.astimezone(self._zone).replace(tzinfo=UTC, fold=0)
        real = after
        while real <= after:
            wall = self._sure(wall + _MOMENT)
            real = wall.replace(tzinfo=self._zone).astimezone(UTC)
        return real

    def latest(self, now: datetime) -> datetime:
        """The second time from now: after a clock was put back, the first one has been."""
        first = self.following(now, now)
        return self.following(first, first)

    def _first(self, moment: datetime) -> datetime | None:
        found = [trigger.get_next_fire_time(None, moment) for trigger in self._triggers]
        return min((one for one in found if one), default=None)

    def _sure(self, moment: datetime) -> datetime:
        found = self._first(moment)
        if found is None:  # pragma: no cover (only at the end of the calendar, in the year 9999)
            raise ValueError("this day never comes again")
        return found


def _numbers(text: str, index: int) -> set[int]:
    """The numbers that a field stands for."""
    return {number for part in text.split(",") for number in _span(part, index)}


def _span(part: str, index: int) -> list[int]:
    """The numbers of `*`, `4`, `2-8`, `22-3`, `mon-fri`, `*/5` or `10/5`."""
    name, low, high, _ = _FIELDS[index]
    span, slash, step = part.partition("/")
    if slash and not (step.isdecimal() and int(step)):
        raise ValueError(f"{name}: '{part}' steps by no number")
    if span == "*":
        return list(range(low, high + 1, int(step or 1)))
    first, dash, last = span.partition("-")
    begin = _number(first, index)
    end = _number(last, index) if dash else high if slash else begin
    numbers = [*range(begin, high + 1), *range(low, end + 1)]
    return (list(range(begin, end + 1)) or numbers)[:: int(step or 1)]


def _number(text: str, index: int) -> int:
    name, low, high, words = _FIELDS[index]
    if text[:3] in words:
        return words.index(text[:3]) + low
    if text.isdecimal() and low <= int(text) <= high:
        return int(text)
    raise ValueError(f"{name}: '{text}' is nothing from {low} to {high}")


def _listed(numbers: set[int], all_of_them: int) -> str:
    """The numbers as APScheduler reads them; it tries each in turn, so all of them are a star."""
    return "*" if len(numbers) == all_of_them else ",".join(map(str, sorted(numbers)))
