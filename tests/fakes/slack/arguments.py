"""The arguments of a call, however they came: query string, JSON, or a form with JSON in it."""

import json
from collections.abc import Mapping

from aiohttp import web

from tests.fakes.slack.errors import Json, RefusedError


class Arguments:
    """Named values, read as what they are needed as."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = {key: value for key, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) not in (None, "")

    def as_dict(self) -> Json:
        """All of them."""
        return dict(self._values)

    def text(self, name: str, default: str | None = None) -> str:
        """A text; numbers are taken as such.

        Raises:
            RefusedError: it is missing, and there is no default.
        """
        if name in self:
            return str(self._values[name])
        if default is None:
            messages = [f"[ERROR] missing required field: {name}"]
            raise RefusedError("invalid_arguments", response_metadata={"messages": messages})
        return default

    def optional(self, name: str) -> str | None:
        """A text, if it is there."""
        return str(self._values[name]) if name in self else None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes or no; forms write them as words."""
        value = self._values.get(name, default)
        return value.lower() in ("true", "1") if isinstance(value, str) else bool(value)

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        try:
            return int(str(self._values.get(name, default)))
        except ValueError as error:
            raise RefusedError("invalid_arguments") from error

    def items(self, name: str) -> list[Json]:
        """A list of objects, itself or as JSON in a text; empty if it is not there.

        Raises:
            RefusedError: it is something else.
        """
        value = self._parsed(name, f"invalid_{name}_format") if name in self else []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise RefusedError(f"invalid_{name}_format" if name == "blocks" else f"invalid_{name}")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts, itself, as JSON, or with commas."""
        value = self._values.get(name, [])
        if isinstance(value, str):
            text = value.strip()
            value = json.loads(text) if text.startswith("[") else [v for v in text.split(",") if v]
        return [str(item) for item in value] if isinstance(value, list) else []

    def mapping(self, name: str) -> Json | None:
        """An object, itself or as JSON in a text, if it is there."""
        if name not in self:
            return None
        value = self._parsed(name, "invalid_arguments")
        if not isinstance(value, dict):
            raise RefusedError("invalid_arguments")
        return value

    def _parsed(self, name: str, complaint: str) -> object:
        value = self._values[name]
        if not isinstance(value, str):
            return value
        try:
            parsed: object = json.loads(value)
        except ValueError as error:
            raise RefusedError(complaint) from error
        return parsed


async def read(request: web.Request) -> Arguments:
    """The arguments of a request: what stands in its address, then what stands in its body."""
    values: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError as error:
            raise RefusedError("invalid_json") from error
        if not isinstance(body, dict):
            raise RefusedError("json_not_object")
        values |= body
    elif request.method == "POST":
        values |= {key: value for key, value in (await request.post()).items() if value != ""}
    return Arguments(values)


def token_of(request: web.Request, arguments: Arguments) -> str:
    """The token of a call, from its header or among its arguments; may be empty."""
    said = request.headers.get("Authorization", "")
    return (
        said.removeprefix("Bearer ") if said.startswith("Bearer ") else arguments.text("token", "")
    )
