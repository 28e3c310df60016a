"""Asking an API: whatever it says or does not say, the model hears what to make of it."""

import gzip
from collections.abc import AsyncIterator

import pytest
import structlog
from structlog.testing import capture_logs

from pipelines.json_api import JsonApi, below
from pipelines.tool import CannotError
from pipelines.web_place import NotThereError, WebPlace, check_lines, web_address
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.fakes.website import moved

AUTHORIZED = "Bearer s3cret-token"


@pytest.fixture
async def server() -> AsyncIterator[LoopbackServer]:
    async with LoopbackServer(lambda _: Reply.of({"is": "there"})) as started:
        yield started


def api_of(server: LoopbackServer, **more: object) -> JsonApi:
    given: dict[str, object] = {"headers": {"Authorization": AUTHORIZED}, "is_private": True} | more
    return JsonApi(WebPlace("stock", f"{server.url}/v1", **given))  # type: ignore[arg-type]  # any of its fields


async def why(api: JsonApi, path: str = "items") -> str:
    with pytest.raises(CannotError) as told:
        await api.get(path)
    assert "s3cret" not in str(told.value)
    return str(told.value)


async def test_what_is_asked_is_below_the_base_with_its_headers(server: LoopbackServer) -> None:
    await api_of(server).get("", [("q", "a\ud800b")])
    assert server.requests.pop().path == "/v1?q=a%3Fb"
    found = await api_of(server).get("/piezas/ñ 'a' \"b\"/", [("q", 'O\'Neil & "Söhne"')])
    assert found == {"is": "there"}
    (request,) = server.requests
    path = "/v1/piezas/%C3%B1%20%27a%27%20%22b%22?q=O%27Neil%20%26%20%22S%C3%B6hne%22"
    assert (request.method, request.path) == ("GET", path)
    assert request.headers["authorization"] == AUTHORIZED
    assert request.headers["accept"] == "application/json"


async def test_what_is_given_to_it_is_json(server: LoopbackServer) -> None:
    api = api_of(server).below("projects", "a/b ñ")
    assert await api.post({"title": "Año"}) == {"is": "there"}
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/projects/a%2Fb%20%C3%B1")
    assert request.json() == {"title": "Año"}
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path",
    [
        *("..", "a/../../admin", "a/%2e%2e/b", "a/%252e%252e/b", "./a", "a//b", "a\\b"),
        *("a?b=c", "a#b", "https://evil.example/x", "a\nb", "a\x00", "%0d%0aX: y", "\ud800"),
    ],
)
def test_a_path_leads_nowhere_else(path: str) -> None:
    with pytest.raises(CannotError, match="has to be plain"):
        below(path)


def test_a_path_may_be_empty_or_written_for_the_web() -> None:
    assert below("") == below("/") == ""
    assert below("/a%20b/@c:d/") == "/a%20b/%40c%3Ad"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply.of({"error": "no"}, status=401), "stock does not let us in."),
        (Reply.of({}, status=403), "stock does not let us in."),
        (Reply.of({}, status=404), "stock knows of no such thing."),
        (Reply.of({}, status=422), "stock does not take these values."),
        (Reply.of({}, status=429), "stock was asked too often; ask again later."),
        (Reply.of({}, status=500), "stock does not work just now; ask again later."),
        (Reply.of({}, status=304), "stock does not work just now; ask again later."),
        (Reply(b"{not json"), "stock did not answer in JSON."),
        (Reply(b"\xff\xfe\xff"), "stock did not answer in JSON."),
        (Reply(b"[" * 100_000), "stock did not answer in JSON."),
        (Reply(b"{}", content_type="text/html"), "stock did not answer in JSON."),
        (Reply(b"{}", content_type=""), "stock did not answer in JSON."),
        (Reply(b'"' + b"x" * 10_000_000 + b'"'), "stock says more than 1,048,576 bytes."),
        (Reply(b"[1, 2, " * 10_000, is_endless=True), "stock says more than 1,048,576 bytes."),
        (Reply(b"[1, 2, 3]", cut_at=4), "stock did not answer; ask again later."),
        (moved("https://evil.example/v1/items"), "stock leads somewhere else."),
        (moved("/v2/items"), "stock leads somewhere else."),
        (moved("/v1x"), "stock leads somewhere else."),
        (moved("/v1/%2e%2e/admin"), "stock leads somewhere else."),
        (moved("ftp://127.0.0.1/v1/"), "stock leads somewhere else."),
        (moved("http://[::1/v1/"), "stock leads somewhere else."),
        (moved("/v1/items"), "stock leads in a circle."),
    ],
)
async def test_what_goes_wrong_is_worded(server: LoopbackServer, reply: Reply, said: str) -> None:
    server.respond = lambda _: reply
    structlog.reset_defaults()  # another test may have silenced it
    with capture_logs() as logged:
        assert await why(api_of(server)) == said
    assert "s3cret" not in str(logged)
    assert "items" not in str(logged)
    assert len(logged) == (0 if reply.status == 404 else 1)


