"""What `tertulia.toml` says of calendars, and how each of them is asked."""

from base64 import b64encode
from datetime import time
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from knowledge.principals import is_person
from pipelines.caldav import RemoteCalendar
from pipelines.named_places import WritablePlace, listed, open_to_all
from pipelines.time_zones import zone_of
from pipelines.tool import CannotError
from pipelines.tool_settings import Secret, ToolSettings
from pipelines.web_place import WebAddress, WebPlace, check_lines

ASKED_S = 6
"""For each of four requests that a booking may need."""
MOST_CALENDARS, MOST_BYTES = 40, 4 * 2**20


def _zone_name(name: str) -> str:
    """A time zone that there is."""
    try:
        return zone_of(name)[1] if name else ""
    except CannotError as error:
        raise ValueError(str(error)) from error


ZoneName = Annotated[str, AfterValidator(_zone_name)]


class OneCalendar(WritablePlace):
    """What is said of one calendar.

    Attributes:
        url: of the calendar itself, not of the server.
        person: whose it is; empty for a room, or what belongs to many.
        time_zone: where it differs from that of all.
        private: whether the server is in the operator's own network.
    """

    url: WebAddress
    user: str = ""
    password: Secret | None = None
    person: str = ""
    time_zone: ZoneName = ""
    private: bool = False

    @model_validator(mode="after")
    def _complete(self) -> "OneCalendar":
        check_lines(self.url, private=self.private)
        if bool(self.user) != bool(self.password):
            raise ValueError("user and password belong together")
        if self.person and not is_person(self.person):
            raise ValueError("person has to be PLATFORM:PERSON, such as terminal:ana")
        return self


class Calendars(ToolSettings):
    """What `[tools.calendar]` may say.

    Attributes:
        opens: when a day begins to be offered, `closes` when it ends; as the clocks say there.
    """

    time_zone: ZoneName
    opens: time = time(8)
    closes: time = time(20)
    calendars: Annotated[dict[str, OneCalendar], Field(min_length=1, max_length=MOST_CALENDARS)]

    @model_validator(mode="after")
    def _in_order(self) -> "Calendars":
        if not (self.time_zone and self.opens < self.closes):
            raise ValueError("a day has to open before it closes, in some time zone")
        return self

    def for_model(self) -> str:
        """The names of the calendars that everybody may know of."""
        known = open_to_all(self.calendars)
        return f"Calendars: {listed(known)}." if known else ""

    def remote(self, name: str, one: OneCalendar) -> RemoteCalendar:
        """A calendar as it is asked."""
        headers = {}
        if one.password:
            pair = f"{one.user}:{one.password.get_secret_value()}".encode()
            headers = {"Authorization": f"Basic {b64encode(pair).decode()}"}
        zone, _ = zone_of(one.time_zone or self.time_zone)
        place = WebPlace(name, one.url, headers, one.private, ASKED_S, MOST_BYTES)
        return RemoteCalendar(place, zone)
