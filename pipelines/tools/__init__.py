"""Functions that the model may call, and the broker that guards every call.

A file here or in the team's `EXTENSIONS_DIR/tools/` holds annotated functions marked `@tool`; see
docs/tools.md. The broker is the only way to one: what a model wrote is data until it has passed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any

import structlog

from knowledge.confirmations import Confirmations
from knowledge.conversations import Decision
from knowledge.tool_calls import ToolCalled
from pipelines.confirming import Confirming
from pipelines.outward import NOTHING_READ, Heard
from pipelines.tool import (
    ArgumentsError,
    Caller,
    CannotError,
    Effect,
    Pages,
    Picture,
    Tool,
    ToolError,
    tool,
)
from pipelines.tool_call import Call, Outcome, shown
from pipelines.tool_caller import CutShortError
from pipelines.tool_failing import whatever_comes
from pipelines.tool_running import Runner
from pipelines.tool_whole import completed, whole
from pipelines.tool_words import cut, worded

__all__ = [
    "Audit",
    "Broker",
    "Call",
    "Caller",
    "CannotError",
    "CutShortError",
    "Effect",
    "Outcome",
    "Picture",
    "Tool",
    "ToolError",
    "shown",
    "tool",
]

DRAWN = "The picture is made. It is posted as a file below the answer."
Audit = Callable[[ToolCalled], Awaitable[None]]
log = structlog.get_logger(__name__)


class Broker:
    """Guards every call: known, allowed, of the right form, in time, in bounds, written down.

    What changes something, or tells others what nobody has said, is done only once whoever asked
    has confirmed just that.

    Args:
        tools: by their names.
        audit: writes a row for each call, whatever came of it.
        confirmations: what people were asked to confirm.
    """

    def __init__(
        self, tools: Mapping[str, Tool], audit: Audit, confirmations: Confirmations
    ) -> None:
        self._tools, self._audit = tools, audit
        self._confirming = Confirming(confirmations)
        self._runner = Runner()

    @property
    def names(self) -> list[str]:
        """Of all tools."""
        return list(self._tools)

    def offered(self, names: Collection[str]) -> list[Tool]:
        """Those of these tools that there are, in order, each once."""
        return [self._tools[name] for name in dict.fromkeys(names) if name in self._tools]

    def asks_first(self, call: Call, allowed: Collection[str], heard: Heard) -> bool:
        """Whether somebody has to confirm this call; what is refused is not asked about."""
        known = next(iter(self.offered({call.tool}.intersection(allowed))), None)
        return bool(known and not _wrong(known, call) and heard.asks_first(known, call))

    async def call(
        self, call: Call, caller: Caller, allowed: Collection[str], heard: Heard = NOTHING_READ
    ) -> Outcome:
        """Run a tool for somebody, or say why not; nothing that a tool does is raised here.

        Args:
            call: what the model wrote.
            caller: for whom; known from the platform.
            allowed: the tools of the persona in this place.
            heard: what the model knew that wrote it.

        Raises:
            TertuliaError: the call could not be written down.
        """
        return await self._audited(call, caller, self._called(call, caller, allowed, heard))

    async def confirmed(
        self, decision: Decision, caller: Caller, allowed: Collection[str]
    ) -> Outcome:
        """Do what somebody was asked about, if they have said so; or say why not.

        Args:
            decision: what they have said.
            caller: who has said it; known from the platform.
            allowed: the tools of the persona in this place by now.

        Raises:
            TertuliaError: it could not be written down.
        """
        asked = await self._confirming.asked(decision, caller)
        if asked is None:
            return Outcome(Call("?"), "refused", "")
        known = next(iter(self.offered([asked.tool] if asked.tool in allowed else [])), None)
        work = self._confirming.decided(asked, decision, caller, known, self)
        return await self._audited(Call(asked.tool, asked.arguments), caller, work)

    async def _audited(self, call: Call, caller: Caller, work: Awaitable[Outcome]) -> Outcome:
        """What comes of a call, written down whatever it is."""
        started, outcome = perf_counter(), Outcome(call, "unknown", "")
        known = self._tools.get(call.tool)
        try:
            outcome = await work
        finally:  # also where whoever asked has given up: what was begun was begun
            effect: Effect = known.effect if known else "read"
            seconds = round(perf_counter() - started, 3)
            draws = bool(outcome.picture or (known and known.draws))
            outcome = replace(outcome, effect=effect, seconds=seconds, draws=draws)
            await self._write_down(outcome, caller)
        return outcome

    async def _write_down(self, outcome: Outcome, caller: Caller) -> None:
        name = outcome.call.tool if outcome.call.tool in self._tools else "?"
        called = ToolCalled(
            tool=name,
            person=caller.person,
            conversation=caller.conversation,
            arguments=outcome.call.arguments if outcome.status != "refused" else {},
            status=outcome.status,
            effect=outcome.effect,
            seconds=outcome.seconds,
        )
        await self._audit(called)
        log.info("called a tool", tool=name, status=called.status, seconds=called.seconds)

    async def _called(
        self, call: Call, caller: Caller, allowed: Collection[str], heard: Heard
    ) -> Outcome:
        known = self._tools.get(call.tool)
        if known is None or call.tool not in allowed:
            return Outcome(call, "refused", "There is no such tool here.")
        if wrong := _wrong(known, call):
            return wrong
        if heard.asks_first(known, call):
            return await self._confirming.ask(known, call, caller, self)
        return await self.run(known, call, caller)

    async def run(self, known: Tool, call: Call, caller: Caller) -> Outcome:
        """What comes of running a tool; for calls whose arguments were checked, and confirmed."""

        async def ran() -> Outcome:
            said = await self._said(known, call, caller)
            if isinstance(said, Pages):
                return Outcome(call, "done", cut(str(said)), pages=said.chunks)
            if isinstance(said, Picture):
                return await _looked_at(call, said)
            status, text = worded(said)
            if status == "done":
                return Outcome(call, status, text)
            return Outcome(call, status, text, fault="no-text", perhaps_done=True)

        return await whatever_comes(known, call, ran())

    async def complete(self, known: Tool, call: Call, caller: Caller) -> Outcome:
        """The call as its tool says that it would be done, or why it cannot be; nothing is done."""

        async def told() -> Outcome:
            full = whole(known, call)
            if known.completed:
                telling = replace(known, function=known.completed)
                full = completed(known, full, await self._said(telling, full, caller))
            return Outcome(full, "done", "")

        return await whatever_comes(known, call, told())

    async def _said(self, known: Tool, call: Call, caller: Caller) -> Any:  # noqa: ANN401 (of a tool)
        arguments = known.checked(call.arguments)
        if known.takes_caller:
            arguments[known.takes_caller] = caller
        return await self._runner.run(known, arguments)


def _wrong(known: Tool, call: Call) -> Outcome | None:
    """What comes of a call with arguments that its tool does not take; None of any other."""
    try:
        known.checked(call.arguments)
    except ArgumentsError as error:
        return Outcome(call, "refused", str(error), fault="arguments")
    except Exception as error:  # a type may check with anybody's code
        log.exception("arguments cannot be checked", tool=known.name, error=type(error).__name__)
        text = "These arguments cannot be used."
        return Outcome(call, "refused", text, fault="arguments")
    return None


async def _looked_at(call: Call, picture: Picture) -> Outcome:
    """A picture as it may be shown; whatever a tool says of it, this is what it is."""
    from pipelines.pictures import shown as shown_picture  # loaded once there is a picture

    try:
        seen = await asyncio.to_thread(shown_picture, picture)
    except CannotError as error:
        return Outcome(call, "failed", str(error), fault="no-picture")
    return Outcome(call, "done", DRAWN, picture=seen)
