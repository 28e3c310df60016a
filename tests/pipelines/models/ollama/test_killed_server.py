"""A real Ollama that is killed: every question ends with a reason, and it recovers by itself."""

import pytest
from haystack.dataclasses import ChatMessage, StreamingChunk

from pipelines.models.errors import ModelUnavailableError
from pipelines.models.ollama.chat import OllamaChatModel
from pipelines.models.ollama.server import OllamaServer
from tests.contracts.chat_model_contract import QUESTION
from tests.fakes.own_ollama import OwnOllama
from tests.pipelines.models.ollama.conftest import SMALL

pytestmark = pytest.mark.model
LONG = [ChatMessage.from_user("Count from one to a thousand, in words.")]


def model_at(url: str) -> OllamaChatModel:
    return OllamaChatModel(f"ollama:{SMALL}", OllamaServer(url), model=SMALL)


async def answered(model: OllamaChatModel) -> bool:
    result = await model.generator().run_async([QUESTION], None, {"max_tokens": 2})
    return bool(result["replies"][0].text)


async def test_a_runner_killed_in_the_middle_is_no_complete_answer(own_server: OwnOllama) -> None:
    model = model_at(own_server.url)
    pieces: list[str] = []

    async def kill(chunk: StreamingChunk) -> None:
        pieces.append(chunk.content)
        if len(pieces) == 2:
            own_server.kill_runners()

    with pytest.raises(ModelUnavailableError, match="broke off"):
        await model.generator().run_async(LONG, kill, {"max_tokens": 400})
    assert len(pieces) > 1
    assert await answered(model)
    await model.stop()


async def test_a_runner_killed_before_the_question_is_not_noticed(own_server: OwnOllama) -> None:
    model = model_at(own_server.url)
    await model.start()
    own_server.kill_runners()
    assert await answered(model)
    await model.stop()


async def test_a_server_that_was_down_answers_again_without_a_restart_of_ours(
    own_server: OwnOllama,
) -> None:
    model = model_at(own_server.url)
    assert await answered(model)
    own_server.stop()
    with pytest.raises(ModelUnavailableError, match="could not be reached") as caught:
        await answered(model)
    assert "ollama serve" in caught.value.what_to_do
    own_server.start()
    assert await answered(model)
    await model.stop()
