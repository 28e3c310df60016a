"""The parts of a JSON schema."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator

_NAMED = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
"""Under these stand schemas by their names, whatever these are."""
_VALUES = {"enum", "const", "default", "examples", "dependentRequired"}
"""Under these stand values, and no schemas."""

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
            values = part.get(key, [])
            yield from (str(one) for one in (values if isinstance(values, list) else [values]))


def named(schema: object) -> frozenset[str]:
    """The names of fields that it says anywhere, also of those that are only required."""
    names: set[str] = set()
    for part in parts(schema):
        for key in ("properties", "required"):
            value = part.get(key)
            names.update(map(str, value) if isinstance(value, Mapping | list) else ())
    return frozenset(names)
