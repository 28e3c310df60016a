"""Programs as text: docstrings and signatures of Python, everything else as it is."""

from pathlib import Path
from textwrap import dedent

import pytest

from knowledge.blocks import blocks
from knowledge.parsing import Limits, NotParsedError, ParserProcess
from knowledge.parsing.code import parse_code, parse_python
from tests.knowledge import documents


def python(text: str) -> str:
    return parse_python(dedent(text).encode()).text


def test_python_becomes_its_docstrings_and_signatures() -> None:
    text = python(
        '''
        """Books rooms.

        # Not a heading of ours.
        """
        import os

        LIMIT = 3

        class Room(Place, frozen=True):
            """A room that can be booked."""

            async def book(self, day: date, *, hours: int = 2) -> bool:
                """Book it for a day."""
                secret = "not shown"

            def _check(self): ...

            def _explained(self):
                """Documented, so shown."""

        def free(rooms): return rooms
        '''
    )
    assert text.startswith("Books rooms.\n\n # Not a heading of ours.")
    assert "## Room\n\n`class Room(Place, frozen=True)`\n\nA room that can be booked." in text
    assert "### Room.book\n\n`async def book(self, day: date, *, hours: int=2) -> bool`" in text
    assert "Documented, so shown." in text
    assert text.endswith("## free\n\n`def free(rooms)`")
    for hidden in ("not shown", "_check", "import os"):
        assert hidden not in text


def test_an_endless_default_is_cut_and_ticks_do_no_harm() -> None:
    text = python(f"def table(rows={list(range(2000))!r}, mark='`'): ...")
    assert text.count("`") == 2
    assert text.endswith("...`")
    assert len(text) < 500


def test_python_that_defines_nothing_is_shown_whole() -> None:
    assert python("LIMIT = 3  # hours\n") == "```\nLIMIT = 3  # hours\n```"
    assert python('"""Only words."""\nX = 1') == "Only words."


@pytest.mark.parametrize("text", ["print 'two'", "def f(:", "x = '\0'"])
def test_what_is_no_python_is_named(text: str) -> None:
    with pytest.raises(NotParsedError, match="not Python as I know it") as caught:
        parse_python(text.encode())
    assert "exclude" in caught.value.what_to_do


def test_an_old_escape_sequence_is_no_mistake() -> None:
    assert "def f" in python("def f(x='\\d'): ...")


def test_other_programs_are_one_block_whatever_stands_in_them() -> None:
    text = parse_code(b"a\n```\n# no heading\n````\n\fz").text
    assert text == "`````\na\n```\n# no heading\n````\n\nz\n`````"
    assert {block.kind for block in blocks(text)} <= {"fence", "code"}
    assert parse_code(b"  \n").text == ""
    with pytest.raises(NotParsedError, match="not text"):
        parse_code(b"\x7fELF" + bytes(100))


async def test_a_file_is_read_as_what_the_source_says_it_is(tmp_path: Path) -> None:
    documents.write(tmp_path, {"tool": "def f():\n    'Says hello.'", "a.py": "x = 1"})
    async with ParserProcess(Limits()) as process:
        assert "Says hello." in (await process.parse(tmp_path / "tool", kind="python")).text
        assert "```" in (await process.parse(tmp_path / "a.py", kind="code")).text
        assert (await process.parse(tmp_path / "a.py", kind=".txt")).text == "x = 1"
        with pytest.raises(NotParsedError, match=r"that end in '\.py'"):
            await process.parse(tmp_path / "a.py")
