"""Turns Haystack's messages, tools and options into what `/api/chat` expects."""

from collections.abc import Mapping, Sequence
from typing import Any

from haystack.dataclasses import ChatMessage, TextContent
from haystack.tools import ToolsType, flatten_tools_or_toolsets

from pipelines.models.texts import clean

# Options of the OpenAI protocol that have another name here.
RENAMED = {"max_tokens": "num_predict", "max_completion_tokens": "num_predict"}
# What is no option of the model, or is ours to say.
NOT_OPTIONS = {"response_format", "extra_body", "stream_options", "num_ctx"}


def as_ollama(message: ChatMessage) -> dict[str, Any]:
    """One message; the result of a tool carries the tool's name and whether it failed."""
    said: dict[str, Any] = {"role": message.role.value, "content": clean("\n".join(message.texts))}
    if message.images:
        said["images"] = [image.base64_image for image in message.images]
    if message.tool_calls:
        said["tool_calls"] = [
            {"function": {"name": call.tool_name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    for outcome in message.tool_call_results:
        parts = outcome.result
        text = parts if isinstance(parts, str) else "\n".join(_texts(parts))
        said["content"] = clean(f"Error: {text}" if outcome.error else text)
        said["tool_name"] = outcome.origin.tool_name
    return said


def _texts(parts: Sequence[object]) -> list[str]:
    return [part.text for part in parts if isinstance(part, TextContent)]


def tool_schemas(tools: ToolsType | None) -> list[dict[str, Any]]:
    """The tools that the model may call."""
    return [
        {"type": "function", "function": tool.tool_spec}
        for tool in flatten_tools_or_toolsets(tools)
    ]


def options(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The model's options, under the names that Ollama has for them."""
    return {RENAMED.get(key, key): value for key, value in wanted.items() if key not in NOT_OPTIONS}


def reply_format(wanted: Mapping[str, Any]) -> str | dict[str, Any] | None:
    """The JSON schema of a reply, `json` for any JSON, None for free text."""
    asked = wanted.get("response_format") or {}
    if asked.get("type") == "json_schema":
        schema: dict[str, Any] = asked["json_schema"]["schema"]
        return schema
    return "json" if asked.get("type") == "json_object" else None


def thinking(wanted: Mapping[str, Any]) -> bool | None:
    """Whether the model shall think before it answers; None where nobody said.

    Servers of the OpenAI protocol are told so through their chat template.
    """
    template = (wanted.get("extra_body") or {}).get("chat_template_kwargs") or {}
    said: bool | None = template.get("enable_thinking")
    return said
