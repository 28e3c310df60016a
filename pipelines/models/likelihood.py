"""How likely a model finds a text: by this it is told how much of what it knew it has forgotten."""

from itertools import pairwise

import httpx2

from pipelines.models.errors import ModelAnswerError
from pipelines.models.openai_compatible import OpenAICompatibleChatModel

ALTERNATIVES = 500
"""Tokens that the server ranks; one that is not among them counts as the last of these."""
_SECONDS = 120.0


async def nats_a_token(model: OpenAICompatibleChatModel, text: str) -> float:
    """How unlikely a text is on average, in nats a token; with llama.cpp's own server alone.

    Args:
        model: it has to be started.
        text: of two tokens at least.

    Raises:
        ModelAnswerError: the server is none that can tell.
    """
    _, endpoint = await model.connection()
    root = endpoint.url.removesuffix("/v1")
    body = {k: v for k, v in endpoint.extra.items() if k == "lora"}
    body |= {"n_predict": 1, "n_probs": ALTERNATIVES, "temperature": 0.0, "cache_prompt": True}
    headers = {"Authorization": f"Bearer {endpoint.key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=_SECONDS, trust_env=False) as client:
        try:
            answer = await client.post(f"{root}/tokenize", json={"content": text})
            tokens: list[int] = answer.raise_for_status().json()["tokens"]
            surprise = 0.0
            for end, _ in enumerate(pairwise(tokens), 1):
                asked = body | {"prompt": tokens[:end]}
                answer = await client.post(f"{root}/completion", json=asked)
                ranked = answer.raise_for_status().json()["completion_probabilities"][0]
                surprise -= _logarithm(ranked["top_logprobs"], tokens[end])
        except (httpx2.HTTPError, KeyError, IndexError, ValueError) as error:
            raise ModelAnswerError(
                f"{model.name} does not tell how likely a text is.",
                what_to_do="Measure it embedded, or behind llama.cpp's own server.",
            ) from error
    return surprise / (len(tokens) - 1)


def _logarithm(ranked: list[dict[str, float]], token: int) -> float:
    found = [one["logprob"] for one in ranked if one["id"] == token]
    return found[0] if found else ranked[-1]["logprob"]
