"""Embedders on a server: sound ones and ones that misbehave."""

import hashlib
from typing import Any

import numpy as np
import pytest

from pipelines.models import Embedder
from pipelines.models.endpoints import Endpoint
from pipelines.models.errors import ModelAnswerError, ModelMissingError, ModelUnavailableError
from pipelines.models.openai_embedder import OpenAIEmbedder
from tests.contracts.embedder_contract import EmbedderContract
from tests.fakes.loopback import LoopbackServer, Reply, Request


def vector(text: str) -> list[float]:
    """Numbers that depend on the text alone; not of length 1."""
    return [float(byte) + 1 for byte in hashlib.sha256(text.encode()).digest()[:8]]


def embeds(request: Request) -> Reply:
    """A sound server, which sends the rows in no particular order."""
    rows = [
        {"index": i, "embedding": vector(text), "object": "embedding"}
        for i, text in enumerate(request.json()["input"])
    ]
    return Reply.of({"object": "list", "data": rows[::-1], "model": "m", "usage": {}})


async def embedder_at(server: LoopbackServer, model: str = "owl") -> OpenAIEmbedder:
    endpoint = Endpoint(f"{server.url}/v1")
    return await OpenAIEmbedder.connected("openai:" + model, endpoint, model=model, timeout_s=0.5)


class TestOpenAIEmbedder(EmbedderContract):
    @pytest.fixture
    async def embedder(self) -> Any:  # noqa: ANN401 (a generator of Embedder)
        async with LoopbackServer(embeds) as server:
            embedder: Embedder = await embedder_at(server)
            yield embedder
            await (await embedder_at(server)).close()


async def test_rows_come_back_in_the_order_of_the_texts() -> None:
    async with LoopbackServer(embeds) as server:
        embedder = await embedder_at(server)
        texts = [f"text {n}" for n in range(40)]
        vectors = await embedder.embed_passages(texts)
        await embedder.close()
    expected = np.array([vector(text) for text in texts])
    assert np.allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True))
    assert embedder.dimensions == 8
    assert [len(r.json()["input"]) for r in server.requests] == [1, 32, 8]


@pytest.mark.parametrize(
    ("model", "question", "passage"),
    [
        ("multilingual-e5-small", "query: a", "passage: a"),
        ("nomic-embed-text", "search_query: a", "search_document: a"),
        ("multilingual-e5-large-instruct", "a", "a"),
        ("bge-m3", "a", "a"),
    ],
)
async def test_each_family_gets_its_prefixes(model: str, question: str, passage: str) -> None:
    async with LoopbackServer(embeds) as server:
        embedder = await embedder_at(server, model)
        await embedder.embed_questions(["a"])
        await embedder.embed_passages(["a"])
        await embedder.close()
    assert [r.json()["input"] for r in server.requests[1:]] == [[question], [passage]]


@pytest.mark.parametrize(
    "reply",
    [
        Reply.of({"data": []}),
        Reply.of({"data": None}),
        Reply.of({"data": [{"index": 3, "embedding": [1.0]}]}),
        Reply.of({"data": [{"index": 0, "embedding": [0.0, 0.0]}]}),
        Reply.of({"data": [{"index": 0, "embedding": ["a", "b"]}]}),
        Reply.of({"data": [{"index": 0, "embedding": 5}]}),
        Reply(b"<html>", content_type="text/html"),
        Reply(b"{garbage"),
    ],
)
async def test_what_are_no_vectors_is_an_error_of_ours(reply: Reply) -> None:
    async with LoopbackServer(lambda _: reply) as server:
        with pytest.raises(ModelAnswerError):
            await embedder_at(server)


async def test_vectors_that_change_their_length_are_refused() -> None:
    lengths = iter([4, 5])

    def changes(_request: Request) -> Reply:
        return Reply.of({"data": [{"index": 0, "embedding": [1.0] * next(lengths)}]})

    async with LoopbackServer(changes) as server:
        embedder = await embedder_at(server)
        with pytest.raises(ModelAnswerError):
            await embedder.embed_questions(["a"])
        await embedder.close()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply.of({}, status=404), ModelMissingError),
        (Reply.of({}, status=500), ModelUnavailableError),
        (Reply(b"x", hang_at=0), ModelUnavailableError),
    ],
)
async def test_a_failing_server_is_an_error_of_ours(reply: Reply, error: type[Exception]) -> None:
    async with LoopbackServer(lambda _: reply) as server:
        with pytest.raises(error):
            await embedder_at(server)
