"""llama.cpp inside our own process, with a real small model."""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from haystack import Pipeline
from haystack.core.errors import PipelineRuntimeError
from haystack.dataclasses import ChatMessage, StreamingChunk

from pipelines.models import ChatModel
from pipelines.models.catalogue import EmbeddedModel, entry
from pipelines.models.embedded import EmbeddedServer, embedded_chat_model
from pipelines.models.endpoints import Endpoint
from pipelines.models.errors import (
    ContextTooLongError,
    ModelDamagedError,
    ModelLoadError,
    ModelMissingError,
    our_error_in,
)
from pipelines.models.openai_compatible import OpenAICompatibleChatModel, RemoteServer
from tests.contracts.chat_model_contract import QUESTION, ChatModelContract

pytestmark = pytest.mark.model

SMALL = entry("smollm2-135m")
STORY = ChatMessage.from_user("Tell a very long story about an owl.")


@pytest.fixture
def model(models_folder: Path) -> OpenAICompatibleChatModel:
    return embedded_chat_model(SMALL, models_folder)


class TestEmbedded(ChatModelContract):
    @pytest.fixture
    def chat_model(self, model: OpenAICompatibleChatModel) -> ChatModel:
        return model


class TestThroughItsAddress(ChatModelContract):
    """The same server as somebody else's: `openai:smollm2-135m`."""

    @pytest.fixture
    async def chat_model(self, models_folder: Path) -> AsyncIterator[ChatModel]:
        server = EmbeddedServer(SMALL, models_folder, context_tokens=2048)
        endpoint = await server.open()
        # Another client knows nothing of what llama.cpp can do beyond the protocol.
        plain = RemoteServer(Endpoint(endpoint.url, endpoint.key))
        yield OpenAICompatibleChatModel("openai:smollm2-135m", plain, model="smollm2-135m")
        await server.close()


async def is_busy(model: OpenAICompatibleChatModel) -> bool:
    client, endpoint = await model.connection()
    slots: Any = await client.get(f"{endpoint.root}/slots", cast_to=object)
    return bool(slots[0]["is_processing"])


async def until_idle(model: OpenAICompatibleChatModel) -> None:
    while await is_busy(model):  # noqa: ASYNC110 (llama.cpp sets no event of ours)
        await asyncio.sleep(0.02)


async def begun(
    model: OpenAICompatibleChatModel, message: ChatMessage = STORY
) -> asyncio.Task[Any]:
    """A task that has begun to write a long answer."""
    first_word = asyncio.Event()

    async def note(chunk: StreamingChunk) -> None:
        if chunk.content:
            first_word.set()

    answering = model.generator().run_async([message], note, {"max_tokens": 3000})
    task = asyncio.create_task(answering)
    await first_word.wait()
    return task


async def test_a_cancelled_answer_stops_the_server_too(model: OpenAICompatibleChatModel) -> None:
    task = await begun(model)
    assert await is_busy(model)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_idle(model)
    await model.stop()


async def test_a_cancelled_reading_stops_before_the_end_of_the_prompt(
    model: OpenAICompatibleChatModel,
) -> None:
    prompt = [ChatMessage.from_user("word number " * 600)]
    task = asyncio.create_task(model.generator().run_async(prompt, None, {"max_tokens": 1}))
    while not await is_busy(model):  # noqa: ASYNC110 (llama.cpp sets no event of ours)
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_idle(model)
    again = await model.generator().run_async(prompt, None, {"max_tokens": 1})
    # What had been read stays in the cache; the rest had not been read.
    assert again["replies"][0].meta["timings"]["prompt_n"] > 400
    await model.stop()


async def test_stopping_ends_an_answer_and_frees_port_and_threads(
    model: OpenAICompatibleChatModel,
) -> None:
    task = await begun(model)
    _, endpoint = await model.connection()
    await model.stop()
    error = (await asyncio.gather(task, return_exceptions=True))[0]
    assert isinstance(error, Exception)
    with pytest.raises(httpx2.ConnectError):
        await asyncio.to_thread(httpx2.get, f"{endpoint.root}/health", trust_env=False)
    listening = [c for c in psutil.Process().net_connections() if c.status == "LISTEN"]
    assert all(c.laddr.port != int(endpoint.root.rpartition(":")[2]) for c in listening)


async def test_nobody_without_the_key_may_use_the_port(model: OpenAICompatibleChatModel) -> None:
    _, endpoint = await model.connection()
    async with httpx2.AsyncClient(trust_env=False) as stranger:
        for path in ("/v1/models", "/slots", "/props", "/metrics"):
            reply = await stranger.get(endpoint.root + path)
            assert reply.status_code == 401, path
        body = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
        reply = await stranger.post(f"{endpoint.url}/chat/completions", json=body)
        assert reply.status_code == 401
    await model.stop()


