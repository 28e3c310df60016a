"""Files of tools: found, loaded, and told all at once where they are wrong."""

from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.errors import UsageError
from pipelines.tool import Caller
from pipelines.tool_files import ToolFilesError, all_tools
from pipelines.tools import Call
from tests.bot.team import write
from tests.brokers import broker_of

ROOMS = '''
from __future__ import annotations

from typing import Annotated

from pipelines.tool import Caller, tool

ROOMS = {0: "Tejo", 1: "Duero"}


@tool
def rooms(floor: Annotated[int, "0 is the ground floor"], caller: Caller) -> str:
    """The meeting rooms of a floor."""
    return f"{ROOMS[floor]} for {caller.person}"


same = rooms
'''
OURS = {"calculate", "current_time"}


def test_ours_are_there_without_a_folder(tmp_path: Path) -> None:
    assert set(all_tools()) >= OURS
    assert set(all_tools(tmp_path / "none")) == set(all_tools())


async def test_a_file_of_the_team_brings_its_tools(tmp_path: Path) -> None:
    write(tmp_path, {"rooms.py": ROOMS, "_draft.py": "1 / 0", "notes.txt": "1 / 0"})
    found = all_tools(tmp_path)
    assert set(found) == {*all_tools(), "rooms"}
    broker = broker_of(found)
    caller = Caller("terminal:ana", Audience())
    said = await broker.call(Call("rooms", {"floor": 1}), caller, ["rooms"])
    assert (said.status, said.text) == ("done", "Duero for terminal:ana")


def test_what_a_file_only_imports_is_not_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"more.py": "from pipelines.tools.calculator import calculate\n"})
    assert set(all_tools(tmp_path)) == set(all_tools())


TWICE = '''
from pipelines.tool import tool

@tool
def one() -> str:
    """Does."""

@tool
def one() -> str:
    """Does something else."""
'''
TAKEN = ROOMS.replace("rooms", "calculate")
NO_TYPE = '''
from pipelines.tool import tool

@tool
def loud(how) -> str:
    """Does."""
'''


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def broken(:\n", "SyntaxError: "),
        ("import no_such_thing\n", "ModuleNotFoundError: No module named 'no_such_thing' (line 1)"),
        ("\n\n1 / 0\n", "ZeroDivisionError: division by zero (line 3)"),
        ("import sys\nsys.exit(4)\n", "SystemExit: 4 (line 2)"),
        ("raise ValueError('one\\n\\ntwo')\n", "ValueError: one two (line 1)"),
        ("x = '\udcff'", "SyntaxError"),
        (NO_TYPE, "The parameter 'how' of the tool 'loud' has no type. Write `how: str`"),
        (TWICE, "There are two tools 'one' in one file."),
        (TAKEN, "there is a tool 'calculate' already, in pipelines/"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_reason(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "mine.py").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ToolFilesError) as told:
        all_tools(tmp_path)
    assert f"{tmp_path / 'mine.py'}: {words}" in str(told.value)
    assert "\n" not in str(told.value)
    assert isinstance(told.value, UsageError)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "1 / 0", "b.py": ROOMS, "c.py": ROOMS, "d.py": NO_TYPE})
    with pytest.raises(ToolFilesError) as told:
        all_tools(tmp_path)
    assert [name for name in "abcd" if f"{name}.py: " in str(told.value)] == ["a", "c", "d"]
    assert f"'rooms' already, in {tmp_path / 'b.py'}" in str(told.value)


MANY = '''
from pipelines.tool import tool

@tool
def first(how) -> str:
    """Does."""

@tool(effect="wipe")
def second() -> str:
    return ""

@tool
def calculate(b: int) -> str:
    """Does."""

@tool
class Third:
    """Is none."""

@tool
def first(a: int) -> str:
    """Does something else."""

@tool
def good(a: int) -> str:
    """Does."""

1 / 0
'''


def test_all_that_is_wrong_in_one_file_is_told_with_its_lines(tmp_path: Path) -> None:
    write(tmp_path, {"many.py": MANY, "wrong.py": "def broken(:\n", "well.py": ROOMS})
    with pytest.raises(ToolFilesError) as told:
        all_tools(tmp_path)
    said = str(told.value)
    for words, line in (
        ("The parameter 'how' of the tool 'first' has no type. Write `how: str`", 4),
        ("has the effect 'wipe'", 8),
        ("The tool 'second' has no docstring.", 8),
        ("@tool stands before something that is no function.", 16),
        ("There are two tools 'first' in one file.", 20),
        ("ZeroDivisionError", 28),
    ):
        (about,) = [one for one in said.split("many.py: ") if words in one]
        assert f"(line {line})" in about
    assert "wrong.py: SyntaxError" in said
    assert "rooms" not in said
    assert "good" not in said


def test_a_tool_that_is_wrong_and_whose_name_is_taken_is_told_both(tmp_path: Path) -> None:
    write(tmp_path, {"taken.py": NO_TYPE.replace("loud", "calculate")})
    with pytest.raises(ToolFilesError) as told:
        all_tools(tmp_path)
    assert "'how' of the tool 'calculate' has no type" in str(told.value)
    assert "there is a tool 'calculate' already, in pipelines/" in str(told.value)


def test_of_very_many_mistakes_the_first_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"many.py": NO_TYPE + 50 * NO_TYPE[NO_TYPE.index("@") :]})
    with pytest.raises(ToolFilesError) as told:
        all_tools(tmp_path)
    assert str(told.value).endswith("; and 11 more mistakes.")


def test_a_file_that_is_put_right_is_read_anew(tmp_path: Path) -> None:
    write(tmp_path, {"rooms.py": "1 / 0"})
    with pytest.raises(ToolFilesError):
        all_tools(tmp_path)
    write(tmp_path, {"rooms.py": ROOMS})
    assert "rooms" in all_tools(tmp_path)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(ToolFilesError, match=r"folder\.py: "):
        all_tools(tmp_path)
