"""Asks a server to go on with a text by one piece, the likeliest one; for comparing models."""

from collections.abc import Awaitable, Callable

import openai

from pipelines.models.endpoints import translated
from pipelines.models.ollama.server import OllamaServer
from pipelines.models.openai_compatible import OpenAICompatibleChatModel

Complete = Callable[[str], Awaitable[str]]
"""A text, written with a model's own template, in; the next piece out, empty at the end."""


def through_openai(model: OpenAICompatibleChatModel) -> Complete:
    """With llama.cpp or vLLM; the model has to be started."""

    async def complete(text: str) -> str:
        client, endpoint = await model.connection()
        try:
            answer = await client.completions.create(
                model=model.model,
                prompt=text,
                max_tokens=1,
                temperature=0.0,
                extra_body={k: v for k, v in endpoint.extra.items() if k == "lora"},
            )
        except openai.APIError as error:
            raise translated(error, model.model, endpoint) from error
        return answer.choices[0].text

    return complete


def through_ollama(server: OllamaServer, model: str) -> Complete:
    """With Ollama."""

    async def complete(text: str) -> str:
        body = {"model": model, "prompt": text, "raw": True, "stream": False}
        body |= {"options": {"num_predict": 1, "temperature": 0.0}}
        answer = await server.ask("/api/generate", body, model=model)
        return str(answer.get("response", ""))

    return complete
