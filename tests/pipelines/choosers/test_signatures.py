"""A tool is told in one short line, whatever its schema is."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from pipelines.choosers.signatures import SPARE_TOKENS, budget, fitting, signature
from pipelines.tool import Tool, tool


class Guest(BaseModel):
    name: str
    age: int = 0
    host: "Guest | None" = None


@tool
def book(
    day: Annotated[date, "the first\nday"],
    size: Literal["small", "large"] = "small",
    people: int | None = None,
    guests: list[Guest] | None = None,
) -> str:
    """Books a room.

    For a day.
    """
    return f"{day}{size}{people}{guests}"


def told(parameter: Any) -> str:  # noqa: ANN401 (JSON)
    schema = {"properties": {"it": parameter}, "required": ["it"]}
    return (
        signature(Tool("t", "Does.", schema, print)).removeprefix("t(it: ").removesuffix("): Does.")
    )


def test_types_choices_and_what_may_be_left_out_are_told() -> None:
    guest = "{name: string, age?: integer, host?: object}"
    assert signature(book) == (
        'book(day: date (the first day), size?: "small"|"large", people?: integer, '
        f"guests?: {guest}[]): Books a room. For a day."
    )


@pytest.mark.parametrize(
    ("parameter", "line"),
    [
        ({"enum": list(range(40))}, "0|1|2|3|4|5|6|7|8|9|10|11|…"),
        ({"const": "só"}, '"só"'),
        ({"type": ["integer", "null"]}, "integer"),
        ({"type": "null"}, "null"),
        ({"type": "array"}, "array"),
        ({"type": "string", "format": "date-time"}, "datetime"),
        ({"type": "string", "format": "uuid"}, "string"),
        ({"$ref": "#/$defs/gone"}, "any"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, "number[][]"),
        ({}, "any"),
        (True, "any"),
    ],
)
def test_any_schema_has_a_line(parameter: Any, line: str) -> None:  # noqa: ANN401 (JSON)
    assert told(parameter) == line


def test_what_does_not_fit_is_left_out_and_what_is_shorter_still_fits() -> None:
    tools = [Tool(str(length), "", {}, print) for length in (70, 700, 30)]
    fit, left_out = fitting(tools, lambda one: "x" * int(one.name), 30)
    assert [one.name for one in fit] == ["70", "30"]
    assert [one.name for one in left_out] == ["700"]


def test_a_small_context_has_room_for_few_tools() -> None:
    assert budget(SPARE_TOKENS - 1) == 0
    assert budget(4_096) == 4_096 - SPARE_TOKENS
    assert budget(1_000_000) < 5_000
