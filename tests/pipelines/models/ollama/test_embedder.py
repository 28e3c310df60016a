"""Embedders on Ollama servers: sound ones and ones that misbehave."""

import pytest

from pipelines.models.errors import (
    ModelAnswerError,
    ModelMissingError,
    ModelRefusedError,
    ModelUnavailableError,
)
from pipelines.models.ollama.embedder import OllamaEmbedder
from pipelines.models.ollama.server import OllamaServer
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.fakes.scripted_ollama import OWL, asked, serving

EMBEDS = {**OWL, "capabilities": ["embedding"]}


def rows(request: Request) -> Reply:
    """A sound server."""
    if request.path.endswith("/show"):
        return Reply.of(EMBEDS)
    texts = request.json()["input"]
    return Reply.of({"embeddings": [[float(len(text)), 1.0] for text in texts]})


async def embedder_at(server: LoopbackServer, model: str = "owl") -> OllamaEmbedder:
    ollama = OllamaServer(server.url, timeout_s=0.5)
    return await OllamaEmbedder.connected(f"ollama:{model}", ollama, model=model)


async def test_texts_go_out_in_batches_one_after_the_other() -> None:
    async with LoopbackServer(rows) as server:
        embedder = await embedder_at(server)
        vectors = await embedder.embed_passages(["x" * n for n in range(1, 71)])
        await embedder.close()
    assert vectors.shape == (70, 2)
    assert [len(body["input"]) for body in asked(server.requests, "embed")] == [1, 32, 32, 6]
    assert list(vectors[:, 0]) == sorted(vectors[:, 0])


@pytest.mark.parametrize(
    ("model", "question", "passage"),
    [
        ("nomic-embed-text", "search_query: a", "search_document: a"),
        ("snowflake-arctic-embed2", "query: a", "a"),
        ("embeddinggemma", "task: search result | query: a", "title: none | text: a"),
        ("bge-m3", "a", "a"),
    ],
)
async def test_each_family_gets_its_prefixes(model: str, question: str, passage: str) -> None:
    async with LoopbackServer(rows) as server:
        embedder = await embedder_at(server, model)
        await embedder.embed_questions(["a"])
        await embedder.embed_passages(["a"])
        await embedder.close()
    inputs = [body["input"] for body in asked(server.requests, "embed")]
    assert inputs[1:] == [[question], [passage]]


@pytest.mark.parametrize(
    "reply",
    [
        Reply.of({}),
        Reply.of({"embeddings": None}),
        Reply.of({"embeddings": []}),
        Reply.of({"embeddings": [[0.0, 0.0]]}),
        Reply.of({"embeddings": [["a", "b"]]}),
        Reply.of({"embeddings": [[1.0], [2.0]]}),
        Reply(b"<html>"),
    ],
)
async def test_what_are_no_vectors_is_an_error_of_ours(reply: Reply) -> None:
    async with LoopbackServer(serving(show=EMBEDS, embed=reply)) as server:
        with pytest.raises(ModelAnswerError):
            await embedder_at(server)


async def test_vectors_that_change_their_length_are_refused() -> None:
    async with LoopbackServer(rows) as server:
        embedder = await embedder_at(server)
        server.respond = serving(show=EMBEDS, embed=Reply.of({"embeddings": [[1.0, 2.0, 3.0]]}))
        with pytest.raises(ModelAnswerError):
            await embedder.embed_questions(["a"])
        await embedder.close()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply.of({"error": "model 'owl' not found"}, status=404), ModelMissingError),
        (Reply.of({"error": "oh"}, status=500), ModelUnavailableError),
        (Reply.of(OWL), ModelRefusedError),
        (Reply(b"x", hang_at=0), ModelUnavailableError),
    ],
)
async def test_a_failing_server_is_an_error_of_ours(reply: Reply, error: type[Exception]) -> None:
    async with LoopbackServer(serving(show=reply)) as server:
        with pytest.raises(error):
            await embedder_at(server)
