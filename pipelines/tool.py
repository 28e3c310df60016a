"""What a tool is: an annotated function that the model may call, and what it is told of it.

    @tool
    def rooms(floor: Annotated[int, "0 is the ground floor"], caller: Caller) -> str:
        "The meeting rooms of a floor, and how many people fit in."

The docstring is what the model reads. The types give the schema: nothing else comes in. A parameter
of the type `Caller` is filled by us and is not part of the schema: a model never says who asks. The
same goes for settings (`tool_settings.py`): what the operator has set for the tools of a file; and
for what Tertulia remembers (`tool_memory.py`).
"""

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints, overload

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from knowledge.conversations import Picture
from pipelines.tool_caller import Caller, CannotError, Pages
from pipelines.tool_memory import Memory
from pipelines.tool_pins import pin_of
from pipelines.tool_schema import ArgumentsError, ToolError, check, converted, model_of, schema_of
from pipelines.tool_settings import ToolSettings

__all__ = [
    "ArgumentsError",
    "Caller",
    "CannotError",
    "Effect",
    "Pages",
    "Picture",
    "Tool",
    "ToolError",
    "tool",
]

Effect = Literal["read", "write", "destructive"]
Function = Callable[..., Any]
WITHIN_S, MOST_S = 15.0, 60.0
"""How long a call may take: unless a tool says more, and at most; somebody waits for it."""
MOST_DESCRIBED = 1_200
"""Characters of a description: all of them are read for every question."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_UNNAMED = (
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.VAR_KEYWORD,
    inspect.Parameter.POSITIONAL_ONLY,
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that a model may call.

    Attributes:
        description: what the model reads.
        parameters: the JSON schema of its arguments.
        effect: `read` changes nothing; `write` does, `destructive` cannot be taken back.
        within_s: how long a call may take.
        origin: the file that it stands in, or the server that offers it.
        settings: what is set for it, and the parameter that takes it; None where nothing is.
        takes_caller, takes_memory: the parameters that take these; empty where none does.
        draws: whether it says that it returns a picture.
        completed: says what a call comes to, with the same arguments; see `tool`.
        outward: whether others hear what it is given, or what they hear of that.
        pin: of its file and its settings, as they were read: it differs where these do.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    function: Function
    effect: Effect = "read"
    within_s: float = WITHIN_S
    origin: str = ""
    takes_caller: str = ""
    arguments: type[BaseModel] | None = None
    settings: tuple[type[ToolSettings], str] | None = None
    takes_memory: str = ""
    draws: bool = False
    completed: Function | None = None
    pin: str = ""
    outward: bool | Function = False

    @property
    def is_strange(self) -> bool:
        """Whether a server describes it, and no file of ours or of the team."""
        return self.arguments is None

    @property
    def topic(self) -> str:
        """The name of its file, and of the table with its settings."""
        return self.origin.rpartition(".")[2]

    def checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as the function takes them: all that it needs, and nothing else.

        Raises:
            ArgumentsError: they are not what the schema says; the words are for the model.
        """
        check(self.parameters, arguments)
        return converted(self.arguments, arguments) if self.arguments else dict(arguments)

    def remembering(self, memory: Memory) -> "Tool":
        """The same with what we remember, which nothing can give it any more."""
        if not self.takes_memory:
            return self
        return self.given(self.takes_memory, memory)

    def given(self, parameter: str, value: object) -> "Tool":
        """The same with what one of its parameters takes, which nothing can give it any more."""
        filled = {parameter: value}
        completed = self.completed and partial(self.completed, **filled)
        return replace(self, function=partial(self.function, **filled), completed=completed)


