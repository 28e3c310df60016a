"""What Open-Meteo says, or a server of its form: where a place is, and the weather there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field

from knowledge.cleaning import clean
from pipelines.json_api import JsonApi, understood
from pipelines.particulars import folded

LONGEST_NAME, MOST_FOUND = 60, 10
_NOW = "temperature_2m,weather_code,wind_speed_10m"
_DAY = (
    "weather_code,temperature_2m_min,temperature_2m_max,precipitation_probability_max,"
    "precipitation_sum,wind_speed_10m_max"
)
Query = Sequence[tuple[str, str]]


class Spot(BaseModel):
    """A place that was found by its name."""

    name: str
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    timezone: str = "UTC"
    country: str = ""
    country_code: str = ""
    admin1: str = ""
    admin2: str = ""

    @property
    def called(self) -> str:
        """Its name, with the region and the country that it is in."""
        around = dict.fromkeys(one for one in (self.admin1, self.country) if one != self.name)
        within = ", ".join(one for one in around if one)
        return " ".join(clean(f"{self.name} ({within})" if within else self.name)[:120].split())

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone; UTC where there is none of that name."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo("UTC")

    def is_within(self, around: str) -> bool:
        """Whether it is in a region or a country, as people write these."""
        known = {folded(one) for one in (self.country, self.country_code, self.admin1, self.admin2)}
        return all(folded(part.strip()) in known for part in around.split(",") if part.strip())


class Now(BaseModel):
    """The weather now."""

    time: datetime
    temperature_2m: float | None = None
    weather_code: int | None = None
    wind_speed_10m: float | None = None


class Daily(BaseModel):
    """The weather of some days: each list has an entry for each day."""

    time: list[date]
    weather_code: list[int | None]
    temperature_2m_min: list[float | None]
    temperature_2m_max: list[float | None]
    precipitation_probability_max: list[float | None]
    precipitation_sum: list[float | None]
    wind_speed_10m_max: list[float | None]


class Forecast(BaseModel):
    """The weather of a place."""

    current: Now | None = None
    daily: Daily


class _Found(BaseModel):
    results: list[Spot] = []


@dataclass(frozen=True, slots=True)
class OpenMeteo:
    """Both of its APIs.

    Attributes:
        key: those who pay have one; sent as the API wants it.
    """

    geocoding: JsonApi
    forecasts: JsonApi
    key: str = ""

    async def spots(self, name: str, language: str) -> list[Spot]:
        """Places of a name, the most likely ones first, called as they are in a language.

        Raises:
            CannotError: there is no answer.
        """
        query = [("name", name[:LONGEST_NAME]), ("count", str(MOST_FOUND)), ("language", language)]
        found = await self._asked(self.geocoding, "v1/search", [*query, ("format", "json")])
        return understood(_Found, found or {}, self.geocoding.name).results

    async def forecast(self, spot: Spot, first: date, last: date) -> Forecast:
        """The weather of some days at a place, and now.

        Raises:
            CannotError: there is no answer.
        """
        query = [
            ("latitude", f"{spot.latitude:.4f}"),
            ("longitude", f"{spot.longitude:.4f}"),
            ("current", _NOW),
            ("daily", _DAY),
            ("timezone", spot.zone.key),
            ("start_date", first.isoformat()),
            ("end_date", last.isoformat()),
        ]
        said = await self._asked(self.forecasts, "v1/forecast", query)
        return understood(Forecast, said, self.forecasts.name)

    async def _asked(self, api: JsonApi, path: str, query: Query) -> Any:  # noqa: ANN401 (JSON)
        return await api.get(path, [*query, ("apikey", self.key)] if self.key else query)
