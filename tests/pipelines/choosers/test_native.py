"""Tools are offered in the protocol's own field; whatever comes back, the turn goes on."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from pipelines.choosers import Choice
from pipelines.choosers.native import Native
from pipelines.choosers.router import Router
from pipelines.models.errors import ModelRefusedError
from pipelines.tool import Tool
from pipelines.tools import Call, Outcome
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import event, writing
from tests.pipelines.choosing_world import Script, asking, choosing, desks, rooms

CHOICE = Choice("Which rooms?", datetime(2026, 5, 4, tzinfo=UTC), "They: Hi\nYou: Hello")
REFUSED = Reply.of({"error": {"message": "this model does not support tools"}}, status=400)


def called(*calls: dict[str, Any]) -> Reply:
    """The reply of a model that calls natively."""
    delta = {"tool_calls": [{"index": n, **call} for n, call in enumerate(calls)]}
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return Reply.stream({**event(None), "choices": [choice]}, event(None, "tool_calls"), "[DONE]")


def function(name: str, arguments: str, call: str = "c") -> dict[str, Any]:
    return {"id": call, "type": "function", "function": {"name": name, "arguments": arguments}}


async def chosen(script: Script, choice: Choice = CHOICE, *tools: Tool) -> list[Call]:
    async with asking(script) as model:
        return await Native(model).calls(choice, tools or (rooms, desks))


async def test_tools_are_sent_and_their_calls_come_back() -> None:
    script = Script(called(function("rooms", '{"floor": 1}'), function("rooms", '{"floor": 2}')))
    assert await chosen(script) == [Call("rooms", {"floor": 1}), Call("rooms", {"floor": 2})]
    (asked,) = script.asked
    assert [one["function"]["name"] for one in asked["tools"]] == ["rooms", "desks"]
    assert asked["tools"][0]["function"]["parameters"] == rooms.parameters
    assert "response_format" not in asked
    last = asked["messages"][-1]["content"]
    assert "Today is Monday 4 May 2026.\nBefore:\nThey: Hi\nYou: Hello\nQuestion: Which" in last


async def test_what_was_called_comes_before_the_next_choice() -> None:
    done = (
        Outcome(Call("rooms", {"floor": 1}), "done", "Tejo\nDuero"),
        Outcome(Call("rooms", {"floor": 9}), "failed", "No such floor."),
    )
    script = Script(writing("no"))
    assert await chosen(script, Choice("Which?", CHOICE.at, done=done)) == []
    calls, *results = script.asked[0]["messages"][-3:]
    assert [json.loads(one["function"]["arguments"]) for one in calls["tool_calls"]] == [
        {"floor": 1},
        {"floor": 9},
    ]
    assert [one["content"] for one in results] == ["Tejo Duero", "No such floor."]
    assert [one["tool_call_id"] for one in results] == [one["id"] for one in calls["tool_calls"]]


@pytest.mark.parametrize(
    "arguments",
    ["{floor: 1}", '{"floor": 1', "[1]", '"one"', "null", "[" * 50_000, '{"a":' * 5_000],
)
async def test_arguments_that_are_none_are_no_call(
    arguments: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await chosen(Script(called(function("rooms", arguments)))) == []
    assert not caplog.records  # they are what people have said


async def test_a_tool_that_there_is_not_is_left_to_the_broker() -> None:
    assert await chosen(Script(called(function("wipe", "")))) == [Call("wipe")]


async def test_a_tool_whose_schema_is_none_is_not_offered() -> None:
    endless: dict[str, Any] = {"type": "object"}
    for _ in range(3_000):
        endless = {"type": "object", "properties": {"in": endless}}
    wrong = Tool("wrong", "Wrong.", {"type": "no type"}, print)
    deep = Tool("deep", "Deep.", endless, print)
    script = Script(called(function("rooms", '{"floor": 1}')))
    structlog.reset_defaults()  # another test may have silenced it
    with capture_logs() as logged:
        assert await chosen(script, CHOICE, wrong, deep, rooms) == [Call("rooms", {"floor": 1})]
        async with asking(script) as model:
            assert Native(model).told(deep).endswith("Deep.")
    assert [one["tool"] for one in logged if "tool" in one] == ["wrong", "deep"]
    assert [one["function"]["name"] for one in script.asked[0]["tools"]] == ["rooms"]


async def test_a_server_that_refuses_tools_is_asked_the_other_way() -> None:
    script = Script(REFUSED, choosing(("rooms", {"floor": 1})))
    async with asking(script) as model:
        native = Native(model, Router(model))
        assert await native.calls(CHOICE, [rooms]) == [Call("rooms", {"floor": 1})]
        assert native.fixed([rooms]) == []
    with pytest.raises(ModelRefusedError):
        await chosen(Script(REFUSED))


async def test_a_tool_is_told_with_its_whole_schema() -> None:
    async with asking(Script()) as model:
        assert '"additionalProperties": false' in Native(model).told(rooms)
