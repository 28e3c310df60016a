"""The form of a choice is made of the tools' schemas; servers that refuse it still choose."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from pipelines.choosers import Choice
from pipelines.choosers.form import calls_in, form
from pipelines.choosers.router import Router
from pipelines.tool import Tool, tool
from pipelines.tools import Call, Outcome
from tests.fakes.loopback import Reply
from tests.pipelines.choosing_world import Script, asking, book, choosing, desks, done, rooms

CHOICE = Choice("Which rooms?", datetime(2026, 5, 4, tzinfo=UTC))


def two_of_one_name() -> tuple[Tool, Tool]:
    """Tools that call two different things a `Place`."""

    class Place(BaseModel):
        floor: int

    @tool
    def first(place: Place) -> str:
        """The first."""
        return str(place)

    other = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    schema = {
        "type": "object",
        "properties": {"places": {"type": "array", "items": {"$ref": "#/$defs/Place"}}},
        "required": ["places"],
        "$defs": {"Place": other},
    }
    return first, Tool("second", "The second.", schema, print)


def fits(tools: tuple[Tool, ...], name: str, arguments: dict[str, Any]) -> bool:
    schema = form(tools)["json_schema"]["schema"]
    return bool(
        Draft202012Validator(schema).is_valid({"calls": [{"tool": name, "arguments": arguments}]})
    )


def test_a_choice_is_read_as_it_is_written() -> None:
    text = '{"calls": [{"tool": "rooms", "arguments": {"floor": 1}}]}'
    assert calls_in(text) == [Call("rooms", {"floor": 1})]


def test_a_form_is_strict_only_where_all_arguments_are_required() -> None:
    assert form([rooms, book])["json_schema"]["strict"] is True
    assert form([rooms, desks])["json_schema"]["strict"] is False


def test_two_tools_may_have_one_name_for_two_things() -> None:
    tools = two_of_one_name()
    assert fits(tools, "first", {"place": {"floor": 1}})
    assert fits(tools, "second", {"places": [{"city": "Vigo"}]})
    assert not fits(tools, "first", {"place": {"city": "Vigo"}})
    assert not fits(tools, "second", {"places": [{"floor": 1}]})


async def test_a_server_that_refuses_the_schemas_is_asked_without_them_from_then_on() -> None:
    refused = Reply(json.dumps({"error": {"message": "no such keyword"}}).encode(), status=400)
    script = Script(refused, choosing(("rooms", {"floor": 1})), choosing())
    async with asking(script) as model:
        router = Router(model)
        assert await router.calls(CHOICE, [rooms, desks]) == [Call("rooms", {"floor": 1})]
        assert await router.calls(CHOICE, [rooms, desks]) == []
    first, *later = (one["response_format"]["json_schema"]["schema"] for one in script.asked)
    assert "anyOf" in first["properties"]["calls"]["items"]
    for schema in later:
        kind = schema["properties"]["calls"]["items"]["properties"]
        assert kind == {"tool": {"enum": ["rooms", "desks"]}, "arguments": {"type": "object"}}


@pytest.mark.parametrize("agrees", [True, False])
@pytest.mark.parametrize("name", ["embedded:qwen2.5-coder-1.5b", "openai:owl"])
async def test_a_model_that_knows_better_afterwards_calls_nothing_that_it_does_not_stand_by(
    name: str, *, agrees: bool
) -> None:
    chosen = Call("rooms", {"floor": 1})
    script = Script(choosing(("rooms", {"floor": 1})))
    script.agrees = agrees
    async with asking(script, name) as model:
        found = await Router(model).calls(CHOICE, [rooms, desks])
    assert found == ([chosen] if agrees or name == "openai:owl" else [])


async def test_of_several_calls_none_is_doubted_as_each_does_only_a_part() -> None:
    both = ("rooms", {"floor": 1}), ("rooms", {"floor": 2})
    script = Script(choosing(*both))
    script.agrees = False
    async with asking(script, "embedded:qwen2.5-coder-1.5b") as model:
        found = await Router(model).calls(CHOICE, [rooms, desks])
    assert found == [Call(*one) for one in both]


async def test_who_has_results_is_not_asked_again_whether_calls_are_needed() -> None:
    script = Script(choosing(("desks", {"day": "monday"})))
    script.agrees = False
    before = Outcome(Call("rooms", {"floor": 1}), "done", "Tejo")
    async with asking(script, "embedded:qwen2.5-coder-1.5b") as model:
        found = await Router(model).calls(replace(CHOICE, done=[before]), [rooms, desks])
    assert found == [Call("desks", {"day": "monday"})]


async def test_a_schema_without_end_is_not_sent() -> None:
    endless: dict[str, Any] = {"type": "object"}
    for _ in range(3_000):
        endless = {"type": "object", "properties": {"in": endless}}
    deep = Tool("deep", "Deep.", endless, print)
    script = Script(choosing(("deep", {})))
    async with asking(script) as model:
        assert await Router(model).calls(CHOICE, [deep]) == [Call("deep", {})]
    assert len(script.asked) == 1


async def test_a_choice_that_is_cut_short_calls_nothing() -> None:
    whole = choosing(("rooms", {"floor": 1}))
    assert await done(Script(replace(whole, cut_at=len(whole.body) // 2))) == ()
