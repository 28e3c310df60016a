"""Functions that the model may call, and the broker that guards every call.

A file here or in the team's `EXTENSIONS_DIR/tools/` holds annotated functions marked `@tool`; see
docs/tools.md. The broker is the only way to one: what a model wrote is data until it has passed.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, Literal

import structlog
from pydantic_core import PydanticSerializationError, to_jsonable_python

from knowledge.cleaning import clean
from knowledge.errors import AskerError, TertuliaError
from knowledge.tool_calls import ToolCalled
from pipelines.tool import ArgumentsError, Caller, CannotError, Effect, Tool, ToolError, tool
from pipelines.tool_running import Runner

__all__ = [
    "Broker",
    "Call",
    "Caller",
    "CannotError",
    "Effect",
    "Outcome",
    "Tool",
    "ToolError",
    "tool",
]

MOST_CHARACTERS = 4_000
"""Of a result: more is nothing that a model reads for one answer."""
MOST_SHOWN = 160
"""Of a call, in one line for people."""
FAILED = "It failed; whoever runs Tertulia finds out why in the log."
Status = Literal["done", "refused", "failed", "unconfirmed"]
Audit = Callable[[ToolCalled], Awaitable[None]]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """What a model wants called: nothing of it is checked."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call.

    Attributes:
        text: the result, or what went wrong, in words for the model; never to be trusted.
        effect: of the tool.
        seconds: that it took.
    """

    call: Call
    status: Status
    text: str
    effect: Effect = "read"
    seconds: float = 0.0


class Broker:
    """Guards every call: known, allowed, of the right form, in time, in bounds, written down.

    Args:
        tools: by their names.
        audit: writes a row for each call, whatever came of it.
    """

    def __init__(self, tools: Mapping[str, Tool], audit: Audit) -> None:
        self._tools, self._audit = tools, audit
        self._runner = Runner()

    @property
    def names(self) -> list[str]:
        """Of all tools."""
        return list(self._tools)

    def offered(self, names: Collection[str]) -> list[Tool]:
        """Those of these tools that there are, in order, each once."""
        return [self._tools[name] for name in dict.fromkeys(names) if name in self._tools]

    async def call(self, call: Call, caller: Caller, allowed: Collection[str]) -> Outcome:
        """Run a tool for somebody, or say why not; nothing that a tool does is raised here.

        Args:
            call: what the model wrote.
            caller: for whom; known from the platform.
            allowed: the tools of the persona in this place.

        Raises:
            TertuliaError: the call could not be written down.
        """
        started = perf_counter()
        try:
            status, text = await self._called(call, caller, allowed)
        except asyncio.CancelledError:  # whoever asked has given up; what was begun was begun
            await self._ended(call, caller, "failed", started)
            raise
        return replace(await self._ended(call, caller, status, started), text=text)

    async def _ended(self, call: Call, caller: Caller, status: Status, started: float) -> Outcome:
        """Write a call down, whatever came of it."""
        seconds = perf_counter() - started
        known = self._tools.get(call.tool)
        effect: Effect = known.effect if known else "read"
        outcome = Outcome(call, status, "", effect, round(seconds, 3))
        await self._audit(
            ToolCalled(
                tool=call.tool if known else "?",
                person=caller.person,
                conversation=caller.conversation,
                arguments=call.arguments if status != "refused" else {},
                status=status,
                effect=effect,
                seconds=outcome.seconds,
            )
        )
        log.info("called a tool", tool=known.name if known else "?", status=status, seconds=seconds)
        return outcome

    async def _called(
        self, call: Call, caller: Caller, allowed: Collection[str]
    ) -> tuple[Status, str]:
        known = self._tools.get(call.tool)
        if known is None or call.tool not in allowed:
            return "refused", "There is no such tool here."
        try:
            arguments = known.checked(call.arguments)
        except ArgumentsError as error:
            return "refused", str(error)
        if known.effect != "read":
            return "unconfirmed", "This changes something: whoever asked must confirm it first."
        if known.takes_caller:
            arguments[known.takes_caller] = caller
        return await self._run(known, arguments)

    async def _run(self, known: Tool, arguments: dict[str, Any]) -> tuple[Status, str]:
        try:
            return worded(await self._runner.run(known, arguments))
        except TimeoutError:
            return "failed", f"It did not answer within {known.within_s:g} s."
        except AskerError as error:  # in words for whoever asked
            log.info("a tool refused", tool=known.name, kind=error.kind)
            return "failed", _cut(str(error))
        except TertuliaError as error:
            log.warning("a tool failed", tool=known.name, kind=error.kind, error=str(error))
            return "failed", FAILED
        except Exception as error:  # a tool is anybody's code; whoever asked still gets an answer
            log.exception("a tool failed", tool=known.name, error=type(error).__name__)
            return "failed", FAILED


def worded(value: object) -> tuple[Status, str]:
    """A result as text, cut where it is too long; bytes are none, nor is what may never end."""
    if value is None:
        return "done", ""
    if isinstance(value, str):
        return "done", _cut(value)
    try:
        return "done", _cut("".join(_beginning(value)))
    except (TypeError, ValueError, RecursionError):
        return "failed", "It gave something that is no text."


def _beginning(value: object) -> Iterator[str]:
    """A value as JSON, no further than it is read."""
    length = 0
    for piece in json.JSONEncoder(ensure_ascii=False, default=_plain).iterencode(value):
        yield piece
        length += len(piece)
        if length > MOST_CHARACTERS:
            return


def _plain(value: object) -> object:
    """What JSON knows of something that it does not know itself, such as a date."""
    if isinstance(value, bytes | bytearray | memoryview | Iterator):
        raise TypeError(type(value).__name__)
    if isinstance(value, set | frozenset):
        return list(value)
    try:
        return to_jsonable_python(value)
    except PydanticSerializationError as error:
        raise TypeError(type(value).__name__) from error


def _cut(text: str) -> str:
    return clean(text[:MOST_CHARACTERS]) + (" … (cut)" if len(text) > MOST_CHARACTERS else "")


def shown(call: Call) -> str:
    """A call in one line, for people: `clock(zone="Asia/Tokyo")`."""
    values = (f"{name}={json.dumps(v, ensure_ascii=False)}" for name, v in call.arguments.items())
    line = " ".join(clean(f"{call.tool}({', '.join(values)})").split())
    return line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]} …)"
