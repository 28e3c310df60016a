"""Time zones by the names that people use for places, in both languages."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import cache
from importlib import resources
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo, available_timezones

import yaml
from babel import Locale
from babel.core import get_global

from pipelines.tool import CannotError

MOST_SHOWN, LONGEST = 3, 60
_RIGHT = "Use names such as Europe/Madrid, or a large city."
_OFFSET = re.compile(r"(?:utc|gmt) ?([+-])(\d{1,2})(?::?([0-5]\d))?")
_ALSO = {
    "AE": ("emirates", "emiratos"),
    "CZ": ("czech republic", "republica checa"),
    "GB": ("uk", "england", "inglaterra", "scotland", "escocia", "wales", "gales"),
    "NL": ("holland", "holanda"),
    "TR": ("turkey",),
    "US": ("usa", "us", "ee. uu.", "eeuu", "united states of america"),
}
"""Countries by what else they are called."""


def zone_of(place: str) -> tuple[tzinfo, str]:
    """The time zone of a place, and its name.

    Args:
        place: `Asia/Tokyo`, `Tokio`, `Bogotá, Colombia`, `San Francisco, California` or `UTC+2`.

    Raises:
        CannotError: there is none, or none in the country or region that is named; names those
            that are spelt alike, or that it may be.
    """
    known = _known()
    name = _folded(place[:LONGEST]).strip(" ,")
    if offset := _OFFSET.fullmatch(name):
        return _fixed(*offset.groups())
    if name in known:
        return ZoneInfo(known[name]), known[name]
    city, *around = (part.strip() for part in name.split(","))
    if around:
        zone = _within(city, around)
        return ZoneInfo(zone), zone
    near = dict.fromkeys(known[one] for one in get_close_matches(name, known, n=9, cutoff=0.6))
    shown = ", ".join([*near][:MOST_SHOWN])
    raise CannotError(
        "There is no such time zone." + (f" Spelt alike: {shown}." if shown else "")
        + f" {_RIGHT}"
    )  # fmt: skip


def _within(city: str, around: Sequence[str]) -> str:
    """The time zone of a city in a region or a country; others of its name do not count.

    Args:
        city: as it is called.
        around: what it is in, such as a state and its country, the largest last.

    Raises:
        CannotError: that place is not known, and there are several time zones, or what it is in is
            not known.
    """
    code = _countries().get(around[-1])
    zones = _zones_of_region(around, code if len(around) > 1 else None)
    found = [zone for zone in zones if _cities().get((city, _country_of(zone))) == zone]
    if len(found) == 1:
        return found[0]
    if code is None and not zones:
        known = _known().get(city)
        meant = f" {known} is one such place." if known else ""
        raise CannotError(f"What is named after the comma is not known.{meant} {_RIGHT}")
    if code and (len(around) == 1 or not zones):
        if (city, code) in _cities():
            return _cities()[city, code]
        zones = [*zones, *get_global("territory_zones").get(code, ())]  # Georgia is both
    if len(zones) == 1:
        return zones[0]
    usual = _known().get(around[-1])
    shown = ", ".join(sorted(zones, key=lambda zone: zone != usual)[:MOST_SHOWN])
    raise CannotError(f"That place is not known. Time zones there: {shown}. {_RIGHT}")


def _zones_of_region(around: Sequence[str], code: str | None) -> list[str]:
    """The time zones of the nearest region that is known; in a country where one is named."""
    listed = next((_regions()[one] for one in around if one in _regions()), [])
    return [zone for zone in listed if code in (None, _country_of(zone))]


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


_NO_PLACES = frozenset({"localtime", "Factory", "posixrules"})
"""What stands beside the zones in their database."""


@cache
def _known() -> dict[str, str]:
    """IANA names by what they are called: themselves, their city, and what else people say."""
    zones = available_timezones() - _NO_PLACES
    called = {city: zone for zone, cities in _listed().items() for city in cities}
    cities = {_folded(zone.rpartition("/")[2]): zone for zone in sorted(zones, reverse=True)}
    return cities | {_folded(zone): zone for zone in zones} | called


@cache
def _listed(file: str = "cities.yaml") -> dict[str, list[str]]:
    """What a file of ours says: names by the time zone there."""
    text = resources.files("pipelines").joinpath("tools", file).read_text("utf-8")
    found: dict[str, list[str]] = yaml.safe_load(text)
    return found


@cache
def _regions() -> dict[str, list[str]]:
    """IANA names by a state, a province or a region; a name may be that of several."""
    zones_by_name: dict[str, list[str]] = {}
    for zone, names in _listed("regions.yaml").items():
        for name in names:
            zones_by_name.setdefault(name, []).append(zone)
    return zones_by_name


def _country_of(zone: str) -> str:
    return str(get_global("zone_territories").get(zone, ""))


@cache
def _cities() -> dict[tuple[str, str], str]:
    """IANA names by a city and the code of its country."""
    countries: Mapping[str, str] = get_global("zone_territories")
    named = [
        (_folded(zone.rpartition("/")[2]), zone)
        for zone in countries
        if zone in available_timezones()
    ]
    named += [(name.split(",")[0], zone) for zone, names in _listed().items() for name in names]
    return {(city, countries[zone]): zone for city, zone in named if zone in countries}


@cache
def _countries() -> dict[str, str]:
    """Codes of countries by their names in both languages."""
    found = {_folded(name): code for code, names in _ALSO.items() for name in names}
    for language in ("en", "es"):
        named = Locale(language).territories.items()
        found |= {_folded(name): code for code, name in named if code.isalpha()}
    return found


def _folded(name: str) -> str:
    """A name without capitals, accents and underscores."""
    plain = "".join(one for one in normalize("NFKD", name) if not combining(one))
    return " ".join(plain.casefold().replace("_", " ").split())
