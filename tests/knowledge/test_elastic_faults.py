"""What a server says when things go wrong becomes an error that says what to do."""

import json
from collections.abc import Callable

import pytest

from knowledge.articles import Audience
from knowledge.stores import Probe
from knowledge.stores.elastic import Elastic, ElasticIndexes, ElasticStore, Shape
from knowledge.stores.elastic.bulk import BATCH_BYTES, StoreWriteError, drop, put, write
from knowledge.stores.elastic.failures import (
    ConflictError,
    MissingError,
    NoElasticsearchError,
    StoreClosedError,
    StoreDegradedError,
    StoreRefusedError,
    StoreUnreachableError,
)
from tests.contracts.stored_chunks import ANYBODY
from tests.fakes.loopback import LoopbackServer, Reply, Request

_REAL = {"X-Elastic-Product": "Elasticsearch"}
_FACTS = {"model": "m", "dimensions": 4, "identity": "i", "fingerprint": "f"}


def said(value: object, status: int = 200) -> Reply:
    """What a server says that is an Elasticsearch."""
    kind = "application/vnd.elasticsearch+json;compatible-with=8"
    return Reply(json.dumps(value).encode(), status, kind, _REAL)


def refusal(status: int, kind: str, reason: str) -> Reply:
    return said({"error": {"root_cause": [{"type": kind, "reason": reason}]}}, status)


@pytest.mark.parametrize(
    ("reply", "error", "what_to_do"),
    [
        (refusal(401, "security_exception", "no"), StoreRefusedError, "ELASTICSEARCH_API_KEY"),
        (refusal(403, "security_exception", "no"), StoreRefusedError, "ELASTICSEARCH_API_KEY"),
        (
            refusal(403, "cluster_block_exception", "index read-only / allow delete (api)"),
            StoreRefusedError,
            "free some space",
        ),
        (
            refusal(429, "cluster_block_exception", "disk usage exceeded flood-stage watermark"),
            StoreRefusedError,
            "disk is full",
        ),
        (
            refusal(403, "cluster_block_exception", "index write (api)"),
            StoreRefusedError,
            "made it read-only",
        ),
        (refusal(400, "index_closed_exception", "closed"), StoreClosedError, "_open"),
        (refusal(404, "index_not_found_exception", "no index"), MissingError, "tertulia refresh"),
        (refusal(409, "version_conflict_engine_exception", "x"), ConflictError, "Try again"),
        (refusal(400, "resource_already_exists_exception", "x"), ConflictError, "Try again"),
        (refusal(400, "parsing_exception", "x"), StoreRefusedError, "version 8.19"),
        (refusal(503, "no_shard_available", "x"), StoreUnreachableError, "Check that it runs"),
        (said("plain words", 500), StoreUnreachableError, "Check that it runs"),
    ],
)
async def test_each_refusal_says_who_must_do_what(
    reply: Reply, error: type[Exception], what_to_do: str
) -> None:
    async with LoopbackServer(lambda _: reply) as server:
        elastic = Elastic(server.url)
        with pytest.raises(error) as caught:
            await elastic.ask("GET", "/x")
        await elastic.close()
    assert what_to_do in caught.value.what_to_do  # type: ignore[attr-defined]  # all ours have it
    assert "127.0.0.1" in str(caught.value)


OLLAMA = Reply(b"404 page not found", 404, "text/plain")


@pytest.mark.parametrize(
    "reply",
    [
        OLLAMA,
        Reply(b"<html></html>", 200, "text/html"),
        Reply(b'{"version": {"number": "2.19"}}', 200, "application/json"),
        Reply(b"picture", 200, "image/png"),
        Reply(b"plain HTTP request to an HTTPS port", 400, "text/html"),
    ],
)
async def test_an_address_at_which_something_else_answers_is_told_as_such(reply: Reply) -> None:
    async with LoopbackServer(lambda _: reply) as server:
        indexes = ElasticIndexes(Elastic(server.url), "team", Shape(dimensions=4, model="m"))
        with pytest.raises(NoElasticsearchError, match="There is no Elasticsearch at") as caught:
            await indexes.live()
        await indexes.close()
        assert len(server.requests) == 1
    assert "ELASTICSEARCH_URL" in caught.value.what_to_do


async def test_a_proxy_before_a_server_is_not_taken_for_another_server() -> None:
    for status, error in ((401, StoreRefusedError), (502, StoreUnreachableError)):
        proxy = Reply(b"<html></html>", status, "text/html")
        async with LoopbackServer(lambda _, reply=proxy: reply) as server:  # type: ignore[misc]  # bound now
            elastic = Elastic(server.url)
            with pytest.raises(error):
                await elastic.ask("GET", "/x")
            await elastic.close()


async def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    elastic = Elastic("http://reader:secret@127.0.0.1:9")
    with pytest.raises(StoreUnreachableError, match="cannot be reached") as caught:
        await elastic.ask("GET", "/x")
    await elastic.close()
    assert "secret" not in str(caught.value)


async def test_the_key_is_sent_and_shown_to_nobody() -> None:
    async with LoopbackServer(lambda _: said({})) as server:
        elastic = Elastic(server.url, "the-key")
        await elastic.ask("GET", "/x")
        await elastic.close()
        assert server.requests[0].headers["authorization"] == "ApiKey the-key"
    assert "the-key" not in repr(vars(elastic))


