"""Events, presses and commands over HTTP, signed, to `AsyncApp.web_app()`."""

import json
import time
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.context.ack.async_ack import AsyncAck

from tests.fakes.bolt import app_of, listening
from tests.fakes.slack import FakeSlack
from tests.fakes.stepped_clock import SteppedClock

Json = dict[str, Any]
BUTTON = {
    "type": "actions",
    "elements": [
        {"type": "button", "text": {"type": "plain_text", "text": "Why?"}, "action_id": "why"}
    ],
}


async def test_events_commands_and_presses_arrive_signed(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeSlack() as slack:
        team = slack.team()
        ana = team.user("Ana")
        general = team.channel("general", [ana])
        app = app_of(slack, team)
        heard: list[str] = []

        @app.event("message")
        async def hear(event: Json) -> None:
            heard.append(event["text"])

        @app.command("/ask")
        async def ask(ack: AsyncAck, command: Json) -> None:
            await ack(text=f"you asked {command['text']}", response_type="in_channel")

        @app.action("why")
        async def why(ack: AsyncAck, action: Json) -> None:
            await ack()
            heard.append(action["action_id"])

        async with listening(slack, app):
            message = await ana.says(general, "hello", blocks=[BUTTON])
            await (await ana.runs("/ask", "ümläut & co", general)).settled()
            pressed = await (await ana.clicks(message, "why")).settled()
            await slack.until(lambda: "why" in heard and "hello" in heard)
    assert pressed.state == "acknowledged"
    assert general.transcript().texts() == ["hello", "you asked ümläut & co"]


async def test_a_forged_or_old_request_is_refused_by_the_app() -> None:
    async with FakeSlack() as slack, aiohttp.ClientSession() as session:
        app = app_of(slack, slack.team())
        body = json.dumps({"type": "event_callback", "event": {"type": "message"}})
        sound = slack.sign(body)
        old = slack.sign(body, timestamp=int(time.time()) - 600)
        forged = sound | {"X-Slack-Signature": "v0=" + "0" * 64}
        statuses = []
        async with listening(slack, app) as url:
            for headers in (old, forged):
                async with session.post(url, data=body, headers=headers) as reply:
                    statuses.append(reply.status)
    assert statuses == [401, 401]


async def test_an_address_that_is_not_the_apps_is_not_taken() -> None:
    async with FakeSlack() as slack, FakeSlack() as other:
        with pytest.raises(AssertionError, match="challenge"):
            await slack.posts_to(other.url)


class Stubborn:
    """An endpoint that does not take what it gets, in one way after the other."""

    def __init__(self) -> None:
        self.retries: list[tuple[str, str]] = []

    async def serve(self, request: web.Request) -> web.Response:
        """Refuse, cut, and take the third."""
        if "challenge" in (text := await request.text()):
            return web.json_response({"challenge": json.loads(text)["challenge"]})
        number = request.headers.get("X-Slack-Retry-Num", "")
        self.retries.append((number, request.headers.get("X-Slack-Retry-Reason", "")))
        if not number:
            return web.Response(status=500)
        if number == "1" and request.transport:
            request.transport.abort()
        return web.Response(text="[1]" if "command" in text else "")


async def test_what_was_not_taken_is_posted_again_with_a_reason() -> None:
    clock, stubborn = SteppedClock(), Stubborn()
    site = web.Application()
    site.router.add_post("/", stubborn.serve)
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with FakeSlack(clock=clock) as slack:
        team = slack.team()
        ana = team.user("Ana")
        await slack.posts_to(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        await ana.writes_to_bot("hello")
        await slack.until(lambda: len(stubborn.retries) == 2)
        await slack.until(lambda: len(slack.deliveries[0].attempts) == 2)
        await clock.advance(0)
        while len(stubborn.retries) < 3:
            await clock.advance(1)
        delivery = await slack.deliveries[0].settled()
        command = await (await ana.runs("/ask", "", team.direct(ana))).settled()
        await runner.cleanup()
    assert delivery.state == "acknowledged"
    assert stubborn.retries[:3] == [
        *[("", ""), ("1", "http_error")],
        ("2", "connection_failed"),
    ]
    assert command.state == "given up"
    assert command.why == "http_error"
    assert "operation_timeout" in str(team.direct(ana).transcript())
