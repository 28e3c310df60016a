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
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from traceback import StackSummary, extract_stack
from typing import Any, Literal, get_args, get_type_hints, overload

from pydantic import BaseModel

from knowledge.conversations import Picture
from pipelines.tool_caller import Caller, CannotError, Pages
from pipelines.tool_memory import Memory
from pipelines.tool_pins import pin_of
from pipelines.tool_schema import ArgumentsError, ToolError, check, converted
from pipelines.tool_settings import ToolSettings
from pipelines.tool_stated import MOST_DESCRIBED, Reading, stated

__all__ = [
    "MOST_DESCRIBED",
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
_NOTED: ContextVar[list[tuple[ToolError, StackSummary]] | None] = ContextVar("noted", default=None)
"""What was wrong with functions, while a file is read to its end."""


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

    def made(function: Function) -> Tool:
        try:
            made = _tool(function, effect, within_s, completed)
        except ToolError as error:
            return _put_off(function, error)
        return replace(made, outward=outward)

    return made(function) if function is not None else made


@contextmanager
def putting_off() -> Iterator[list[tuple[ToolError, StackSummary]]]:
    """Have a file read to its end: what is wrong with its functions is noted, and where.

    What takes their place until then is no tool that could be called.
    """
    noted: list[tuple[ToolError, StackSummary]] = []
    before = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(before)


def _put_off(function: Function, error: ToolError) -> Tool:
    noted = _NOTED.get()
    if noted is None:
        raise error
    noted.append((error, extract_stack()))
    origin = function.__module__ if inspect.isroutine(function) else ""
    return Tool(getattr(function, "__name__", ""), "", {}, function, origin=origin)


def _tool(function: Function, effect: Effect, within_s: float, completed: Function | None) -> Tool:
    if not inspect.isroutine(function):
        raise ToolError(
            "@tool stands before something that is no function.",
            what_to_do="Write `@tool` or `@tool(effect=...)` above `def`.",
        )
    name, reading = function.__name__, Reading()
    reading.part(_check_effect, effect, within_s)
    reading.part(_check_twice, name, function)
    said = stated(name, function, reading)
    completes = reading.part(_fit, completed, function) if completed else None
    reading.end()
    return Tool(
        name=name,
        description=said.description,
        parameters=said.parameters,
        function=function,
        effect=effect,
        within_s=within_s,
        origin=function.__module__,
        takes_caller=said.takes_caller,
        arguments=said.arguments,
        settings=said.settings,
        takes_memory=said.takes_memory,
        draws=get_type_hints(function).get("return") is Picture,
        completed=completes,
        pin=pin_of(sys.modules.get(function.__module__)),
    )


def _check_effect(effect: Effect, within_s: float) -> None:
    if effect not in get_args(Effect) or not 0 < within_s <= MOST_S:
        raise ToolError(
            f"A tool has the effect '{effect}' and may take {within_s} seconds.",
            what_to_do=f"Effects are {', '.join(get_args(Effect))}; seconds go up to {MOST_S:g}.",
        )


def _check_twice(name: str, function: Function) -> None:
    earlier = getattr(function, "__globals__", {}).get(name)
    if isinstance(earlier, Tool) and earlier.origin == function.__module__:
        # Python would go on with the second one, and the first would be gone without a word.
        raise ToolError(
            f"There are two tools '{name}' in one file.", what_to_do="Give each its own name."
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
