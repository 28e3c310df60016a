"""Calendars on a CalDAV server: what is free, what somebody has, bookings made and cancelled."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated
from uuid import uuid4

from pydantic import Field

from knowledge.cleaning import clean
from pipelines.caldav import RemoteCalendar
from pipelines.calendar_settings import Calendars, OneCalendar
from pipelines.free_time import free_between, long_enough, rounded_up
from pipelines.ical import OURS, Entry
from pipelines.named_places import chosen, chosen_to_change, seen_by
from pipelines.time_zones import moments
from pipelines.tool import Caller, CannotError, tool
from pipelines.tool_caller import once_sent
from pipelines.web_place import NotThereError

WITHIN_S, DAYS_AHEAD = 25, 366
LONGEST_TITLE = 120
Day = Annotated[date, Field(description="YYYY-MM-DD")]
Minutes = Annotated[int, Field(description="how long, in minutes", ge=5, le=720)]
Reference = Annotated[
    str, Field(description="as it was told with the booking", pattern="^[0-9a-f]{12}$")
]


@tool(within_s=WITHIN_S)
async def free_slots(
    day: Day,
    caller: Caller,
    settings: Calendars,
    minutes: Minutes = 30,
    calendar: Annotated[str, "which one; left out for all"] = "",
) -> str:
    """When rooms or people are free on a day. Use it for when or where something can take place."""
    places = seen_by(caller, settings.calendars)
    if calendar.strip():
        places = dict([chosen(calendar, places, caller)])
    _check_day(day, caller)
    asked = [(name, settings.remote(name, one)) for name, one in places.items()]
    least = timedelta(minutes=minutes)
    told = await asyncio.gather(
        *(_free(one, day, least, caller.at, settings) for _, one in asked), return_exceptions=True
    )
    lines = [f"{name}: {_or_why(said)}" for (name, _), said in zip(asked, told, strict=True)]
    return "\n".join([f"Free for {minutes} minutes on {_day(day)}:", *lines])


async def _free(
    remote: RemoteCalendar, day: date, least: timedelta, now: datetime, settings: Calendars
) -> str:
    opens, closes = (
        datetime.combine(day, clock, remote.zone).astimezone(UTC)
        for clock in (settings.opens, settings.closes)
    )
    start = max(opens, rounded_up(now.astimezone(UTC)))
    busy: list[tuple[datetime, datetime]] = []
    if start < closes:
        found = await remote.entries(start, closes)
        busy = [(one.starts, one.ends) for one in found if one.is_busy]
    spans = long_enough(free_between(busy, start, closes), least)
    times = ", ".join(_span(start, end, remote.zone) for start, end in spans)
    return f"{times or 'nothing is free'} ({remote.zone})"


def _or_why(said: str | BaseException) -> str:
    """What came of one calendar of several: that one cannot be asked does not hide the others."""
    if isinstance(said, BaseException) and not isinstance(said, CannotError):
        raise said
    return f"not known. {said}" if isinstance(said, CannotError) else said


@tool(within_s=WITHIN_S)
async def my_calendar(day: Day, caller: Caller, settings: Calendars) -> str:
    """What whoever asks has on a day, and what they booked. Use it for "my" meetings, bookings."""
    _check_day(day, caller)
    places = seen_by(caller, settings.calendars)
    told = await asyncio.gather(
        *(_of_person(name, one, day, caller, settings) for name, one in places.items()),
        return_exceptions=True,
    )
    lines: list[str] = []
    for name, said in zip(places, told, strict=True):
        lines += said if isinstance(said, list) else [f"{name}: {_or_why(said)}"]
    if not lines:
        return f"Whoever asks has nothing on {_day(day)} in the calendars that may be seen here."
    return "\n".join([f"On {_day(day)} whoever asks has:", *lines])


async def _of_person(
    name: str, one: OneCalendar, day: date, caller: Caller, settings: Calendars
) -> list[str]:
    """All of somebody's own calendar; of others what they booked there.

    Titles are for whoever asks: they stand where nobody else reads along.
    """
    remote = settings.remote(name, one)
    start, end = (
        datetime.combine(on, time.min, remote.zone).astimezone(UTC)
        for on in (day, day + timedelta(days=1))
    )
    found = await remote.entries(start, end)
    is_own = one.person == caller.person
    is_private = caller.person in caller.audience.principals
    return [
        f"{name}: {_when(entry, remote.zone)}{f' {_title(entry.title)}' if is_private else ''}"
        + (f" (booking {entry.reference})" if entry.booked_by == caller.person else "")
        for entry in found
        if is_own or entry.booked_by == caller.person
    ]


def _booking(
    start: datetime, title: str, caller: Caller, settings: Calendars, calendar: str, **_: object
) -> dict[str, str]:
    """What a booking comes to."""
    name, one = chosen_to_change(calendar, settings.calendars, caller)
    zone = settings.remote(name, one).zone
    begins = _moment(start, zone, caller).astimezone(zone)
    return {
        "calendar": name,
        "start": begins.isoformat(),
        "title": _title(title),
        "time_zone": str(zone),
        **({"person": one.person} if one.person else {}),
    }


@tool(effect="write", within_s=WITHIN_S, completed=_booking)
async def book(
    start: Annotated[datetime, "date and time there, such as 2026-05-04T15:00"],
    minutes: Minutes,
    title: Annotated[str, Field(description="what for", min_length=1, max_length=LONGEST_TITLE)],
    caller: Caller,
    settings: Calendars,
    calendar: Annotated[str, "which one; left out if there is only one"] = "",
) -> str:
    """Books a room or a time in a calendar. Use it only where somebody asks for a booking."""
    name, one = chosen_to_change(calendar, settings.calendars, caller)
    remote = settings.remote(name, one)
    begins = _moment(start, remote.zone, caller)
    uid, ends = f"{uuid4().hex[:12]}{OURS}", begins + timedelta(minutes=minutes)
    entry = Entry(uid, _title(title), begins, ends, booked_by=caller.person)
    _check_free(name, await remote.entries(begins, ends), remote.zone)
    await remote.add(entry, caller.at)
    with once_sent():
        others = [one for one in await remote.entries(begins, ends) if one.uid != uid]
    try:  # nothing is locked meanwhile: whoever sees two of them takes back their own
        _check_free(name, others, remote.zone)
    except CannotError:
        await remote.remove(entry.reference)
        raise
    when = f"{_day(begins.astimezone(remote.zone))} from {_span(begins, ends, remote.zone)}"
    return f"Booked {name} on {when} ({remote.zone}): {entry.title}. Booking {entry.reference}."


async def _cancelling(
    booking: str, caller: Caller, settings: Calendars, calendar: str
) -> dict[str, str]:
    """What is gone once a booking is cancelled."""
    name, remote, entry, _ = await _own_booking(booking, caller, settings, calendar)
    start, end = (
        when.astimezone(remote.zone).isoformat(timespec="minutes")
        for when in (entry.starts, entry.ends)
    )
    return {"calendar": name, "start": start, "end": end, "time_zone": str(remote.zone)}


@tool(effect="destructive", within_s=WITHIN_S, completed=_cancelling)
async def cancel_booking(
    booking: Reference,
    caller: Caller,
    settings: Calendars,
    calendar: Annotated[str, "which one; left out if there is only one"] = "",
) -> str:
    """Cancels a booking that whoever asks has made. Use it only where somebody asks for that."""
    name, remote, entry, version = await _own_booking(booking, caller, settings, calendar)
    await remote.remove(booking, version)
    return f"Cancelled the booking of {name} on {_when(entry, remote.zone, with_day=True)}."


async def _own_booking(
    booking: str, caller: Caller, settings: Calendars, calendar: str
) -> tuple[str, RemoteCalendar, Entry, str]:
    """A booking that whoever asks has made: where it is, what, and in which version."""
    name, one = chosen_to_change(calendar, settings.calendars, caller)
    remote = settings.remote(name, one)
    none = CannotError(f"Whoever asks has no booking {booking} in {name}.")
    try:
        entry, version = await remote.booked(booking)
    except NotThereError as error:
        raise none from error
    if entry.booked_by != caller.person:
        raise none
    return name, remote, entry, version


def _check_day(day: date, caller: Caller) -> None:
    today = caller.at.date()
    if not -1 <= (day - today).days <= DAYS_AHEAD:
        raise CannotError(f"Calendars are read from {today} on, for a year.")


def _check_free(name: str, found: Sequence[Entry], zone: tzinfo) -> None:
    taken = [one for one in found if one.is_busy]
    if taken:
        raise CannotError(f"{name} is taken: {_when(taken[0], zone)}.")


def _moment(start: datetime, zone: tzinfo, caller: Caller) -> datetime:
    """When a booking begins, in UTC.

    Raises:
        CannotError: there is no such time, or it is over, or far away.
    """
    try:
        local = start.astimezone(zone).replace(tzinfo=None) if start.tzinfo else start
        found = moments(local, zone)
    except OverflowError as error:
        raise CannotError("No calendar goes that far.") from error
    if not found:
        raise CannotError(f"{local:%H:%M} does not exist that day: clocks go forward then.")
    if found[0] < caller.at:
        raise CannotError("That time is over.")
    if found[0] > caller.at + timedelta(days=DAYS_AHEAD):
        raise CannotError("That is more than a year away.")
    return found[0]


def _title(text: str) -> str:
    return " ".join(clean(text).split())[:LONGEST_TITLE] or "?"


def _when(entry: Entry, zone: tzinfo, *, with_day: bool = False) -> str:
    """The time of an entry, where the calendar is."""
    day = f"{_day(entry.starts.astimezone(zone))}, " if with_day else ""
    return day + ("all day" if entry.is_all_day else _span(entry.starts, entry.ends, zone))


def _span(start: datetime, end: datetime, zone: tzinfo) -> str:
    return f"{start.astimezone(zone):%H:%M} to {end.astimezone(zone):%H:%M}"


def _day(when: date | datetime) -> str:
    return f"{when:%A} {when.day} {when:%B %Y}"
