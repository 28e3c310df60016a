"""What `tertulia.toml` says of servers of tools, `[mcp.NAME]`, and what may be wrong with it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from bot.settings import environment_value
from bot.source_entry import has_password
from bot.web_address import http_address
from knowledge.errors import suggestion

if TYPE_CHECKING:
    from pipelines.mcp.server import Server

NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
_SECRET_NAME = re.compile(r"(?i)token|key|secret|passw|auth|cookie|credential")
_PLACE = re.compile(r"\$\{\w+\}")
Mistake = tuple[str, str]
Texts = tuple[StrictStr, ...]


class ToolServer(BaseModel):
    """One server of tools; `[mcp.crm]`.

    Attributes:
        command: starts it as a program, the program first.
        url: where it is, if it is no program of ours.
        env: what the program is told in its environment, besides a few harmless values.
        headers: what is sent with each request to the `url`.
        tools: those that are wanted, as the server calls them; all where none is named.
        effect: what single tools do; `write` where nothing is said.
        within_s: how long a call may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: Texts = ()
    url: StrictStr = ""
    env: Mapping[str, StrictStr] = Field(default_factory=dict)
    headers: Mapping[str, StrictStr] = Field(default_factory=dict)
    tools: Texts = ()
    effect: Mapping[str, Literal["read", "write", "destructive"]] = Field(default_factory=dict)
    within_s: Annotated[float, Field(gt=0, le=60)] = 15.0


_RIGHT = {
    "command": 'Right: command = ["uvx", "mcp-server-time"]',
    "url": 'Right: url = "https://tools.example.org/mcp"',
    "env": 'Right: env = {CRM_TOKEN = "${CRM_TOKEN}"}',
    "headers": 'Right: headers = {Authorization = "Bearer ${CRM_TOKEN}"}',
    "tools": 'Right: tools = ["find_customer"]',
    "effect": 'Right: effect = {find_customer = "read"}; effects are read, write, destructive',
    "within_s": "Right: seconds up to 60, such as 15",
}


def servers(tables: Mapping[str, Any], folder: Path) -> "dict[str, Server]":
    """The servers of these tables, in which nothing is wrong; programs are started in a folder."""
    from pipelines.mcp.server import Server

    found = {}
    for name, table in tables.items():
        written = ToolServer.model_validate(table)
        found[name] = Server(
            name=name,
            command=written.command,
            url=written.url,
            folder=str(folder),
            environment=written.env,
            headers=written.headers,
            tools=written.tools,
            effects=written.effect,
            within_s=written.within_s,
            secret=environment_value,
        )
    return found


def mistakes(tables: object) -> Iterator[Mistake]:
    """What is wrong with `[mcp...]`, and what to do."""
    if not isinstance(tables, Mapping):
        yield "'mcp' is no table", "Each MCP server is a table: [mcp.crm]"
        return
    for name, table in tables.items():
        yield from _mistakes(name, table)
        for other in tables:
            if name.startswith(f"{other}_"):
                yield (
                    f"[mcp.{name}] begins like [mcp.{other}]: tools could have the same names",
                    "Give one of them another name",
                )


def _mistakes(name: str, table: object) -> Iterator[Mistake]:
    where = f"[mcp.{name}]"
    if not NAME.fullmatch(name):
        yield (
            f'[mcp."{name}"] cannot be the name of a server',
            "Take 1 to 20 of the characters a-z, 0-9 and '_', a letter first",
        )
    if not isinstance(table, Mapping):
        yield f"{where} is no table", f"Write {where} and below it a line: {_RIGHT['command'][7:]}"
        return
    try:
        server = ToolServer.model_validate(table)
    except ValidationError as error:
        yield from dict.fromkeys(_worded(where, problem) for problem in error.errors())
        return
    yield from _place_mistakes(where, server)
    yield from _secret_mistakes(where, server)
    for tool in server.effect if server.tools else ():
        if tool not in server.tools:
            yield (
                f"{where} effect names '{tool}', which is not wanted",
                suggestion(tool, server.tools),
            )


def _place_mistakes(where: str, server: ToolServer) -> Iterator[Mistake]:
    """Whether it says where the server is, once."""
    if bool(server.command) == bool(server.url):
        said = "both a command and a url" if server.url else "neither a command nor a url"
        yield f"{where} has {said}", f"{_RIGHT['command']}, or {_RIGHT['url'][7:]}"
    for one, other in (("headers", "command"), ("env", "url")):
        if getattr(server, one) and getattr(server, other):
            yield f"{where} has {one}, which a {other} does not take", f"Leave out {one}"
    if any("\0" in text for text in server.command) or "" in server.command[:1]:
        yield f"{where} command names no program", _RIGHT["command"]
    try:
        http_address(_PLACE.sub("x", server.url), _RIGHT["url"][13:-1]) if server.url else None
    except ValueError as error:
        yield f"{where} url = {error}".partition(". Right")[0], _RIGHT["url"]


def _secret_mistakes(where: str, server: ToolServer) -> Iterator[Mistake]:
    """A secret stands in the environment; the file has its name, and a command not even that."""
    for text in filter(_PLACE.search, server.command):
        said = f"{where} command has {text} in it, which everybody on the machine could see"
        yield said, f"Hand it over in env. {_RIGHT['env']}"
    if any(map(has_password, (server.url, *server.command))):
        right = "Put it into the environment or .env, and its name here: ${MY_PASSWORD}"
        yield f"{where} has a password in it", right
    yield from _value_mistakes(where, "env", server.env)
    yield from _value_mistakes(where, "headers", server.headers)


def _value_mistakes(where: str, key: str, values: Mapping[str, str]) -> Iterator[Mistake]:
    for name, value in values.items():
        if _SECRET_NAME.search(name) and value and not _PLACE.search(value):
            yield (
                f"{where} {key} has a secret in it: {name}",
                "Put the secret into the environment or .env, and its name here: "
                f'{name} = "${{MY_SECRET}}"',
            )
        if not (name.isprintable() and name.isascii() and value.isprintable()):
            yield f"{where} {key} has a sign in it that cannot be sent", _RIGHT[key]


def _worded(where: str, problem: Mapping[str, Any]) -> Mistake:
    key = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return f"{where} has no '{key}'", suggestion(key, ToolServer.model_fields)
    return f"{where} {key} cannot be what it says", _RIGHT[key]
