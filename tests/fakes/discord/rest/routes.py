"""Which function answers which route, and what it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.fakes.discord.errors import Json, RefusedError, invalid

if TYPE_CHECKING:
    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.guilds import Guild
    from tests.fakes.discord.messages import Attachment, Message
    from tests.fakes.discord.people import Member
    from tests.fakes.discord.world import World

Answer = Json | list[Json] | None
MAJOR = ("channel", "guild", "application", "token")


@dataclass
class Asked:
    """One request.

    Attributes:
        body: the JSON, also where it came beside files.
        files: by their field, such as `files[0]`.
        gateway: what is said of the gateway.
        headers: what the answer says of rates.
    """

    world: World
    route: Route
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: dict[str, Attachment] = field(default_factory=dict)
    gateway: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def major(self) -> str:
        """What a bucket is for besides its route."""
        return "/".join(self.parameters[key] for key in MAJOR if key in self.parameters)

    @property
    def form(self) -> Json:
        """The body, which must be an object."""
        if not isinstance(self.body, dict):
            raise invalid("_", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return self.body

    def id(self, name: str) -> int:
        """A number in the path."""
        return number(self.parameters[name], name)

    def channel(self) -> Channel:
        """The channel in the path, if the bot sees it."""
        return channel_of(self.world, self.id("channel"))

    def message(self, place: Channel) -> Message:
        """The message in the path; ephemeral ones cannot be had this way."""
        found = place.messages.get(self.id("message"))
        if found is None or found.only_for:
            raise RefusedError(10008)
        return found

    def guild(self) -> Guild:
        """The guild in the path, if the bot is in it."""
        found = self.world.guilds.get(self.id("guild"))
        if found is None or not found.has_bot:
            raise RefusedError(10004)
        return found

    def member(self, guild: Guild, name: str) -> Member:
        """A member in the path, `@me` included."""
        if self.parameters[name] == "@me":
            return guild.bot
        if self.id(name) not in self.world.users:
            raise RefusedError(10013)
        found = guild.members.get(self.id(name))
        if found is None:
            raise RefusedError(10007)
        return found

    def limit(self, most: int, otherwise: int) -> int:
        """How many are wanted."""
        wanted = number(self.query.get("limit", str(otherwise)), "limit")
        if not 1 <= wanted <= most:
            text = f"int value should be between 1 and {most}."
            raise invalid("limit", "NUMBER_TYPE_MAX", text)
        return wanted


Answering = Callable[[Asked], Answer]


@dataclass(frozen=True)
class Route:
    """A method and a path.

    Attributes:
        is_open: needs no token of the bot, and does not count for the global limit.
    """

    method: str
    path: str
    answer: Answering
    is_open: bool
    pattern: re.Pattern[str]

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


ROUTES: list[Route] = []


def route(method: str, path: str, *, is_open: bool = False) -> Callable[[Answering], Answering]:
    """Let the function answer this."""
    pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))

    def register(answer: Answering) -> Answering:
        ROUTES.append(Route(method, path, answer, is_open, pattern))
        return answer

    return register


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The first route that fits."""
    for known in ROUTES:
        match = known.pattern.fullmatch(path)
        if match and known.method == method:
            return known, {key: unquote(value) for key, value in match.groupdict().items()}
    return None


def number(text: str, name: str) -> int:
    """An id."""
    if not text.isdecimal():
        raise invalid(name, "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')
    return int(text)


def channel_of(world: World, channel_id: int) -> Channel:
    """A channel that the bot sees."""
    found = world.channels.get(channel_id)
    if found is None:
        raise RefusedError(10003)
    if not world.bot_sees(found):
        raise RefusedError(50001)
    return found
