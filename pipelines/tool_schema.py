"""The arguments of a tool: a schema made of types, and whether what a model wrote keeps to it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from jsonschema.exceptions import ValidationError as Violation
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PydanticUserError,
    ValidationError,
    create_model,
)

from knowledge.errors import AskerError, UsageError
from pipelines.mistakes import Mistake, joined
from pipelines.schema_check import UncheckableError, violations
from pipelines.schema_limits import unkeepable

MOST_TOLD = 5
"""Mistakes that a model is told at once."""
_SAYS_A_TYPE = {"type", "anyOf", "oneOf", "allOf", "$ref", "enum", "const"}
_ONE, _MANY, _NAMED = ("items", "additionalProperties"), ("anyOf", "oneOf", "allOf"), "properties"
_TOLD = {"type", "enum", "const", "pattern", "minimum", "maximum", "maxLength", "minLength"}


class ToolError(UsageError):
    """A function cannot be a tool as it stands."""


def together(errors: Sequence[ToolError]) -> ToolError:
    """All of them as one.

    Args:
        errors: at least one.
    """
    wrong, right = joined([Mistake(str(one), one.what_to_do) for one in errors])
    return ToolError(wrong, what_to_do=right)


class ArgumentsError(AskerError):
    """A model has written arguments that the schema does not allow."""

    def __init__(self, message: str) -> None:
        super().__init__(message, what_to_do="Correct the arguments.")


def model_of(name: str, fields: Mapping[str, tuple[Any, Any]]) -> type[BaseModel]:
    """What takes the arguments of a tool.

    Args:
        name: of the tool.
        fields: the type and the default of each parameter, `...` where it has none.

    Raises:
        ToolError: a type cannot be written as a schema.
    """
    # Under names of our own: a parameter may be called `json` or `_x`, a field may not.
    numbered: dict[str, Any] = {
        f"argument_{n}": (hint, Field(default, alias=parameter))
        for n, (parameter, (hint, default)) in enumerate(fields.items())
    }
    try:
        return create_model(name, __config__=ConfigDict(extra="forbid"), **numbered)
    except (PydanticUserError, TypeError) as error:
        raise _unwritable(name, fields) from error


def schema_of(name: str, arguments: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of the arguments, closed and without titles, which say nothing.

    Raises:
        ToolError: a type cannot be written as a schema, takes anything, or nothing at all.
    """
    try:
        schema: dict[str, Any] = _closed(arguments.model_json_schema())
    except (PydanticUserError, TypeError) as error:
        named = [str(one.alias) for one in arguments.model_fields.values()]
        raise _unwritable(name, named) from error
    if wrong := [*_taking_anything(name, schema), *_unkeepable(name, schema)]:
        raise together(wrong)
    return schema


def _taking_anything(name: str, schema: Mapping[str, Any]) -> Iterator[ToolError]:
    for parameter, said in schema.get(_NAMED, {}).items():
        if not _SAYS_A_TYPE & set(said):
            yield ToolError(
                f"The parameter '{parameter}' of the tool '{name}' takes anything.",
                what_to_do=f"Say what it is: `{parameter}: str`, for instance.",
            )


def _unkeepable(name: str, schema: Mapping[str, Any]) -> Iterator[ToolError]:
    for problem in unkeepable(schema):
        yield ToolError(
            f"No argument can keep to the types of the tool '{name}': {problem}.",
            what_to_do="Correct the limits of its parameters.",
        )


def _unwritable(name: str, parameters: Collection[str]) -> ToolError:
    of = f" of {' and '.join(parameters)}" if parameters else ""
    return ToolError(
        f"The types{of} of the tool '{name}' cannot be written as a JSON schema.",
        what_to_do="Use str, int, float, bool, date, datetime, Literal, lists of these, or a"
        " pydantic model.",
    )


def _closed(part: Any) -> Any:  # noqa: ANN401 (JSON)
    """A schema in which nothing may stand that is not named, unless its author wants that."""
    if not isinstance(part, dict):
        return part
    kept = {key: value for key, value in part.items() if key != "title"}
    if _NAMED in kept:
        kept.setdefault("additionalProperties", False)
    kept |= {key: _closed(kept[key]) for key in _ONE if key in kept}
    kept |= {key: [_closed(one) for one in kept[key]] for key in _MANY if key in kept}
    for key in (_NAMED, "$defs"):
        if key in kept:
            kept[key] = {name: _closed(one) for name, one in kept[key].items()}
    return kept


def check(parameters: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """Compare what a model wrote with a schema.

    Raises:
        ArgumentsError: they are not what the schema says. The words are for the model and repeat
            nothing that was written: that may be an instruction.
    """
    try:
        found = violations(arguments, parameters)
    except UncheckableError as error:
        raise ArgumentsError("The arguments cannot be checked.") from error
    if found:
        raise _wrong(sorted({_told(parameters, arguments, one) for one in found}))
    try:
        # NaN, Infinity and halves of signs are no JSON: a server would read them as something else.
        json.dumps(dict(arguments), allow_nan=False, ensure_ascii=False).encode()
    except ValueError as error:
        raise ArgumentsError("The arguments are no JSON.") from error


def converted(model: type[BaseModel], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as a function takes them: a date is a date.

    Raises:
        ArgumentsError: they are not of the right types.
    """
    found = validated(model, arguments)
    return {str(one.alias): getattr(found, name) for name, one in type(found).model_fields.items()}


def validated(model: type[BaseModel], arguments: Mapping[str, Any]) -> BaseModel:
    """All arguments in one.

    Raises:
        ArgumentsError: they are not of the right types.
    """
    try:
        written = json.dumps(dict(arguments), allow_nan=False)
        return model.model_validate_json(written, strict=True)
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False, include_context=False)
        names = {str(one.alias) for one in model.model_fields.values()}
        raise _wrong([f"{_place(names, one['loc'])}: {one['type']}" for one in errors]) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise ArgumentsError("The arguments are no JSON.") from error


def _wrong(places: list[str]) -> ArgumentsError:
    return ArgumentsError(f"The arguments are wrong ({'; '.join(places[:MOST_TOLD])}).")


def _told(parameters: Mapping[str, Any], arguments: Mapping[str, Any], error: Violation) -> str:
    """Where it is wrong and what is right, in the words of the schema."""
    if error.validator == "required" and not error.absolute_path:
        missing = [name for name in parameters["required"] if name not in arguments]
        return f"missing: {', '.join(missing)}"
    place = _place(set(parameters.get(_NAMED, {})), tuple(error.absolute_path))
    right = json.dumps(error.validator_value)[:100] if error.validator in _TOLD else ""
    return f"{place}: {error.validator} {right}".rstrip()


def _place(names: set[str], path: tuple[str | int, ...]) -> str:
    return str(path[0]) if path and path[0] in names else "arguments"
