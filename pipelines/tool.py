"""What a tool is: an annotated function that the model may call, and what it is told of it.

    @tool
    def rooms(floor: Annotated[int, "0 is the ground floor"], caller: Caller) -> str:
        "The meeting rooms of a floor, and how many people fit in."

The docstring is what the model reads. The types give the schema: nothing else comes in. A parameter
of the type `Caller` is filled by us and is not part of the schema: a model never says who asks.
"""

import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, ValidationError, create_model

from knowledge.articles import Audience
from knowledge.conversations import now
from knowledge.errors import AskerError, UsageError

Effect = Literal["read", "write", "destructive"]
Function = Callable[..., Any]
WITHIN_S = 15.0
MOST_DESCRIBED = 1_200
"""Characters of a description: all of them are read for every question."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class ToolError(UsageError):
    """A function cannot be a tool as it stands."""


class ArgumentsError(AskerError):
    """A model has written arguments that the schema does not allow."""


class CannotError(AskerError):
    """What a tool raises where it cannot do what was asked for; the model reads why."""

    def __init__(self, message: str) -> None:
        super().__init__(message, what_to_do="Ask for something else.")


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a tool runs: everything in it comes from us.

    Attributes:
        person: the principal of whoever asks.
        audience: what is true of all who read the reply.
        conversation: where it is asked.
        language: of the question.
        at: when it is asked.
    """

    person: str
    audience: Audience
    conversation: str = ""
    language: str = "en"
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that a model may call.

    Attributes:
        description: what the model reads.
        parameters: the JSON schema of its arguments.
        effect: `read` changes nothing; `write` does, `destructive` cannot be taken back.
        within_s: how long a call may take.
        origin: the file that it stands in, or the server that offers it.
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

    def checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as the function takes them: all that it needs, and nothing else.

        Raises:
            ArgumentsError: they are not what the schema says; the words are for the model.
        """
        if self.arguments is None:
            return dict(arguments)
        try:
            found = self.arguments.model_validate_json(json.dumps(arguments), strict=True)
        except (ValidationError, TypeError, ValueError) as error:
            raise ArgumentsError(_wrong(error), what_to_do="Correct the arguments.") from error
        return {name: getattr(found, name) for name in type(found).model_fields}


@overload
def tool(function: Function) -> Tool: ...
@overload
def tool(*, effect: Effect = "read", within_s: float = WITHIN_S) -> Callable[[Function], Tool]: ...
def tool(
    function: Function | None = None, *, effect: Effect = "read", within_s: float = WITHIN_S
) -> Tool | Callable[[Function], Tool]:
    """Make a tool of a function, asynchronous or not.

    Args:
        function: with a docstring, and a type at every parameter.
        effect: what it does to the world besides answering.
        within_s: seconds that a call may take.

    Raises:
        ToolError: it has none of these, or a name or types that no schema can say.
    """

    def made(function: Function) -> Tool:
        return _tool(function, effect, within_s)

    return made(function) if function else made


def _tool(function: Function, effect: Effect, within_s: float) -> Tool:
    name = function.__name__
    description = inspect.cleandoc(function.__doc__ or "")
    if not _NAME.fullmatch(name):
        raise ToolError(
            f"A tool cannot be called '{name}'.",
            what_to_do="Use small letters, digits and _, at most 40.",
        )
    if not description or len(description) > MOST_DESCRIBED:
        raise ToolError(
            f"The tool '{name}' has {'a long' if description else 'no'} docstring.",
            what_to_do=f"Say in at most {MOST_DESCRIBED} characters what it does and when to use"
            " it: the docstring is what the model reads.",
        )
    fields, takes_caller = _fields(name, function)
    try:
        arguments = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        parameters = _schema(arguments)
    except (PydanticUserError, TypeError) as error:
        raise ToolError(
            f"The types of the tool '{name}' cannot be written as a JSON schema.",
            what_to_do="Use str, int, float, bool, date, datetime, Literal, lists of these, or a"
            " pydantic model.",
        ) from error
    return Tool(
        name=name,
        description=description,
        parameters=parameters,
        function=function,
        effect=effect,
        within_s=within_s,
        origin=function.__module__,
        takes_caller=takes_caller,
        arguments=arguments,
    )


def _fields(name: str, function: Function) -> tuple[dict[str, Any], str]:
    """A field for each parameter, and the name of the one that takes the caller."""
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    takes_caller = ""
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in hints or parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
            parameter.POSITIONAL_ONLY,
        ):
            raise ToolError(
                f"The parameter '{parameter.name}' of the tool '{name}' has no type.",
                what_to_do=f"Write `{parameter.name.strip('*')}: str`, or whatever it is.",
            )
        hint = hints[parameter.name]
        if hint is Caller:
            takes_caller = parameter.name
            continue
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (_described(hint), default)
    return fields, takes_caller


def _described(hint: Any) -> Any:  # noqa: ANN401 (a type, whatever it is)
    """A type whose plain words say what it is for, as a schema needs them."""
    if get_origin(hint) is not Annotated:
        return hint
    of, *notes = get_args(hint)
    said = [Field(description=note) if isinstance(note, str) else note for note in notes]
    return Annotated[of, *said]


def _schema(arguments: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema without titles, which say nothing and are read every time."""
    schema = arguments.model_json_schema()
    for part in (schema, *schema.get("properties", {}).values()):
        part.pop("title", None)
    return schema


def _wrong(error: Exception) -> str:
    """What is wrong, without what was written: that may be an instruction."""
    if not isinstance(error, ValidationError):
        return "The arguments are no JSON."
    places = [
        f"{'.'.join(str(step) for step in one['loc'][:1]) or 'arguments'}: {one['type']}"
        for one in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return f"The arguments are wrong ({', '.join(places[:5])})."
