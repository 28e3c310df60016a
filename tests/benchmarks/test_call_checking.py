"""Calls are judged by BFCL's rules; calls in a text are found wherever they stand."""

from typing import Any

import pytest

from pipelines.tool import Tool
from pipelines.tools import Call
from tests.benchmarks.call_checking import Accepted, all_right, is_valid
from tests.benchmarks.call_questions import TUNED_ON, sample
from tests.benchmarks.direct_calls import written
from tests.benchmarks.report import SkippedError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "heights": {"type": "array", "items": {"type": "number"}},
        "unit": {"enum": ["C", "F"]},
        "exact": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        "who": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    },
    "required": ["city"],
}
TOOLS = {"weather": Tool("weather", "Weather.", SCHEMA, print)}
WANTED: Accepted = {
    "weather": {
        "city": ["San José", "SJ"],
        "days": [3, ""],
        "heights": [[1, 2.5], ""],
        "unit": ["", "C"],
        "exact": [True, ""],
        "who": [{"name": ["Ana*"]}, ""],
    }
}


@pytest.mark.parametrize(
    ("arguments", "is_right"),
    [
        ({"city": "San José"}, True),
        ({"city": "san-josé.", "days": 3, "unit": "C"}, True),
        ({"city": "SJ", "heights": [1.0, 2.5], "who": {"name": "Ana Ruiz"}}, True),
        ({"city": "SJ", "exact": True}, True),
        ({"city": "SJ", "exact": 1}, False),
        ({"city": "SJ", "exact": None}, False),
        ({"city": "Lima"}, False),
        ({"days": 3}, False),
        ({"city": "SJ", "days": 3.0}, False),
        ({"city": "SJ", "days": True}, False),
        ({"city": "SJ", "days": "3"}, False),
        ({"city": "SJ", "unit": "K"}, False),
        ({"city": "SJ", "heights": [1]}, False),
        ({"city": "SJ", "heights": [1, "2.5"]}, False),
        ({"city": "SJ", "who": {"name": "Eva"}}, False),
        ({"city": "SJ", "who": {}}, False),
        ({"city": "SJ", "more": 1}, False),
    ],
)
def test_arguments_are_compared_as_bfcl_does(arguments: dict[str, Any], is_right: bool) -> None:
    assert all_right([Call("weather", arguments)], [WANTED], TOOLS) is is_right


def test_just_the_calls_that_are_wanted_are_right_in_any_order() -> None:
    one, other = Call("weather", {"city": "SJ"}), Call("weather", {"city": "Lima"})
    lima = {"weather": {"city": ["Lima"]}}
    assert all_right([other, one], [WANTED, lima], TOOLS)
    assert not all_right([one], [WANTED, lima], TOOLS)
    assert not all_right([one, one], [WANTED], TOOLS)
    assert not all_right([Call("wipe", {"city": "SJ"})], [WANTED], TOOLS)
    assert all_right([], [], TOOLS)
    assert not is_valid({"city": None}, SCHEMA)


def test_calls_are_found_wherever_they_stand() -> None:
    text = 'So:\n```json\n{"name": "a", "arguments": {"x": {"y": 1}}}\n```<tool_call>{"name": "b",'
    text += ' "parameters": {}}</tool_call> {"name": "c"} {broken'
    assert list(written(text)) == [Call("a", {"x": {"y": 1}}), Call("b", {})]
    assert list(written("[" * 9 + "{" * 9)) == []


def test_a_sample_is_always_the_same_and_never_of_what_prompts_were_worded_with() -> None:
    try:
        first, again, tuning = sample(9), sample(9), sample(99, tuning=True)
    except SkippedError as reason:
        pytest.skip(str(reason))
    assert [one.text for one in first] == [one.text for one in again]
    assert not {one.text for one in first} & {one.text for one in tuning}
    spanish = [one for one in tuning if one.kind.startswith("Spanish")]
    assert len(spanish) == TUNED_ON
