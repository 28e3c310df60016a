"""The whole way with a real model: trained, exported, served, and served as it was trained."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from knowledge.hashing import sha256_of
from pipelines.learning import publishing
from pipelines.learning.trainers import Job, Trained
from pipelines.learning.trainers.process import train
from pipelines.models.catalogue import EmbeddedModel, entry
from pipelines.models.completing import through_ollama, through_openai
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.errors import ModelUnavailableError
from pipelines.models.ollama.creating import create
from pipelines.models.ollama.server import OllamaServer
from pipelines.models.openai_compatible import OpenAICompatibleChatModel
from tests.pipelines.learning import voseo

pytest.importorskip("torch")
pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]

MODEL = entry("smollm2-135m")
SETTINGS = {"batch": 2, "at_once": 2, "epochs": 2, "learning_rate": 1e-3}


@pytest.fixture(scope="module")
def trained(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Sixty steps with two rows each."""
    home = tmp_path_factory.mktemp("voseo")
    job = Job(
        "sft_lora",
        models_folder / MODEL.file,
        voseo.write_rows(home / "rows.jsonl"),
        home / "tuned",
        settings={**SETTINGS, "held_out": 0.0, "greedy": 5, "checkpoint_steps": 100},
        base_sha256=MODEL.sha256,
    )
    return asyncio.run(train(job))


@pytest.fixture(scope="module")
def merged(trained: Trained) -> Path:
    path = trained.folder.with_name("merged.gguf")
    return asyncio.run(publishing.write_merged(trained.folder, path))


async def test_the_form_is_learnt_and_served_with_base_and_adapter(
    trained: Trained, models_folder: Path
) -> None:
    assert len(trained.losses) == 60
    assert trained.losses[-1] < trained.losses[0] / 3
    path = trained.folder.with_name("adapter.gguf")
    await publishing.write_adapter(trained.folder, path)
    base = embedded_chat_model(MODEL, models_folder)
    tuned = embedded_chat_model(MODEL, models_folder, adapter=path)
    try:
        assert await voseo.forms(base) == 0
    finally:
        await base.stop()
    try:
        assert await voseo.forms(tuned) >= 12
        assert await is_as_trained(trained, tuned)
    finally:
        await tuned.stop()


async def test_a_merged_file_is_served_as_it_was_trained(trained: Trained, merged: Path) -> None:
    served = embedded_chat_model(in_catalogue(merged), merged.parent)
    try:
        assert await voseo.forms(served) >= 12
        assert await is_as_trained(trained, served)
    finally:
        await served.stop()


async def test_ollama_takes_the_merged_file_under_a_name_that_never_means_another(
    trained: Trained, merged: Path, ollama_host: str
) -> None:
    server = OllamaServer(ollama_host)
    name = await create(server, merged, name="tertulia-test-tuned", like=MODEL.name)
    try:
        assert name == f"tertulia-test-tuned:{sha256_of(merged)[:12]}"
        assert await create(server, merged, name="tertulia-test-tuned", like=MODEL.name) == name
        shown = [
            await server.ask("/api/show", {"model": one}, model=one) for one in (name, MODEL.name)
        ]
        assert shown[0]["template"] == shown[1]["template"]
        complete = through_ollama(server, name)
        assert (await publishing.served_as_trained(trained.folder, complete)).is_as_trained
    finally:
        await server.close()
        httpx2.request("DELETE", f"{ollama_host}/api/delete", json={"model": name}, trust_env=False)


async def test_a_model_of_ollama_is_written_to_like_the_one_that_it_came_from(
    models_folder: Path, ollama_host: str
) -> None:
    server, like = OllamaServer(ollama_host), "qwen2.5-coder-0.5b"
    path = models_folder / MODEL.file
    name = await create(server, path, name="tertulia-test-like", like=like)
    try:
        new, old = [
            await server.ask("/api/show", {"model": one}, model=one) for one in (name, like)
        ]
        assert new["template"] == old["template"]
        assert "<|im_end|>" in new["parameters"]
    finally:
        await server.close()
        httpx2.request("DELETE", f"{ollama_host}/api/delete", json={"model": name}, trust_env=False)


async def test_a_server_that_is_not_there_is_told(models_folder: Path) -> None:
    server = OllamaServer("http://127.0.0.1:9", pauses_s=())
    with pytest.raises(ModelUnavailableError):
        await create(server, models_folder / MODEL.file, name="x", like=MODEL.name)
    with pytest.raises(ModelUnavailableError):
        await server.give(models_folder / MODEL.file, "sha256:0", model="x")


def in_catalogue(path: Path) -> EmbeddedModel:
    size, sha256 = path.stat().st_size, sha256_of(path)
    return replace(MODEL, name="tuned", file=path.name, size=size, sha256=sha256)


async def is_as_trained(trained: Trained, model: OpenAICompatibleChatModel) -> bool:
    agreement = await publishing.served_as_trained(trained.folder, through_openai(model))
    return agreement.is_as_trained
