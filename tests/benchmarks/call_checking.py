"""Whether calls are right, by the rules of BFCL's AST check, and whether arguments are valid.

Accepted values are lists, as in BFCL: `""` among them says that the argument may be left out. In
our own sets `*` at the end stands for any further text.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.tool import Tool
from pipelines.tool_call import Call

Accepted = Mapping[str, Mapping[str, Sequence[Any]]]
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def all_right(calls: Sequence[Call], wanted: Sequence[Accepted], tools: Mapping[str, Tool]) -> bool:
    """Whether these are just the calls that are wanted, in any order."""
    left = list(calls)
    for one in wanted:
        found = next((call for call in left if _is(call, one, tools)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def is_valid(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """Whether arguments are what a schema says: a check of its own, beside the broker's."""
    known = schema.get("properties", {})
    required = set(schema.get("required", ()))
    return required <= set(arguments) <= set(known) and all(
        _fits(value, known[name]) for name, value in arguments.items()
    )


def _is(call: Call, accepted: Accepted, tools: Mapping[str, Tool]) -> bool:
    ((name, values),) = accepted.items()
    if call.tool != name or name not in tools:
        return False
    if not is_valid(call.arguments, tools[name].parameters):
        return False
    return _has(call.arguments, values)


def _has(arguments: Mapping[str, Any], accepted: Mapping[str, Sequence[Any]]) -> bool:
    """Whether every argument is accepted, and each that is left out may be."""
    if not set(arguments) <= set(accepted):
        return False
    return all(
        any(_alike(arguments[name], value) for value in values)
        if name in arguments
        else "" in values or None in values
        for name, values in accepted.items()
    )


def _alike(value: Any, accepted: Any) -> bool:  # noqa: ANN401 (JSON)
    if isinstance(value, str) and isinstance(accepted, str):
        if accepted.endswith("*"):
            return bool(value) and value.startswith(accepted[:-1])
        return _plain(value) == _plain(accepted)
    if isinstance(value, dict) and isinstance(accepted, dict):
        return _has(value, accepted)
    if isinstance(value, list) and isinstance(accepted, list):
        pairs = zip(value, accepted, strict=False)
        return len(value) == len(accepted) and all(_alike(a, b) for a, b in pairs)
    return isinstance(value, bool) == isinstance(accepted, bool) and value == accepted


def _plain(text: str) -> str:
    """As BFCL compares texts: without spaces, case and most signs."""
    return re.sub(r"[ ,./\-_*^]", "", text).casefold().replace("'", '"')


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:  # noqa: ANN401 (JSON)
    if kinds := schema.get("anyOf"):
        return any(_fits(value, kind) for kind in kinds)
    if "enum" in schema and value not in schema["enum"]:
        return False
    if not _is_of(value, schema.get("type", "")):
        return False
    if isinstance(value, list):
        return all(_fits(one, schema.get("items", {})) for one in value)
    is_open = not isinstance(value, dict) or "properties" not in schema
    return is_open or is_valid(value, schema)


def _is_of(value: Any, kind: str) -> bool:  # noqa: ANN401 (JSON)
    if isinstance(value, bool) or value is None:
        return kind in {"", "boolean" if isinstance(value, bool) else "null"}
    return isinstance(value, _TYPES.get(kind, object)) and kind not in {"boolean", "null"}
