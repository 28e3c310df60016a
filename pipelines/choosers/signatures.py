"""Tools as a model reads them, a line each, and how many of them fit into a prompt."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipelines.tool import Tool

MOST_VALUES = 12
"""Of an enumeration; a model is held to all of them by the form of its reply."""
DEEPEST = 2
"""Objects in objects that are spelled out."""
CHARACTERS_A_TOKEN = 3.5
SPARE_TOKENS = 3_000
"""For examples, question, results and the choice itself."""
MOST_TOKENS = 2_500
"""Of all tools together; more of them only confuse a small model."""
_DATES: dict[object, str] = {"date": "date", "date-time": "datetime"}


def signature(one: Tool) -> str:
    """A tool in one line, such as `rooms(floor: integer, size?: "s"|"l" (which)): Free rooms`."""
    definitions = one.parameters.get("$defs", {})
    parameters = _parameters(one.parameters, definitions, 0)
    return " ".join(f"{one.name}({parameters}): {one.description}".split())


def budget(context_tokens: int) -> int:
    """Tokens of descriptions that a prompt for this model has room for."""
    return max(0, min(MOST_TOKENS, context_tokens - SPARE_TOKENS))


def fitting(
    tools: Sequence[Tool], told: Callable[[Tool], str], most_tokens: int
) -> tuple[list[Tool], list[Tool]]:
    """The tools that fit, in order, and those that do not.

    Args:
        tools: most wanted first.
        told: a tool as the model reads it.
        most_tokens: of all of them together, estimated.
    """
    fit, left_out, left = list[Tool](), list[Tool](), most_tokens * CHARACTERS_A_TOKEN
    for one in tools:
        length = len(told(one))
        (fit if length <= left else left_out).append(one)
        left -= length if length <= left else 0
    return fit, left_out


def _parameters(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> str:
    required = schema.get("required", ())
    parts = []
    for name, said in schema.get("properties", {}).items():
        about = said if isinstance(said, Mapping) else {}  # `true` is a schema, too
        words = f" ({about['description']})" if about.get("description") else ""
        optional = "" if name in required else "?"
        parts.append(f"{name}{optional}: {_type(about, definitions, depth)}{words}")
    return ", ".join(parts)


def _type(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> str:
    """A type in a few characters."""
    if "$ref" in schema and depth <= DEEPEST:
        name = str(schema["$ref"]).rpartition("/")[2]
        return _type(definitions.get(name, {}), definitions, depth + 1)
    if "const" in schema or "enum" in schema:
        return _values([schema["const"]] if "const" in schema else schema["enum"])
    if kinds := schema.get("anyOf") or schema.get("oneOf"):
        return _either([_type(kind, definitions, depth) for kind in kinds])
    if "properties" in schema and depth < DEEPEST:
        return f"{{{_parameters(schema, definitions, depth + 1)}}}"
    if items := schema.get("items"):
        return f"{_type(items, definitions, depth)}[]"
    kinds = schema.get("type", "any")
    return _either(kinds if isinstance(kinds, list) else [_DATES.get(schema.get("format"), kinds)])


def _values(values: Sequence[object]) -> str:
    shown = [json.dumps(value, ensure_ascii=False) for value in values[:MOST_VALUES]]
    return "|".join(shown) + ("|…" if len(values) > MOST_VALUES else "")


def _either(kinds: Sequence[str]) -> str:
    """One of several types; that a value may be missing is said by its parameter."""
    return "|".join(dict.fromkeys(kind for kind in kinds if kind != "null")) or "null"
