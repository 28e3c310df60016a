"""What a strange tool gave, as text: whatever is no text is named as left out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_KINDS = {
    "image": "an image",
    "audio": "a sound",
    "resource": "a resource",
    "resource_link": "a resource",
}


def text_of(result: Mapping[str, Any]) -> str:
    """The texts of a result, its values as JSON, and what else there was, by its kind."""
    parts = result.get("content", [])
    texts = [str(one.get("text", "")) for one in parts if one.get("type") == "text"]
    others = [_KINDS.get(one["type"], "another part") for one in parts if one["type"] != "text"]
    values = result.get("structuredContent")
    if values is not None and values not in _said_twice(texts):
        texts.append(json.dumps(values, ensure_ascii=False))
    if others:
        texts.append(f"(left out: {', '.join(others)})")
    return "\n".join(texts)


def _said_twice(texts: Sequence[str]) -> list[object]:
    """The values that stand in the texts already, for those who read only text."""
    read = [_value(text) for text in texts]
    return [*read, {"result": read}, *({"result": one} for one in (*read, *texts))]


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
