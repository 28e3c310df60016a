"""All that will be done is shown, wherever it stands, and just that is done after a yes."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    Field,
    PrivateAttr,
    SecretStr,
    computed_field,
)

from knowledge.articles import Audience
from knowledge.conversations import Decision
from pipelines.mcp.schemas import usable
from pipelines.tool import Caller, Tool, tool
from pipelines.tool_call import Call, Outcome, in_full
from pipelines.tools import Broker
from tests.brokers import broker_of

ANA = Caller("terminal:ana", Audience.of("everyone"), "C1")
COUNT = itertools.count(1)
TAKEN: list[Any] = []


class Speed(StrEnum):
    """How it is sent."""

    EXPRESS = "express"
    SLOW = "slow"


class Line(BaseModel):
    """A part of an order."""

    item: str
    pieces: int = 1
    gift: bool = Field(True, alias="as-gift")


class Longest(Line):
    """A part with more to it."""

    metres: int = 9


DESK, SECRET = Longest.model_validate({"item": "desk"}), SecretStr("abc")


class Order(BaseModel):
    """What is ordered."""

    item: str = "lamp"
    express: bool = True
    speed: Speed = Speed.EXPRESS
    note: str | None = None
    lines: list[Line] = Field(default_factory=list)

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own words for it
    @property
    def size(self) -> int:
        """Of the order."""
        return len(self.lines)


@plain_dataclass
class Parcel:
    """What is sent."""

    to: str
    insured: bool = False


@tool(effect="write")
def order(order: Order, parcel: Parcel | None = None) -> str:
    """Orders something."""
    TAKEN.append((order, parcel))
    return "ordered"


@tool(effect="destructive")
def wipe(folder: str | None = None, name: str = "", *, really: bool) -> str:
    """Empties a folder."""
    TAKEN.append((folder, name, really))
    return "wiped"


@tool(effect="write")
def number(
    given: Annotated[int, Field(default_factory=lambda: next(COUNT))],
    at: Annotated[datetime, Field(default_factory=lambda: datetime.now(UTC))],
    who: Annotated[set[str], Field(default_factory=lambda: {"ben", "ana", "eva"})],
) -> str:
    """Gives a number."""
    TAKEN.append((given, at, who))
    return str(given)


@tool(effect="write")
def move(
    room: Annotated[str, AfterValidator(str.upper)] = "tejo",
    day: date = "2026-05-04",  # type: ignore[assignment]  # as people write it
    note: str = None,  # type: ignore[assignment]  # noqa: RUF013 (as people write it)
    order: Line = DESK,
    key: SecretStr = SECRET,
    parts: tuple[int, ...] = (2, 1),
) -> str:
    """Moves to a room."""
    TAKEN.append((room, day, note, order, key, parts))
    return room


async def asked(one: Tool, /, **arguments: object) -> tuple[Broker, Outcome]:
    TAKEN.clear()
    broker = broker_of({one.name: one})
    return broker, await broker.call(Call(one.name, arguments), ANA, [one.name])


async def done(one: Tool, /, **arguments: object) -> tuple[list[str], Outcome]:
    """What is shown, line by line, and what came of a yes."""
    broker, before = await asked(one, **arguments)
    assert (before.status, TAKEN) == ("unconfirmed", []), before.text
    after = await broker.confirmed(Decision(before.confirmation, is_yes=True), ANA, [one.name])
    assert (after.status, in_full(after.call)) == ("done", in_full(before.call)), after.text
    return in_full(before.call).split("\n  "), after


async def test_what_nobody_said_is_shown_also_inside_of_arguments() -> None:
    shown, _ = await done(order, order={"item": "lamp", "lines": [{"item": "a", "pieces": 2}]})
    assert shown == [
        "order",
        'order: {"item": "lamp", "express": true, "speed": "express", "note": null,'
        ' "lines": [{"item": "a", "pieces": 2, "as-gift": true}]}',
        "parcel: null",
    ]
    ((taken, parcel),) = TAKEN
    assert (taken.lines, taken.express, parcel) == (
        [Line(item="a", pieces=2, **{"as-gift": True})],
        True,
        None,
    )
    shown, _ = await done(order, order={"speed": "slow", "note": None}, parcel={"to": "Ana"})
    assert shown[2] == 'parcel: {"to": "Ana", "insured": false}'
    assert TAKEN[0][0].speed is Speed.SLOW


async def test_nothing_and_empty_are_shown() -> None:
    shown, _ = await done(wipe, really=True)
    assert shown == ["wipe", "folder: null", 'name: ""', "really: true"]
    shown, _ = await done(wipe, really=True, folder=None, name="x")
    assert shown == ["wipe", "folder: null", 'name: "x"', "really: true"]
    assert TAKEN == [(None, "x", True)]


async def test_what_is_made_anew_each_time_is_made_once_and_shown() -> None:
    shown, _ = await done(number)
    ((given, at, who),) = TAKEN
    written = at.isoformat().replace("+00:00", "Z")
    assert shown == ["number", f"given: {given}", shown[2], 'who: ["ana", "ben", "eva"]']
    assert shown[2].strip('at: "') in (written, at.isoformat())
    assert who == {"ana", "ben", "eva"}


async def test_what_is_usual_is_taken_as_it_is_and_shown() -> None:
    usual = {
        'room: "tejo"',
        'day: "2026-05-04"',
        "note: null",
        'order: {"item": "desk", "pieces": 1, "as-gift": true, "metres": 9}',
        'key: "**********"',
        "parts: [2, 1]",
    }
    shown, _ = await done(move)
    assert (shown[0], set(shown[1:])) == ("move", usual)
    ((*taken, key, parts),) = TAKEN
    assert taken == ["tejo", "2026-05-04", None, Longest.model_validate({"item": "desk"})], (
        "as a tool that reads"
    )
    assert (key.get_secret_value(), parts) == ("abc", (2, 1))
    shown, _ = await done(move, room="tejo", day="2026-05-05", order={"item": "a"})
    assert shown[1:3] == ['room: "TEJO"', 'day: "2026-05-05"'], "as it is understood"
    assert TAKEN[0][:2] == ("TEJO", date(2026, 5, 5))


class Odd(BaseModel):
    """What reads something else than it writes."""

    kept: bool = Field(default=True, validation_alias=AliasChoices("kept", "stays"))
    _made: int = PrivateAttr(default_factory=lambda: next(COUNT))


class Key(BaseModel):
    """A secret that nobody is shown."""

    key: SecretStr


class Hidden(BaseModel):
    """What leaves something out."""

    force: bool = Field(default=False, exclude=True)


class Longer(BaseModel):
    """What grows whenever it is read."""

    text: Annotated[str, AfterValidator(lambda text: f"{text}!")]


class Unfit(BaseModel):
    """What is usual is of another type."""

    text: str = None  # type: ignore[assignment]  # as people write it


def _taking(kind: type[BaseModel]) -> Tool:
    def take(one: BaseModel) -> str:
        """Takes something."""
        TAKEN.append(one)
        return "taken"

    take.__annotations__["one"] = kind
    return tool(effect="write")(take)


@pytest.mark.parametrize(
    ("kind", "one"),
    [
        (Odd, {}),
        (Key, {"key": "hunter2"}),
        (Hidden, {"force": True}),
        (Longer, {"text": "a"}),
        (Unfit, {}),
    ],
)
async def test_what_cannot_be_shown_as_it_will_be_done_is_not_asked(
    kind: type[BaseModel], one: Mapping[str, object]
) -> None:
    _, outcome = await asked(_taking(kind), one=one)
    assert (outcome.status, outcome.fault, outcome.confirmation) == ("failed", "broken", "")


OF_A_SERVER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "order": {
            "anyOf": [{"type": "null"}, {"$ref": "#/$defs/Order"}],
        },
        "many": {
            "type": "array",
            "items": {"allOf": [{"$ref": "#/$defs/Order"}]},
            "default": [{"item": "x"}],
        },
        "folder": {"type": "string", "default": None},
        "all": {"type": "boolean", "default": True},
        "name": {"type": "string", "default": ""},
    },
    "$defs": {
        "Order": {
            "type": "object",
            "properties": {
                "item": {"type": "string"},
                "express": {"type": "boolean", "default": True},
                "note": {"type": "string", "default": None},
            },
            "required": ["item"],
        }
    },
}


def _of_a_server(schema: Mapping[str, Any]) -> Tool:
    def take(**arguments: object) -> str:
        TAKEN.append(arguments)
        return "taken"

    return Tool("shop_take", "Takes something.", usable(schema), take, effect="write")


async def test_what_a_server_names_as_usual_is_shown_and_sent() -> None:
    shown, _ = await done(_of_a_server(OF_A_SERVER), order={"item": "lamp"})
    assert shown == [
        "shop_take",
        'order: {"item": "lamp", "express": true}',
        'many: [{"item": "x", "express": true}]',
        "all: true",
        'name: ""',
        '"order.note": null',
        '"many.0.note": null',
        "folder: null",
    ]
    sent = {"order": {"item": "lamp", "express": True}, "all": True, "name": ""}
    assert [{**sent, "many": [{"item": "x", "express": True}]}] == TAKEN


async def test_what_a_server_names_as_usual_and_does_not_allow_is_shown_and_not_sent() -> None:
    schema = {
        "properties": {"a": {"type": "string", "default": "x"}, "b": {"type": "string"}},
        "allOf": [{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}],
        "maxProperties": 1,
    }
    one = _of_a_server({**schema})
    exclusive = Tool(
        one.name, one.description, {**one.parameters, "maxProperties": 1}, one.function, "write"
    )
    shown, _ = await done(exclusive, b="y")
    assert shown == ["shop_take", 'b: "y"', 'a: "x"']
    assert TAKEN == [{"b": "y"}]


async def test_what_was_kept_is_what_was_shown() -> None:
    _, before = await asked(order, order={})
    assert json.loads(json.dumps(before.call.arguments)) == before.call.arguments
