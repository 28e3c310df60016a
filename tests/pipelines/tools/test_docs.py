"""docs/tools.md: its code is run as a reader would run it."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge.articles import Audience
from knowledge.conversations import Decision
from pipelines import personas
from pipelines.personas import Offered
from pipelines.tool import Caller
from pipelines.tool_call import in_full
from pipelines.tool_files import all_tools, with_settings
from pipelines.tools import Broker, Call
from tests.bot.team import write
from tests.brokers import broker_of

PAGE = (Path(__file__).parents[3] / "docs/tools.md").read_text(encoding="utf-8")
ANA = Caller("terminal:ana", Audience.of("everyone"), at=datetime(2026, 5, 4, tzinfo=UTC))


def block(kind: str, number: int = 0) -> str:
    return str(re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[number])


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    """With the tools of the page, in the folder that it names."""
    folder = write(tmp_path / "tools", {"meeting_rooms.py": block("python")})
    return broker_of(all_tools(folder))


@pytest.mark.parametrize(
    ("tool", "arguments", "status", "text"),
    [
        ("free_rooms", {"day": "2026-05-04", "people": 2}, "done", '["Duero"]'),
        ("free_rooms", {"day": "2026-05-05"}, "done", '["Tejo", "Duero"]'),
        ("free_rooms", {"day": "2026-05-05", "size": "large"}, "done", '["Duero"]'),
        ("free_rooms", {"day": "2026-05-05", "people": 80}, "failed", "No room is that large."),
        ("free_rooms", {"day": "today"}, "refused", "The arguments are wrong (day: date_parsing)."),
        ("my_meetings", {}, "done", "terminal:ana has no meeting on 2026-05-04."),
    ],
)
async def test_what_the_page_shows_works(
    broker: Broker, tool: str, arguments: dict[str, Any], status: str, text: str
) -> None:
    said = await broker.call(Call(tool, arguments), ANA, ["free_rooms", "my_meetings"])
    assert (said.status, said.text) == (status, text)


async def test_what_a_call_comes_to_is_told_as_on_the_page(tmp_path: Path) -> None:
    folder = write(tmp_path / "tools", {"doors.py": block("python", 1)})
    broker, allowed = broker_of(all_tools(folder)), ["close_door"]
    asked = await broker.call(Call("close_door"), ANA, allowed)
    assert in_full(asked.call) == 'close_door\n  door: "garden"\n  made_of: "oak"'
    done = await broker.confirmed(Decision(asked.confirmation, is_yes=True), ANA, allowed)
    assert done.text == "The garden door is closed."
    none = await broker.call(Call("close_door", {"door": "roof"}), ANA, allowed)
    assert (none.status, none.text) == ("failed", "There is no such door.")


def test_the_persona_of_the_page_has_these_tools(tmp_path: Path, broker: Broker) -> None:
    folder = write(tmp_path / "personas", {"receptionist.md": block("markdown")})
    receptionist = personas.load("receptionist", folder, offered=Offered(broker.names))
    assert receptionist.tools == ("free_rooms", "my_meetings", "current_time")


@pytest.mark.parametrize(
    ("audience", "text"),
    [
        ("everyone", "the courier brings X1 today."),
        ("slack:U1", "Parcels are not for everybody here."),
    ],
)
async def test_the_settings_of_the_page_are_filled_in(
    tmp_path: Path, audience: str, text: str
) -> None:
    async def note(_: object) -> None: ...

    folder = write(tmp_path / "tools", {"parcels.py": block("python", 2)})
    tables = tomllib.loads(block("toml").replace("everyone", audience))["tools"]
    box = with_settings(all_tools(folder), tables, {"PARCELS_KEY": "x"}.__getitem__)
    said = await broker_of(box.tools, note).call(Call("parcel", {"number": "X1"}), ANA, ["parcel"])
    assert said.text == text


def test_every_tool_that_ships_is_in_the_table() -> None:
    table = PAGE.split("## Tools that are there", 1)[1]
    named = {name.removesuffix("_NAME") for name in re.findall(r"`(\w+)`", table)}
    assert named >= set(all_tools())
