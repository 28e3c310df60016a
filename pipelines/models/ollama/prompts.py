"""How long a prompt is and what of it the server has just read, where it does not say so."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

# English has four or more, Spanish three and a half, tables of figures fewer.
BYTES_PER_TOKEN = 3.0
# Around each message: its role and the marks of the template.
TOKENS_PER_MESSAGE = 8


def estimated_tokens(text: str) -> int:
    """Tokens of a text: more than there are in prose, since Ollama cannot count them."""
    return math.ceil(len(text.encode(errors="replace")) / BYTES_PER_TOKEN)


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """Tokens of a request's messages and tools, estimated."""
    messages = sum(estimated_tokens(text) + TOKENS_PER_MESSAGE for text in _parts(body))
    return messages + estimated_tokens(str(body.get("tools") or ""))


def shared_part(earlier: Mapping[str, Any] | None, body: Mapping[str, Any]) -> float:
    """How much of a prompt, 0 to 1, begins as the earlier one did.

    The server reads only what is new, if nobody else asked it meanwhile.
    """
    if earlier is None or earlier["model"] != body["model"]:
        return 0.0
    before, now = ("\n".join(_parts(one)) for one in (earlier, body))
    shared = next(
        (i for i, (a, b) in enumerate(zip(before, now, strict=False)) if a != b),
        min(len(before), len(now)),
    )
    return shared / len(now) if now else 0.0


def _parts(body: Mapping[str, Any]) -> Sequence[str]:
    return [f"{message['role']} {message['content']}" for message in body["messages"]]
