"""Events over HTTP: what Slack has not signed is refused, and nothing of it is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.app import App
from bot.desk import Desk
from bot.platforms.slack import build
from bot.platforms.slack.connecting import SlackAddressError
from bot.platforms.slack.signatures import is_genuine
from bot.serving import serve
from bot.settings import Settings
from tests.bot.platforms.conftest import WEEKS
from tests.fakes.own_ollama import free_port
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.slack import FakeSlack, Team

PRIVATE_WORDS = "the payroll of Zoe"


@pytest.fixture
async def served(
    fake: FakeSlack, home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Team, str]]:
    """Tertulia listens for requests; the workspace, and where."""
    team = fake.team()
    port = free_port()
    settings = {"SLACK_APP_TOKEN": "", "SLACK_HTTP_PORT": str(port), "LOG_LEVEL": "debug"}
    settings = fake.environment(team) | settings
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    model.answer = "Parents take 19 weeks of parental leave."
    async with App(Settings()) as app:
        told = asyncio.Event()
        platform = build(Desk(app, await app.inbox()))
        serving = asyncio.create_task(serve(app, [platform], told))
        url = f"http://127.0.0.1:{port}/slack/events"
        try:
            await _listening(port)
            yield team, url
        finally:
            told.set()
            await asyncio.wait_for(serving, 30)


async def _listening(port: int) -> None:
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return


async def test_signed_requests_are_answered(served: tuple[Team, str], fake: FakeSlack) -> None:
    team, url = served
    await fake.posts_to(url)
    ana = team.user("Ana")
    general = team.channel("general", [ana])
    question = await ana.mentions(general, WEEKS)
    await fake.until(lambda: len(general.transcript().texts()) == 2, within=30)
    assert "19 weeks" in general.transcript().texts()[1]
    command = await ana.runs("/help", "", general)
    await command.settled()
    assert "/ask QUESTION" in general.transcript().whispers[0].text
    with pytest.raises(SlackAddressError, match="cannot be listened for"):
        await _second(url)
    assert question.ts


async def _second(url: str) -> None:
    """A second process on the same address."""
    settings = Settings()
    async with App(settings) as app:
        await build(Desk(app, await app.inbox())).run()


async def test_forged_and_replayed_requests_get_a_401_and_leave_no_word_behind(
    served: tuple[Team, str], fake: FakeSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    _, url = served
    event = {"type": "message", "text": PRIVATE_WORDS, "user": "U1", "channel": "C1", "ts": "1.0"}
    body = json.dumps({"type": "event_callback", "event_id": "Ev1", "event": event})
    good = fake.sign(body)
    stamp, signature = good["X-Slack-Request-Timestamp"], good["X-Slack-Signature"]
    old = fake.sign(body, timestamp=int(stamp) - 301)
    tries: list[tuple[bytes, dict[str, str]]] = [
        (body.encode(), {}),
        (body.encode(), old),
        (body.encode(), good | {"X-Slack-Request-Timestamp": "soon"}),
        (body.encode(), good | {"X-Slack-Request-Timestamp": "9" * 5000}),
        (body.encode(), good | {"X-Slack-Signature": "v0=é"}),
        (body.encode(), good | {"X-Slack-Signature": ""}),
        (b"\xff\xfe" + body.encode(), good),
        (b"", good),
        (urlencode({"payload": body}).encode(), good),
    ]
    raw = body.encode()
    tries += [(raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :], good) for i in range(len(raw))]
    tries += [
        (raw, good | {"X-Slack-Signature": signature[:i] + "x" + signature[i + 1 :]})
        for i in range(len(signature))
    ]
    async with aiohttp.ClientSession() as session:
        for said, headers in tries:
            async with session.post(url, data=said, headers=headers) as reply:
                assert reply.status == 401, (said, headers)
                assert await reply.read() == b""
    shown = capsys.readouterr()
    assert PRIVATE_WORDS not in shown.out + shown.err
    assert "has not signed" in shown.err


def test_without_a_secret_nothing_is_genuine() -> None:
    assert not is_genuine(b"", {}, "")