async def test_a_busy_server_is_asked_again() -> None:
    replies = [said({}, 429), said({}, 429), said({"ok": True})]
    async with LoopbackServer(lambda _: replies.pop(0)) as server:
        elastic = Elastic(server.url, pauses_s=(0.01, 0.01))
        assert await elastic.ask("GET", "/x") == {"ok": True}
        await elastic.close()
        assert len(server.requests) == 3


async def test_a_server_that_stays_busy_is_given_up() -> None:
    async with LoopbackServer(lambda _: said({}, 429)) as server:
        elastic = Elastic(server.url, pauses_s=(0.01,))
        with pytest.raises(StoreUnreachableError, match="too much to do"):
            await elastic.ask("GET", "/x")
        await elastic.close()
        assert len(server.requests) == 2


async def test_a_server_that_says_nothing_is_not_waited_for_without_end() -> None:
    async with LoopbackServer(lambda _: Reply(b"{}", hang_at=0)) as server:
        elastic = Elastic(server.url, timeout_s=0.2)
        with pytest.raises(StoreUnreachableError, match="in time"):
            await elastic.ask("GET", "/x")
        await elastic.close()


FOUND = {"hits": {"hits": []}, "_shards": {"failed": 0}, "timed_out": False}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({**FOUND, "_shards": {"failed": 1}}, StoreDegradedError),
        ({**FOUND, "timed_out": True}, StoreDegradedError),
        ({"status": 503, "error": {"type": "x", "reason": "red"}}, StoreUnreachableError),
    ],
)
async def test_half_a_result_is_no_result(answer: object, error: type[Exception]) -> None:
    def respond(request: Request) -> Reply:
        if "_msearch" in request.path:
            return said({"responses": [FOUND, answer]})
        return refusal(404, "x", "nothing noted")

    async with LoopbackServer(respond) as server:
        store = ElasticStore(Elastic(server.url), "i", board="b", kept="k", facts=_FACTS)
        with pytest.raises(error):
            await store.search(Probe("leave", "en"), reader=ANYBODY, limit=3)
        await store.close()
        searched = next(r for r in server.requests if "_msearch" in r.path)
        heads = searched.body.splitlines()[::2]
        assert all(not json.loads(head)["allow_partial_search_results"] for head in heads)


async def test_nothing_is_asked_without_a_reader() -> None:
    async with LoopbackServer(lambda _: said({})) as server:
        store = ElasticStore(Elastic(server.url), "i", board="b", kept="k", facts=_FACTS)
        assert await store.search(Probe("leave", "en"), reader=Audience(), limit=3) == []
        assert server.requests == []
        await store.close()


def answering(outcome: Callable[[str, int], dict[str, object]]) -> Callable[[Request], Reply]:
    """A server that takes bulk requests; `outcome(id, number of the request)` decides."""
    count = 0

    def respond(request: Request) -> Reply:
        nonlocal count
        count += 1
        actions = [
            json.loads(line) for line in request.body.splitlines() if b'"_index"' in line[:40]
        ]
        items = []
        for action in actions:
            (kind, target) = next(iter(action.items()))
            items.append({kind: {"_id": target["_id"], **outcome(target["_id"], count)}})
        return said({"errors": True, "items": items})

    return respond


async def test_a_document_that_is_refused_is_named_and_the_others_are_written() -> None:
    def outcome(key: str, _request: int) -> dict[str, object]:
        if key == "bad":
            return {"status": 400, "error": {"type": "mapper", "reason": "no such date"}}
        return {"status": 404 if key == "gone" else 201}

    async with LoopbackServer(answering(outcome)) as server:
        elastic = Elastic(server.url)
        operations = [put("i", "good", {}), put("i", "bad", {}), drop("i", "gone")]
        with pytest.raises(StoreWriteError, match="1 documents: bad: mapper: no such date"):
            await write(elastic, operations)
        await write(elastic, [drop("i", "gone")])
        await elastic.close()


async def test_a_full_disk_ends_the_writing_at_once() -> None:
    blocked = {"type": "cluster_block_exception", "reason": "flood-stage", "index": "i"}

    async with LoopbackServer(answering(lambda *_: {"status": 429, "error": blocked})) as server:
        elastic = Elastic(server.url)
        with pytest.raises(StoreRefusedError, match="takes no writes now") as caught:
            await write(elastic, [put("i", "one", {}), put("i", "two", {})])
        await elastic.close()
        assert len(server.requests) == 1
    assert "disk is full" in caught.value.what_to_do
    assert "/i/_settings" in caught.value.what_to_do


async def test_documents_that_came_too_fast_are_sent_again_alone() -> None:
    def outcome(key: str, request: int) -> dict[str, object]:
        return {"status": 429 if key == "slow" and request == 1 else 201}

    async with LoopbackServer(answering(outcome)) as server:
        elastic = Elastic(server.url)
        await write(elastic, [put("i", "quick", {"n": 1}), put("i", "slow", {"n": 2})])
        await elastic.close()
        assert [request.body.count(b"\n") for request in server.requests] == [4, 2]
        assert b'"slow"' in server.requests[1].body


async def test_much_is_sent_in_requests_of_bounded_size() -> None:
    async with LoopbackServer(answering(lambda *_: {"status": 201})) as server:
        elastic = Elastic(server.url)
        large = "x" * (BATCH_BYTES // 3)
        await write(elastic, [put("i", str(n), {"text": large}) for n in range(7)])
        await elastic.close()
        sizes = [len(request.body) for request in server.requests]
    assert len(sizes) == 4
    assert max(sizes) <= BATCH_BYTES
