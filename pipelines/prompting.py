"""Prompts are Markdown files; this turns one into the messages of a chat.

A file is a chain of sections, each under a heading that names the role: `# system`, `# user`,
`# assistant`. Variables stand in double braces. Only the file is a template: what people and
documents say enters as values and is never read as one, nor as the end of its turn.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from haystack.dataclasses import ChatMessage
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

_ROLE = re.compile(r"^# (system|user|assistant)$", re.MULTILINE)


def harmless(value: object) -> object:
    """A value without the marks that end a turn: model servers read `<|im_end|>` anywhere."""
    return value.replace("<|", "< |").replace("|>", "| >") if isinstance(value, str) else value


_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, finalize=harmless)
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


@cache
def _template(text: str) -> Template:
    """Compiled once: Haystack's own builder does it anew for every answer, which takes 20 ms."""
    return _ENVIRONMENT.from_string(text)


def filled(messages: Sequence[ChatMessage], **values: object) -> list[ChatMessage]:
    """The messages with values in place of their variables; a missing value is an error."""
    return [
        _MAKERS[message.role.value](_template(message.text or "").render(values))
        for message in messages
    ]
