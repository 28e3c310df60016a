"""Gives Ollama the catalogue's small models, under the catalogue's names."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2

from docker.services.errors import UnavailableError
from docker.services.telling import tell
from pipelines.models.catalogue import EmbeddedModel, entry
from pipelines.models.errors import ModelFetchError
from pipelines.models.fetching import fetch

# Ollama recognises SmolLM2's template. Qwen2.5-Coder's it does not, and then silently sends the
# bare prompt: no roles, no tools. https://ollama.com/library/qwen2.5-coder has this one.
MODELS: dict[str, dict[str, Any]] = {
    "smollm2-135m": {},
    "qwen2.5-coder-0.5b": {
        "template": Path(__file__).with_name("chatml.template").read_text(encoding="utf-8"),
        "parameters": {"stop": ["<|im_start|>", "<|im_end|>"]},
    },
}
CREATE_S = 120


def give(url: str, folder: Path) -> None:
    """Make the models that are not there yet.

    Args:
        url: of the server.
        folder: of model files; what is missing there is fetched.

    Raises:
        UnavailableError: a file cannot be fetched, or the server does not take it.
    """
    try:
        with httpx2.Client(base_url=url, timeout=CREATE_S, trust_env=False) as client:
            listed = client.get("/api/tags").raise_for_status().json()["models"]
            names = {str(model["name"]).removesuffix(":latest") for model in listed}
            for name in MODELS.keys() - names:
                _give(client, entry(name), folder)
    except httpx2.HTTPError as error:
        raise UnavailableError(
            f"it did not take a model: {error}", what_to_do="Is its disk full?"
        ) from error


def _give(client: httpx2.Client, model: EmbeddedModel, folder: Path) -> None:
    tell(f"Giving Ollama {model.name} ...")
    try:
        path = asyncio.run(fetch(model, folder))
    except ModelFetchError as error:
        raise UnavailableError(str(error), what_to_do=error.what_to_do) from error
    digest = f"sha256:{model.sha256}"
    if client.head(f"/api/blobs/{digest}").status_code == httpx2.codes.NOT_FOUND:
        with path.open("rb") as file:
            client.post(f"/api/blobs/{digest}", content=file).raise_for_status()
    wanted = {"model": model.name, "files": {model.file: digest}, "stream": False}
    client.post("/api/create", json=wanted | MODELS[model.name]).raise_for_status()
