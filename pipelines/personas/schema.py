"""The form that a persona fills in: a JSON schema in its header or in a file beside it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from importlib.resources.abc import Traversable
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pipelines.form_formats import FORMATS
from pipelines.mistakes import Mistake, listed
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
NO_OBJECT, NOT_WRITABLE = "it is not of `type: object`", "it cannot be written as JSON"
_SCHEMAS = Draft202012Validator(
    Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
)
"""Tells what is no schema at all."""


def read_schema(value: object, folder: Traversable) -> tuple[Mapping[str, Any], str]:
    """The schema, and all that keeps it from being used; that is empty where it can be.

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
    problems = listed(_problems(value))
    return (value, "") if isinstance(value, Mapping) and not problems else ({}, problems)


def is_schema(value: object) -> bool:
    """Whether it may be a schema or the name of a file of one: no path leads elsewhere."""
    if isinstance(value, str):
        return value.endswith(".json") and not set(value) & set("/\\")
    return isinstance(value, Mapping)


def mistake(name: str, problems: str, line: int | None = None) -> Mistake:
    """What is told of a schema that cannot be used.

    Args:
        name: of the persona.
        problems: see `read_schema`.
        line: of the persona's file in which it begins or is named, where that is known.
    """
    place = f", in line {line}," if line else ""
    return Mistake(
        f"The schema of persona '{name}'{place} cannot be used: {problems}.",
        "Right is a JSON schema of type object, such as {type: object, properties: {room: {type: "
        "string}}, required: [room]}, or the name of a .json file beside the persona.",
    )


def _problems(schema: object) -> Iterator[str]:
    """All that keeps it from being used."""
    if not isinstance(schema, Mapping):
        yield NO_OBJECT
        return
    if schema.get("type") != "object":
        yield NO_OBJECT
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        yield "it has no properties"
    elif all(names & set(properties) for names in _LIKE_A_CALL):
        yield "with these two fields it reads like a call of a tool, which is never shown"
    if problem := _unwritable(schema):  # first: checking a very long one takes seconds
        yield problem
        return
    try:
        yield from _unfit(schema)
    except RecursionError:
        yield NOT_WRITABLE
    except (OverflowError, ValueError):  # `re` counts no further
        yield "a pattern of it repeats something too often"


def _unfit(schema: Mapping[str, Any]) -> Iterator[str]:
    """What makes it no schema at all, and what makes the rest of it one that nothing can keep to.

    Raises:
        RecursionError: it goes too deep.
        OverflowError, ValueError: a pattern repeats something more often than `re` can count.
    """
    invalid = list(_SCHEMAS.iter_errors(schema))
    for error in invalid:
        place = "/".join(map(str, error.absolute_path)) or "its top"
        yield f"{place}: {error.message[:200]}"
    left = _without(schema, invalid)
    if _SCHEMAS.is_valid(left):
        yield from _unkeepable(left)


def _without(schema: Mapping[str, Any], invalid: Iterable[ValidationError]) -> dict[str, Any]:
    """The schema without what no schema may hold, so that the rest of it can be looked at."""
    left = deepcopy(dict(schema))
    for error in invalid:
        path = [str(step) for step in error.absolute_path]
        while path:
            *path, last = path
            holder = part_at(left, "/".join(["#", *path]))
            if isinstance(holder, dict):
                holder.pop(last, None)
                if path[-1:] == ["properties"]:
                    holder[last] = True  # it is there, whatever it takes
                break
    return left


def _unkeepable(schema: Mapping[str, Any]) -> Iterator[str]:
    """Why no form could ever keep to it, as far as that can be told."""
    for reference in _references(schema):
        if not reference.startswith("#/"):
            yield f"it refers to {reference}; only places in itself can be named"
        elif not isinstance(part_at(schema, reference), Mapping | bool):
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
    except (TypeError, ValueError, RecursionError):
        return NOT_WRITABLE
    most = MOST_CHARACTERS
    return f"it has {len(written)} characters; at most {most}" if len(written) > most else ""


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
