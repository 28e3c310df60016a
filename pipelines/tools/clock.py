"""Time: what it is somewhere, and what lies between two days."""

from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pipelines.tool import Caller, CannotError, tool

SATURDAY = 5
MOST_DAYS = 4_000


@tool
def current_time(
    zone: Annotated[str, "IANA time zone, such as Asia/Tokyo or America/Bogota"], caller: Caller
) -> str:
    """The current date and time in a place of the world.

    Use it for what time, day or date it is now.
    """
    place = _zone(zone)
    there = caller.at.astimezone(place)
    return f"In {place.key} it is now {there:%H:%M} on {_day(there)} (UTC{there:%z})."


@tool
def working_days(
    start: Annotated[date, "the first day, YYYY-MM-DD"],
    end: Annotated[date, "the last day, counted too"],
    holidays: Annotated[list[date] | None, "days off besides weekends"] = None,
) -> str:
    """How many working days (Monday to Friday) there are from one day to another."""
    if end < start:
        start, end = end, start
    days = (end - start).days + 1
    if days > MOST_DAYS:
        raise CannotError(f"More than {MOST_DAYS} days are not counted.")
    off = set(holidays or ())
    every = (start + timedelta(days=n) for n in range(days))
    working = sum(day.weekday() < SATURDAY and day not in off for day in every)
    return f"From {_day(start)} to {_day(end)} there are {working} working days of {days} days."


@tool
def days_between(
    start: Annotated[date, "as YYYY-MM-DD"], end: Annotated[date, "as 2026-12-24"]
) -> str:
    """How many days lie between two dates, weekends included."""
    return f"From {_day(start)} to {_day(end)} there are {abs((end - start).days)} days."


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = get_close_matches(name, available_timezones(), n=3, cutoff=0.4)
        raise CannotError(f"There is no such time zone. Near: {', '.join(near) or '-'}.") from error


def _day(when: date | datetime) -> str:
    return f"{when:%A} {when.day} {when:%B %Y}"
