"""Parts of a schema that leave nothing to choose, and patterns too large to be held to."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from jsonschema import Draft202012Validator

_SIGN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d*)(?:,(\d*))?\}|.", re.DOTALL)
"""One letter, one choice of letters in brackets, or how often what stands before it may come."""
_MANY, _NESTED = 10**9, 4


def gaps(part: Mapping[str, Any]) -> Iterator[str]:
    """Why nothing keeps to this part, in a few words each; its limits aside.

    Args:
        part: of a valid schema; under words that are no keywords it may hold anything.
    """
    if part.get("enum") == []:
        yield "its enum is empty"
    if part.get("not") is True or part.get("not") == {}:
        yield "its `not` leaves nothing"
    values = part["enum"] if isinstance(part.get("enum"), list) else []
    for key, choices in (("enum", values), ("const", [part["const"]] if "const" in part else [])):
        if choices and not any(_is_of_type(one, part.get("type")) for one in choices):
            yield f"no value of its {key} is of type {part['type']}"
    yield from _of_fields(part)
    least, most = part.get("minContains", 1), part.get("maxItems")
    if "contains" in part and _is_count(least) and _is_count(most) and least > most:
        yield f"it contains more than maxItems {most}"


def _of_fields(part: Mapping[str, Any]) -> Iterator[str]:
    required, known = part.get("required"), part.get("properties")
    if not isinstance(required, list):
        return
    most = part.get("maxProperties")
    if _is_count(most) and len(set(map(str, required))) > most:
        yield f"{len(required)} fields are required, and maxProperties is {most}"
    never = [one for one in required if isinstance(known, Mapping) and known.get(one) is False]
    yield from (f"'{one}' is required and may not be there" for one in never)


def _is_of_type(value: object, kind: object) -> bool:
    return not isinstance(kind, str | list) or Draft202012Validator({"type": kind}).is_valid(value)


def _is_count(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def repeated(pattern: str) -> int:
    """How many signs a pattern has once everything that comes several times is written out.

    `(ab){3}` has six. `*` and `+` count once: what has no end is no larger for it. What repeats
    a group with repetitions in it counts fourfold, as a text may be read in many ways.
    """
    open_ones: list[tuple[int, bool]] = []
    total, last, repeats, is_nested = 0, 0, False, False
    for match in _SIGN.finditer(pattern):
        sign = match.group()
        if sign == "(":
            open_ones.append((total, repeats))
            total, last, repeats, is_nested = 0, 0, False, False
        elif sign == ")" and open_ones:
            outside, before = open_ones.pop()
            last, is_nested = total, repeats
            total, repeats = total + outside, repeats or before
        elif match[1] is not None and sign != "{}":
            factor = _often(match[2] or match[1]) * (_NESTED if is_nested else 1)
            total, last, repeats = total + last * (factor - 1), 0, True
        else:
            total, last, is_nested = total + 1, 1, False
    return total + sum(outside for outside, _ in open_ones)


def _often(digits: str) -> int:
    """At least once: what may be left out is written all the same."""
    return max(1, int(digits or 0)) if len(digits) < len(str(_MANY)) else _MANY
