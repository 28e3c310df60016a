"""Asks for calls as JSON of a given form, after a few examples: what small models can do.

Offered tools in the protocol's own field, a model of 1.5 billion parameters called none (0 of 20
measured); asked so it was right 20 times.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from haystack.dataclasses import ChatMessage

from pipelines.choosers import LONGEST_RESULT, MOST_TOKENS, Choice, doubting, line
from pipelines.choosers.form import calls_in, form, loose_form
from pipelines.choosers.signatures import signature
from pipelines.models import ChatModel
from pipelines.models.errors import ModelRefusedError
from pipelines.prompting import filled, prompt
from pipelines.tool import Tool
from pipelines.tool_call import Call, shown

PROMPT = "choose_tools"
log = structlog.get_logger(__name__)


class Router:
    """The `Chooser` for every model that writes JSON.

    Args:
        model: that is asked.
        least: calls that it has to choose in the first step; with 0 it may choose none.
    """

    name = "router"

    def __init__(self, model: ChatModel, *, least: int = 0) -> None:
        self._model = model
        self._least = least
        self._is_loose = False
        self._doubts = doubting.helps(model)

    def told(self, one: Tool) -> str:
        """A tool in one line."""
        return signature(one)

    def fixed(self, tools: Sequence[Tool]) -> list[ChatMessage]:
        """Rules, examples and tools: all that does not depend on the question."""
        return self._messages(tools, question="")

    async def calls(self, choice: Choice, tools: Sequence[Tool]) -> list[Call]:
        """The calls that are needed next; none where the model does not stand by its only one."""
        least = 0 if choice.done else self._least
        found = await self._chosen(choice, tools, least)
        # One of several does half of what is asked, which the model would not call just that.
        if not self._doubts or least or len(found) != 1 or choice.done:
            return found
        only = next((one for one in tools if one.name == found[0].tool), None)
        is_wanted = only and await doubting.is_wanted(self._model, found[0], only, choice)
        return found if is_wanted else []

    async def _chosen(self, choice: Choice, tools: Sequence[Tool], least: int) -> list[Call]:
        """The calls that are written; where a schema is refused, asked for without it."""
        messages = self._messages(
            tools,
            question=choice.line,
            today=choice.today,
            earlier=choice.earlier,
            results=[f"{shown(one.call)}: {line(one.text, LONGEST_RESULT)}" for one in choice.done],
        )
        if not self._is_loose:
            try:
                return await self._asked(messages, form(tools, least=least))
            except (ModelRefusedError, RecursionError) as error:
                log.info("asked without the tools' schemas", reason=type(error).__name__)
        found = await self._asked(messages, loose_form(tools, least=least))
        self._is_loose = True
        return found

    def _messages(self, tools: Sequence[Tool], **values: object) -> list[ChatMessage]:
        return filled(prompt(PROMPT), tools=[signature(one) for one in tools], **values)

    async def _asked(self, messages: list[ChatMessage], shape: dict[str, Any]) -> list[Call]:
        options = {"temperature": 0.0, "max_tokens": MOST_TOKENS, "response_format": shape}
        outputs = await self._model.generator().run_async(messages, None, options)
        return calls_in(outputs["replies"][0].text or "")
