"""What a function says of itself, part by part, and all that keeps it from being a tool."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from pipelines.tool_caller import Caller
from pipelines.tool_memory import Memory
from pipelines.tool_schema import ToolError, model_of, schema_of, together
from pipelines.tool_settings import ToolSettings

Function = Callable[..., Any]
Part = TypeVar("Part")
MOST_DESCRIBED = 1_200
"""Characters of a description: all of them are read for every question."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_UNNAMED = (
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.VAR_KEYWORD,
    inspect.Parameter.POSITIONAL_ONLY,
)


class Reading:
    """Reads on where a part is wrong, so that all that is wrong can be told.

    Attributes:
        wrong: so far.
    """

    def __init__(self) -> None:
        self.wrong: list[ToolError] = []

    def part(self, read: Callable[..., Part], *arguments: object) -> Part | None:
        """What a part says; None where it is wrong."""
        try:
            return read(*arguments)
        except ToolError as error:
            self.wrong.append(error)
            return None

    def end(self) -> None:
        """Tell what was wrong.

        Raises:
            ToolError: anything was.
        """
        if self.wrong:
            raise together(self.wrong)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a function says of itself; see `pipelines.tool.Tool`."""

    description: str
    arguments: type[BaseModel] | None
    parameters: Mapping[str, Any]
    takes_caller: str
    takes_memory: str
    settings: tuple[type[ToolSettings], str] | None


def stated(name: str, function: Function, reading: Reading) -> Stated:
    """What a function says of itself; of use only where the reading ends well.

    Args:
        name: of the tool.
        function: with a docstring, and a type at every parameter.
        reading: is told what is wrong.
    """
    reading.part(_check_name, name)
    reading.part(_check_whole, name, function)
    description = reading.part(_description, name, function)
    hints = reading.part(_hints, name, function)
    fields = _fields(name, function, hints, reading)
    arguments, parameters = reading.part(_form, name, fields) or (None, {})
    caller, memory, settings = (
        reading.part(_filled_in, name, hints or {}, is_ours, what) or ""
        for is_ours, what in (
            (_is_caller, "caller"),
            (_is_memory, "memory"),
            (_is_settings, "settings"),
        )
    )
    return Stated(
        description=description or "",
        arguments=arguments,
        parameters=parameters,
        takes_caller=caller,
        takes_memory=memory,
        settings=(hints[settings], settings) if hints and settings else None,
    )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ToolError(
            f"A tool cannot be called '{name}'.",
            what_to_do="Use small letters, digits and _, at most 40.",
        )


def _check_whole(name: str, function: Function) -> None:
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ToolError(
            f"The tool '{name}' yields its result in pieces.",
            what_to_do="Return it whole: a text, or a list.",
        )


def _description(name: str, function: Function) -> str:
    description = inspect.cleandoc(function.__doc__ or "")
    if not description or len(description) > MOST_DESCRIBED:
        raise ToolError(
            f"The tool '{name}' has {'a long' if description else 'no'} docstring.",
            what_to_do=f"Say in at most {MOST_DESCRIBED} characters what it does and when to use"
            " it: the docstring is what the model reads.",
        )
    return description


def _fields(
    name: str, function: Function, hints: Mapping[str, Any] | None, reading: Reading
) -> dict[str, Any]:
    """Type and default of each parameter that the model gives; none where no type is known."""
    fields: dict[str, Any] = {}
    typed = function.__annotations__ if hints is None else hints
    for parameter in inspect.signature(function).parameters.values():
        wrong = list(_wrong_with(name, parameter, typed))
        reading.wrong += wrong
        hint = (hints or {}).get(parameter.name)
        is_ours = _is_caller(hint) or _is_settings(hint) or _is_memory(hint)
        if hints and not wrong and not is_ours:
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[parameter.name] = (_described(hint), default)
    return fields


def _form(name: str, fields: Mapping[str, Any]) -> tuple[type[BaseModel], dict[str, Any]]:
    """What takes the arguments, and its schema.

    Raises:
        ToolError: types of parameters will not do; each of them is named.
    """
    try:
        arguments = model_of(name, fields)
        return arguments, schema_of(name, arguments)
    except ToolError:
        alone = Reading()
        for parameter, field in fields.items() if len(fields) > 1 else ():
            alone.part(_form, name, {parameter: field})
        alone.end()
        raise


def _filled_in(
    name: str, hints: Mapping[str, Any], is_ours: Callable[[Any], bool], what: str
) -> str:
    """The parameter that takes something of ours; empty where none does."""
    found = [parameter for parameter, hint in hints.items() if is_ours(hint)]
    if len(found) > 1:
        raise ToolError(f"The tool '{name}' takes the {what} twice.", what_to_do="Take it once.")
    return found[0] if found else ""


def _is_caller(hint: object) -> bool:
    return hint is Caller


def _is_settings(hint: object) -> bool:
    return isinstance(hint, type) and issubclass(hint, ToolSettings)


def _is_memory(hint: object) -> bool:
    return hint is Memory


def _hints(name: str, function: Function) -> dict[str, Any]:
    """The types of the parameters, by their names."""
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise ToolError(
            f"A type of the tool '{name}' is not known: {error}.",
            what_to_do="Import it at the top of the file, not under TYPE_CHECKING.",
        ) from error
    return {parameter: hint for parameter, hint in hints.items() if parameter != "return"}


def _wrong_with(
    name: str, parameter: inspect.Parameter, typed: Mapping[str, Any]
) -> Iterator[ToolError]:
    """All that is wrong with a parameter besides its type."""
    if parameter.kind in _UNNAMED:
        yield ToolError(
            f"The parameter '{parameter.name}' of the tool '{name}' cannot be given by its name.",
            what_to_do="Use plain parameters: no *, no ** and no /.",
        )
    if parameter.name not in typed:
        yield ToolError(
            f"The parameter '{parameter.name}' of the tool '{name}' has no type.",
            what_to_do=f"Write `{parameter.name}: str`, or whatever it is.",
        )
    if isinstance(parameter.default, FieldInfo):  # would come in as a value
        yield ToolError(
            f"The default of '{parameter.name}' of the tool '{name}' is a Field.",
            what_to_do=f"Write `{parameter.name}: Annotated[..., Field(...)]`, and a default.",
        )


def _described(hint: Any) -> Any:  # noqa: ANN401 (a type, whatever it is)
    """A type whose plain words say what it is for, as a schema needs them."""
    if get_origin(hint) is not Annotated:
        return hint
    of, *notes = get_args(hint)
    said = [Field(description=note) if isinstance(note, str) else note for note in notes]
    return Annotated[of, *said]
