"""What is confirmed is all that will be done; after a change of files or settings nothing is."""

import functools
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from knowledge.articles import Audience
from knowledge.confirmations import Confirmations
from knowledge.conversations import Decision
from pipelines.named_places import WritablePlace, chosen_to_change
from pipelines.tool import Caller, CannotError, Tool, ToolError, tool
from pipelines.tool_call import Call, Outcome, in_full
from pipelines.tool_failing import FAILED
from pipelines.tool_files import all_tools, with_settings
from pipelines.tool_pins import pin_of
from pipelines.tool_settings import ToolSettings
from pipelines.tools import Broker
from tests.databases import opened

ANA = Caller("terminal:ana", Audience.of("everyone", "terminal:ana"), "C1")
DOOR = """
from pipelines.tools import tool


def knocking(function):
    return function


@tool(effect="write")
@knocking
def open_door(which: str = "front") -> str:
    "Opens a door."
    return f"{which} is open"
"""


class Door(WritablePlace):
    """One door."""

    code: str


class Doors(ToolSettings):
    """All of them."""

    doors: dict[str, Door]


HELD: set[str] = set()


def _which(door: str, caller: Caller, settings: Doors) -> dict[str, str]:
    name, _ = chosen_to_change(door, settings.doors, caller)
    return {"door": name, "held": "yes" if name in HELD else "no"}


@tool(effect="write", completed=_which)
def close_door(caller: Caller, settings: Doors, door: str = "") -> str:
    """Closes a door."""
    name, place = chosen_to_change(door, settings.doors, caller)
    return f"{name} is closed with {place.code}"


def doors(**codes: str) -> dict[str, Any]:
    """The table, with doors that everybody may close."""
    all_ = {"audience": ["everyone"], "writers": ["everyone", "terminal:ben", "terminal:ana"]}
    table = {"doors": {name: {"code": code, **all_} for name, code in codes.items()}}
    stated = {"close_door": close_door}
    return dict(with_settings(stated, {close_door.topic: table}, lambda _: "").tools)


@dataclass
class Desk:
    """A broker whose tools may change between a question and a yes."""

    confirmations: Confirmations
    tools: Mapping[str, Tool] = field(default_factory=dict)

    async def _note(self, row: object) -> None:
        """No row is looked at."""

    async def asks(self, name: str, **arguments: object) -> Outcome:
        broker = Broker(self.tools, self._note, self.confirmations)
        return await broker.call(Call(name, arguments), ANA, list(self.tools))

    async def says_yes(self, asked: Outcome) -> Outcome:
        broker = Broker(self.tools, self._note, self.confirmations)
        yes = Decision(asked.confirmation, is_yes=True)
        return await broker.confirmed(yes, ANA, list(self.tools))


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    HELD.clear()
    async with opened(database_url) as engine:
        yield Desk(Confirmations(engine))


async def test_the_place_that_will_be_taken_is_shown_and_taken(desk: Desk) -> None:
    desk.tools = doors(front="1")
    asked = await desk.asks("close_door")
    assert in_full(asked.call) == 'close_door\n  door: "front"\n  held: "no"'
    done = await desk.says_yes(asked)
    assert (done.status, done.text) == ("done", "front is closed with 1")
    assert in_full(done.call) == in_full(asked.call)


@pytest.mark.parametrize("after", [{"front": "2"}, {"front": "1", "back": "1"}])
async def test_nothing_is_done_once_settings_have_changed(
    desk: Desk, after: dict[str, str]
) -> None:
    desk.tools = doors(front="1")
    asked = await desk.asks("close_door")
    desk.tools = doors(**after)
    assert (await desk.says_yes(asked)).status == "refused"
    desk.tools = doors(front="1")
    assert (await desk.says_yes(asked)).status == "refused", "it was over with that"