async def test_a_bomb_does_not_go_off(server: LoopbackServer) -> None:
    packed = gzip.compress(b'"' + b"x" * 50_000_000 + b'"')
    server.respond = lambda _: Reply(packed, headers={"Content-Encoding": "gzip"})
    assert await why(api_of(server)) == "stock says more than 1,048,576 bytes."


async def test_a_limit_of_calls_is_told_as_such(server: LoopbackServer) -> None:
    server.respond = lambda _: Reply(b"{}", 403, headers={"X-RateLimit-Remaining": "0"})
    assert await why(api_of(server)) == "stock was asked too often; ask again later."


async def test_a_slow_one_is_not_waited_for(server: LoopbackServer) -> None:
    server.respond = lambda _: Reply(b'{"a": 1}', hang_at=3)
    assert await why(api_of(server, within_s=0.2)) == "stock did not answer; ask again later."
    await server.hung_up.wait()


async def test_nobody_there_is_told(server: LoopbackServer) -> None:
    api = api_of(server)
    await server.__aexit__()
    assert await why(api) == "stock did not answer; ask again later."


async def test_a_redirect_below_the_base_is_followed(server: LoopbackServer) -> None:
    def respond(request: Request) -> Reply:
        return moved("new/") if request.path == "/v1/old" else Reply.of(request.path)

    server.respond = respond
    assert await api_of(server).get("old") == "/v1/new/"
    assert [one.headers["authorization"] for one in server.requests] == [AUTHORIZED, AUTHORIZED]


async def test_what_was_given_is_not_given_to_anybody_else(server: LoopbackServer) -> None:
    server.respond = lambda _: moved("/v1/items", 307)
    with pytest.raises(CannotError):
        await api_of(server).post({})
    assert len(server.requests) == 1


async def test_nothing_of_our_own_is_asked_unless_it_is_named(server: LoopbackServer) -> None:
    assert await why(api_of(server, is_private=False)) == "stock cannot be asked from here."
    assert not server.requests


async def test_an_empty_answer_is_none_and_what_is_not_there_has_its_own_error(
    server: LoopbackServer,
) -> None:
    server.respond = lambda _: Reply(b"", 204)
    assert await api_of(server).get() is None
    server.respond = lambda _: Reply.of({}, status=410)
    with pytest.raises(NotThereError):
        await api_of(server).get()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://a.example", "does not begin with http"),
        ("https://ana:pw@a.example", "has a name or password in it"),
        ("https://a.example/x?key=1", "has to end before any"),
        ("https://a.example/#x", "has to end before any"),
        ("https://0x7f000001/", "in an unusual form"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as told:
        web_address(url)
    assert "pw" not in str(told.value).replace("password", "")


def test_addresses_are_kept_in_one_form_and_open_lines_are_for_ones_own() -> None:
    assert web_address("HTTPS://API.Example:443/v1/") == "https://api.example/v1"
    check_lines("https://a.example", private=False)
    check_lines("http://10.0.0.1", private=True)
    with pytest.raises(ValueError, match="private = true"):
        check_lines("https://a.example", "http://b.example", private=False)
