"""Functions that the model may call, and the broker that guards every call.

A file here or in the team's `EXTENSIONS_DIR/tools/` holds annotated functions marked `@tool`; see
docs/tools.md. The broker is the only way to one: what a model wrote is data until it has passed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from time import perf_counter

import structlog

from knowledge.confirmations import Confirmations
from knowledge.conversations import Decision
from knowledge.errors import AskerError, TertuliaError
from knowledge.tool_calls import ToolCalled
from pipelines.confirming import Confirming
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
from pipelines.tool_running import Runner, TooLongError
from pipelines.tool_words import cut, worded

__all__ = [
    "Audit",
    "Broker",
    "Call",
    "Caller",
    "CannotError",
    "Effect",
    "Outcome",
    "Picture",
    "Tool",
    "ToolError",
    "shown",
    "tool",
]

DRAWN = "The picture is made. It is posted as a file below the answer."
FAILED = "It failed; whoever runs Tertulia finds out why in the log."
Audit = Callable[[ToolCalled], Awaitable[None]]
log = structlog.get_logger(__name__)


class Broker:
    """Guards every call: known, allowed, of the right form, in time, in bounds, written down.

    What changes something is done only once whoever asked has confirmed just that.

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

    async def call(self, call: Call, caller: Caller, allowed: Collection[str]) -> Outcome:
        """Run a tool for somebody, or say why not; nothing that a tool does is raised here.

        Args:
            call: what the model wrote.
            caller: for whom; known from the platform.
            allowed: the tools of the persona in this place.

        Raises:
            TertuliaError: the call could not be written down.
        """
        return await self._audited(call, caller, self._called(call, caller, allowed))

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
            return Outcome(Call("?"), "refused", "Nothing was asked.")
        tools = self.offered(allowed)
        work = self._confirming.decided(asked, decision, caller, tools, self._run)
        return await self._audited(Call(asked.tool, asked.arguments), caller, work)

    async def _audited(self, call: Call, caller: Caller, work: Awaitable[Outcome]) -> Outcome:
        """What comes of a call, written down whatever it is."""
        started, outcome = perf_counter(), Outcome(call, "failed", "")
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

    async def _called(self, call: Call, caller: Caller, allowed: Collection[str]) -> Outcome:
        known = self._tools.get(call.tool)
        if known is None or call.tool not in allowed:
            return Outcome(call, "refused", "There is no such tool here.")
        try:
            known.checked(call.arguments)
        except ArgumentsError as error:
            return Outcome(call, "refused", str(error))
        except Exception as error:  # a type may check with anybody's code
            log.exception(
                "arguments cannot be checked", tool=known.name, error=type(error).__name__
            )
            return Outcome(call, "refused", "These arguments cannot be used.")
        if known.effect != "read":
            return await self._confirming.ask(known, call, caller)
        return await self._run(known, call, caller)

    async def _run(self, known: Tool, call: Call, caller: Caller) -> Outcome:
        """What comes of running a tool with arguments that were checked."""
        arguments = known.checked(call.arguments)
        if known.takes_caller:
            arguments[known.takes_caller] = caller
        try:
            said = await self._runner.run(known, arguments)
            if isinstance(said, Pages):
                return Outcome(call, "done", cut(str(said)), pages=said.chunks)
            if isinstance(said, Picture):
                return Outcome(call, "done", DRAWN, picture=await _looked_at(said))
            status, text = worded(said)
        except TooLongError:
            log.warning("a tool took too long", tool=known.name, seconds=known.within_s)
            status, text = "failed", f"It did not answer within {known.within_s:g} s."
        except AskerError as error:  # in words for whoever asked
            log.info("a tool refused", tool=known.name, kind=error.kind)
            status, text = "failed", cut(str(error))
        except TertuliaError as error:
            log.warning("a tool failed", tool=known.name, kind=error.kind, error=str(error))
            status, text = "failed", FAILED
        except Exception as error:  # a tool is anybody's code; whoever asked still gets an answer
            log.exception("a tool failed", tool=known.name, error=type(error).__name__)
            status, text = "failed", FAILED
        return Outcome(call, status, text)


async def _looked_at(picture: Picture) -> Picture:
    """A picture as it may be shown; whatever a tool says of it, this is what it is.

    Raises:
        CannotError: it is none that we show.
    """
    from pipelines.pictures import shown as shown_picture  # loaded once there is a picture

    return await asyncio.to_thread(shown_picture, picture)
