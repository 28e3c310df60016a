"""How often a job runs: `every 15 minutes`, the five fields of cron, or `never`."""

from datetime import datetime, timedelta, tzinfo
from difflib import get_close_matches
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from tzlocal import get_localzone

from knowledge.errors import UsageError

NEVER = "never"
RIGHT = (
    'Right: "every 15 minutes"; or minute, hour, day, month and day of the week as cron has them, '
    f'"30 2 * * *" is every day at 2:30; or "{NEVER}", only by hand.'
)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_LONGEST_S = 366 * 86_400


class RhythmError(UsageError):
    """This is no rhythm, or no time zone."""


class Rhythm(Protocol):
    """When something is due.

    Attributes:
        text: as people wrote it, and for cron ` in ` and the time zone.
    """

    text: str

    def following(self, due: datetime, now: datetime) -> datetime | None:
        """The first time after `now` and after a time at which it was due; None for never."""

    def latest(self, now: datetime) -> datetime | None:
        """The latest time that can come next; what is due later was noted by a wrong clock."""


class Every:
    """A rhythm that counts seconds and knows no calendar."""

    def __init__(self, text: str, seconds: float) -> None:
        self.text = text
        self._step = timedelta(seconds=seconds)

    def following(self, due: datetime, now: datetime) -> datetime:
        """In steps from the last due time, so that a run which begins late shifts nothing."""
        return due + self._step * max((now - due) // self._step + 1, 1)

    def latest(self, now: datetime) -> datetime:
        """One step from now."""
        return now + self._step


class Never:
    """The rhythm of what runs only when somebody asks for it."""

    text = NEVER

    def following(self, due: datetime, now: datetime) -> None:
        """Nothing follows."""

    def latest(self, now: datetime) -> None:
        """Nothing comes next."""


def rhythm(text: str, zone: tzinfo) -> Rhythm:
    """The rhythm that somebody wrote.

    Raises:
        RhythmError: it is none; names the nearest right one.
    """
    words = text.lower().split()
    if words == [NEVER]:
        return Never()
    if len(words) == 5 and words[0][0] in "*0123456789":
        return _cron(text, zone)
    number, unit = ("1", words[1]) if len(words) == 2 else words[1:] if len(words) == 3 else "??"
    seconds = _SECONDS.get(unit.removesuffix("s"), 0)
    if words[:1] == ["every"] and number.isdecimal() and 0 < int(number) * seconds <= _LONGEST_S:
        return Every(" ".join(words), int(number) * seconds)
    near = get_close_matches(" ".join(words), _nearby(number), n=1, cutoff=0.5)
    guess = f'Did you mean "{near[0]}"? ' if near else ""
    raise RhythmError(f"'{text}' is no rhythm", what_to_do=guess + RIGHT)


def zone_named(name: str) -> tzinfo:
    """The time zone of this name; that of the machine where it is empty.

    Raises:
        RhythmError: there is none; names the nearest right one.
    """
    try:
        return ZoneInfo(name) if name else get_localzone()
    except (LookupError, ValueError, OSError) as error:
        near = get_close_matches(name, sorted(available_timezones()), n=1, cutoff=0.5)
        raise RhythmError(
            f"'{name}' is no time zone" if name else "the time zone of this machine is unknown",
            what_to_do=f'Right: timezone = "{[*near, "Europe/Madrid"][0]}"',
        ) from error


def _cron(text: str, zone: tzinfo) -> Rhythm:
    from bot.cron import Cron  # imported only where somebody uses it: every command reads this file

    try:
        return Cron(text, zone)
    except ValueError as error:
        raise RhythmError(f"'{text}' is no rhythm: {error}", what_to_do=RIGHT) from error


def _nearby(number: str) -> list[str]:
    """Rhythms that somebody may have meant."""
    many = number if number.isdecimal() and 0 < int(number) <= 52 else "15"
    return [f"every {many} {unit}s" for unit in _SECONDS] + [f"every {unit}" for unit in _SECONDS]
