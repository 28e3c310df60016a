"""Time zones by the names that people use for places, in both languages."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import cache
from importlib import resources
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo, available_timezones

import yaml

from pipelines.tool import CannotError

MOST_SHOWN, LONGEST = 3, 60
_OFFSET = re.compile(r"(?:utc|gmt) ?([+-])(\d{1,2})(?::?([0-5]\d))?")


def zone_of(place: str) -> tuple[tzinfo, str]:
    """The time zone of a place, and its name.

    Args:
        place: `Asia/Tokyo`, `Tokio`, `Bogotá, Colombia` or `UTC+2`.

    Raises:
        CannotError: there is none; names those that are spelt alike.
    """
    known = _known()
    name = _folded(place[:LONGEST])
    if offset := _OFFSET.fullmatch(name):
        return _fixed(*offset.groups())
    for wanted in (name, name.partition(",")[0].strip()):
        if wanted in known:
            return ZoneInfo(known[wanted]), known[wanted]
    near = dict.fromkeys(known[one] for one in get_close_matches(name, known, n=9, cutoff=0.6))
    shown = ", ".join([*near][:MOST_SHOWN])
    raise CannotError(
        "There is no such time zone." + (f" Spelt alike: {shown}." if shown else "")
        + " Use names such as Europe/Madrid, or a large city."
    )  # fmt: skip


def moments(local: datetime, zone: tzinfo) -> list[datetime]:
    """When it is this time in a place: once, never or twice where clocks are changed."""
    found = []
    for fold in (0, 1):
        there = local.replace(tzinfo=zone, fold=fold)
        back = there.astimezone(UTC).astimezone(zone)
        if back.replace(tzinfo=None) == local.replace(tzinfo=None, fold=back.fold):
            found.append(there.astimezone(UTC))
    return sorted(set(found))


def _fixed(sign: str, hours: str, minutes: str | None) -> tuple[tzinfo, str]:
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > timedelta(hours=14):
        raise CannotError("No place is more than 14 hours from UTC.")
    zone = timezone(offset if sign == "+" else -offset)
    return zone, str(zone)


@cache
def _known() -> dict[str, str]:
    """IANA names by what they are called: themselves, their city, and what else people say."""
    text = resources.files("pipelines").joinpath("tools", "cities.yaml").read_text("utf-8")
    zones = available_timezones()
    called = {city: zone for zone, cities in yaml.safe_load(text).items() for city in cities}
    cities = {_folded(zone.rpartition("/")[2]): zone for zone in sorted(zones, reverse=True)}
    return cities | {_folded(zone): zone for zone in zones} | called


def _folded(name: str) -> str:
    """A name without capitals, accents and underscores."""
    plain = "".join(one for one in normalize("NFKD", name) if not combining(one))
    return " ".join(plain.casefold().replace("_", " ").split())
