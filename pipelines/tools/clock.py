"""Time: what it is somewhere, and what lies between two days."""

from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated

from pipelines.time_zones import moments, zone_of
from pipelines.tool import Caller, CannotError, tool

SATURDAY = 5
MOST_DAYS = 4_000


@tool
def current_time(
    zone: Annotated[str, "IANA time zone or large city, such as Asia/Tokyo or Bogotá"],
    caller: Caller,
) -> str:
    """The current date and time in a place of the world.

    Use it for what time, day or date it is now.
    """
    place, name = zone_of(zone)
    there = caller.at.astimezone(place)
    return f"In {name} it is now {there:%H:%M} on {_day(there)} (UTC{there:%z})."


@tool
def convert_time(
    time: Annotated[datetime, "date and time there, such as 2026-05-04T15:00"],
    zone: Annotated[str, "where it is that time: IANA time zone or large city"],
    into: Annotated[str, "where it is asked for: IANA time zone or large city"],
) -> str:
    """Converts a time of day that the question names from one place into another place.

    Not for what time it is now.
    """
    (here, name), (there, other) = zone_of(zone), zone_of(into)
    local = time.replace(tzinfo=None)
    said = f"{local:%H:%M} on {_day(local)} in {name}"
    try:
        found = moments(local, here)
        if not found:
            raise CannotError(f"{said} does not exist: clocks go forward then.")
        times = [_in(moment, there) for moment in found]
    except OverflowError as error:
        raise CannotError("No calendar goes that far.") from error
    if len(found) > 1:
        said += " (it comes twice: clocks go back then)"
    return f"{said} is {' or '.join(times)} in {other}."


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
    start: Annotated[date, "as YYYY-MM-DD"], end: Annotated[date, "as YYYY-MM-DD"]
) -> str:
    """How many days lie between two dates, weekends included."""
    return f"From {_day(start)} to {_day(end)} there are {abs((end - start).days)} days."


def _in(moment: datetime, zone: tzinfo) -> str:
    there = moment.astimezone(zone)
    return f"{there:%H:%M} on {_day(there)}"


def _day(when: date | datetime) -> str:
    return f"{when:%A} {when.day} {when:%B %Y}"
