"""Puts the lines of a streamed answer together: text, thoughts, calls of tools, and its end."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from haystack.dataclasses import ChatMessage, StreamingChunk, ToolCall, ToolCallDelta
from haystack.dataclasses.chat_message import ReasoningContent
from haystack.dataclasses.streaming_chunk import ComponentInfo

Ending = Literal["stop", "length", "tool_calls"]


class GarbledError(ValueError):
    """A line does not follow the protocol."""


@dataclass(slots=True)
class Reply:
    """One answer as it grows.

    Attributes:
        end: the last line, with the counts; empty until it came.
    """

    component: ComponentInfo
    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    end: Mapping[str, Any] = field(default_factory=dict)
    _count: int = 0

    def take(self, line: Mapping[str, Any]) -> Iterator[StreamingChunk]:
        """What a line adds, one kind of content a chunk, as Haystack wants it.

        Raises:
            GarbledError: the line is no part of an answer.
        """
        message = line.get("message") or {}
        if not isinstance(message, dict):
            raise GarbledError
        for thought in _texts(message.get("thinking")):
            is_first = not self.thoughts
            self.thoughts.append(thought)
            yield self._chunk(start=is_first, reasoning=ReasoningContent(thought))
        for text in _texts(message.get("content")):
            is_first = not self.texts
            self.texts.append(text)
            yield self._chunk(text, start=is_first)
        for call in _calls(message.get("tool_calls")):
            self.calls.append(call)
            yield self._chunk(start=True, tool_calls=[self._delta(call)])
        if line.get("done"):
            self.end = line
            yield self._chunk(finish_reason=self.ending)

    @property
    def ending(self) -> Ending:
        """Why the answer ends here."""
        if self.end.get("done_reason") == "length":
            return "length"
        return "tool_calls" if self.calls else "stop"

    def message(self, meta: Mapping[str, Any]) -> ChatMessage:
        """The whole answer."""
        return ChatMessage.from_assistant(
            text="".join(self.texts) or None,
            tool_calls=self.calls or None,
            reasoning="".join(self.thoughts) or None,
            meta={"finish_reason": self.ending, "index": 0, **meta},
        )

    def _delta(self, call: ToolCall) -> ToolCallDelta:
        arguments = json.dumps(call.arguments)
        return ToolCallDelta(
            index=len(self.calls) - 1, id=call.id, tool_name=call.tool_name, arguments=arguments
        )

    def _chunk(self, content: str = "", **more: Any) -> StreamingChunk:  # noqa: ANN401 (passed on)
        self._count += 1
        return StreamingChunk(content, index=self._count - 1, component_info=self.component, **more)


def _texts(value: object) -> list[str]:
    if value is not None and not isinstance(value, str):
        raise GarbledError
    return [value] if value else []


def _calls(value: object) -> Iterator[ToolCall]:
    if value is not None and not isinstance(value, list):
        raise GarbledError
    for call in value or ():
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise GarbledError
        name, arguments = function.get("name"), function.get("arguments") or {}
        if not isinstance(name, str) or not isinstance(arguments, dict):
            raise GarbledError
        yield ToolCall(tool_name=name, arguments=arguments, id=call.get("id"))
