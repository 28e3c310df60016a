"""http_get against a server on loopback: what an operator has named, and nothing else."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from knowledge.articles import Audience
from pipelines.tool import Caller
from pipelines.tool_settings import ToolSettingsError
from tests.fakes.loopback import LoopbackServer, Reply
from tests.fakes.website import moved
from tests.pipelines.tools.desk import GUEST, Desk

ENVIRONMENT = {"STOCK_TOKEN": "s3cret-token", "BROKEN": "a\nb"}


@pytest.fixture
async def server() -> AsyncIterator[LoopbackServer]:
    async with LoopbackServer(lambda _: Reply.of([{"pieza": "cañería", "left": 3}])) as started:
        yield started


def api(server: LoopbackServer, **changed: object) -> dict[str, Any]:
    return {
        "about": "parts in the warehouse; paths: parts, parts/NUMBER",
        "base_url": f"{server.url}/v1",
        "headers": {"Authorization": "Bearer ${STOCK_TOKEN}", "X-Team": "taller"},
        "parameters": ["name", "site"],
        "private": True,
        "audience": ["everyone"],
    } | changed


def desk(**apis: dict[str, Any]) -> Desk:
    return Desk({"http_get": {"apis": apis}}, ENVIRONMENT)


async def test_it_reads_what_the_api_says(server: LoopbackServer) -> None:
    stock = desk(stock=api(server))
    text = await stock.said(
        "http_get", api="Stock", path="parts", parameters=["name=cañería \"A\" & 'B'", "site = MVD"]
    )
    assert json.loads(text) == [{"pieza": "cañería", "left": 3}]
    (request,) = server.requests
    asked = "name=ca%C3%B1er%C3%ADa%20%22A%22%20%26%20%27B%27&site=MVD"
    assert request.path == f"/v1/parts?{asked}"
    assert request.headers["authorization"] == "Bearer s3cret-token"
    assert request.headers["x-team"] == "taller"


async def test_the_model_reads_which_apis_everybody_may_know_of(server: LoopbackServer) -> None:
    closed = api(server, about="wages", audience=["slack:T1:chan:C9"])
    both = desk(stock=api(server), pay=closed)
    description = both.tools["http_get"].description
    assert description.endswith("stock (parts in the warehouse; paths: parts, parts/NUMBER).")
    assert "pay" not in description
    assert desk(pay=closed).tools["http_get"].description.endswith("are said to know.")


async def test_nobody_reads_what_some_who_read_along_may_not(server: LoopbackServer) -> None:
    pay = api(server, audience=["slack:T1:chan:C9"])
    both = desk(stock=api(server, about=""), pay=pay)
    assert await both.cannot("http_get", api="pay") == "Say which one. There are: stock."
    assert await both.cannot("http_get", GUEST, api="pay") == "Nothing of this may be seen here."
    channel = Caller("slack:U1", Audience.of("everyone", "slack:T1:chan:C9"))
    assert await both.said("http_get", channel, api="pay")
    assert "stock; pay" in await both.cannot("http_get", channel, api="")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"api": "stok"}, "Did you mean stock?"),
        ({"api": "https://evil.example"}, "Say which one."),
        ({"api": "stock", "path": "../admin"}, "has to be plain"),
        ({"api": "stock", "path": "//evil.example/x"}, "knows of no such thing"),
        ({"api": "stock", "parameters": ["nam=x"]}, "Did you mean name? There are: name, site."),
        ({"api": "stock", "parameters": ["zzz"]}, "No such parameter. There are: name, site."),
        ({"api": "stock", "parameters": ["name=" + "x" * 201]}, "value of name is too long"),
    ],
)
async def test_what_a_model_writes_leads_nowhere_else(
    server: LoopbackServer, arguments: dict[str, Any], said: str
) -> None:
    server.respond = lambda request: Reply.of({}, status=404)
    assert said in await desk(stock=api(server)).cannot("http_get", **arguments)
    assert not [one for one in server.requests if not one.path.startswith("/v1/")]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply.of([]), "stock has nothing on this."),
        (Reply.of({}), "stock has nothing on this."),
        (Reply(b"", 204), "stock has nothing on this."),
        (Reply.of(0), "0"),
    ],
)
async def test_an_empty_answer_is_told_as_such(
    server: LoopbackServer, reply: Reply, said: str
) -> None:
    server.respond = lambda _: reply
    assert await desk(stock=api(server)).said("http_get", api="stock") == said


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (moved("https://evil.example/v1"), "stock leads somewhere else."),
        (Reply.of({}, status=500), "stock does not work just now; ask again later."),
        (Reply.of({}, status=401), "stock does not let us in."),
        (Reply(b"x" * 10_000_000), "stock says more than 1,048,576 bytes."),
        (Reply(b"<html>"), "stock did not answer in JSON."),
    ],
)
async def test_what_goes_wrong_is_told_without_secrets(
    server: LoopbackServer, reply: Reply, said: str
) -> None:
    server.respond = lambda _: reply
    assert await desk(stock=api(server)).cannot("http_get", api="stock") == said


async def test_a_long_answer_is_cut_where_that_can_be_seen(server: LoopbackServer) -> None:
    server.respond = lambda _: Reply.of([{"n": n, "text": "palabra " * 5} for n in range(3_000)])
    text = await desk(stock=api(server)).said("http_get", api="stock")
    assert len(text) < 4_000
    assert "more of 3,000 are left out" in text
    json.loads(text)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"base_url": "http://api.example", "private": False}, "with private = true"),
        ({"base_url": "https://api.example/?a=b"}, "has to end before any"),
        ({"headers": {"X-Api-Key": "s3cret"}}, "X-Api-Key has a secret in it"),
        ({"headers": {"X Team": "a"}}, "letters, digits and -"),
        ({"headers": {"X-Team": "${BROKEN}"}}, "signs in it that no header may have"),
        ({"headers": 3}, "valid dictionary"),
        ({"headers": {"X-Team": 3}}, "headers.X-Team: Input should be a valid string"),
        ({"paramters": []}, "has no 'paramters'"),
    ],
)
async def test_a_table_that_is_wrong_is_told(
    server: LoopbackServer, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(ToolSettingsError) as told:
        desk(stock=api(server, **changed))
    assert said in str(told.value)
    assert "[tools.http_get] apis.stock" in str(told.value)
    assert "s3cret" not in str(told.value)