async def test_nothing_is_done_once_it_cannot_be_any_more_and_why_is_told(desk: Desk) -> None:
    desk.tools = doors(front="1")
    asked = await desk.asks("close_door")
    desk.tools = doors(back="1")
    failed = await desk.says_yes(asked)
    assert (failed.status, failed.fault) == ("failed", "")
    assert failed.text == "Say which one. There are: back."
    assert in_full(failed.call) == 'close_door\n  door: "front"'
    desk.tools = doors(front="1")
    assert (await desk.says_yes(asked)).status == "failed", "it was over with that"


def _closes() -> str:
    return "front"


def _leaves() -> str:
    raise SystemExit


def _cannot() -> str:
    raise CannotError("It is stuck.")


def _breaks() -> str:
    return str(1 // 0)


def _hangs() -> str:
    GO_ON.wait(20)
    return "front"


GO_ON = threading.Event()
MIND: list[Callable[[], str]] = []
SEALED: list[str] = []


@tool(effect="destructive", within_s=1, completed=lambda door: {"door": MIND[-1]()})
def seal(door: str = "") -> str:
    """Seals a door."""
    SEALED.append(door)
    return door


@pytest.mark.parametrize(
    ("mind", "text", "fault"),
    [
        (_cannot, "It is stuck.", ""),
        (_breaks, FAILED, "broken"),
        (_leaves, FAILED, "broken"),
        (_hangs, "It did not answer within 1 s.", "too-long"),
    ],
)
async def test_a_tool_that_does_not_stand_by_its_arguments_is_not_run_after_a_yes(
    desk: Desk, mind: Callable[[], str], text: str, fault: str
) -> None:
    desk.tools, MIND[:] = {"seal": seal}, [_closes]
    SEALED.clear()
    GO_ON.clear()
    asked = await desk.asks("seal")
    assert in_full(asked.call) == 'seal\n  door: "front"', "no fact stands besides"
    MIND[:] = [mind]
    failed = await desk.says_yes(asked)
    GO_ON.set()
    assert (failed.status, failed.text, failed.fault) == ("failed", text, fault)
    MIND[:] = [_closes]
    again = [(await desk.says_yes(asked)).status for _ in range(2)]
    assert (again, SEALED) == (["failed"] * 2, []), "it was over with that"
    assert (await desk.says_yes(await desk.asks("seal"))).status == "done"
    assert SEALED == ["front"]


class Colour(Enum):
    """What a door may be painted in."""

    OAK = "oak"


TOLD: list[object] = []


@tool(effect="write", completed=lambda **_: TOLD[-1])
def paint(door: str, day: date | None = None, price: Decimal = Decimal(1)) -> str:
    """Paints a door."""
    return f"{door} {day!r} {price!r}"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"until": date(2026, 5, 4)}, ['until: "2026-05-04"']),
        ({"costs": Decimal("1.50"), "colour": Colour.OAK}, ['costs: "1.50"', 'colour: "oak"']),
        ({"at": datetime(2026, 5, 4, 9, tzinfo=ZoneInfo("Europe/Madrid"))},
         ['at: "2026-05-04T09:00:00+02:00"']),
        ({"by": {2: {"b", "a", "c"}}, "who": ("ana",)},
         ['by: {"2": ["a", "b", "c"]}', 'who: ["ana"]']),
    ],
)  # fmt: skip
async def test_what_is_told_besides_may_be_of_any_type_that_can_be_written(
    desk: Desk, told: object, shown: list[str]
) -> None:
    desk.tools, TOLD[:] = {"paint": paint}, [told]
    asked = await desk.asks("paint", door="front")
    usual = ["paint", 'door: "front"', "day: null", 'price: "1"']
    assert in_full(asked.call).split("\n  ") == [*usual, *shown]
    done = await desk.says_yes(asked)
    assert (done.status, done.text) == ("done", "front None Decimal('1')")


