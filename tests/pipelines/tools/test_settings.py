"""What an operator sets for tools: read, filled in, and told where it is wrong."""

from pathlib import Path
from typing import Any

import pytest

from knowledge.articles import Audience
from pipelines import personas
from pipelines.personas import Offered, PersonaError
from pipelines.tool import Caller, Tool, tool
from pipelines.tool_files import Toolbox, ToolFilesError, all_tools, with_settings
from pipelines.tool_schema import ToolError
from pipelines.tool_settings import Readers, Secret, Table, ToolSettings, ToolSettingsError
from pipelines.tools import Call
from tests.bot.team import write
from tests.brokers import broker_of

ANA = Caller("terminal:ana", Audience.of("everyone"))
DOOR = '''
from pipelines.tool import tool
from pipelines.tool_settings import Readers, Secret, Table, ToolSettings


class Lock(Table):
    seconds: int = 5


class Door(ToolSettings):
    """What `[tools.door]` may say."""

    address: str
    code: Secret
    audience: Readers
    locks: dict[str, Lock] = {}
    first: Lock | None = None

    def for_model(self) -> str:
        return f"Locks: {', '.join(self.locks)}."


@tool
def open_door(name: str, settings: Door) -> str:
    """Opens a door."""
    return f"{name} at {settings.address} for {settings.locks['main'].seconds} s"


@tool
async def door_code(settings: Door) -> str:
    """The code of the door."""
    return settings.code.get_secret_value()
'''
TABLE: dict[str, Any] = {
    "address": "http://door.example",
    "code": "${DOOR_CODE}",
    "audience": ["everyone", "slack:U1"],
    "locks": {"main": {"seconds": 9}},
}


def environment(name: str) -> str:
    return {"DOOR_CODE": "s3cr:et/1"}.get(name, "")


@pytest.fixture
def doors(tmp_path: Path) -> dict[str, Tool]:
    return all_tools(write(tmp_path / "tools", {"door.py": DOOR}))


def of_doors(tools: dict[str, Tool], **changed: Any) -> Toolbox:  # noqa: ANN401 (any TOML value)
    return with_settings(tools, {"door": TABLE | changed}, environment)


async def called(box: Toolbox, tool: str, **arguments: Any) -> tuple[str, str]:  # noqa: ANN401 (any JSON)
    async def note(_: object) -> None: ...

    said = await broker_of(box.tools, note).call(Call(tool, arguments), ANA, [tool])
    return said.status, said.text


async def test_a_tool_gets_what_its_table_says(doors: dict[str, Tool]) -> None:
    box = of_doors(doors)
    said = await called(box, "open_door", name="Main")
    assert said == ("done", "Main at http://door.example for 9 s")
    assert await called(box, "door_code") == ("done", "s3cr:et/1")
    assert "door_code" not in box.unset


async def test_no_model_reads_or_writes_settings(doors: dict[str, Tool]) -> None:
    box = of_doors(doors)
    assert set(box.tools["open_door"].parameters["properties"]) == {"name"}
    assert box.tools["open_door"].description == "Opens a door.\nLocks: main."
    status, _ = await called(box, "open_door", name="Main", settings={"address": "http://x"})
    assert status == "refused"


def test_a_tool_without_its_table_is_not_there(doors: dict[str, Tool], tmp_path: Path) -> None:
    box = with_settings(doors, {}, environment)
    assert not {"open_door", "door_code"} & set(box.tools)
    assert "calculate" in box.tools
    header = "---\ntools: [open_door, door_code, calculate]\n---\nYou are the porter."
    folder = write(tmp_path / "who", {"porter.md": header})
    with pytest.raises(PersonaError) as told:
        personas.load("porter", folder, offered=Offered(box.tools, box.unset))
    assert str(told.value) == (
        "Persona 'porter' names tools that are not set up: open_door, door_code."
    )
    assert told.value.what_to_do.startswith("Add [tools.door] to tertulia.toml")
    box = of_doors(doors)
    assert personas.load("porter", folder, offered=Offered(box.tools, box.unset)).tools


