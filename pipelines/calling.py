"""Has the model choose which tools to call, step by step, and has the broker call them.

A small model that is offered tools in the protocol's own field calls none (0 of 20 measured);
asked for JSON of a given form after four examples it is right 19 and 20 times. So it is asked so.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from knowledge.conversations import Conversation
from knowledge.errors import TransientError
from knowledge.language import language_of_question
from pipelines.models import ChatModel
from pipelines.models.errors import ContextTooLongError
from pipelines.prompting import filled, prompt
from pipelines.tool import Caller, Tool
from pipelines.tools import Broker, Call, Outcome, shown

PROMPT = "choose_tools"
MOST_STEPS, MOST_AT_ONCE, MOST_CALLS = 5, 4, 8
MOST_TOKENS = 300
LONGEST_QUESTION, LONGEST_RESULT = 1_500, 600
TIME_LIMIT_S = 45.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ToolUse:
    """Calls what a question needs of the tools that a persona has.

    Attributes:
        names: of these tools.
        time_limit_s: for choosing, all steps together; what is done by then is used.
    """

    broker: Broker
    model: ChatModel
    names: tuple[str, ...]
    time_limit_s: float = TIME_LIMIT_S

    async def outcomes(self, conversation: Conversation) -> tuple[Outcome, ...]:
        """What came of the calls that the last message needs; most messages need none."""
        question = conversation.question
        caller = Caller(
            person=question.author,
            audience=conversation.audience,
            conversation=conversation.id,
            language=language_of_question(question.text, "en"),
            at=question.sent_at,
        )
        done: list[Outcome] = []
        end = asyncio.get_running_loop().time() + self.time_limit_s
        for _ in range(MOST_STEPS if self.broker.offered(self.names) else 0):
            calls = await self._next(question.text, caller, done, end)
            called = (self.broker.call(call, caller, self.names) for call in calls)
            done += (step := await asyncio.gather(*called))
            if not step or any(one.status == "unconfirmed" for one in step):
                break
        return tuple(done)

    async def _next(
        self, question: str, caller: Caller, done: Sequence[Outcome], end: float
    ) -> list[Call]:
        """Calls that do not depend on each other, at the same time; none twice, none too late."""
        try:
            # Only the choice: what has been called is heard to its end, which the broker sets.
            async with asyncio.timeout_at(end):
                chosen = await self._chosen(question, caller, done)
        except (TimeoutError, TransientError, ContextTooLongError) as error:
            log.info("chose no further tools", reason=type(error).__name__)
            return []
        known = {_same(one.call) for one in done}
        new = {_same(call): call for call in chosen if _same(call) not in known}
        return list(new.values())[: MOST_CALLS - len(done)][:MOST_AT_ONCE]

    async def _chosen(self, question: str, caller: Caller, done: Sequence[Outcome]) -> list[Call]:
        tools = self.broker.offered(self.names)
        messages = filled(
            prompt(PROMPT),
            tools=[described(one) for one in tools],
            today=f"{caller.at:%A} {caller.at.day} {caller.at:%B %Y}",
            question=_line(question, LONGEST_QUESTION),
            results=[f"{shown(one.call)}: {_line(one.text, LONGEST_RESULT)}" for one in done],
        )
        options = {
            "temperature": 0.0,
            "max_tokens": MOST_TOKENS,
            "response_format": _form(tools),
        }
        outputs = await self.model.generator().run_async(messages, None, options)
        return calls_in(outputs["replies"][0].text or "")


def described(one: Tool) -> str:
    """A tool in one line, as the model reads it."""
    properties = one.parameters.get("properties", {})
    parameters = (
        f"{name}: {about['description']}" if about.get("description") else name
        for name, about in properties.items()
    )
    return " ".join(f"{one.name}({', '.join(parameters)}): {one.description}".split())


def calls_in(text: str) -> list[Call]:
    """The calls that a model wrote; none where it is not of the form that was asked for."""
    try:
        written = json.loads(text)["calls"]
        calls = [Call(one["tool"], one["arguments"]) for one in written]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    return [c for c in calls if isinstance(c.tool, str) and isinstance(c.arguments, dict)]


def _line(text: str, longest: int) -> str:
    """A text on one line: what looks like a line of the prompt is none."""
    return " ".join(text.split())[:longest]


def _same(call: Call) -> str:
    """What two calls share that ask for the same."""
    return f"{call.tool} {json.dumps(call.arguments, sort_keys=True)}"


def _form(tools: Sequence[Tool]) -> dict[str, Any]:
    """The JSON that a model may write: calls of these tools, each with its own arguments."""
    definitions: dict[str, Any] = {}
    kinds = []
    for one in tools:
        parameters = dict(one.parameters)
        definitions |= parameters.pop("$defs", {})
        kinds.append(
            {
                "type": "object",
                "properties": {"tool": {"const": one.name}, "arguments": parameters},
                "required": ["tool", "arguments"],
                "additionalProperties": False,
            }
        )
    calls = {"type": "array", "items": {"anyOf": kinds}, "maxItems": MOST_AT_ONCE}
    schema = {
        "type": "object",
        "properties": {"calls": calls},
        "required": ["calls"],
        "additionalProperties": False,
        **({"$defs": definitions} if definitions else {}),
    }
    return {
        "type": "json_schema",
        "json_schema": {"name": "calls", "strict": True, "schema": schema},
    }
