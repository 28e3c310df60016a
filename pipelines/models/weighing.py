"""Asks a model for one word out of a few, and how sure it is."""

import math
from collections.abc import Sequence
from typing import Any

from openai.types.chat import ChatCompletion

# llama.cpp, vLLM and OpenAI all give as many; servers that give none leave only the word itself.
MOST_ALTERNATIVES = 20


def request(messages: Sequence[Any]) -> dict[str, Any]:
    """The arguments of a chat completion that is one token long, with its alternatives."""
    return {
        "messages": [message.to_openai_dict_format() for message in messages],
        "max_tokens": 1,
        "temperature": 0.0,
        "logprobs": True,
        "top_logprobs": MOST_ALTERNATIVES,
    }


def weights(completion: ChatCompletion, words: Sequence[str]) -> dict[str, float]:
    """How likely the answer begins with each word; they sum to 1, or are all 0.

    A word counts by its beginning, since a token may be only a part of it.
    """
    choice = completion.choices[0]
    listed = choice.logprobs.content if choice.logprobs and choice.logprobs.content else None
    if listed:
        tokens = [(one.token, math.exp(one.logprob)) for one in listed[0].top_logprobs]
    else:
        tokens = [(choice.message.content or "", 1.0)]
    return shares(tokens, words)


def shares(tokens: Sequence[tuple[str, float]], words: Sequence[str]) -> dict[str, float]:
    """The same from possible first tokens and the probability of each."""
    found = {word: sum(p for token, p in tokens if _begins(word, token)) for word in words}
    total = sum(found.values())
    return {word: p / total if total else 0.0 for word, p in found.items()}


def _begins(word: str, token: str) -> bool:
    plain = token.strip(" \"'.,*\n").casefold()
    return bool(plain) and (word.casefold().startswith(plain) or plain == word.casefold())