@overload
def tool(function: Function) -> Tool: ...
@overload
def tool(
    *,
    effect: Effect = "read",
    within_s: float = WITHIN_S,
    completed: Function | None = None,
    outward: bool | Function = False,
) -> Callable[[Function], Tool]: ...
def tool(
    function: Function | None = None,
    *,
    effect: Effect = "read",
    within_s: float = WITHIN_S,
    completed: Function | None = None,
    outward: bool | Function = False,
) -> Tool | Callable[[Function], Tool]:
    """Make a tool of a function, asynchronous or not.

    Args:
        function: with a docstring, and a type at every parameter.
        effect: what it does to the world besides answering.
        within_s: seconds that a call may take.
        completed: takes the parameters of the function, and tells what a call comes to before
            anybody is asked to confirm it: by the names of arguments these as they are meant, by
            other names what people should know besides. It is asked again before the call is made,
            with what it told, and must tell the same: else something has changed.
        outward: whether what it is given goes to others, such as a service that is not the team's
            own; or a function that takes its arguments and returns what of them does.

    Raises:
        ToolError: it has none of these, or a name or types that no schema can say.
    """
    if function is not None and not inspect.isroutine(function):
        raise ToolError(
            "@tool stands before something that is no function.",
            what_to_do="Write `@tool` or `@tool(effect=...)` above `def`.",
        )
    if effect not in get_args(Effect) or not 0 < within_s <= MOST_S:
        raise ToolError(
            f"A tool has the effect '{effect}' and may take {within_s} seconds.",
            what_to_do=f"Effects are {', '.join(get_args(Effect))}; seconds go up to {MOST_S:g}.",
        )

    def made(function: Function) -> Tool:
        made = replace(_tool(function, effect, within_s), outward=outward)
        return replace(made, completed=_fit(completed, function)) if completed else made

    return made(function) if function else made


def _tool(function: Function, effect: Effect, within_s: float) -> Tool:
    name = function.__name__
    _check_name(name, function)
    hints = _hints(name, function)
    arguments = model_of(name, _fields(name, function, hints))
    takes_settings = _filled_in(name, hints, _is_settings, "settings")
    return Tool(
        name=name,
        description=_description(name, function),
        parameters=schema_of(name, arguments),
        function=function,
        effect=effect,
        within_s=within_s,
        origin=function.__module__,
        takes_caller=_filled_in(name, hints, _is_caller, "caller"),
        arguments=arguments,
        settings=(hints[takes_settings], takes_settings) if takes_settings else None,
        takes_memory=_filled_in(name, hints, _is_memory, "memory"),
        draws=get_type_hints(function).get("return") is Picture,
        pin=pin_of(sys.modules.get(function.__module__)),
    )


def _fit(completed: Function, function: Function) -> Function:
    """What tells what a call comes to, if it takes what the call takes."""
    try:
        inspect.signature(completed).bind(**dict.fromkeys(inspect.signature(function).parameters))
    except TypeError as error:
        raise ToolError(
            f"What completes the tool '{function.__name__}' takes other arguments: {error}.",
            what_to_do="Give it the parameters of the tool, or `**_: object` for those it leaves.",
        ) from error
    return completed


def _check_name(name: str, function: Function) -> None:
    if not _NAME.fullmatch(name):
        raise ToolError(
            f"A tool cannot be called '{name}'.",
            what_to_do="Use small letters, digits and _, at most 40.",
        )
    earlier = getattr(function, "__globals__", {}).get(name)
    if isinstance(earlier, Tool) and earlier.origin == function.__module__:
        # Python would go on with the second one, and the first would be gone without a word.
        raise ToolError(
            f"There are two tools '{name}' in one file.", what_to_do="Give each its own name."
        )
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


def _fields(name: str, function: Function, hints: Mapping[str, Any]) -> dict[str, Any]:
    """Type and default of each parameter that the model gives."""
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        _check_parameter(name, parameter, hints)
        hint = hints[parameter.name]
        if not (_is_caller(hint) or _is_settings(hint) or _is_memory(hint)):
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[parameter.name] = (_described(hint), default)
    return fields


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


def _check_parameter(name: str, parameter: inspect.Parameter, hints: Mapping[str, Any]) -> None:
    if parameter.kind in _UNNAMED:
        raise ToolError(
            f"The parameter '{parameter.name}' of the tool '{name}' cannot be given by its name.",
            what_to_do="Use plain parameters: no *, no ** and no /.",
        )
    if parameter.name not in hints:
        raise ToolError(
            f"The parameter '{parameter.name}' of the tool '{name}' has no type.",
            what_to_do=f"Write `{parameter.name}: str`, or whatever it is.",
        )
    if isinstance(parameter.default, FieldInfo):  # would come in as a value
        raise ToolError(
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
