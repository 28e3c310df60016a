"""The form of JSON that a model is held to while it writes calls, and how it is read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.choosers import MOST_AT_ONCE
from pipelines.tool import Tool
from pipelines.tool_call import Call

_REFERENCE = "#/$defs/"


def calls_in(text: str) -> list[Call]:
    """The calls that a model wrote; none where it is not of the form that was asked for."""
    try:
        written = json.loads(text)["calls"]
        calls = [Call(one["tool"], one["arguments"]) for one in written]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    return sound(calls)


def sound(calls: Sequence[Call]) -> list[Call]:
    """Those that are calls at all: a model writes whatever it likes."""
    return [c for c in calls if isinstance(c.tool, str) and isinstance(c.arguments, dict)]


def form(tools: Sequence[Tool], *, least: int = 0) -> dict[str, Any]:
    """Calls of these tools, each with its own arguments; at least so many."""
    definitions: dict[str, Any] = {}
    kinds = []
    for one in tools:
        parameters = _renamed(dict(one.parameters), f"{one.name}.")
        own = parameters.pop("$defs", {})
        definitions |= {f"{one.name}.{name}": schema for name, schema in own.items()}
        kinds.append(_call({"const": one.name}, parameters))
    reply = _reply({"anyOf": kinds}, definitions, is_strict=all(map(_says_all, tools)))
    return _with_least(reply, least)


def loose_form(tools: Sequence[Tool], *, least: int = 0) -> dict[str, Any]:
    """Calls of these tools with any arguments, for servers that refuse a tool's schema."""
    names = [one.name for one in tools]
    reply = _reply(_call({"enum": names}, {"type": "object"}), {}, is_strict=False)
    return _with_least(reply, least)


def _with_least(reply: dict[str, Any], least: int) -> dict[str, Any]:
    """The form with so many calls at least; one that leaves it open stays as it ever was."""
    if least:
        reply["json_schema"]["schema"]["properties"]["calls"]["minItems"] = least
    return reply


def _says_all(one: Tool) -> bool:
    """Whether all arguments are required: strict servers refuse a form where one is not."""
    return set(one.parameters.get("properties", {})) == set(one.parameters.get("required", ()))


def _renamed(part: Any, prefix: str) -> Any:  # noqa: ANN401 (JSON)
    """A schema whose definitions are named by its tool: two tools may have one name for two."""
    if isinstance(part, list):
        return [_renamed(one, prefix) for one in part]
    if not isinstance(part, Mapping):
        return part
    return {
        key: f"{_REFERENCE}{prefix}{value.removeprefix(_REFERENCE)}"
        if key == "$ref" and isinstance(value, str) and value.startswith(_REFERENCE)
        else _renamed(value, prefix)
        for key, value in part.items()
    }


def _call(name: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"tool": name, "arguments": arguments},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }


def _reply(
    call: Mapping[str, Any], definitions: Mapping[str, Any], *, is_strict: bool
) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"calls": {"type": "array", "items": call, "maxItems": MOST_AT_ONCE}},
        "required": ["calls"],
        "additionalProperties": False,
    }
    if definitions:
        schema["$defs"] = definitions
    return {
        "type": "json_schema",
        "json_schema": {"name": "calls", "strict": is_strict, "schema": schema},
    }
