"""The form that a persona fills in: a JSON schema in its header or in a file beside it."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from pipelines.form_formats import FORMATS
from pipelines.personas.mistakes import Mistake
from pipelines.personas.texts import UnreadableError, text_of
from pipelines.schema_limits import unkeepable
from pipelines.schema_parts import part_at, parts

MOST_CHARACTERS = 6_000
"""Of a schema: some 2,000 tokens, which every answer reads."""
_LIKE_A_CALL = (
    {"name", "tool", "tool_name", "function"},
    {"arguments", "parameters", "args", "input"},
)
"""Models write calls of tools as their answer; what looks like one is not posted."""


def read_schema(value: object, folder: Traversable) -> tuple[Mapping[str, Any], str]:
    """The schema, and why it cannot be used; that is empty where it can.

    Args:
        value: the schema itself, or the name of its file.
        folder: where that file lies.
    """
    if isinstance(value, str):
        try:
            value = json.loads(text_of(folder.joinpath(value)))
        except UnreadableError as error:
            return {}, f"there is no file {value} beside it that can be read ({error})"
        except (ValueError, RecursionError):
            return {}, f"{value} is no JSON"
    problem = _problem(value)
    return (value, "") if isinstance(value, Mapping) and not problem else ({}, problem)


def is_schema(value: object) -> bool:
    """Whether it may be a schema or the name of a file of one: no path leads elsewhere."""
    if isinstance(value, str):
        return value.endswith(".json") and not set(value) & set("/\\")
    return isinstance(value, Mapping)


def mistake(name: str, problem: str) -> Mistake:
    """What is told of a schema that cannot be used."""
    return Mistake(
        f"The schema of persona '{name}' cannot be used: {problem}.",
        "Right is a JSON schema of type object, such as {type: object, properties: {room: {type: "
        "string}}, required: [room]}, or the name of a .json file beside the persona.",
    )


def _problem(schema: object) -> str:
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        return "it is not of `type: object`"
    if not isinstance(schema.get("properties"), Mapping) or not schema["properties"]:
        return "it has no properties"
    if all(names & set(schema["properties"]) for names in _LIKE_A_CALL):
        return "with these two fields it reads like a call of a tool, which is never shown"
    foreign = [ref for ref in _references(schema) if not ref.startswith("#/")]
    if foreign:
        return f"it refers to {foreign[0]}; only places in itself can be named"
    return _unwritable(schema) or next(_unkeepable(schema), "")


def _unkeepable(schema: Mapping[str, Any]) -> Iterator[str]:
    """Why no form could ever keep to it, as far as that can be told."""
    for reference in _references(schema):
        if not isinstance(part_at(schema, reference), Mapping | bool):
            yield f"it refers to {reference}, and nothing is there"
    yield from unkeepable(schema)
    for part in parts(schema):
        known = part.get("properties", {})
        if part.get("additionalProperties") is False:
            wanted = [one for one in part.get("required", ()) if one not in known]
            yield from (f"'{one}' is required, and no property has that name" for one in wanted)
        unchecked = part.get("format")
        if isinstance(unchecked, str) and unchecked not in FORMATS.checkers:
            known_ones = ", ".join(sorted(FORMATS.checkers))
            yield f"the format '{unchecked}' is not checked; there are {known_ones}, and `pattern`"


def _unwritable(schema: Mapping[str, Any]) -> str:
    try:
        written = json.dumps(schema, allow_nan=False)
        if len(written) > MOST_CHARACTERS:  # first: checking a very long one takes seconds
            return f"it has {len(written)} characters; at most {MOST_CHARACTERS}"
        Draft202012Validator.check_schema(schema)
    except (TypeError, ValueError, RecursionError):
        return "it cannot be written as JSON"
    except SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "its top"
        return f"{place}: {error.message[:200]}"
    return ""


def _references(part: object) -> Iterator[str]:
    """What it refers to; nothing is ever fetched."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            yield from _references(value)
    elif isinstance(part, list):
        for one in part:
            yield from _references(one)
