"""The clock knows places by the names that people use, and when clocks are changed."""

from datetime import UTC, date, datetime

import pytest

from knowledge.articles import Audience
from pipelines.time_zones import zone_of
from pipelines.tool import ArgumentsError, Caller, CannotError
from pipelines.tools.clock import convert_time, current_time, days_between, working_days

CALLER = Caller("terminal:ana", Audience(), at=datetime(2026, 5, 4, 22, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("asia/tokyo", "Asia/Tokyo"),
        ("Tokyo", "Asia/Tokyo"),
        ("Tokio", "Asia/Tokyo"),
        ("Bogotá", "America/Bogota"),
        ("BOGOTA", "America/Bogota"),
        ("Bogotá, Colombia", "America/Bogota"),
        ("nueva york", "America/New_York"),
        ("Córdoba", "America/Argentina/Cordoba"),
        ("Córdoba, Argentina", "America/Argentina/Cordoba"),
        ("Córdoba, España", "Europe/Madrid"),
        ("Cordoba, Spain", "Europe/Madrid"),
        ("Mérida, México", "America/Merida"),
        ("Mérida, España", "Europe/Madrid"),
        ("Valencia", "Europe/Madrid"),
        ("Valencia, Venezuela", "America/Caracas"),
        ("Las Palmas, España", "Atlantic/Canary"),
        ("Guadalajara, México", "America/Mexico_City"),
        ("Boston, USA", "America/New_York"),
        ("Londres, Reino Unido", "Europe/London"),
        ("London, UK", "Europe/London"),
        ("Bergen, Norway", "Europe/Oslo"),
        ("Delhi, India", "Asia/Kolkata"),
        ("Valencia, Carabobo, Venezuela", "America/Caracas"),
        ("San Francisco, California", "America/Los_Angeles"),
        ("San Francisco, California, USA", "America/Los_Angeles"),
        ("Nueva York, Nueva York", "America/New_York"),
        ("Washington, D.C.", "America/New_York"),
        ("Springfield, Illinois", "America/Chicago"),
        ("Lima, Ohio", "America/New_York"),
        ("Portland, Maine, Estados Unidos", "America/New_York"),
        ("Louisville, Kentucky", "America/Kentucky/Louisville"),
        ("Houston, Texas", "America/Chicago"),
        ("Atlanta, Georgia", "America/New_York"),
        ("Savannah, Georgia, USA", "America/New_York"),
        ("Tbilisi, Georgia", "Asia/Tbilisi"),
        ("Melbourne, Victoria", "Australia/Melbourne"),
        ("Montréal, Québec", "America/Toronto"),
        ("Córdoba, Andalucía", "Europe/Madrid"),
        ("Guadalajara, Jalisco", "America/Mexico_City"),
        ("Santa Cruz, Canarias", "Atlantic/Canary"),
        ("Madrid,", "Europe/Madrid"),
        ("New York", "America/New_York"),
        ("Ciudad de México", "America/Mexico_City"),
        ("España", "Europe/Madrid"),
        ("Sao Paulo", "America/Sao_Paulo"),
        ("UTC", "UTC"),
        ("UTC+5:30", "UTC+05:30"),
        ("gmt -3", "UTC-03:00"),
    ],
)
def test_places_are_known_by_what_people_call_them(place: str, zone: str) -> None:
    assert zone_of(place)[1] == zone


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("Tokyyo", "Asia/Tokyo"),
        ("Bogotta", "America/Bogota"),
        ("", "There is no such time zone. Use names"),
        ("../../etc/passwd", "There is no such time zone"),
        ("America", "There is no such time zone"),
        ("Unknown, Unknown Region", "That place is not known."),
        ("Munich, Bavaria", "after the comma is not known. Europe/Berlin is one such place."),
        ("Nowhere, Atlantis", "after the comma is not known. Use names"),
        ("Melbourne, Estados Unidos", "That place is not known. Time zones there: "),
        ("Orotava, España", "Time zones there: Europe/Madrid, Africa/Ceuta, Atlantic/"),
        ("Paris, Texas", "not known. Time zones there: America/Chicago, America/Denver. Use"),
        ("San Diego, Texas, USA", "Time zones there: America/Chicago, America/Denver. Use"),
        ("Savannah, Georgia", "Time zones there: America/New_York, Asia/Tbilisi. Use"),
        (", ,", "There is no such time zone. Use names"),
        ("a\0b", "There is no such time zone"),
        ("x" * 10_000, "There is no such time zone"),
        ("UTC+15", "14 hours"),
    ],
)
def test_unknown_places_are_told_with_what_is_spelt_alike(place: str, words: str) -> None:
    with pytest.raises(CannotError, match=words.replace("+", r"\+")):
        zone_of(place)