async def test_an_argument_may_be_told_as_the_tool_takes_it(desk: Desk) -> None:
    told = {"day": date(2026, 5, 4), "price": Decimal("2.50")}
    desk.tools, TOLD[:] = {"paint": paint}, [told]
    asked = await desk.asks("paint", door="front")
    shown = 'paint\n  door: "front"\n  day: "2026-05-04"\n  price: "2.50"'
    assert in_full(asked.call) == shown
    done = await desk.says_yes(asked)
    assert done.text == "front datetime.date(2026, 5, 4) Decimal('2.50')"


@pytest.mark.parametrize(
    "told",
    [
        *(None, "front", ["door"], {1: "front"}, {None: 1}),
        *({"lock": object()}, {"lock": iter(())}, {"lock": b"\xff"}, {"door": 3}),
    ],
)
async def test_what_cannot_be_told_is_a_fault_of_the_tool_and_nobody_is_asked(
    desk: Desk, told: object
) -> None:
    desk.tools, TOLD[:] = {"paint": paint}, [told]
    asked = await desk.asks("paint", door="front")
    assert (asked.status, asked.fault, asked.confirmation) == ("failed", "broken", "")
    assert asked.text == FAILED, "its words are for whoever runs it"


async def test_nothing_is_done_once_what_it_comes_to_has_changed(desk: Desk) -> None:
    desk.tools = doors(front="1")
    asked = await desk.asks("close_door")
    HELD.add("front")
    refused = await desk.says_yes(asked)
    assert (refused.status, refused.text) == ("refused", "")


async def test_what_cannot_be_done_is_told_and_nobody_is_asked(desk: Desk) -> None:
    desk.tools = doors(front="1", back="2")
    said = await desk.asks("close_door")
    assert (said.status, said.confirmation) == ("failed", "")
    assert said.text == "Say which one. There are: front; back."


async def test_an_edited_file_is_not_run_on_an_earlier_yes(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "doors.py"
    file.write_text(DOOR)
    desk.tools = {"open_door": all_tools(tmp_path)["open_door"]}
    first, second = [await desk.asks("open_door", which=which) for which in ("front", "back")]
    desk.tools = {"open_door": all_tools(tmp_path)["open_door"]}
    assert (await desk.says_yes(first)).text == "front is open", "a restart alone changes nothing"
    file.write_text(DOOR.replace('f"{which} is open"', '"All are open"'))
    os.utime(file, (1, 1))  # else Python may take what it has compiled before
    desk.tools = {"open_door": all_tools(tmp_path)["open_door"]}
    assert (await desk.says_yes(second)).status == "refused"
    assert (await desk.says_yes(await desk.asks("open_door"))).text == "All are open"


def _counted(function: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(function)
    def counted(*args: object, **named: object) -> str:
        return function(*args, **named)

    return counted


def test_decorated_functions_have_the_pin_of_their_file_and_some_have_none() -> None:
    @tool
    @_counted
    def inner(a: str) -> str:
        """Says what it is told."""
        return a

    assert inner.pin == close_door.pin == pin_of(sys.modules[__name__])
    assert pin_of(sys) == pin_of(None) == ""
    gone = type(sys)("gone")
    gone.__file__ = "/nowhere/gone.py"
    assert pin_of(gone) == ""


def test_settings_count_the_same_in_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"from {__name__} import doors; print(doors(front='1')['close_door'].pin)"
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    seen = set()
    for seed in (1, 2, 3):
        monkeypatch.setenv("PYTHONHASHSEED", str(seed))
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        seen.add(told.stdout.decode().strip())
    (same,) = seen
    assert same == doors(front="1")["close_door"].pin
    assert same != doors(front="2")["close_door"].pin


def test_what_completes_a_tool_takes_what_the_tool_takes() -> None:
    with pytest.raises(ToolError, match="takes other arguments"):

        @tool(effect="write", completed=lambda door: {"door": door})
        def shut(window: str) -> str:
            """Shuts a window."""
            raise CannotError(window)
