"""The weather: forecasts from an API of the form of Open-Meteo."""

from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Annotated, Any

import yaml
from pydantic import model_validator

from pipelines.json_api import JsonApi
from pipelines.open_meteo import Daily, Now, OpenMeteo, Spot
from pipelines.particulars import folded
from pipelines.tool import Caller, CannotError, tool
from pipelines.tool_settings import Secret, ToolSettings
from pipelines.web_place import WebAddress, WebPlace, check_lines

DAYS_AHEAD, DAYS_SHOWN, MOST_OTHERS = 15, 3, 3
WITHIN_S = 5.0
"""For each of three requests at most."""


class Weather(ToolSettings):
    """What `[tools.weather]` may say; nothing needs to.

    Attributes:
        geocoding_url: finds places.
        forecast_url: knows the weather there.
        key: for those who pay; sent to both.
        private: whether both are in the operator's own network.
    """

    geocoding_url: WebAddress = "https://geocoding-api.open-meteo.com"
    forecast_url: WebAddress = "https://api.open-meteo.com"
    key: Secret | None = None
    private: bool = False

    @model_validator(mode="after")
    def _closed_lines(self) -> "Weather":
        check_lines(self.geocoding_url, self.forecast_url, private=self.private)
        return self

    def service(self) -> OpenMeteo:
        """The service as it is asked."""
        places, forecasts = (
            JsonApi(WebPlace(name, url, is_private=self.private, within_s=WITHIN_S))
            for name, url in (
                ("The search for places", self.geocoding_url),
                ("The weather service", self.forecast_url),
            )
        )
        return OpenMeteo(places, forecasts, self.key.get_secret_value() if self.key else "")


def _asked_for(place: str, **_: object) -> str:
    """What the service hears: the name without its country, by which we choose among its places.

    The day, too, which is one of the next.
    """
    return place.partition(",")[0]


@tool(within_s=20, outward=_asked_for)
async def weather(
    place: Annotated[str, "a town, with its country where the question says it: Córdoba, España"],
    caller: Caller,
    settings: Weather,
    day: Annotated[date | None, "YYYY-MM-DD; left out for now and the next days"] = None,
) -> str:
    """The weather now and the forecast for a place. Use it for rain, temperature and wind."""
    service = settings.service()
    spot, others = await _found(service, place, caller.language)
    today = caller.at.astimezone(spot.zone).date()
    last = today + timedelta(days=DAYS_AHEAD)
    if day and not today <= day <= last:
        raise CannotError(f"Forecasts go from {today} to {last}.")
    until = day or today + timedelta(days=DAYS_SHOWN - 1)
    forecast = await service.forecast(spot, day or today, until)
    words = _words(caller.language)
    lines = [_now(forecast.current, spot, words)] if forecast.current and not day else []
    lines += _days(forecast.daily, spot, words)
    if not lines:
        raise CannotError("The weather service knows nothing of that day.")
    if others:
        places = "; ".join(one.called for one in others)
        lines.append(words["others"].format(places=places))
    return "\n".join(lines)


async def _found(service: OpenMeteo, place: str, language: str) -> tuple[Spot, list[Spot]]:
    """The place that is most likely meant, and others of this name."""
    name, _, around = place.partition(",")
    for spoken in dict.fromkeys((language, "en", "es")):  # France is Francia elsewhere
        found = await service.spots(name.strip(), spoken)
        near = [one for one in found if one.is_within(around)]
        if near:
            first, *more = near
            same = [one for one in more if folded(one.name) == folded(first.name)]
            others = {one.called: one for one in same if one.called != first.called}
            return first, [*others.values()][:MOST_OTHERS]
        if not (found and around.strip()):
            break
    known = "; ".join(one.called for one in found[:MOST_OTHERS])
    raise CannotError("There is no such place." + (f" There are: {known}." if known else ""))


def _now(now: Now, spot: Spot, words: dict[str, Any]) -> str:
    said: str = words["now"].format(
        time=f"{now.time:%H:%M}",
        place=spot.called,
        sky=_sky(now.weather_code, words),
        warmth=_number(now.temperature_2m, words),
        wind=_number(now.wind_speed_10m, words, digits=0),
    )
    return said


def _days(daily: Daily, spot: Spot, words: dict[str, Any]) -> list[str]:
    """A line for each day; no more than all lists have."""
    rows = zip(
        daily.time,
        daily.weather_code,
        daily.temperature_2m_min,
        daily.temperature_2m_max,
        daily.precipitation_probability_max,
        daily.precipitation_sum,
        daily.wind_speed_10m_max,
        strict=False,
    )
    return [
        words["day"].format(
            day=_date(day, words),
            place=spot.called,
            sky=_sky(code, words),
            least=_number(least, words),
            most=_number(most, words),
            chance=_number(chance, words, digits=0),
            rain=_number(rain, words),
            wind=_number(wind, words, digits=0),
        )
        for day, code, least, most, chance, rain, wind in rows
    ]


def _sky(code: int | None, words: dict[str, Any]) -> str:
    return str(words["codes"].get(code, words["unknown"]))


def _number(value: float | None, words: dict[str, Any], digits: int = 1) -> str:
    """A number as it is written in a language; a question mark where nobody knows it."""
    if value is None:
        return "?"
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if words is _words("es") else text


def _date(day: date, words: dict[str, Any]) -> str:
    said: str = words["date"].format(
        weekday=words["weekdays"][day.weekday()],
        day=day.day,
        month=words["months"][day.month - 1],
        year=day.year,
    )
    return said


@cache
def _all_words() -> dict[str, dict[str, Any]]:
    text = resources.files("pipelines").joinpath("tools", "weather.yaml").read_text("utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found


def _words(language: str) -> dict[str, Any]:
    """Sentences and names in a language; in English where we do not speak it."""
    return _all_words().get(language, _all_words()["en"])
