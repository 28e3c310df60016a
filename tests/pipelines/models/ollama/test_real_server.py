"""A real Ollama: what every model promises, and what is refused."""

import asyncio
import re
from pathlib import Path
from typing import Annotated, Any

import pytest
from haystack.dataclasses import ChatMessage, StreamingChunk
from haystack.tools.from_function import create_tool_from_function
from haystack.tools.tool import Tool

from pipelines.models import ChatModel, Embedder, choosing
from pipelines.models.catalogue import entry
from pipelines.models.errors import (
    ContextTooLongError,
    ModelMissingError,
    ModelRefusedError,
    ModelUnavailableError,
)
from pipelines.models.kinds import Access
from pipelines.models.ollama.card import Card
from pipelines.models.ollama.chat import OllamaChatModel
from pipelines.models.ollama.embedder import OllamaEmbedder
from pipelines.models.ollama.server import OllamaServer
from tests.contracts.chat_model_contract import FIXED, QUESTION, ChatModelContract
from tests.contracts.embedder_contract import EmbedderContract
from tests.fakes.own_ollama import OwnOllama
from tests.pipelines.models.ollama.conftest import BARE, EMBEDDER, SMALL

pytestmark = pytest.mark.model
ROOT = Path(__file__).parents[4]


def model_at(url: str, name: str = SMALL) -> OllamaChatModel:
    return OllamaChatModel(f"ollama:{name}", OllamaServer(url), model=name)


def weather(place: Annotated[str, "Where"]) -> str:
    """Tell the weather."""
    return f"Sun in {place}."


def a_tool() -> Tool:
    return create_tool_from_function(weather)


class TestOllamaChatModel(ChatModelContract):
    @pytest.fixture
    def chat_model(self, ollama_host: str) -> ChatModel:
        return model_at(ollama_host)


class TestOllamaEmbedder(EmbedderContract):
    @pytest.fixture
    async def embedder(self, own_server: OwnOllama) -> Any:  # noqa: ANN401 (a generator of Embedder)
        server = OllamaServer(own_server.url)
        embedder: Embedder = await OllamaEmbedder.connected("e", server, model=EMBEDDER)
        yield embedder
        await server.close()


async def test_it_says_how_sure_it_is_of_a_word(ollama_host: str) -> None:
    model = model_at(ollama_host)
    asked = [ChatMessage.from_user("Is water wet? Reply with one word, yes or no.")]
    found = await model.weigh(asked, ("yes", "no"))
    await model.stop()
    assert sum(found.values()) == pytest.approx(1.0)
    assert min(found.values()) > 0


async def test_a_model_that_is_missing_is_named_with_what_to_do(ollama_host: str) -> None:
    with pytest.raises(ModelMissingError, match="no model smolm2-135m") as caught:
        await model_at(ollama_host, "smolm2-135m").start()
    assert "ollama pull smolm2-135m" in caught.value.what_to_do
    assert f"did you mean '{SMALL}'" in caught.value.what_to_do
    with pytest.raises(ModelMissingError):
        await OllamaEmbedder.connected("e", OllamaServer(ollama_host), model="smolm2-135m")


async def test_the_context_is_what_the_modelfile_says(own_server: OwnOllama) -> None:
    model = model_at(own_server.url)
    await model.start()
    assert model.context_tokens == 1024
    await model.stop()


@pytest.mark.parametrize("text", ["word " * 3000, "7 " * 1200])
async def test_a_prompt_that_would_be_cut_is_refused_instead(
    own_server: OwnOllama, text: str
) -> None:
    model = model_at(own_server.url)
    with pytest.raises(ContextTooLongError):
        await model.generator().run_async([ChatMessage.from_user(text)], None, {"max_tokens": 9})
    await model.stop()


async def test_an_answer_that_reaches_its_longest_says_so(ollama_host: str) -> None:
    model = model_at(ollama_host)
    result = await model.generator().run_async([QUESTION], None, {"max_tokens": 3})
    await model.stop()
    assert result["replies"][0].meta["finish_reason"] == "length"


async def test_tools_for_a_model_without_them_are_refused(ollama_host: str) -> None:
    model = model_at(ollama_host)
    with pytest.raises(ModelRefusedError, match="does not support tools") as caught:
        await model.generator().run_async([QUESTION], None, {"max_tokens": 3}, tools=[a_tool()])
    assert "docs/models.md" in caught.value.what_to_do
    await model.stop()


