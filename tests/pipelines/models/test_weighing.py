"""How sure a model is of one word: from what a server may answer, and from a real small model."""

from math import log
from pathlib import Path
from typing import Any

import pytest
from haystack.dataclasses import ChatMessage
from openai.types.chat import ChatCompletion

from pipelines.models.catalogue import entry
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.weighing import MOST_ALTERNATIVES, request, weights

YES_NO = ("yes", "no")


def completion(
    text: str | None, alternatives: list[tuple[str, float]] | None = None
) -> ChatCompletion:
    """What a server answers; with the chances of other first tokens where it gives them."""
    choice: dict[str, Any] = {
        "index": 0,
        "finish_reason": "length",
        "message": {"role": "assistant", "content": text},
    }
    if alternatives is not None:
        listed = [{"token": token, "logprob": log(p)} for token, p in alternatives]
        first = {"token": text, "logprob": -0.1, "top_logprobs": listed}
        choice["logprobs"] = {"content": [first] if listed else []}
    return ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    )


def test_the_weights_are_those_of_the_words_that_were_asked_for() -> None:
    given = completion("Yes", [("Yes", 0.5), (" no", 0.2), ("ye", 0.1), ("Maybe", 0.2)])
    found = weights(given, YES_NO)
    assert found["yes"] == pytest.approx(0.6 / 0.8)
    assert found["no"] == pytest.approx(0.2 / 0.8)


@pytest.mark.parametrize(("text", "expected"), [("yes.", 1.0), (" No", 0.0), ('"YES', 1.0)])
def test_a_server_without_alternatives_is_taken_at_its_word(text: str, expected: float) -> None:
    for given in (completion(text), completion(text, [])):
        found = weights(given, YES_NO)
        assert found == {"yes": expected, "no": 1 - expected}


@pytest.mark.parametrize("text", [None, "", " ", "…", "Perhaps", "notwithstanding"])
def test_an_answer_that_is_none_of_the_words_weighs_nothing(text: str | None) -> None:
    assert weights(completion(text), YES_NO) == {"yes": 0.0, "no": 0.0}


def test_a_request_is_one_token_long() -> None:
    arguments = request([ChatMessage.from_user("Is it?")])
    assert arguments["messages"] == [{"role": "user", "content": "Is it?"}]
    assert arguments["max_tokens"] == 1
    assert arguments["top_logprobs"] == MOST_ALTERNATIVES


@pytest.mark.model
async def test_a_real_model_says_how_sure_it_is(models_folder: Path) -> None:
    model = embedded_chat_model(entry("smollm2-135m"), models_folder)
    try:
        asked = [ChatMessage.from_user("Is water wet? Reply with one word, yes or no.")]
        found = await model.weigh(asked, YES_NO)
    finally:
        await model.stop()
    assert set(found) == set(YES_NO)
    assert sum(found.values()) == pytest.approx(1.0)
    assert min(found.values()) > 0
