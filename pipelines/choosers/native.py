"""Offers tools in the protocol's own field: what large models were trained for."""

import json
from collections.abc import Iterator, Sequence

import structlog
from haystack.dataclasses import ChatMessage, ToolCall
from haystack.tools.tool import Tool as HaystackTool

from pipelines.choosers import LONGEST_RESULT, MOST_TOKENS, Choice, Chooser, line
from pipelines.choosers.form import sound
from pipelines.choosers.signatures import signature
from pipelines.models import ChatModel
from pipelines.models.errors import ModelRefusedError
from pipelines.prompting import filled, prompt
from pipelines.tool import Tool
from pipelines.tool_call import Call, Outcome

PROMPT = "call_tools"
log = structlog.get_logger(__name__)


class Native:
    """The `Chooser` for models that call tools by themselves.

    Args:
        otherwise: asked where the server refuses tools; without one, that is raised.
    """

    name = "native"

    def __init__(self, model: ChatModel, otherwise: Chooser | None = None) -> None:
        self._model = model
        self._otherwise = otherwise

    def told(self, one: Tool) -> str:
        """A tool as it is sent; the server words it."""
        try:
            return json.dumps([one.name, one.description, dict(one.parameters)], ensure_ascii=False)
        except RecursionError:  # it is not offered then
            return signature(one)

    def fixed(self, tools: Sequence[Tool]) -> list[ChatMessage]:
        """Nothing: a server cannot be asked to read tools and write nothing."""
        return []

    async def calls(self, choice: Choice, tools: Sequence[Tool]) -> list[Call]:
        """The calls that are needed next; what is no call at all is left out."""
        asked = filled(
            prompt(PROMPT), today=choice.today, earlier=choice.earlier, question=choice.line
        )
        messages = [*asked, *_said(choice.done)]
        options = {"temperature": 0.0, "max_tokens": MOST_TOKENS}
        try:
            outputs = await self._model.generator().run_async(
                messages, None, options, tools=list(_offered(tools))
            )
        except ModelRefusedError:
            if self._otherwise is None:
                raise
            log.warning("the server takes no tools any more", model=self._model.name)
            return await self._otherwise.calls(choice, tools)
        except RecursionError:  # arguments nested without end
            return []
        written = outputs["replies"][0].tool_calls
        return sound([Call(one.tool_name, one.arguments) for one in written])


def _offered(tools: Sequence[Tool]) -> Iterator[HaystackTool]:
    """Tools for a generator, which only sends them: nothing but our broker calls one."""
    for one in tools:
        try:
            yield HaystackTool(
                name=one.name,
                description=one.description,
                parameters=dict(one.parameters),
                function=_never,
            )
        except (ValueError, RecursionError) as error:
            log.warning("a tool has a schema that is none", tool=one.name, why=type(error).__name__)


def _never() -> None:
    raise AssertionError("only the broker calls tools")


def _said(done: Sequence[Outcome]) -> Iterator[ChatMessage]:
    """What was called, and what came of it, in the protocol's own messages."""
    calls = [
        ToolCall(tool_name=one.call.tool, arguments=dict(one.call.arguments), id=f"call_{n}")
        for n, one in enumerate(done)
    ]
    if calls:
        yield ChatMessage.from_assistant(tool_calls=calls)
    for call, one in zip(calls, done, strict=True):
        text = line(one.text, LONGEST_RESULT)
        yield ChatMessage.from_tool(text, origin=call, error=one.status != "done")
