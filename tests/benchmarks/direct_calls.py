"""The same model called directly: a bare prompt, tools in the protocol's field, calls as they come.

Some models write their calls as JSON into the text, where no server finds them. Read leniently
(any JSON object with a name and arguments counts), that is the fairest figure to compare with.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from haystack.dataclasses import ChatMessage
from haystack.tools.tool import Tool as HaystackTool

from pipelines.models import ChatModel
from pipelines.tool import Tool
from pipelines.tool_call import Call

OPTIONS: dict[str, Any] = {"temperature": 0.0, "max_tokens": 300}


async def direct(
    model: ChatModel, question: str, tools: Mapping[str, Tool]
) -> tuple[list[Call], list[Call]]:
    """The calls that the server found, and those that a lenient reader finds."""
    offered = [
        HaystackTool(one.name, one.description, dict(one.parameters), function=print)
        for one in tools.values()
    ]
    messages = [ChatMessage.from_user(question)]
    outputs = await model.generator().run_async(messages, None, OPTIONS, tools=offered)
    reply = outputs["replies"][0]
    native = [Call(one.tool_name, one.arguments) for one in reply.tool_calls]
    return native, native or list(written(reply.text or ""))


def written(text: str) -> Iterator[Call]:
    """The calls in a text: each JSON object of the form, wherever it stands."""
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        call = _call(found)
        if call:
            yield call
        at = end if call else at + 1


def _call(found: Mapping[str, Any]) -> Call | None:
    name, arguments = found.get("name"), found.get("arguments", found.get("parameters"))
    if isinstance(name, str) and isinstance(arguments, dict):
        return Call(name, arguments)
    return None
