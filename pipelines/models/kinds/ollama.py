"""Models on an Ollama server, under the names that `ollama list` shows."""

import re
from typing import TYPE_CHECKING

from pipelines.models import ChatModel, Embedder
from pipelines.models.errors import UnknownModelError
from pipelines.models.kinds import Access, Use

if TYPE_CHECKING:
    from pipelines.models.ollama.server import OllamaServer

NAME = re.compile(r"[\w.-]+(:\d+)?(/[\w.-]+)*(:[\w.-]+)?", re.ASCII)
NO_TEMPLATE = (
    "Ollama does not know how this model expects a conversation to be written, so that it sees no "
    "roles and knows no end.",
    "Give it a Modelfile with TEMPLATE and PARAMETER stop; docs/models.md has one ready.",
)


def problem_with(name: str, _use: Use) -> str | None:
    """What is wrong with the name; which names there are, only the server knows."""
    if not name:
        return "The name of the model is missing after 'ollama:'."
    if not NAME.fullmatch(name):
        return f"'{name}' is no name of a model. Right: qwen2.5:7b, or what `ollama list` shows."
    return None


def chat_model(name: str, access: Access) -> ChatModel:
    """The server's model of this name."""
    try:
        import haystack_integrations.components.generators.ollama  # noqa: F401 (looks whether it is here)
    except ModuleNotFoundError as error:
        raise UnknownModelError(
            f"ollama:{name} needs packages that are not installed.",
            what_to_do="Run: pip install '.[ollama]' in Tertulia's folder",
        ) from error
    from pipelines.models.ollama.chat import OllamaChatModel

    return OllamaChatModel(f"ollama:{name}", _server(access), model=name)


async def embedder(name: str, access: Access) -> Embedder:
    """The server's embedder of this name; asks it for one vector."""
    from pipelines.models.ollama.embedder import OllamaEmbedder

    return await OllamaEmbedder.connected(f"ollama:{name}", _server(access), model=name)


async def notes(name: str, access: Access) -> list[tuple[str, str]]:
    """What is worth knowing about the server's model: what is so, what to do.

    Raises:
        TertuliaError: the server cannot be asked.
    """
    from pipelines.models.ollama.card import Card

    server = _server(access)
    try:
        card = Card.read(await server.ask("/api/show", {"model": name}, model=name))
    finally:
        await server.close()
    return [] if card.has_template else [NO_TEMPLATE]


def _server(access: Access) -> "OllamaServer":
    from pipelines.models.ollama.server import OllamaServer

    return OllamaServer(
        access.ollama_url, timeout_s=access.timeout_s, keep_alive=access.ollama_keep_alive
    )
