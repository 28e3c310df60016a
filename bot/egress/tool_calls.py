"""A call of a tool that a model has written as its answer is not an answer."""

import json
from collections.abc import Mapping

_WRAPPERS = ("```json", "```", "<tool_call>", "</tool_call>", "<|python_tag|>", "[TOOL_CALLS]")
_ARGUMENTS = ("arguments", "parameters", "args", "input")
_NAMES = ("name", "tool", "tool_name", "function")


def is_tool_call(text: str) -> bool:
    """Whether the text is nothing but calls of tools, as models write them."""
    bare = text.strip()
    for wrapper in _WRAPPERS:
        bare = bare.removeprefix(wrapper).removesuffix(wrapper).strip()
    if not bare.startswith(("{", "[")):
        return False
    try:
        value = json.loads(bare)
    except (ValueError, RecursionError):
        return False
    calls = value if isinstance(value, list) else [value]
    return bool(calls) and all(_is_call(call) for call in calls)


def _is_call(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    if isinstance(value.get("tool_calls"), list) or isinstance(value.get("function"), Mapping):
        return True
    has_name = any(isinstance(value.get(name), str) for name in _NAMES)
    return has_name and any(key in value for key in _ARGUMENTS)