def test_the_time_is_told_where_it_is_asked_for() -> None:
    said = current_time.function(zone="Tokio", caller=CALLER)
    assert said == "In Asia/Tokyo it is now 07:30 on Tuesday 5 May 2026 (UTC+0900)."


@pytest.mark.parametrize(
    ("time", "zone", "into", "said"),
    [
        (
            "2026-05-04T15:00",
            "Madrid",
            "Bogotá",
            "15:00 on Monday 4 May 2026 in Europe/Madrid is 08:00 on Monday 4 May 2026 in"
            " America/Bogota.",
        ),
        (
            "2026-05-04T20:00:00Z",
            "Bogotá",
            "Tokyo",
            "20:00 on Monday 4 May 2026 in America/Bogota is 10:00 on Tuesday 5 May 2026 in"
            " Asia/Tokyo.",
        ),
        (
            "2026-10-25T02:30",
            "Madrid",
            "UTC",
            "02:30 on Sunday 25 October 2026 in Europe/Madrid (it comes twice: clocks go back then)"
            " is 00:30 on Sunday 25 October 2026 or 01:30 on Sunday 25 October 2026 in UTC.",
        ),
    ],
)
def test_times_are_converted(time: str, zone: str, into: str, said: str) -> None:
    given = convert_time.checked({"time": time, "zone": zone, "into": into})
    assert convert_time.function(**given) == said


@pytest.mark.parametrize(
    ("time", "zone", "words"),
    [
        ("2026-03-29T02:30", "Madrid", "does not exist: clocks go forward"),
        ("0001-01-01T00:00", "Tokyo", "No calendar"),
        ("9999-12-31T23:59", "New York", "No calendar"),
    ],
)
def test_times_that_there_are_not_are_told(time: str, zone: str, words: str) -> None:
    given = convert_time.checked({"time": time, "zone": zone, "into": "UTC"})
    with pytest.raises(CannotError, match=words):
        convert_time.function(**given)


def test_working_days_leave_out_weekends_and_holidays() -> None:
    monday, next_monday = date(2026, 5, 4), date(2026, 5, 11)
    assert "6 working days of 8 days" in working_days.function(monday, next_monday)
    assert "6 working days" in working_days.function(next_monday, monday)
    off = [date(2026, 5, 5), date(2026, 5, 9)]
    assert "5 working days" in working_days.function(monday, next_monday, off)
    with pytest.raises(CannotError, match="4000"):
        working_days.function(date(1, 1, 1), date(9999, 12, 31))


def test_days_are_counted_in_either_direction() -> None:
    for days in ((date(2026, 5, 4), date(2026, 5, 11)), (date(2026, 5, 11), date(2026, 5, 4))):
        assert days_between.function(*days).endswith("there are 7 days.")


@pytest.mark.parametrize("day", ["4 May 2026", "2026-02-30", 20260504, None])
def test_days_that_there_are_not_never_come_in(day: object) -> None:
    with pytest.raises(ArgumentsError):
        days_between.checked({"start": day, "end": "2026-05-04"})
