"""The schema of a strange tool's arguments, as we can use it: whole, small and without traps."""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from knowledge.cleaning import clean
from pipelines.schema_limits import contradictions

MOST_CHARACTERS = 8_000
"""Of a schema as JSON: all of it is read for every question."""
DEEPEST = 20
_LEFT_OUT = {"$schema", "$id", "$comment", "$defs", "definitions", "title", "examples"}
_TRAPS = {"pattern", "patternProperties", "propertyNames"}
"""An expression of a stranger may run for hours over what a model wrote; the server has it too."""
_ELSEWHERE = {"$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$anchor"}
_NAMED = ("properties", "dependentSchemas")
_WORDS = ("description",)
_ONE_OF, _TOGETHER = ("anyOf", "oneOf"), ("allOf", "if", "then", "else", "dependentSchemas")
_AS_IT_IS = ("enum", "const", "default", "required", "dependentRequired")
_KEPT = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "const"),
    *("anyOf", "allOf", "description", "minimum", "maximum", "default"),
}
"""What every kind of model can be held to; servers of models differ in all else, and some refuse
a whole question because of it."""
_SHORT = ("minLength", "maxLength", "minItems", "maxItems")
_FORMATS = ("date", "time", "date-time", "uuid")
LONGEST = 200
"""What a limit may be that a model is held to: larger ones make grammars that are too large."""


class UnusableSchemaError(ValueError):
    """Why a schema cannot be used, in a few words."""


def usable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that stands alone: what it refers to is put in, what it does not name is refused.

    Raises:
        UnusableSchemaError: it refers to other places or to itself, is no schema, is too large, or
            nothing can keep to it.
    """
    if len(json.dumps(schema)) > MOST_CHARACTERS:
        raise UnusableSchemaError(f"its schema has more than {MOST_CHARACTERS:,} characters")
    if schema.get("type", "object") != "object":
        raise UnusableSchemaError("its arguments are no object")
    try:
        Draft202012Validator.check_schema(dict(schema))
    except (SchemaError, RecursionError, OverflowError, ValueError) as error:
        raise UnusableSchemaError("its schema is no JSON schema") from error
    whole = _Whole(schema).part({"type": "object", "properties": {}} | dict(schema))
    if len(json.dumps(whole)) > MOST_CHARACTERS:
        raise UnusableSchemaError(f"its schema has more than {MOST_CHARACTERS:,} characters")
    if any(contradictions(whole)):
        raise UnusableSchemaError("its schema has limits that exclude each other")
    found: dict[str, Any] = _plain(_closed(whole))
    return found


class _Whole:
    """Puts into a schema what it refers to."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._left = MOST_CHARACTERS  # parts: a small schema can refer to a very large one

    def part(self, part: Any, depth: int = 0) -> Any:  # noqa: ANN401 (JSON)
        """A part without references; a list of parts as well."""
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            raise UnusableSchemaError("its schema refers to itself, or is too deep")
        if isinstance(part, list):
            return [self.part(one, depth + 1) for one in part]
        if not isinstance(part, Mapping):
            return part
        if _ELSEWHERE & set(part):
            raise UnusableSchemaError("its schema has references that we do not follow")
        if "$ref" in part:
            beside = {key: value for key, value in part.items() if key != "$ref"}
            return self.part({**self._referred(part["$ref"]), **beside}, depth + 1)
        return {
            key: self._value(key, value, depth)
            for key, value in part.items()
            if key not in _LEFT_OUT | _TRAPS
        }

    def _value(self, key: str, value: Any, depth: int) -> Any:  # noqa: ANN401 (JSON)
        if key in _WORDS:
            return clean(str(value))
        if key in _AS_IT_IS:
            return value
        if key in _NAMED and isinstance(value, Mapping):  # names of its own, whatever they are
            return {name: self.part(one, depth + 1) for name, one in value.items()}
        return self.part(value, depth + 1)

    def _referred(self, reference: object) -> Mapping[str, Any]:
        """What stands at another place of this schema; nothing else is looked up."""
        found: Any = self._schema
        place = str(reference)
        if place != "#" and not place.startswith("#/"):
            raise UnusableSchemaError("its schema refers to another place")
        for step in place.split("/")[1:]:
            found = found.get(_unescaped(step)) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            raise UnusableSchemaError("its schema refers to what is not there")
        return found


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def _closed(part: Any, *, is_shared: bool = False) -> Any:  # noqa: ANN401 (JSON)
    """A schema in which nothing may stand that is not named, unless its author wants that.

    Args:
        part: of a schema without references.
        is_shared: whether other parts name more of the same object: then none of them is closed.
    """
    if not isinstance(part, Mapping):
        return part
    names = "properties" in part
    branches = [one for key in _ONE_OF for one in part.get(key, ())]
    is_shared = is_shared or any(key in part for key in _TOGETHER)
    is_shared = is_shared or (names and any("properties" in one for one in branches))
    kept = dict(part)
    for key in ("items", "additionalProperties", "contains"):
        kept |= {key: _closed(part[key])} if key in part else {}
    for key in (*_ONE_OF, "allOf"):
        inside = is_shared or names
        kept |= {key: [_closed(o, is_shared=inside) for o in part[key]]} if key in part else {}
    if names:
        kept["properties"] = {name: _closed(one) for name, one in part["properties"].items()}
        if not is_shared:
            kept.setdefault("additionalProperties", False)
    return kept


def _plain(part: Any) -> Any:  # noqa: ANN401 (JSON)
    """A schema in the words that every kind of model knows; all else is left to the server."""
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, Mapping):
        return part
    kept = {key: value for key, value in part.items() if key in _KEPT}
    kept |= {key: part[key] for key in _SHORT if part.get(key, LONGEST + 1) <= LONGEST}
    kept |= {"format": part["format"]} if part.get("format") in _FORMATS else {}
    kept |= {"anyOf": part["oneOf"]} if "oneOf" in part and "anyOf" not in part else {}
    if "properties" in kept:
        kept["properties"] = {name: _plain(one) for name, one in kept["properties"].items()}
        kept = {key: value for key, value in kept.items() if key not in ("anyOf", "allOf")}
    for key in ("items", "additionalProperties", "anyOf", "allOf"):
        kept |= {key: _plain(kept[key])} if key in kept else {}
    return kept
