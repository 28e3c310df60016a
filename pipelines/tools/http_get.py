"""APIs that an operator has named: a model chooses one, a path below it and parameters, no host."""

import re
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from pipelines.json_api import JsonApi
from pipelines.json_words import readable
from pipelines.named_places import NamedPlace, chosen, listed, open_to_all
from pipelines.tool import Caller, CannotError, tool
from pipelines.tool_settings import ToolSettings, with_secrets
from pipelines.web_place import WebAddress, WebPlace, check_lines

MOST_PARAMETERS, LONGEST_VALUE = 20, 200
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
_SECRET = re.compile(r"(?i)auth|key|token|secret|passw|cookie|session|credential")
_PLAIN = re.compile(r"[\x20-\x7e]+")
Header = Annotated[SecretStr, BeforeValidator(with_secrets)]


class Api(NamedPlace):
    """What is said of one API.

    Attributes:
        base_url: what every address begins with.
        headers: sent each time, `${NAME}` in them replaced; secrets only so.
        parameters: those of the query that a model may set.
        private: whether it is in the operator's own network.
    """

    base_url: WebAddress
    headers: dict[str, Header] = Field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    private: bool = False

    @field_validator("headers", mode="before")
    @classmethod
    def _without_secrets(cls, written: object) -> object:
        for name, value in written.items() if isinstance(written, dict) else ():
            if not _HEADER.fullmatch(name):
                raise ValueError("the name of a header has letters, digits and - alone")
            if _SECRET.search(name) and "${" not in str(value):
                raise ValueError(f"{name} has a secret in it; name its variable: ${{MY_SECRET}}")
        return written

    @field_validator("headers")
    @classmethod
    def _on_one_line(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in headers.items():
            if not _PLAIN.fullmatch(value.get_secret_value()):
                raise ValueError(f"{name} has signs in it that no header may have")
        return headers

    @model_validator(mode="after")
    def _closed_line(self) -> "Api":
        check_lines(self.base_url, private=self.private)
        return self

    def place(self, name: str) -> JsonApi:
        """The API as it is asked."""
        headers = {key: value.get_secret_value() for key, value in self.headers.items()}
        return JsonApi(WebPlace(name, self.base_url, headers, self.private))


class HttpGet(ToolSettings):
    """What `[tools.http_get]` may say."""

    apis: Annotated[dict[str, Api], Field(min_length=1)]

    def for_model(self) -> str:
        """The names of the APIs that everybody may know of."""
        known = open_to_all(self.apis)
        return f"There are: {listed(known)}." if known else ""


@tool(outward=True)
async def http_get(
    api: Annotated[str, "the name of the API, never an address"],
    caller: Caller,
    settings: HttpGet,
    path: Annotated[str, "below its base, such as machines/42"] = "",
    parameters: Annotated[list[str] | None, "such as city=Madrid"] = None,
) -> str:
    """Reads from an API that has been named here. Use it for what these APIs are said to know."""
    name, found = chosen(api, settings.apis, caller)
    query = [_parameter(one, found.parameters) for one in (parameters or [])[:MOST_PARAMETERS]]
    value: Any = await found.place(name).get(path, query)
    if value in (None, [], {}):
        return f"{name} has nothing on this."
    return readable(value)


def _parameter(written: str, allowed: tuple[str, ...]) -> tuple[str, str]:
    """Name and value of a parameter that may be set.

    Raises:
        CannotError: it may not.
    """
    name, _, value = written.partition("=")
    name, value = name.strip(), value.strip()
    if name not in allowed:
        near = get_close_matches(name, allowed, n=1, cutoff=0.5)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise CannotError(f"No such parameter.{meant} There are: {', '.join(allowed) or 'none'}.")
    if len(value) > LONGEST_VALUE:
        raise CannotError(f"The value of {name} is too long.")
    return name, value
