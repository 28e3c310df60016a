"""What stands in a calendar, read and written as iCalendar (RFC 5545; the package icalendar)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from icalendar import Calendar, Event
from icalendar.prop import vText

from pipelines.tool import CannotError

OURS = "@tertulia"
"""Ends the UID of what was booked here."""
_BOOKED_BY = "X-TERTULIA-BOOKED-BY"
_MADE_BY = "-//Tertulia//Tertulia//EN"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a calendar; one of several where it is repeated.

    Attributes:
        starts: in UTC, as is `ends`.
        is_busy: whether nothing else can be there meanwhile.
        booked_by: the principal of whoever booked it here; empty where nobody did.
    """

    uid: str
    title: str
    starts: datetime
    ends: datetime
    is_all_day: bool = False
    is_busy: bool = True
    booked_by: str = ""

    @property
    def reference(self) -> str:
        """By which it can be cancelled; empty where it was not booked here."""
        return self.uid.removesuffix(OURS) if self.uid.endswith(OURS) else ""


def entries_in(text: str, zone: tzinfo) -> Sequence[Entry]:
    """All that stands in a file.

    Args:
        text: iCalendar, repeated entries written out.
        zone: of what is said without one, and of whole days.

    Raises:
        CannotError: it cannot be read, or says only how something is repeated.
    """
    try:
        found = [_entry(one, zone) for one in Calendar.from_ical(text).events]
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise CannotError("There is an entry in the calendar that I cannot read.") from error
    return [one for one in found if one]


def written(entry: Entry, at: datetime) -> bytes:
    """A file with one entry.

    Args:
        entry: to be written.
        at: when it is written.
    """
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends)
    event.add("summary", entry.title)
    event[_BOOKED_BY] = vText(entry.booked_by)
    calendar = Calendar()
    calendar.add("prodid", _MADE_BY)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _entry(event: Event, zone: tzinfo) -> Entry | None:
    """An entry of ours; None where it was called off."""
    if _text(event, "STATUS").upper() == "CANCELLED":
        return None
    if "RRULE" in event or "RDATE" in event:
        raise CannotError("The calendar server does not say when repeated entries are.")
    starts, ends = event.start, event.end
    return Entry(
        uid=_text(event, "UID"),
        title=_text(event, "SUMMARY"),
        starts=_moment(starts, zone),
        ends=_moment(ends, zone),
        is_all_day=not isinstance(starts, datetime),
        is_busy=_text(event, "TRANSP").upper() != "TRANSPARENT",
        booked_by=_text(event, _BOOKED_BY),
    )


def _text(event: Event, name: str) -> str:
    value = event.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _moment(when: date | datetime, zone: tzinfo) -> datetime:
    """When something is, in UTC."""
    if not isinstance(when, datetime):
        when = datetime.combine(when, time.min)
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)
