"""Gives an Ollama server a model's file, under a name that never means another one."""

import asyncio
import re
from pathlib import Path
from typing import Any

from knowledge.hashing import sha256_of
from pipelines.models.errors import ModelRefusedError
from pipelines.models.ollama.server import OllamaServer


async def create(server: OllamaServer, path: Path, *, name: str, like: str) -> str:
    """Create a model, with the template and the parameters of another one.

    Args:
        server: which one.
        path: a GGUF, merged already: servers from 0.34.1 on take no adapter.
        name: without a tag; the file's hash becomes the tag.
        like: a model of the server that the file was tuned from.

    Returns:
        The whole name. A model that is there under it already is the same one.

    Raises:
        ModelMissingError: the server has no model `like`.
        TertuliaError: as in pipelines/models/errors.py.
    """
    sha256 = await asyncio.to_thread(sha256_of, path)
    whole = f"{name}:{sha256[:12]}"
    listed = await server.ask("/api/tags", model=whole)
    if any(one.get("name") == whole for one in listed.get("models", ())):
        return whole
    shown = await server.ask("/api/show", {"model": like}, model=like)
    digest = f"sha256:{sha256}"
    await server.give(path, digest, model=whole)
    body = {"model": whole, "files": {path.name: digest}, "stream": False}
    said = await server.ask("/api/create", body | _manner(shown), model=whole)
    if said.get("status") != "success":
        raise ModelRefusedError(
            f"Ollama at {server.place} did not create {whole}: {said.get('status')}.",
            what_to_do="Look at the server's log.",
        )
    return whole


def _manner(shown: dict[str, Any]) -> dict[str, Any]:
    """Template and stops: what the server does not guess, it leaves out without a word."""
    stops = re.findall(r'^stop\s+"(.+)"\s*$', str(shown.get("parameters") or ""), re.MULTILINE)
    parameters = {"parameters": {"stop": stops}} if stops else {}
    return {"template": shown["template"], **parameters} if shown.get("template") else parameters
