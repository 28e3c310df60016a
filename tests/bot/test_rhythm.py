"""Rhythms: what people write, when it is due, and days on which the clocks are changed."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.rhythm import Rhythm, RhythmError, rhythm, zone_named
from tests.bot.team import ROOT

ZONES = (
    "Europe/Madrid",
    "America/New_York",
    "America/Santiago",
    "America/Havana",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Pacific/Apia",
    "UTC",
)
MADRID = ZoneInfo("Europe/Madrid")
START = datetime(2025, 1, 1, 12, tzinfo=UTC)


def dues(one: Rhythm, start: datetime, until: datetime) -> Iterator[datetime]:
    """Every time at which something is due, each looked for when the last one has come."""
    due = one.following(start, start)
    while due is not None and due < until:
        yield due
        due = one.following(due, due)


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The hours of 2026 in which the clocks of a zone are changed."""
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(365 * 24)]
    for before, after in pairwise(hours):
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield after


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("every 15 minutes", 900),
        ("every minute", 60),
        ("Every  2 hours", 7200),
        ("every day", 86_400),
        ("every 1 second", 1),
        ("every 2 weeks", 1_209_600),
    ],
)
def test_steps_are_counted_from_the_last_due_time(text: str, seconds: int) -> None:
    one, step = rhythm(text, UTC), timedelta(seconds=seconds)
    assert one.following(START, START) == START + step
    assert one.following(START, START + step * 0.9) == START + step
    assert one.following(START, START + step * 3.5) == START + step * 4
    assert one.following(START, START - step * 5) == START + step
    assert one.latest(START) == START + step


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("30 2 * * *", "2026-06-04T02:30", "2026-06-05T02:30"),
        ("0 9 * * 1", "2026-06-08T09:00", "2026-06-15T09:00"),
        ("0 9 * * 0", "2026-06-07T09:00", "2026-06-14T09:00"),
        ("0 9 * * 7", "2026-06-07T09:00", "2026-06-14T09:00"),
        ("0 9 * * mon-fri", "2026-06-04T09:00", "2026-06-05T09:00"),
        ("0 9 * * Saturday-Sunday", "2026-06-06T09:00", "2026-06-07T09:00"),
        ("0 9 * * fri-mon", "2026-06-05T09:00", "2026-06-06T09:00"),
        ("0 9 1 * *", "2026-07-01T09:00", "2026-08-01T09:00"),
        ("0 9 5 * mon", "2026-06-05T09:00", "2026-06-08T09:00"),
        ("*/20 * * * *", "2026-06-03T14:20", "2026-06-03T14:40"),
        ("5,50 */6 * jun,dec *", "2026-06-03T18:05", "2026-06-03T18:50"),
        ("10/25 14 * * *", "2026-06-03T14:10", "2026-06-03T14:35"),
        ("0 22-3 * * *", "2026-06-03T22:00", "2026-06-03T23:00"),
        ("0 0 29 2 *", "2028-02-29T00:00", "2032-02-29T00:00"),
    ],
)
def test_the_five_fields_mean_what_they_mean_in_cron(text: str, first: str, second: str) -> None:
    one = rhythm(text, MADRID)
    now = datetime(2026, 6, 3, 14, tzinfo=MADRID)
    due = one.following(now, now)
    assert due == datetime.fromisoformat(first).replace(tzinfo=MADRID)
    assert one.latest(now) == datetime.fromisoformat(second).replace(tzinfo=MADRID)
    assert one.text == f"{text} in Europe/Madrid"


def test_never_is_never_due() -> None:
    one = rhythm("Never", UTC)
    assert (one.text, one.following(START, START), one.latest(START)) == ("never", None, None)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", ["30 2 * * *", "0 0 * * *", "59 23 * * *", "15 1 * * *"])