async def test_thoughts_of_a_model_that_has_none_are_refused(ollama_host: str) -> None:
    model = model_at(ollama_host)
    options = {"extra_body": {"chat_template_kwargs": {"enable_thinking": True}}}
    with pytest.raises(ModelRefusedError, match="does not support thinking") as caught:
        await model.generator().run_async([QUESTION], None, {"max_tokens": 3, **options})
    assert "think: true" in caught.value.what_to_do
    await model.stop()


async def test_an_embedder_does_not_chat_and_a_language_model_does_not_embed(
    own_server: OwnOllama,
) -> None:
    with pytest.raises(ModelRefusedError, match="does not support chat"):
        await model_at(own_server.url, EMBEDDER).start()
    with pytest.raises(ModelRefusedError, match="does not support embeddings"):
        await OllamaEmbedder.connected("e", OllamaServer(own_server.url), model=SMALL)


async def test_a_cancelled_answer_leaves_the_model_to_others(ollama_host: str) -> None:
    model = model_at(ollama_host)
    begun = asyncio.Event()

    async def note(_chunk: StreamingChunk) -> None:
        begun.set()

    asked = [ChatMessage.from_user("Count from one to a thousand, in words.")]
    answer = model.generator().run_async(asked, note, {"max_tokens": 2000})
    task = asyncio.create_task(answer)
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    result = await model.generator().run_async([QUESTION], None, {"max_tokens": 2})
    assert result["replies"][0].meta["usage"]["completion_tokens"] <= 2
    await model.stop()


async def test_what_is_stopped_in_the_middle_of_an_answer_fails_with_an_error_of_ours(
    ollama_host: str,
) -> None:
    model = model_at(ollama_host)

    async def stop(_chunk: StreamingChunk) -> None:
        await model.stop()

    with pytest.raises(ModelUnavailableError):
        await model.generator().run_async([QUESTION], stop, {"max_tokens": 200})


def test_the_same_model_answers_in_a_second_event_loop(ollama_host: str) -> None:
    model = model_at(ollama_host)

    async def answered() -> str | None:
        result = await model.generator().run_async([QUESTION], None, {"max_tokens": 2})
        return result["replies"][0].text

    assert asyncio.run(answered())
    assert asyncio.run(answered())
    asyncio.run(model.stop())


def used_of_prompt(server: OwnOllama) -> list[tuple[int, int]]:
    """For each prompt so far: tokens that were in the cache, and tokens at all."""
    pattern = r'"loading cache slot" id=\d+ cache=\d+ prompt=(\d+) used=(\d+)'
    found = re.findall(pattern, server.log.read_text())
    return [(int(used), int(prompt)) for prompt, used in found]


async def test_the_beginning_is_in_the_cache_again_after_the_check_of_an_answer(
    own_server: OwnOllama,
) -> None:
    model = model_at(own_server.url)
    await model.read_ahead([FIXED])
    await model.weigh([ChatMessage.from_system("You check. " * 40), QUESTION], ("yes", "no"))
    await model.idle()
    seen = len(used_of_prompt(own_server))
    await model.generator().run_async([FIXED, QUESTION], None, {"max_tokens": 1})
    await model.stop()
    ((used, prompt),) = used_of_prompt(own_server)[seen:]
    assert used > 0.8 * prompt


async def test_a_model_without_a_template_is_noted(own_server: OwnOllama) -> None:
    access = Access(own_server.log.parent, ollama_url=own_server.url)
    ((said, advice),) = await choosing.notes(f"ollama:{BARE}", access)
    assert "roles" in said
    assert "docs/models.md" in advice
    assert await choosing.notes(f"ollama:{SMALL}", access) == []


async def test_the_modelfile_of_the_documentation_gives_roles_tools_and_an_end(
    own_server: OwnOllama, models_folder: Path
) -> None:
    text = (ROOT / "docs/qwen2.5-coder.Modelfile").read_text()
    small = models_folder / entry(SMALL).file
    own_server.create("documented", re.sub("(?m)^FROM .*", f"FROM {small}", text))
    server = OllamaServer(own_server.url)
    card = Card.read(await server.ask("/api/show", {"model": "documented"}, model="documented"))
    assert card.has_template
    assert card.can("tools")
    model = model_at(own_server.url, "documented")
    result = await model.generator().run_async(
        [QUESTION], None, {"max_tokens": 5}, tools=[a_tool()]
    )
    assert "<|im" not in (result["replies"][0].text or "")
    await model.stop()
    await server.close()
