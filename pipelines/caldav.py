"""Asks one calendar on a server over CalDAV (RFC 4791), at a place that an operator has named."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pipelines.ical import Entry, entries_in, written
from pipelines.web_place import NotThereError, WebPlace

_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"
_CHANGING = frozenset({"PUT", "DELETE"})
_ASKS_XML = {"Content-Type": "application/xml; charset=utf-8", "Depth": "1", "Accept": "*/*"}
_NEW = {"Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*"}
# Repeated entries are written out by the server: it knows what was moved and what was left out.
_QUERY = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>
<C:calendar-data><C:expand start="{start}" end="{end}"/></C:calendar-data></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{start}" end="{end}"/></C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""


@dataclass(frozen=True, slots=True)
class RemoteCalendar:
    """One calendar.

    Attributes:
        zone: of what stands in it without one.
    """

    place: WebPlace
    zone: tzinfo

    async def entries(self, start: datetime, end: datetime) -> Sequence[Entry]:
        """What is there between two moments, the first ones first.

        Raises:
            CannotError: the server does not answer, or not with a calendar.
        """
        asked = _QUERY.format(start=_stamp(start), end=_stamp(end)).encode()
        try:
            _, body = await self._asked("REPORT", "/", _ASKS_XML, asked)
        except NotThereError as error:
            raise self.place.cannot("is no calendar at its address") from error
        found = await asyncio.to_thread(self._read, body)
        within = [one for one in found if one.starts < end and one.ends > start]
        return sorted(within, key=lambda one: (one.starts, one.ends))

    async def add(self, entry: Entry, at: datetime) -> None:
        """Write an entry that was booked here; one of the same reference is never written over.

        Raises:
            CannotError: the server does not take it.
        """
        await self._asked("PUT", f"/{entry.reference}.ics", _NEW, written(entry, at))

    async def booked(self, reference: str) -> tuple[Entry, str]:
        """What was booked here, and in which version it is there.

        Raises:
            NotThereError: nothing was.
            CannotError: the server does not answer, or not with an entry.
        """
        version, body = await self._asked("GET", f"/{reference}.ics", {"Accept": "text/calendar"})
        text = body.decode("utf-8", "replace")
        found = await asyncio.to_thread(entries_in, text, self.zone)
        ours = [one for one in found if one.reference == reference]
        if not ours:
            raise NotThereError(f"{self.place.name} knows of no such booking.")
        return ours[0], version

    async def remove(self, reference: str, version: str = "") -> None:
        """Take out what was booked here, as long as it is still of this version.

        Raises:
            CannotError: the server does not do it, or somebody has changed it meanwhile.
        """
        await self._asked("DELETE", f"/{reference}.ics", {"If-Match": version} if version else {})

    async def _asked(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[str, bytes]:
        """Version and body of what the server says."""
        headers = {**self.place.headers, **headers}
        opened = self.place.changing if method in _CHANGING else self.place.opened
        async with (
            opened() as fetcher,
            fetcher.send(method, f"{self.place.base}{path}", headers, body) as reply,
        ):
            return reply.header("etag"), await self.place.body(reply)

    def _read(self, body: bytes) -> list[Entry]:
        """The entries in an answer of the server."""
        try:
            root: Element = fromstring(body)
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise self.place.cannot("is no calendar at its address") from error
        texts = [one.text for one in root.iter(_DATA) if one.text]
        return [entry for text in texts for entry in entries_in(text, self.zone)]


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
