"""How a model is run with a persona, in the words of the OpenAI protocol."""

from collections.abc import Mapping
from typing import Any

from pipelines.personas import Persona

REPLY_FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "reply",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {
                "answer": {"type": "string"},
                "sources": {"type": "array", "items": {"type": "integer"}, "maxItems": 4},
            },
            "required": ["answer", "sources"],
            "additionalProperties": False,
        },
    },
}
"""What the model writes: the answer first, so that it can be streamed, its sources after it."""


def generation_options(
    persona: Persona, reply_format: Mapping[str, Any] = REPLY_FORMAT
) -> dict[str, Any]:
    """The options of one reply.

    Args:
        persona: who replies.
        reply_format: what the reply must look like.
    """
    options: dict[str, Any] = {
        "response_format": dict(reply_format),
        "temperature": persona.temperature,
        "max_tokens": persona.max_answer_tokens,
    }
    if persona.seed is not None:
        options["seed"] = persona.seed
    if persona.think is not None:
        # What llama.cpp and vLLM understand; a service may refuse it, so it is sent on demand.
        options["extra_body"] = {"chat_template_kwargs": {"enable_thinking": persona.think}}
    return options
