"""Calendars on a real CalDAV server: free times, bookings, rights, and what can go wrong."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from knowledge.articles import Audience
from pipelines.tool import Caller, CannotError
from pipelines.tool_call import in_full
from pipelines.tool_settings import ToolSettingsError
from tests.caldav_server import PASSWORD, USER, CalDavServer, caldav_server
from tests.fakes.loopback import LoopbackServer, Reply
from tests.fakes.website import moved
from tests.pipelines.tools.desk import ANA, GUEST, Desk

AT = datetime(2026, 10, 1, 9, 2, tzinfo=UTC)  # 11:02 in Madrid
ANA_NOW = replace(ANA, at=AT)
IN_A_CHANNEL = Caller("terminal:ana", Audience.of("everyone"), at=AT)
BEN = Caller("terminal:ben", Audience.of("everyone", "terminal:ben"), at=AT)
MONDAY = "2026-10-19"
TITLE = "Reunión \"A\" & 'B'; ¿café, o té?"
# Every Monday at 10 in Madrid, but moved on 2 November and left out on 9 November.
WEEKLY = (
    *("BEGIN:VTIMEZONE", "TZID:Europe/Madrid", "BEGIN:DAYLIGHT", "TZOFFSETFROM:+0100"),
    *("TZOFFSETTO:+0200", "DTSTART:19700329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
    *("END:DAYLIGHT", "BEGIN:STANDARD", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100"),
    *("DTSTART:19701025T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD"),
    *("END:VTIMEZONE", "BEGIN:VEVENT", "UID:weekly", "DTSTAMP:20260101T000000Z"),
    *("DTSTART;TZID=Europe/Madrid:20261019T100000", "DTEND;TZID=Europe/Madrid:20261019T110000"),
    *("RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Madrid:20261109T100000", "SUMMARY:Asamblea"),
    *("END:VEVENT", "BEGIN:VEVENT", "UID:weekly", "DTSTAMP:20260101T000000Z"),
    *("RECURRENCE-ID;TZID=Europe/Madrid:20261102T100000", "SUMMARY:Asamblea"),
    *("DTSTART;TZID=Europe/Madrid:20261102T160000", "DTEND;TZID=Europe/Madrid:20261102T170000"),
    "END:VEVENT",
)


def event(name: str, *lines: str) -> tuple[str, ...]:
    return ("BEGIN:VEVENT", f"UID:{name}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    folder: Path = tmp_path_factory.mktemp("caldav")
    with caldav_server(folder) as started:
        yield started


@pytest.fixture
def room(server: CalDavServer) -> dict[str, Any]:
    """An empty calendar, as it stands in the table."""
    return table(server.calendar("tejo"))


def table(url: str, **changed: object) -> dict[str, Any]:
    return {
        "url": url,
        "user": USER,
        "password": "${CALENDAR_PASSWORD}",
        "private": True,
        "audience": ["everyone"],
        "writers": ["everyone"],
    } | changed


def desk_of(_more: dict[str, Any] | None = None, /, **calendars: dict[str, Any]) -> Desk:
    said = {"time_zone": "Europe/Madrid", "opens": "09:00", "closes": "18:00"} | (_more or {})
    environment = {"CALENDAR_PASSWORD": PASSWORD}
    return Desk({"calendar": said | {"calendars": calendars}}, environment)


async def free(desk: Desk, day: str, caller: Caller = ANA_NOW, **more: object) -> list[str]:
    head, *lines = (await desk.said("free_slots", caller, day=day, **more)).splitlines()
    assert head.startswith("Free for ")
    return [line.removesuffix(" (Europe/Madrid)") for line in lines]


async def test_what_is_free_is_told_over_the_change_of_clocks(
    server: CalDavServer, room: dict[str, Any]
) -> None:
    server.put("tejo", "weekly", *WEEKLY)
    desk = desk_of(tejo=room)
    text = await desk.said("free_slots", ANA_NOW, day=MONDAY, minutes=60, calendar="Tejo")
    assert text == (
        "Free for 60 minutes on Monday 19 October 2026:\n"
        "tejo: 09:00 to 10:00, 11:00 to 18:00 (Europe/Madrid)"
    )
    assert await free(desk, "2026-10-26") == ["tejo: 09:00 to 10:00, 11:00 to 18:00"]
    assert await free(desk, "2026-11-02") == ["tejo: 09:00 to 16:00, 17:00 to 18:00"]
    assert await free(desk, "2026-11-09") == ["tejo: 09:00 to 18:00"]
    assert await free(desk, "2027-03-29") == ["tejo: 09:00 to 10:00, 11:00 to 18:00"]
    longer = await free(desk, MONDAY, minutes=500)
    assert longer == ["tejo: nothing is free"]


async def test_only_what_blocks_a_time_does(server: CalDavServer, room: dict[str, Any]) -> None:
    whole = ("DTSTART;VALUE=DATE:20261020", "DTEND;VALUE=DATE:20261021")
    server.put("tejo", "holiday", *event("holiday", *whole, "SUMMARY:Feriado"))
    hours = ("DTSTART:20261021T080000Z", "DURATION:PT45M")
    server.put("tejo", "maybe", *event("maybe", *hours, "TRANSP:TRANSPARENT"))
    server.put("tejo", "off", *event("off", *hours, "STATUS:CANCELLED"))
    floating = ("DTSTART:20261021T120000", "DTEND:20261021T130000", "SUMMARY;LANGUAGE=es:a")
    server.put("tejo", "floating", *event("floating", *floating))
    desk = desk_of(tejo=room)
    assert await free(desk, "2026-10-20") == ["tejo: nothing is free"]
    assert await free(desk, "2026-10-21") == ["tejo: 09:00 to 12:00, 13:00 to 18:00"]


async def test_what_is_over_is_not_offered(room: dict[str, Any]) -> None:
    desk = desk_of(tejo=room)
    assert await free(desk, "2026-10-01") == ["tejo: 11:05 to 18:00"]
    late = replace(ANA_NOW, at=AT.replace(hour=20))
    assert await free(desk, "2026-10-01", late) == ["tejo: nothing is free"]
    for day in ("2026-09-01", "2027-12-01"):
        assert "for a year" in await desk.cannot("free_slots", ANA_NOW, day=day)
        assert "for a year" in await desk.cannot("my_calendar", ANA_NOW, day=day)


async def test_several_calendars_are_asked_at_once_each_in_its_zone(
    server: CalDavServer, room: dict[str, Any]
) -> None:
    far = table(server.calendar("taller"), time_zone="Montevideo")
    gone = table(server.calendar("x").replace("/x/", "/nowhere/"))
    closed = table(server.calendar("jefa"), audience=["terminal:ana"])
    desk = desk_of(tejo=room, taller=far, gone=gone, jefa=closed)
    assert await free(desk, MONDAY, IN_A_CHANNEL) == [
        "tejo: 09:00 to 18:00",
        "taller: 09:00 to 18:00 (America/Montevideo)",
        "gone: not known. gone is no calendar at its address.",
    ]
    description = desk.tools["free_slots"].description
    assert description.endswith("Calendars: tejo; taller; gone.")
    assert "Say which one." in await desk.cannot(
        "free_slots", IN_A_CHANNEL, day=MONDAY, calendar="jefa"
    )
    assert await desk.cannot("free_slots", GUEST, day=MONDAY) == "Nothing of this may be seen here."
    assert desk_of(jefa=closed).tools["free_slots"].description.endswith("can take place.")


async def test_a_booking_is_made_seen_and_cancelled(room: dict[str, Any]) -> None:
    desk = desk_of(tejo=room)
    given: dict[str, Any] = {"start": "2026-10-26T10:00", "minutes": 90}
    said = await desk.confirmed("book", ANA_NOW, title=f"{TITLE}\u202e\n", **given)
    start, _, reference = said.rstrip(".").rpartition(". Booking ")
    assert start == (
        f"Booked tejo on Monday 26 October 2026 from 10:00 to 11:30 (Europe/Madrid): {TITLE}"
    )
    assert await free(desk, "2026-10-26") == ["tejo: 09:00 to 10:00, 11:30 to 18:00"]
    day = {"day": "2026-10-26"}
    mine = await desk.said("my_calendar", ANA_NOW, **day)
    assert mine.splitlines() == [
        "On Monday 26 October 2026 whoever asks has:",
        f"tejo: 10:00 to 11:30 {TITLE} (booking {reference})",
    ]
    in_public = await desk.said("my_calendar", IN_A_CHANNEL, **day)
    assert in_public.endswith(f"tejo: 10:00 to 11:30 (booking {reference})")
    assert "has nothing on Monday" in await desk.said("my_calendar", BEN, **day)
    with pytest.raises(CannotError, match="tejo is taken: 10:00 to 11:30"):
        await desk.confirmed("book", BEN, start="2026-10-26T11:00", minutes=60, title="x")
    with pytest.raises(CannotError, match="Whoever asks has no booking"):
        await desk.confirmed("cancel_booking", BEN, booking=reference)
    assert await desk.confirmed("cancel_booking", ANA_NOW, booking=reference) == (
        "Cancelled the booking of tejo on Monday 26 October 2026, 10:00 to 11:30."
    )
    assert await free(desk, "2026-10-26") == ["tejo: 09:00 to 18:00"]
    with pytest.raises(CannotError, match="Whoever asks has no booking"):
        await desk.confirmed("cancel_booking", ANA_NOW, booking=reference)


async def test_what_is_confirmed_says_which_calendar_and_when(room: dict[str, Any]) -> None:
    desk = desk_of(tejo=room | {"person": "terminal:ana"})
    given: dict[str, Any] = {"start": "2026-10-26T10:00", "minutes": 90, "title": f"{TITLE}\n"}
    asked = await desk.outcome("book", ANA_NOW, **given)
    assert asked.status == "unconfirmed"
    assert asked.call.arguments == {
        "calendar": "tejo",
        "start": "2026-10-26T10:00:00+01:00",
        "minutes": 90,
        "title": TITLE,
    }
    assert asked.call.facts == {"time_zone": "Europe/Madrid", "person": "terminal:ana"}
    assert await free(desk, "2026-10-26") == ["tejo: 09:00 to 18:00"]
    said = await desk.confirmed("book", ANA_NOW, **given)
    reference = said.rstrip(".").rpartition(" Booking ")[2]
    asked = await desk.outcome("cancel_booking", ANA_NOW, booking=reference)
    assert (asked.status, asked.effect) == ("unconfirmed", "destructive")
    assert in_full(asked.call).splitlines() == [
        "cancel_booking",
        f'  booking: "{reference}"',
        '  calendar: "tejo"',
        '  start: "2026-10-26T10:00+01:00"',
        '  end: "2026-10-26T11:30+01:00"',
        '  time_zone: "Europe/Madrid"',
    ]
    for name, more in (
        ("book", given | {"calendar": "x"}),
        ("cancel_booking", {"booking": "0" * 12}),
    ):
        cannot = await desk.outcome(name, ANA_NOW, **more)
        assert (cannot.status, cannot.confirmation) == ("failed", ""), "nobody is asked in vain"


async def test_a_time_is_that_of_the_place_of_the_calendar(server: CalDavServer) -> None:
    desk = desk_of(taller=table(server.calendar("taller"), time_zone="America/Montevideo"))
    said = await desk.confirmed("book", ANA_NOW, start="2026-10-19T09:00", minutes=30, title="x")
    assert "from 09:00 to 09:30 (America/Montevideo)" in said
    start = "2026-10-19T15:00:00+02:00"
    said = await desk.confirmed("book", ANA_NOW, start=start, minutes=30, title="x")
    assert "from 10:00 to 10:30 (America/Montevideo)" in said
    madrid = desk_of(taller=table(f"http://127.0.0.1:{server.port}/{USER}/taller/"))
    assert await free(madrid, MONDAY) == ["taller: 09:00 to 14:00, 14:30 to 15:00, 15:30 to 18:00"]


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2027-03-28T02:30", "02:30 does not exist that day"),
        ("2026-09-30T10:00", "That time is over."),
        ("2028-01-01T10:00", "more than a year away"),
        ("0001-01-01T00:00:00+14:00", "No calendar goes that far."),
    ],
)
async def test_times_that_cannot_be_booked_are_told(
    room: dict[str, Any], start: str, said: str
) -> None:
    with pytest.raises(CannotError, match=said):
        await desk_of(tejo=room).confirmed("book", ANA_NOW, start=start, minutes=30, title="x")


async def test_a_time_that_comes_twice_is_the_first_one(room: dict[str, Any]) -> None:
    desk = desk_of({"opens": "00:00", "closes": "23:59"}, tejo=room)
    await desk.confirmed("book", ANA_NOW, start="2026-10-25T02:30", minutes=30, title="x")
    (line,) = await free(desk, "2026-10-25", minutes=300)
    assert line == "tejo: 02:00 to 23:59", "the second half past two is free"


async def test_of_two_who_book_at_once_not_both_have_it(room: dict[str, Any]) -> None:
    desk = desk_of(tejo=room)
    given: dict[str, Any] = {"start": "2026-10-19T10:00", "minutes": 60, "title": "x"}
    both = await asyncio.gather(
        *(desk.confirmed("book", who, **given) for who in (ANA_NOW, BEN)), return_exceptions=True
    )
    done = [one for one in both if isinstance(one, str)]
    assert len(done) <= 1
    mine = [await desk.said("my_calendar", who, day=MONDAY) for who in (ANA_NOW, BEN)]
    assert sum("10:00 to 11:00" in one for one in mine) == len(done)


async def test_only_those_who_may_book_do(room: dict[str, Any]) -> None:
    some, none = room | {"writers": ["terminal:ben"]}, {**room}
    del none["writers"]
    desk = desk_of(some=some, none=none)
    given: dict[str, Any] = {"start": "2026-10-19T10:00", "minutes": 60, "title": "x"}
    for name in ("some", "none"):
        with pytest.raises(CannotError, match="may not write there"):
            await desk.confirmed("book", ANA_NOW, calendar=name, **given)
        with pytest.raises(CannotError, match="may not write there"):
            await desk.confirmed("cancel_booking", ANA_NOW, calendar=name, booking="0" * 12)
    assert await desk.confirmed("book", BEN, calendar="some", **given)


async def test_a_calendar_of_a_person_shows_titles_to_that_person_alone(
    server: CalDavServer,
) -> None:
    own = table(server.calendar("ana"), person="terminal:ana")
    server.put("ana", "weekly", *WEEKLY)
    whole = ("DTSTART;VALUE=DATE:20261019", "SUMMARY:Cumpleaños\\, de Ben")
    server.put("ana", "birthday", *event("birthday", *whole))
    desk = desk_of(ana=own)
    mine = await desk.said("my_calendar", ANA_NOW, day=MONDAY)
    assert mine.splitlines()[1:] == [
        "ana: all day Cumpleaños, de Ben",
        "ana: 10:00 to 11:00 Asamblea",
    ]
    public = await desk.said("my_calendar", IN_A_CHANNEL, day=MONDAY)
    assert public.splitlines()[1:] == ["ana: all day", "ana: 10:00 to 11:00"]
    assert "nothing on Monday 19 October" in await desk.said("my_calendar", BEN, day=MONDAY)


async def test_a_wrong_password_is_told_and_stays_ours(room: dict[str, Any]) -> None:
    desk = desk_of(tejo=room | {"user": "ben"})
    structlog.reset_defaults()  # another test may have silenced it
    with capture_logs() as logged:
        assert await free(desk, MONDAY) == ["tejo: not known. tejo does not let us in."]
        said = await desk.said("my_calendar", ANA_NOW, day=MONDAY)
        with pytest.raises(CannotError, match="does not let us in"):
            await desk.confirmed("book", ANA_NOW, start=f"{MONDAY}T10:00", minutes=9, title="x")
    assert said.endswith("tejo: not known. tejo does not let us in.")
    assert PASSWORD not in str(logged)


def multistatus(*lines: str) -> Reply:
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR"])
    body = (
        '<m:multistatus xmlns:m="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
        f"<m:response><m:propstat><m:prop><c:calendar-data>{text}</c:calendar-data></m:prop>"
        "</m:propstat></m:response></m:multistatus>"
    )
    return Reply(body.encode(), 207, "application/xml")


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
TEN = ("DTSTART:20261019T080000Z", "DTEND:20261019T090000Z")


@pytest.fixture
async def odd() -> AsyncIterator[LoopbackServer]:
    """A server that speaks CalDAV badly."""
    async with LoopbackServer(lambda _: Reply(b"", 204)) as started:
        yield started


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(b"", 500), "tejo does not work just now; ask again later."),
        (Reply(b"", 404), "tejo is no calendar at its address."),
        (Reply(b"<html>", 200, "text/html"), "tejo is no calendar at its address."),
        (Reply(BOMB, 207, "application/xml"), "tejo is no calendar at its address."),
        (Reply(b"x" * 10_000_000, 207), "tejo says more than 4,194,304 bytes."),
        (Reply(b"<a/>", 207, cut_at=2), "tejo did not answer; ask again later."),
        (moved("https://evil.example/"), "tejo leads somewhere else."),
        (multistatus(*event("a", "DTSTART:soon")), "an entry in the calendar that I cannot read"),
        (multistatus(*event("a")), "an entry in the calendar that I cannot read"),
        (multistatus("BEGIN:VEVENT"), "an entry in the calendar that I cannot read"),
        (multistatus(*event("a", *TEN, "RRULE:FREQ=DAILY")), "when repeated entries are"),
    ],
)
async def test_what_goes_wrong_is_told(odd: LoopbackServer, reply: Reply, said: str) -> None:
    odd.respond = lambda _: reply
    (line,) = await free(desk_of(tejo=table(odd.url)), MONDAY)
    assert line.startswith("tejo: not known. ")
    assert said in line


async def test_a_server_that_sends_too_much_is_not_believed(odd: LoopbackServer) -> None:
    other = ("DTSTART:20261018T080000Z", "DTEND:20261018T090000Z")
    twice = ("SUMMARY:one", "SUMMARY:two")
    odd.respond = lambda _: multistatus(*event("a", *other), *event("b", *TEN, *twice))
    (line,) = await free(desk_of(tejo=table(odd.url)), MONDAY)
    assert line == "tejo: 09:00 to 10:00, 11:00 to 18:00"


async def test_a_server_that_forgets_a_booking_is_told_apart_from_ours(odd: LoopbackServer) -> None:
    odd.respond = lambda _: Reply(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    with pytest.raises(CannotError, match="Whoever asks has no booking"):
        await desk_of(tejo=table(odd.url)).confirmed(
            "cancel_booking", ANA_NOW, booking="0123456789ab"
        )


async def test_a_booking_that_meets_another_is_taken_back(odd: LoopbackServer) -> None:
    empty = multistatus()
    replies = [empty, Reply(b"", 201), multistatus(*event("a", *TEN)), Reply(b"", 204)]
    odd.respond = lambda _: replies.pop(0)
    with pytest.raises(CannotError, match="tejo is taken: 10:00 to 11:00"):
        await desk_of(tejo=table(odd.url)).confirmed(
            "book", ANA_NOW, start=f"{MONDAY}T10:00", minutes=30, title="x"
        )
    asked = [request.method for request in odd.requests]
    assert asked == ["REPORT", "PUT", "REPORT", "DELETE"]
    assert odd.requests[1].path == odd.requests[3].path
    assert odd.requests[1].headers["if-none-match"] == "*"


async def test_a_model_names_no_other_entry(room: dict[str, Any]) -> None:
    desk = desk_of(tejo=room)
    for booking in ("weekly", "../ana/weekly", "0123456789a", "0123456789ab\n"):
        with pytest.raises(Exception, match="booking: "):
            await desk.confirmed("cancel_booking", ANA_NOW, booking=booking)


@pytest.mark.parametrize(
    ("more", "changed", "said"),
    [
        ({}, {"user": ""}, "user and password belong together"),
        ({}, {"person": "ana"}, "person has to be PLATFORM:PERSON"),
        ({}, {"time_zone": "Madrit"}, "There is no such time zone. Spelt alike: Europe/Madrid"),
        ({}, {"url": "http://dav.example/x", "private": False}, "with private = true"),
        ({}, {"pasword": "x"}, "has no 'pasword'"),
        ({"opens": "20:00", "closes": "08:00"}, {}, "has to open before it closes"),
        ({"time_zone": ""}, {}, "in some time zone"),
    ],
)
def test_a_table_that_is_wrong_is_told(
    more: dict[str, Any], changed: dict[str, Any], said: str
) -> None:
    right = table("https://dav.example/tejo", private=False)
    assert "book" in desk_of(tejo=right).tools
    with pytest.raises(ToolSettingsError) as told:
        desk_of(more, tejo=right | changed)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("replies", "status"),
    [
        ([multistatus(), Reply(b"", 201), Reply(b"", 500)], "unknown"),
        ([multistatus(), Reply(b"", 201, cut_at=0)], "unknown"),
        ([multistatus(), Reply(b"", 502)], "unknown"),
        ([multistatus(), Reply(b"", 412)], "failed"),
        ([Reply(b"", 500)], "failed"),
    ],
)
async def test_what_breaks_off_once_a_booking_was_sent_may_be_booked(
    odd: LoopbackServer, replies: list[Reply], status: str
) -> None:
    odd.respond = lambda _: replies.pop(0) if replies else Reply(b"x", 204, cut_at=0)
    desk = desk_of(tejo=table(odd.url))
    asked = await desk.outcome("book", ANA_NOW, start=f"{MONDAY}T10:00", minutes=30, title="x")
    assert (await desk.says_yes(asked, ANA_NOW)).status == status
