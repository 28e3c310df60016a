"""Why nothing could ever keep to a schema: limits that exclude each other, ends that never come.

Models on this machine are held to a schema by a grammar made of it. One of limits that exclude each
other, or of very large ones, takes all memory, and the process with it.
"""

from collections.abc import Iterator, Mapping
from math import ceil, floor
from typing import Any

from pipelines.schema_gaps import gaps, repeated
from pipelines.schema_parts import part_at, parts

MOST_WANTED = 2_000
"""Characters, items or fields that may be wanted at least: a `long` answer holds no more."""
_COUNTS = ("Length", "Items", "Properties", "Contains")
_LOW, _OPEN_LOW, _HIGH, _OPEN_HIGH = "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"


def unkeepable(schema: Mapping[str, Any]) -> Iterator[str]:
    """What nothing can keep to, in a few words each; nothing where all is well.

    Args:
        schema: one that is valid as such.
    """
    yield from contradictions(schema)
    for part in parts(schema):
        if "patternProperties" in part:  # matched by `re`, which no time limit stops
            yield "patternProperties is not taken; name each property"
        yield from gaps(part)
        pattern = part.get("pattern")
        if isinstance(pattern, str) and (signs := repeated(pattern)) > MOST_WANTED:
            yield f"with its repetitions a pattern of it has {signs} signs; at most {MOST_WANTED}"
        wanted = ((f"min{of}", _number(part, f"min{of}")) for of in _COUNTS)
        yield from (
            f"{name} is {least}; at most {MOST_WANTED} can be wanted"
            for name, least in wanted
            if least is not None and least > MOST_WANTED
        )
    if _is_endless(schema):
        yield "a part of it contains itself without end"


def contradictions(schema: object) -> Iterator[str]:
    """Limits that exclude each other, in a few words each."""
    for part in parts(schema):
        pairs = [(f"min{of}", f"max{of}") for of in _COUNTS]
        wrong = [
            f"{low} {part[low]} is more than {high} {part[high]}"
            for low, high in (*pairs, (_LOW, _HIGH))
            if _above(_number(part, low), _number(part, high))
        ]
        yield from wrong
        if not wrong and _has_no_number(part):
            yield "its limits leave no number between them"


def _has_no_number(part: Mapping[str, Any]) -> bool:
    """Whether no number is within the limits, whole where only whole ones may be."""
    low, open_low, high, open_high = (
        _number(part, key) for key in (_LOW, _OPEN_LOW, _HIGH, _OPEN_HIGH)
    )
    if part.get("type") == "integer":
        lows = [ceil(low)] if low is not None else []
        lows += [floor(open_low) + 1] if open_low is not None else []
        highs = [floor(high)] if high is not None else []
        highs += [ceil(open_high) - 1] if open_high is not None else []
        return bool(lows and highs) and max(lows) > min(highs)
    least = high if open_high is None else open_high if high is None else min(high, open_high)
    return _reaches(open_low, least) or _reaches(low, open_high)


def _above(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and low > high


def _reaches(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and low >= high


def _number(part: Mapping[str, Any], key: str) -> float | None:
    value = part.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_endless(schema: Mapping[str, Any]) -> bool:
    """Whether what keeps to some part would have to contain itself, and so on without end."""
    left = list(parts(schema))
    while True:
        open_ones = {id(one) for one in left}
        rest = [one for one in left if not _ends(one, schema, open_ones)]
        if len(rest) == len(left):
            return bool(rest)
        left = rest


def _ends(part: Mapping[str, Any], schema: Mapping[str, Any], open_ones: set[int]) -> bool:
    """Whether something of an end keeps to it, other than to these parts as far as is known."""
    needed = _needed(part, schema)
    return all(any(id(one) not in open_ones for one in choices) for choices in needed)


def _needed(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[list[object]]:
    """What must be kept to inside of it: choices, of which each one will do."""
    if isinstance(part.get("$ref"), str):
        yield [part_at(schema, part["$ref"])]
    yield from ([one] for one in part.get("allOf", ()))
    yield from (list(part[key]) for key in ("anyOf", "oneOf") if part.get(key))
    if part.get("type") == "object":
        known = part.get("properties", {})
        yield from ([known[name]] for name in part.get("required", ()) if name in known)
    if part.get("type") == "array" and (_number(part, "minItems") or 0) > 0:
        yield [part.get("items")]
