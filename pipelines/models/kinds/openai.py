"""Models on a server that speaks the OpenAI protocol: vLLM, llama-server, LM Studio, OpenAI."""

from pipelines.models import ChatModel, Embedder
from pipelines.models.errors import UnknownModelError
from pipelines.models.kinds import Access, Use


def problem_with(name: str, _use: Use) -> str | None:
    """What is wrong with the name; which names there are, only the server knows."""
    return None if name else "The name of the model is missing after 'openai:'."


def chat_model(name: str, access: Access) -> ChatModel:
    """The server's model of this name."""
    from pipelines.models.endpoints import Endpoint
    from pipelines.models.openai_compatible import OpenAICompatibleChatModel, RemoteServer

    endpoint = Endpoint(_url(name, access), access.openai_key)
    return OpenAICompatibleChatModel(
        f"openai:{name}", RemoteServer(endpoint), model=name, timeout_s=access.timeout_s
    )


async def embedder(name: str, access: Access) -> Embedder:
    """The server's embedder of this name; asks it for one vector."""
    from pipelines.models.endpoints import Endpoint
    from pipelines.models.openai_embedder import OpenAIEmbedder

    endpoint = Endpoint(_url(name, access), access.openai_key)
    return await OpenAIEmbedder.connected(
        f"openai:{name}", endpoint, model=name, timeout_s=access.timeout_s
    )


def _url(name: str, access: Access) -> str:
    if not access.openai_url:
        raise UnknownModelError(
            f"Nobody said where the server of openai:{name} is.",
            what_to_do="Set OPENAI_BASE_URL, for instance http://127.0.0.1:8000/v1.",
        )
    return access.openai_url
