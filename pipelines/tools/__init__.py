"""Functions that the model may call, and the broker that guards every call.

A file here or in the team's `EXTENSIONS_DIR/tools/` holds annotated functions marked `@tool`; see
docs/tools.md. The broker is the only way to one: what a model wrote is data until it has passed.
"""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from threading import Thread
from time import perf_counter
from typing import Any, Literal

import structlog
from pydantic_core import PydanticSerializationError, to_json

from knowledge.cleaning import clean
from knowledge.errors import TertuliaError
from knowledge.tool_calls import ToolCalled
from pipelines.tool import ArgumentsError, Caller, Effect, Tool, ToolError, tool

__all__ = ["Broker", "Call", "Caller", "Effect", "Outcome", "Tool", "ToolError", "tool"]

MOST_CHARACTERS = 4_000
"""Of a result: more is nothing that a model reads for one answer."""
MOST_AT_WORK = 8
"""Functions that hang cannot be ended: of one tool no more than these."""
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
        self._at_work: dict[str, int] = {}

    def offered(self, names: Collection[str]) -> list[Tool]:
        """Those of these tools that there are, in order."""
        return [self._tools[name] for name in names if name in self._tools]

    async def call(self, call: Call, caller: Caller, allowed: Collection[str]) -> Outcome:
        """Run a tool for somebody, or say why not; nothing that a tool does is raised here.

        Args:
            call: what the model wrote.
            caller: for whom; known from the platform.
            allowed: the tools of the persona in this place.
        """
        started = perf_counter()
        status, text = await self._called(call, caller, allowed)
        seconds = perf_counter() - started
        known = self._tools.get(call.tool)
        effect: Effect = known.effect if known else "read"
        outcome = Outcome(call, status, text, effect, round(seconds, 3))
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
            async with asyncio.timeout(known.within_s):
                return worded(await self._result(known, arguments))
        except TimeoutError:
            return "failed", f"It did not answer within {known.within_s:g} s."
        except TertuliaError as error:
            log.info("a tool refused", tool=known.name, kind=error.kind)
            return "failed", str(error)
        except Exception as error:  # a tool is anybody's code; whoever asked still gets an answer
            log.exception("a tool failed", tool=known.name, error=type(error).__name__)
            return "failed", "It failed; whoever runs Tertulia finds out why in the log."

    async def _result(self, known: Tool, arguments: dict[str, Any]) -> Any:  # noqa: ANN401
        if inspect.iscoroutinefunction(known.function):
            return await known.function(**arguments)
        if self._at_work.get(known.name, 0) >= MOST_AT_WORK:
            raise TimeoutError
        return await self._beside(known, arguments)

    async def _beside(self, known: Tool, arguments: dict[str, Any]) -> Any:  # noqa: ANN401
        """Run a function in a thread of its own: one that hangs holds up nothing, nor our end."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Any] = loop.create_future()
        self._at_work[known.name] = self._at_work.get(known.name, 0) + 1

        def over(value: object, error: BaseException | None) -> None:
            self._at_work[known.name] -= 1
            if not result.done():
                result.set_exception(error) if error else result.set_result(value)

        def work() -> None:
            value, error = None, None
            try:
                value = known.function(**arguments)
            except Exception as problem:  # noqa: BLE001 (raised again where it is waited for)
                error = problem
            if not loop.is_closed():
                loop.call_soon_threadsafe(over, value, error)

        Thread(target=work, name=f"tool-{known.name}", daemon=True).start()
        return await result


def worded(value: object) -> tuple[Status, str]:
    """A result as text, cut where it is too long; bytes are none."""
    if isinstance(value, bytes | bytearray | memoryview):
        return "failed", "It gave something that is no text."
    try:
        text = value if isinstance(value, str) else to_json(value).decode()
    except (PydanticSerializationError, ValueError, RecursionError):
        return "failed", "It gave something that is no text."
    cut = clean(text[:MOST_CHARACTERS])
    return "done", cut + (" … (cut)" if len(text) > MOST_CHARACTERS else "")


def shown(call: Call) -> str:
    """A call in one line, for people: `clock(zone="Asia/Tokyo")`."""
    values = (f"{name}={json.dumps(v, ensure_ascii=False)}" for name, v in call.arguments.items())
    return f"{call.tool}({', '.join(values)})"
