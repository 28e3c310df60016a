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
from pipelines.tool_schema import ArgumentsError, ToolError, validated

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
        return _as_its_types_say(known, known.arguments, call)
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


def _as_its_types_say(known: Tool, model: type[BaseModel], call: Call) -> Call:
    """The same for a function of ours: its arguments are so written that it takes just these.

    What is usual and is not read as what it is, such as None for a text, is shown and left out.
    """
    said, found = call.arguments, validated(model, call.arguments)
    taken = {str(one.alias): getattr(found, name) for name, one in model.model_fields.items()}
    written = _written(found)
    if set(written) != set(taken):
        raise _unclear(known)
    left_out = {
        name
        for name, value in taken.items()
        if name not in said and not _reads(known, {**said, name: written[name]}, {name: value})
    }
    sent = {name: one for name, one in written.items() if name not in left_out}
    if not _reads(known, sent, {name: taken[name] for name in sent}):
        raise _unclear(known)
    # As it will be read back: what is usual may be an 8 where numbers are written as 8.0.
    settled = _written(validated(model, sent))
    sent = {name: settled[name] for name in sent}
    # A usual value may have more to it than its type names.
    shown = _written(found, serialize_as_any=True) if left_out else {}
    usual = {name: one for name, one in shown.items() if name in left_out}
    return replace(call, arguments=sent, facts=usual | dict(call.facts))


def _written(found: BaseModel, *, serialize_as_any: bool = False) -> dict[str, Any]:
    written = found.model_dump(
        by_alias=True, round_trip=True, warnings=False, serialize_as_any=serialize_as_any
    )
    return dict(plain(written))


def _reads(known: Tool, arguments: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether arguments are read as these values."""
    try:
        read = known.checked(arguments)
    except ArgumentsError:
        return False
    return all(read[name] == value for name, value in wanted.items())


def _unclear(known: Tool) -> ToolError:
    return ToolError(
        f"What the tool '{known.name}' would take cannot be written down for a confirmation.",
        what_to_do="Give its parameters types that read what they write: one alias each, no"
        " secrets, nothing that is excluded, and inside of models defaults of the right type.",
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
        return replace(call, facts=facts | left_out | dict(call.facts))
    return replace(call, arguments=filled, facts=facts | dict(call.facts))


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
    every = (*said.get("anyOf", ()), *said.get("allOf", ()))
    several = [one for one in every if isinstance(one, Mapping)]
    fits = (one for one in several if Draft202012Validator(one).is_valid(value))
    return next(fits, said) if _PROPERTIES not in said else said
