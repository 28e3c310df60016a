"""Prompts are Markdown files; this turns one into the messages of a chat.

A file is a chain of sections, each under a heading that names the role: `# system`, `# user`,
`# assistant`. Variables stand in double braces. Only the file is a template: what people and
documents say enters as values and is never read as one.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from haystack.components.builders import ChatPromptBuilder
from haystack.dataclasses import ChatMessage

_ROLE = re.compile(r"^# (system|user|assistant)$", re.MULTILINE)
_MAKERS = {
    "system": ChatMessage.from_system,
    "user": ChatMessage.from_user,
    "assistant": ChatMessage.from_assistant,
}


@cache
def prompt(name: str) -> tuple[ChatMessage, ...]:
    """The messages of `pipelines/prompts/NAME.md`, variables not filled in."""
    text = resources.files("pipelines").joinpath("prompts", f"{name}.md").read_text("utf-8")
    _, *parts = _ROLE.split(text)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return tuple(_MAKERS[role](body.strip()) for role, body in pairs)


def filled(messages: Sequence[ChatMessage], **values: object) -> list[ChatMessage]:
    """The messages with values in place of their variables."""
    builder = ChatPromptBuilder(list(messages), required_variables="*")
    made: list[ChatMessage] = builder.run(template_variables=values)["prompt"]
    return made