@pytest.mark.parametrize(
    ("changed", "said", "right"),
    [
        ({"adress": "x"}, "[tools.door] has no 'adress'.", "Did you mean 'address'?"),
        ({"locks": {"a": {"second": 1}}}, "locks.a has no 'second'.", "Did you mean 'seconds'?"),
        ({"first": {"second": 1}}, "first has no 'second'.", "Did you mean 'seconds'?"),
        ({"address": 3}, "[tools.door] address: Input should be a valid string.", "Correct"),
        ({"code": "s3cr:et/1"}, "code: has to name the variable that the secret is in", "Correct"),
        ({"code": 1}, "code: has to name the variable that the secret is in", "Correct"),
        ({"code": "${NOWHERE}"}, "code: wants NOWHERE from the environment or .env", "Correct"),
        ({"audience": "everyone"}, 'audience: has to be a list such as ["everyone"]', "Correct"),
        ({"audience": ["evryone"]}, "audience: 'evryone' in its audience is neither", "Correct"),
    ],
)
def test_a_wrong_table_is_told(
    doors: dict[str, Tool], changed: dict[str, Any], said: str, right: str
) -> None:
    with pytest.raises(ToolSettingsError) as told:
        of_doors(doors, **changed)
    assert said in str(told.value)
    assert str(told.value).startswith("tertulia.toml: [tools.door]")
    assert right in told.value.what_to_do
    assert "s3cr" not in str(told.value)


def test_all_that_is_wrong_is_told_at_once(doors: dict[str, Tool]) -> None:
    with pytest.raises(ToolSettingsError) as told:
        with_settings(doors, {"dor": {}, "door": {"first": 3}}, environment)
    lines = str(told.value).splitlines()
    assert lines[0] == "tertulia.toml: there is no table [tools.dor]."
    assert "tertulia.toml: [tools.door] has no 'code', and needs it." in lines
    assert len(lines) == 5
    assert "Did you mean 'door'?" in told.value.what_to_do
    with pytest.raises(ToolSettingsError, match=r"door\] tells more than 1200 characters"):
        of_doors(doors, locks={f"lock number {n}": {} for n in range(200)})
    with pytest.raises(ToolSettingsError, match=r"\[tools.door\] is no table"):
        with_settings(doors, {"door": 3}, environment)


WEATHER = '''
from pipelines.tool import tool

@tool
def weather(place: str) -> str:
    """The weather, as the team tells it."""
    return f"Sun over {place}, always."
'''
ALSO_WEATHER = """
from pipelines.tool import tool
from pipelines.tool_settings import ToolSettings

class Sky(ToolSettings):
    colour: str = "blue"

@tool
def sky(settings: Sky) -> str:
    'The colour of the sky.'
    return settings.colour
"""


async def test_what_is_not_set_up_of_ours_gives_way_to_the_team(tmp_path: Path) -> None:
    folder = write(tmp_path, {"sky.py": WEATHER})
    box = with_settings(all_tools(folder), {}, environment)
    assert await called(box, "weather", place="Vigo") == ("done", "Sun over Vigo, always.")
    assert "weather" not in box.unset
    with pytest.raises(ToolFilesError, match="there is a tool 'weather' already, in pipelines"):
        all_tools(folder, {"weather": {}})


async def test_a_table_belongs_to_one_file(tmp_path: Path) -> None:
    found = all_tools(write(tmp_path, {"weather.py": ALSO_WEATHER}), ["weather"])
    with pytest.raises(ToolSettingsError) as told:
        with_settings(found, {"weather": {}}, environment)
    assert "[tools.weather] is wanted by pipelines.tools.weather.Weather and " in str(told.value)
    other = all_tools(write(tmp_path / "b", {"sky.py": ALSO_WEATHER}))
    box = with_settings(other, {"sky": {}, "weather": {}}, environment)
    assert await called(box, "sky") == ("done", "blue")


class Place(ToolSettings):
    """What a place may say."""

    url: Secret
    audience: Readers = Audience.of("everyone")
    inner: Table = Table()


def test_a_secret_in_an_address_is_written_as_an_address_needs_it() -> None:
    context = {"environment": environment}
    written = {"url": "postgresql://ana:${DOOR_CODE}@host/db?sign=${DOOR_CODE}"}
    place = Place.model_validate(written, context=context)
    url = place.url.get_secret_value()
    assert url == "postgresql://ana:s3cr%3Aet%2F1@host/db?sign=s3cr:et/1"
    assert "s3cr" not in repr(place)
    assert Place(url=place.url, audience=place.audience) == place


def test_settings_stand_alone_and_once() -> None:
    with pytest.raises(ToolError, match="inside another type"):

        @tool
        def nested(place: Place | None = None) -> str:
            """Does."""
            return str(place)

    with pytest.raises(ToolError, match="takes the settings twice"):

        @tool
        def twice(one: Place, other: Place) -> str:
            """Does."""
            return str((one, other))
