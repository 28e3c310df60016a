"""A call with all that will be done, as JSON: also what nobody said, wherever it stands."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from pipelines.tool import Tool
from pipelines.tool_call import Call
from pipelines.tool_schema import ArgumentsError, ToolError, check, validated

_PROPERTIES = "properties"


def whole(known: Tool, call: Call) -> Call:
    """The call with what the tool takes where the model left something out: that is done, too.

    Args:
        known: the tool.
        call: with arguments that were checked.

    Raises:
        ArgumentsError: the arguments are not what the schema says.
        ToolError: what the function would take cannot be written down, so nobody can confirm it.
    """
    if known.arguments:
        return replace(call, arguments=_taken(known, known.arguments, call.arguments))
    return _as_its_schema_says(known, call)


def completed(known: Tool, call: Call, told: object) -> Call:
    """The call with what its tool has told of it.

    Args:
        known: the tool.
        call: whole.
        told: what `Tool.completed` gave; anything.

    Raises:
        ToolError: that is nothing by names, or names arguments that the tool does not take.
    """
    if not isinstance(told, Mapping) or not all(isinstance(name, str) for name in told):
        raise ToolError(
            f"What completes the tool '{known.name}' gave no dict with names.",
            what_to_do='Return a dict such as {"door": "front"}.',
        )
    try:
        return whole(known, call.completed(known, plain(told)))
    except ArgumentsError as error:  # the model is not to blame for these
        raise ToolError(
            f"What completes the tool '{known.name}' gave what the tool does not take: {error}",
            what_to_do="Return arguments as the tool takes them.",
        ) from error


def plain(value: object) -> Any:  # noqa: ANN401 (JSON)
    """A value as JSON, the same in each process: what is in a set is put in order.

    Raises:
        TypeError: it may never end.
        PydanticSerializationError: JSON does not know it, such as a connection.
    """
    if isinstance(value, Mapping):
        keys = [next(iter(to_jsonable_python({key: None}))) for key in value]
        return dict(zip(keys, map(plain, value.values()), strict=True))
    if isinstance(value, set | frozenset):
        return sorted(map(plain, value), key=json.dumps)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Iterator):
        raise TypeError(type(value).__name__)
    return to_jsonable_python(value)


def _taken(known: Tool, model: type[BaseModel], said: Mapping[str, Any]) -> dict[str, Any]:
    """All that the function takes, so written that it takes just the same of it."""
    usual = _written(validated(model, said))
    try:
        found = validated(model, {**usual, **said})  # no type has looked at what is usual
        written = _written(found)
        check(known.parameters, written)
        is_the_same = validated(model, written) == found
    except ArgumentsError as error:
        raise _unclear(known) from error
    if not is_the_same:
        raise _unclear(known)
    return written


def _written(found: BaseModel) -> dict[str, Any]:
    written = found.model_dump(by_alias=True, round_trip=True, warnings=False)
    return dict(plain(written))


def _unclear(known: Tool) -> ToolError:
    return ToolError(
        f"What the tool '{known.name}' would take cannot be written down for a confirmation.",
        what_to_do="Give its parameters defaults of their types, and types that read what they"
        " write: one alias each, no secrets, nothing that is excluded.",
    )


def _as_its_schema_says(known: Tool, call: Call) -> Call:
    """The same for a tool of a server, which says only in its schema what is usual.

    What it says there and does not allow is shown, and not sent.
    """
    facts: dict[str, Any] = {}
    filled = dict(_filled(known.parameters, call.arguments, facts, ""))
    try:
        known.checked(filled)
    except ArgumentsError:  # some exclude each other
        left_out = {name: one for name, one in filled.items() if name not in call.arguments}
        return replace(call, facts=facts | left_out)
    return replace(call, arguments=filled, facts=facts)


def _filled(said: object, value: Any, facts: dict[str, Any], place: str) -> Any:  # noqa: ANN401 (JSON)
    """A value with what its schema, in which nothing is referred to, names as usual."""
    said = _that_fits(said, value)
    if isinstance(value, list):
        items = said.get("items")
        return [_filled(items, one, facts, f"{place}{n}.") for n, one in enumerate(value)]
    if not isinstance(value, Mapping):
        return value
    named = said.get(_PROPERTIES, {})
    filled = {}
    for name in dict.fromkeys((*named, *value)):
        about, here = named.get(name), f"{place}{name}"
        if name in value:
            filled[name] = _filled(about, value[name], facts, f"{here}.")
        elif isinstance(about, Mapping) and "default" in about:
            if Draft202012Validator(about).is_valid(about["default"]):
                filled[name] = _filled(about, about["default"], facts, f"{here}.")
            else:
                facts[here] = about["default"]
    return filled


def _that_fits(said: object, value: object) -> Mapping[str, Any]:
    """Of several schemas the first that allows a value."""
    if not isinstance(said, Mapping):
        return {}
    several = [one for one in said.get("anyOf", ()) if isinstance(one, Mapping)]
    fits = (one for one in several if Draft202012Validator(one).is_valid(value))
    return next(fits, said) if _PROPERTIES not in said else said
