"""What an operator sets for tools: a table of `tertulia.toml` for a file of tools that wants one.

    class Weather(ToolSettings):
        "What `[tools.weather]` may say."
        base_url: str = "https://api.open-meteo.com"
        token: Secret

    @tool
    async def weather(place: str, settings: Weather) -> str: ...

A parameter of such a type is filled by us, like the caller: no model reads or writes it. The table
has the name of the file. Where there is none, the tools that want it are not there.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NoReturn, get_args
from urllib.parse import quote

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import CoreSchema, ErrorDetails

from knowledge.articles import EVERYONE, Audience
from knowledge.errors import UsageError, suggestion
from knowledge.principals import wrong_readers
from pipelines.tool_schema import ToolError

Environment = Callable[[str], str]
"""What a name stands for in the environment or `.env`; empty where it stands for nothing."""
Mistake = tuple[str, str]
_PLACE = re.compile(r"\$\{(\w+)\}")
_WHO = re.compile(r"(?<=://)[^/@\s]*@")


class ToolSettingsError(UsageError):
    """The tables of tools in `tertulia.toml` are wrong; all that is wrong is told at once."""


class Table(BaseModel):
    """A part of settings: a table inside the table."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ToolSettings(Table):
    """What an operator may set for the tools of a file; a class of its own for each file."""

    def for_model(self) -> str:
        """What a model should know of it, such as the names that it may choose from.

        It follows the docstring of each tool of the file, wherever somebody asks: leave out what
        not everybody may know.
        """
        return ""

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, __: GetJsonSchemaHandler) -> NoReturn:
        """None: as a part of anything else, the model would say what is set."""
        raise ToolError(
            "A parameter has the settings inside another type.",
            what_to_do=f"Write `settings: {cls.__name__}`, as a parameter of its own.",
        )


def with_secrets(value: object, info: ValidationInfo) -> object:
    """A text with each `${NAME}` replaced by that value of the environment or `.env`.

    In front of the @ of an address, signs like / are written as an address needs them.

    Raises:
        ValueError: there is no such value.
    """
    if not isinstance(value, str):
        return value

    def found(place: "re.Match[str]") -> str:
        return _from_environment(place[1], info)

    def quoted(who: "re.Match[str]") -> str:
        return _PLACE.sub(lambda place: quote(found(place), safe=""), who[0])

    return _PLACE.sub(found, _WHO.sub(quoted, value))


def _from_environment(name: str, info: ValidationInfo) -> str:
    look_up: Environment = (info.context or {}).get("environment", lambda _: "")
    if value := look_up(name):
        return value
    raise ValueError(f"wants {name} from the environment or .env, and it is not set there")


def _secret(value: object, info: ValidationInfo) -> object:
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str) or not _PLACE.search(value):
        raise ValueError("has to name the variable that the secret is in, such as ${MY_SECRET}")
    return with_secrets(value, info)


def _readers(value: object) -> object:
    if isinstance(value, Audience):
        return value
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError(f'has to be a list such as ["{EVERYONE}"]')
    for said, right in wrong_readers(value):
        raise ValueError(f"{said}. {right}")
    return Audience.of(*value)


Secret = Annotated[SecretStr, BeforeValidator(_secret)]
"""A text that names the variables it is made of, `${MY_TOKEN}`; the secret itself is refused."""
Readers = Annotated[Audience, BeforeValidator(_readers)]
"""An audience as it is written: a list of `everyone` and PLATFORM:PERSON."""


def read(
    settings: type[ToolSettings], name: str, table: object, environment: Environment
) -> ToolSettings | list[Mistake]:
    """The settings that a table says; or all that is wrong with it, and what to do.

    Args:
        settings: what the table may say.
        name: of the table, below `tools`.
        table: as it stands in the file.
        environment: gives the values that the table names.
    """
    where = f"[tools.{name}]"
    if not isinstance(table, Mapping):
        return [(f"{where} is no table", f"Write {where}, and below it KEY = VALUE")]
    try:
        return settings.model_validate(dict(table), context={"environment": environment})
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        return [_worded(where, settings, problem) for problem in problems]


def _worded(where: str, settings: type[BaseModel], problem: ErrorDetails) -> Mistake:
    """What is wrong, without what was written: that may be a secret."""
    *above, key = problem["loc"] or ("",)
    place = ".".join(map(str, problem["loc"]))
    known = list(_table_at(settings, above).model_fields)
    if problem["type"] == "extra_forbidden":
        inside = f" {'.'.join(map(str, above))}" if above else ""
        return f"{where}{inside} has no '{key}'", suggestion(str(key), known)
    if problem["type"] == "missing":
        return f"{where} has no '{place}', and needs it", f"Add a line like: {key} = ..."
    said = problem["msg"].removeprefix("Value error, ")
    return f"{where} {place}: {said}".replace(" : ", " "), f"Correct {where}"


def _table_at(settings: type[BaseModel], path: list[int | str]) -> type[BaseModel]:
    """The table inside the settings that a path leads to; names and numbers lead nowhere."""
    for step in path:
        field = settings.model_fields.get(str(step))
        settings = (_table_in(field.annotation) if field else None) or settings
    return settings


def _table_in(hint: Any) -> type[BaseModel] | None:  # noqa: ANN401 (a type, whatever it is)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    return next((found for one in get_args(hint) if (found := _table_in(one))), None)
