"""The parts of a JSON schema."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator

_NAMED = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
"""Under these stand schemas by their names, whatever these are."""
_VALUES = {"enum", "const", "default", "examples", "dependentRequired"}
"""Under these stand values, and no schemas."""
_CHOICES = ("enum", "const", "default")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a value, and what a schema says of it.

    Attributes:
        whole: the schema.
        said: the parts of it that speak of this place; none where anything may stand.
        above: those that speak of the places around it.
    """

    whole: Mapping[str, Any]
    said: tuple[Mapping[str, Any], ...]
    above: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def top(cls, schema: Mapping[str, Any]) -> "Place":
        """That of the whole value."""
        return cls(schema, _applying([schema], schema))

    def under(self, name: object) -> "Place":
        """That of what has this name here; a schema says nothing of what stands in itself again."""
        above = (*self.above, *self.said)
        named = (part.get("properties") for part in self.said)
        found = [one[name] for one in named if isinstance(one, Mapping) and name in one]
        found = [one if isinstance(one, Mapping) else {} for one in found]  # `true` says nothing
        said = _applying(found, self.whole)
        return Place(self.whole, tuple(one for one in said if one not in above), above)

    def in_list(self) -> "Place":
        """That of what stands in a list: anything, as often as one likes."""
        return Place(self.whole, ())

    def choices(self) -> set[str]:
        """The values that are given here to choose from, as they are spelled."""
        found = (part[key] for part in self.said for key in _CHOICES if key in part)
        return {spelled(one) for some in found for one in _as_list(some)}


def spelled(value: object) -> str:
    """A value as text: 12 and 12.0 are one."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _applying(found: Iterable[object], whole: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """These parts with what they refer to, choose from and put together; each once."""
    applying = list[Mapping[str, Any]]()
    left = list(found)
    while left:
        part = left.pop()
        if isinstance(part, Mapping) and part not in applying:
            applying.append(part)
            left += [one for key in ("anyOf", "oneOf", "allOf") for one in part.get(key, ())]
            left += [part_at(whole, part["$ref"])] if "$ref" in part else []
    return tuple(applying)


_META = Draft202012Validator.META_SCHEMA


def parts(part: object) -> Iterator[Mapping[str, Any]]:
    """The schema and all in it, names of properties and values to choose from left out."""
    if isinstance(part, list):
        for one in part:
            yield from parts(one)
    elif isinstance(part, Mapping):
        yield part
        for key, value in part.items():
            if key in _NAMED and isinstance(value, Mapping):
                yield from parts(list(value.values()))
            elif key not in _VALUES and _may_be_schemas(key, value):
                yield from parts(value)


def _may_be_schemas(key: str, value: object) -> bool:
    """Whether a schema may stand there: under a word that is no keyword it may be anything."""
    return key in Draft202012Validator.VALIDATORS or Draft202012Validator(_META).is_valid(value)


def part_at(schema: object, reference: str) -> object:
    """What a JSON pointer such as `#/properties/a` names in it; None where nothing is there."""
    found: Any = schema
    for step in unquote(reference).removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, Mapping) and name in found:
            found = found[name]
        else:
            return None
    return found


def listed(schema: object, *keys: str) -> Iterator[str]:
    """The texts that stand under these keys anywhere in it: `enum`, `const`, `default`."""
    for part in parts(schema):
        for key in keys:
            yield from map(str, _as_list(part.get(key, [])))


def named(schema: object) -> frozenset[str]:
    """The names of fields that it says anywhere, also of those that are only required."""
    names: set[str] = set()
    for part in parts(schema):
        for key in ("properties", "required"):
            value = part.get(key)
            names.update(map(str, value) if isinstance(value, Mapping | list) else ())
    return frozenset(names)
