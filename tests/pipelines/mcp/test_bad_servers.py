"""MCP servers that misbehave: each has a clear message, and the call still ends."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from knowledge.errors import OperatorError
from pipelines.mcp.server import Server, ServerError
from pipelines.mcp.session import ServerRestingError
from pipelines.mcp.tools import NOT_AVAILABLE
from pipelines.tool_failing import FAILED
from tests.fakes.loopback import Reply, Request, in_a_thread
from tests.pipelines.mcp.conftest import Open, World, bad, shop

LOOK = "bad_look"


async def why(world: World) -> str:
    """Why the server cannot be asked."""
    (found,) = (await world.tools.standings()).values()
    assert isinstance(found, ServerError)
    assert "tertulia.toml" in found.what_to_do
    return str(found)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"


async def until_dead(*processes: int) -> None:
    async with asyncio.timeout(30):
        while any(map(is_alive, processes)):  # noqa: ASYNC110 (processes set no events)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("dies", r"failed: Connection closed \(bad: there is no licence\)\."),
        ("garbage", "failed: what it says is no message of the protocol"),
        ("flood", "failed: it said more than 4 MB"),
        ("chatter", "failed: it said more than 4 MB"),
        ("many", "failed: it offers more than 200 tools"),
        ("endless", "failed: it offers more than 200 tools"),
        ("wrong", r"failed: it breaks the protocol at tools\.0\.inputSchema: Field required"),
        ("version", "failed: Unsupported protocol version"),
    ],
)
async def test_a_server_that_cannot_be_used_says_why(
    opened: Open, tmp_path: Path, how: str, reason: str
) -> None:
    world: World = opened(bad(tmp_path, how))
    with pytest.raises(ServerError, match=reason):
        await world.tools.standing(LOOK)
    await world.tools.close()
    await until_dead(*world.starts)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("no-such-program",), "cannot be started: no-such-program: No such file or directory"),
        (("/",), "cannot be started: /: Permission denied"),
    ],
)
async def test_a_program_that_is_not_there_is_named(
    opened: Open, tmp_path: Path, command: tuple[str, ...], reason: str
) -> None:
    world: World = opened(Server("bad", command=command, folder=str(tmp_path)))
    assert reason in await why(world)


async def test_a_server_that_never_answers_holds_nobody_up(opened: Open, tmp_path: Path) -> None:
    good: World = opened(bad(tmp_path, "greets"))
    await good.approve(LOOK)
    world: World = opened(bad(tmp_path, "silent", within_s=0.2))
    await world.tools.renew()
    said = await world.call(LOOK)
    assert (said.status, said.text) == ("failed", "It did not answer within 0.2 s.")


async def test_lines_that_are_no_messages_are_overheard(opened: Open, tmp_path: Path) -> None:
    world: World = opened(bad(tmp_path, "greets"))
    await world.approve(LOOK)
    assert (await world.call(LOOK)).status == "done"


async def test_a_server_that_dies_is_started_again(opened: Open, tmp_path: Path) -> None:
    world: World = opened(shop(tmp_path, effects={"misbehave": "read"}))
    await world.approve("shop_misbehave")
    assert (await world.call("shop_misbehave", how="die")).text == FAILED
    said = await world.call("shop_misbehave", how="flood")
    assert (said.status, said.text) == ("failed", FAILED)
    await until_dead(*world.starts)
    assert len(world.starts) == 2


@pytest.mark.parametrize(("how", "status"), [("die", "unknown"), ("flood", "unknown")])
async def test_what_a_server_has_begun_may_be_done_when_it_dies(
    opened: Open, tmp_path: Path, how: str, status: str
) -> None:
    world: World = opened(shop(tmp_path, effects={"misbehave": "write"}))
    await world.approve("shop_misbehave")
    asked = await world.call("shop_misbehave", how=how)
    assert (await world.says_yes(asked)).status == status
    assert (await world.says_yes(asked)).status == status


async def test_a_server_that_was_gone_before_has_done_nothing(opened: Open, tmp_path: Path) -> None:
    good: World = opened(bad(tmp_path, "greets", effects={}))
    await good.approve(LOOK)
    world: World = opened(bad(tmp_path, "dies", effects={}))
    await world.tools.renew()
    asked = await world.call(LOOK)
    assert (await world.says_yes(asked)).status == "failed"


async def test_a_server_that_dies_again_and_again_gets_some_rest(
    opened: Open, tmp_path: Path
) -> None:
    world: World = opened(bad(tmp_path, "once"))
    await world.approve(LOOK)
    assert [(await world.call(LOOK)).text for _ in range(2)] == [FAILED] * 2
    with pytest.raises(ServerRestingError, match="has failed 2 times in a row") as told:
        await world.tools.standing(LOOK)
    assert "It is tried again in" in told.value.what_to_do
    assert len(world.starts) == 2
    async with asyncio.timeout(30):
        while len(world.starts) < 3:
            await asyncio.sleep(0.1)
            await world.tools.standings()


async def test_a_server_that_died_while_nobody_asked_is_started_again_for_the_next_call(
    opened: Open, tmp_path: Path
) -> None:
    world: World = opened(bad(tmp_path, "greets"))
    await world.approve(LOOK)
    os.kill(world.starts[0], 9)
    await until_dead(world.starts[0])
    assert (await world.call(LOOK)).status == "done"
    assert len(world.starts) == 2


async def test_a_server_that_hangs_in_a_call_is_left_and_still_answers_others(
    opened: Open, tmp_path: Path
) -> None:
    world: World = opened(
        shop(tmp_path, effects={"misbehave": "read", "fail": "read"}, within_s=2.0)
    )
    await world.approve("shop_misbehave", "shop_fail")
    hanging = asyncio.create_task(world.call("shop_misbehave", how="wait"))
    assert "no such customer" in (await world.call("shop_fail")).text
    assert (await hanging).text == "It did not answer within 2 s."
    assert len(world.starts) == 1


async def test_a_server_that_hears_nothing_ends_with_all_that_it_has_started(
    opened: Open, tmp_path: Path
) -> None:
    world: World = opened(bad(tmp_path, "deaf"))
    await world.approve(LOOK)
    child = int((tmp_path / "child").read_text())
    await world.tools.close()
    await until_dead(child, *world.starts)


async def test_older_servers_tell_of_changes_too(opened: Open, tmp_path: Path) -> None:
    world: World = opened(bad(tmp_path, "told"))
    await world.approve(LOOK)
    (tmp_path / "description").write_text("Looks, and tells us.")
    # What it announces comes with the answer to a call that was approved and is refused now.
    assert (await world.call(LOOK)).text == NOT_AVAILABLE
    (tmp_path / "description").write_text("Looks.")
    assert (await world.call(LOOK)).text == NOT_AVAILABLE, "it has not looked again yet"
    assert (await world.call(LOOK)).status == "done"
    (tmp_path / "description").write_text("Looks, and tells them.")
    assert (await world.tools.standing(LOOK)).state == "changed"


async def test_a_server_that_announces_changes_all_the_time_is_hung_up_on(
    opened: Open, tmp_path: Path
) -> None:
    world: World = opened(bad(tmp_path, "restless"))
    await world.approve(LOOK)
    await until_dead(world.starts[0])
    assert (await world.call(LOOK)).status == "done"


MESSAGE = {"role": "user", "content": {"type": "text", "text": "Who asks?"}}
QUESTIONS = {
    "sampling/createMessage": {"messages": [MESSAGE], "maxTokens": 9},
    "elicitation/create": {
        "message": "Who?",
        "requestedSchema": {"type": "object", "properties": {}},
    },
    "roots/list": {},
}


@pytest.mark.parametrize("method", QUESTIONS)
async def test_what_older_servers_ask_for_is_refused(
    opened: Open, tmp_path: Path, method: str
) -> None:
    question = {"method": method, "params": QUESTIONS[method]}
    (tmp_path / "question").write_text(json.dumps(question))
    world: World = opened(bad(tmp_path, "curious"))
    await world.approve(LOOK)
    heard = json.loads((await world.call(LOOK)).text)
    assert heard["id"] == "mine"
    assert "not supported" in heard["error"]["message"]
    assert "result" not in heard


async def test_complaints_are_logged_in_short_lines_and_not_for_ever(
    opened: Open, tmp_path: Path
) -> None:
    world: World = opened(bad(tmp_path, "complains"))
    structlog.reset_defaults()  # another test may have silenced it
    with capture_logs() as logs:
        await world.tools.standing(LOOK)
        await world.tools.close()
    lines = [one["line"] for one in logs if one["event"] == "an MCP server complained"]
    assert len(lines) == 100
    assert lines[0] == ("Beware! " * 99)[:300].rstrip()
    assert {one["server"] for one in logs} == {"bad"}


async def test_a_question_in_the_middle_of_a_call_is_not_answered(
    opened: Open, tmp_path: Path
) -> None:
    world: World = opened(bad(tmp_path, "asks"))
    await world.approve(LOOK)
    assert (await world.call(LOOK)).text == FAILED


async def test_a_result_that_is_none_is_a_failure(opened: Open, tmp_path: Path) -> None:
    good: World = opened(bad(tmp_path, "greets"))
    await good.approve(LOOK)
    world: World = opened(bad(tmp_path, "senseless"))
    await world.tools.renew()
    assert (await world.call(LOOK)).text == FAILED
    assert (await world.call(LOOK)).text == FAILED
    assert len(world.starts) == 2, "it is not started again: it has answered"


def _moved(_: Request) -> Reply:
    return Reply(status=307, headers={"Location": "http://169.254.169.254/mcp"})


def _refused(_: Request) -> Reply:
    return Reply(status=401)


def _flooding(_: Request) -> Reply:
    return Reply(b" " * 5_000_000)


def _compressing(_: Request) -> Reply:
    return Reply(b"x", headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (_moved, "Redirect to http://169.254.169.254/mcp not followed"),
        (_refused, r"it lets nobody in without the right headers \(HTTP 401\)"),
        (_flooding, "it said more than 4 MB"),
        (_compressing, "it compresses what it was asked to leave as it is"),
    ],
)
async def test_a_server_on_the_web_that_cannot_be_used_says_why(
    opened: Open, answer: Callable[[Request], Reply], reason: str
) -> None:
    with in_a_thread(answer) as url:
        world: World = opened(Server("bad", url=f"{url}/mcp"))
        with pytest.raises(OperatorError, match=reason):
            await world.tools.standing(LOOK)


async def test_a_server_on_the_web_that_is_not_there_is_named(opened: Open) -> None:
    world: World = opened(Server("bad", url="http://127.0.0.1:9/mcp"))
    assert "The MCP server 'bad' failed: All connection attempts failed." in await why(world)


def _clinging(request: Request) -> Reply:
    """An older server on the web that never lets go."""
    if request.method != "POST":
        return Reply(b"x", hang_at=0)
    asked = request.json()
    abilities = {"capabilities": {"tools": {}}, "serverInfo": {"name": "bad", "version": "1"}}
    result = {
        "initialize": {"protocolVersion": "2025-06-18", **abilities},
        "tools/list": {"tools": []},
    }.get(asked["method"])
    if result is None:
        return Reply(status=404 if "id" in asked else 202)
    reply = Reply.of({"jsonrpc": "2.0", "id": asked["id"], "result": result})
    return replace(reply, headers={"Mcp-Session-Id": "1"})


async def test_a_server_on_the_web_that_never_lets_go_is_left(opened: Open) -> None:
    with in_a_thread(_clinging) as url:
        world: World = opened(Server("bad", url=url))
        assert (await world.tools.standings())["bad"] == []
        async with asyncio.timeout(30):
            await world.tools.close()


async def test_headers_are_sent_with_their_secrets(opened: Open) -> None:
    seen: list[Mapping[str, str]] = []

    def answer(request: Request) -> Reply:
        seen.append(request.headers)
        return Reply(status=401)

    with in_a_thread(answer) as url:
        headers = {"Authorization": "Bearer ${TOKEN}"}
        world: World = opened(Server("bad", url=url, headers=headers, secret=lambda _: "4711"))
        await why(world)
    assert seen[0]["authorization"] == "Bearer 4711"
    assert seen[0]["accept-encoding"] == "identity"


async def test_a_secret_that_no_header_can_hold_is_told_and_not_shown(opened: Open) -> None:
    headers = {"Authorization": "Bearer ${TOKEN}"}
    server = Server("bad", url="http://127.0.0.1:9", headers=headers, secret=lambda _: "a\nb: c")
    told = await why(opened(server))
    assert "its header Authorization has a sign in it that cannot be sent" in told
    assert "b: c" not in told