def test_what_is_due_daily_is_due_once_on_every_day_of_three_years(zone: str, text: str) -> None:
    found = list(dues(rhythm(text, ZoneInfo(zone)), START, START + timedelta(days=3 * 365)))
    days = [due.astimezone(ZoneInfo(zone)).date() for due in found]
    assert len(days) == len(set(days))
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert len(days) >= 3 * 365 - 1


def test_a_day_that_a_country_left_out_is_left_out() -> None:
    apia = ZoneInfo("Pacific/Apia")
    start = datetime(2011, 12, 28, 12, tzinfo=apia)
    found = list(dues(rhythm("0 6 * * *", apia), start, start + timedelta(days=3)))
    days = [due.astimezone(apia).date() for due in found]
    assert date(2011, 12, 30) not in days
    assert len(found) == len(set(found)) == len(set(days)) + days.count(date(2011, 12, 31)) - 1


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone != "Australia/Lord_Howe"])
@pytest.mark.parametrize(("text", "minutes"), [("*/15 * * * *", 15), ("0 * * * *", 60)])
def test_what_is_due_hourly_goes_on_through_a_change_of_clocks(
    zone: str, text: str, minutes: int
) -> None:
    one = rhythm(text, ZoneInfo(zone))
    for change in changes(ZoneInfo(zone)):
        found = list(dues(one, change - timedelta(hours=5), change + timedelta(hours=5)))
        assert {b - a for a, b in pairwise(found)} == {timedelta(minutes=minutes)}


@pytest.mark.parametrize(
    ("text", "said", "advice"),
    [
        ("evry 15 minutes", "no rhythm", 'Did you mean "every 15 minutes"?'),
        ("every 15 mins", "no rhythm", 'Did you mean "every 15 minutes"?'),
        ("every 0 minutes", "no rhythm", "minutes"),
        ("every 500 weeks", "no rhythm", "Right:"),
        ("every -5 minutes", "no rhythm", "minutes"),
        ("hourly", "no rhythm", "Right:"),
        ("", "no rhythm", "Right:"),
        ("every", "no rhythm", "Right:"),
        ("* * * *", "no rhythm", "Right:"),
        ("99 * * * *", "minute: '99' is nothing from 0 to 59", "30 2 * * *"),
        ("* 25 * * *", "hour: '25'", "30 2 * * *"),
        ("* * 0 * *", "day: '0'", "30 2 * * *"),
        ("* * * foo *", "month: 'foo'", "30 2 * * *"),
        ("* * * * 9", "day of the week: '9'", "30 2 * * *"),
        ("*/0 * * * *", "minute: '*/0' steps by no number", "30 2 * * *"),
        ("* * * * -1", "day of the week: ''", "30 2 * * *"),
        ("0 0 30 2 *", "this day never comes", "30 2 * * *"),
    ],
)
def test_what_is_no_rhythm_is_answered_with_the_nearest(text: str, said: str, advice: str) -> None:
    with pytest.raises(RhythmError) as caught:
        rhythm(text, UTC)
    assert f"'{text}' is no rhythm" in str(caught.value)
    assert said in str(caught.value)
    assert advice in caught.value.what_to_do


def test_a_time_zone_is_known_by_its_name() -> None:
    assert zone_named("America/Lima") == ZoneInfo("America/Lima")
    assert zone_named("").utcoffset(START) is not None
    for wrong in ("Europe/Madird", "../etc/passwd", "/etc", "Europe"):
        with pytest.raises(RhythmError, match="is no time zone") as caught:
            zone_named(wrong)
        assert 'Right: timezone = "' in caught.value.what_to_do
    with pytest.raises(RhythmError) as caught:
        zone_named("Europe/Madird")
    assert "Europe/Madrid" in caught.value.what_to_do


def test_a_machine_whose_zone_is_set_wrong_is_told() -> None:
    code = "from bot.rhythm import zone_named; zone_named('')"
    environment = {"TZ": "Nowhere/Atall", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert "RhythmError: the time zone of this machine is unknown" in done.stderr