async def test_a_prompt_that_is_too_long_is_said_so_through_a_pipeline(
    models_folder: Path,
) -> None:
    model = embedded_chat_model(SMALL, models_folder, context_tokens=256)
    assert model.context_tokens == 256
    pipeline = Pipeline()
    pipeline.add_component("model", model.generator())
    prompt = [ChatMessage.from_user("word " * 500)]
    with pytest.raises(PipelineRuntimeError) as caught:
        await pipeline.run_async({"model": {"messages": prompt}})
    assert isinstance(our_error_in(caught.value), ContextTooLongError)
    with pytest.raises(ContextTooLongError):
        await model.read_ahead(prompt)
    await model.stop()


async def test_the_same_answer_with_a_network_proxy_that_leads_nowhere(
    model: OpenAICompatibleChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert (await model.generator().run_async([QUESTION], None, {"max_tokens": 2}))["replies"]
    await model.stop()


async def test_no_file_is_a_clear_error_with_the_command_that_helps(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError) as caught:
        await embedded_chat_model(SMALL, tmp_path).start()
    assert "tertulia models fetch smollm2-135m" in caught.value.what_to_do


async def test_an_adapter_that_is_gone_is_named_before_anything_is_loaded(
    models_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelMissingError, match="is not there") as caught:
        await embedded_chat_model(SMALL, models_folder, adapter=tmp_path / "vos.gguf").start()
    assert "tertulia learn rollback model" in caught.value.what_to_do


async def test_a_file_cut_short_is_never_loaded(tmp_path: Path) -> None:
    (tmp_path / SMALL.file).write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(ModelDamagedError):
        await embedded_chat_model(SMALL, tmp_path).start()


async def test_a_file_that_llama_cpp_cannot_load_is_an_error_of_ours(tmp_path: Path) -> None:
    content = b"GGUF" + bytes(1000)
    (tmp_path / "odd.gguf").write_bytes(content)
    odd = EmbeddedModel(
        name="odd",
        summary="no model",
        file="odd.gguf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        author="us",
        licence="Apache-2.0",
        context_tokens=64,
        languages=("en",),
        memory_mib=1,
    )
    with pytest.raises(ModelLoadError, match="could not load the model odd"):
        await embedded_chat_model(odd, tmp_path).start()


def listening() -> set[int]:
    """The ports that this process listens on; other tests may keep servers of their own."""
    found = psutil.Process().net_connections()
    return {c.laddr.port for c in found if c.status == psutil.CONN_LISTEN}


async def test_stopping_while_it_loads_waits_and_leaves_nothing(models_folder: Path) -> None:
    before = listening()
    model = embedded_chat_model(SMALL, models_folder)
    starting = asyncio.create_task(model.start())
    await asyncio.sleep(0.05)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await model.stop()
    assert listening() == before


EXITS = {
    "without a stop": "pass",
    "by an error": "raise RuntimeError('unexpected')",
    "by an interrupt": "os.kill(os.getpid(), signal.SIGINT); await asyncio.sleep(5)",
    "by sys.exit": "sys.exit(3)",
}
SCRIPT = """
import asyncio, os, signal, sys
from pathlib import Path
from haystack.dataclasses import ChatMessage
from pipelines.models.catalogue import entry
from pipelines.models.embedded import embedded_chat_model

async def main():
    model = embedded_chat_model(entry("smollm2-135m"), Path(sys.argv[1]))
    wrote = asyncio.Event()
    async def note(chunk):
        wrote.set()
    story = [ChatMessage.from_user("Tell a very long story.")]
    task = asyncio.create_task(model.generator().run_async(story, note, {"max_tokens": 3000}))
    await wrote.wait()
    print("writing", flush=True)
    %s

asyncio.run(main())
"""
EXIT_CODES = {"without a stop": 0, "by an error": 1, "by an interrupt": 130, "by sys.exit": 3}


@pytest.mark.parametrize("end", EXITS)
def test_a_program_that_ends_in_the_middle_of_an_answer_does_not_crash(
    end: str, models_folder: Path
) -> None:
    program = [sys.executable, "-c", SCRIPT % EXITS[end], str(models_folder)]
    ended = subprocess.run(program, capture_output=True, timeout=120, check=False)
    assert b"writing" in ended.stdout, ended.stderr.decode()
    # An interrupt that nobody catches is reported as the signal itself.
    assert ended.returncode % 256 in {EXIT_CODES[end], 254}
