"""Events over HTTP: what Slack has not signed is refused, and nothing of it is told."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

import pytest
from multidict import CIMultiDict

from bot.app import App
from bot.desk import Desk
from bot.inbox import Inbox
from bot.platforms.slack import build
from bot.platforms.slack.connecting import SlackAddressError
from bot.platforms.slack.line import Line as Way
from bot.platforms.slack.signatures import MOST_REMEMBERED, Once, is_genuine
from bot.settings import Settings
from tests.bot.platforms.conftest import WEEKS
from tests.bot.platforms.slack_scene import serving
from tests.fakes.own_ollama import free_port
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.slack import FakeSlack, Team

PRIVATE_WORDS = "the payroll of Zoe"
STAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"
Forged = tuple[bytes, list[tuple[str, bytes]]]
Old = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Listening:
    """Tertulia, which listens for Slack's requests."""

    team: Team
    url: str
    port: int
    inbox: Inbox


@pytest.fixture
async def served(
    fake: FakeSlack, home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Listening]:
    """Tertulia listens for requests."""
    team = fake.team()
    port = free_port()
    settings = {"SLACK_APP_TOKEN": "", "SLACK_HTTP_PORT": str(port), "LOG_LEVEL": "debug"}
    settings = fake.environment(team) | settings
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    model.answer = "Parents take 19 weeks of parental leave."
    async with App(Settings()) as app, serving(app):
        await _listening(port)
        url = f"http://127.0.0.1:{port}/slack/events"
        yield Listening(team, url, port, await app.inbox())


async def _listening(port: int) -> None:
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return


async def test_signed_requests_are_answered(served: Listening, fake: FakeSlack) -> None:
    team, url = served.team, served.url
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


class Line:
    """One connection that stays open, over which requests go as they are written, byte by byte."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.statuses: Counter[int] = Counter()

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def send(self, body: bytes, headers: Iterable[tuple[str, bytes]]) -> bytes:
        """The body of the answer; its status is counted."""
        lines = [b"POST /slack/events HTTP/1.1", b"Host: x", b"Content-Type: application/json"]
        lines += [name.encode() + b": " + value for name, value in headers]
        lines.append(b"Content-Length: %d" % len(body))
        self._writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        self.statuses[int(head.split()[1])] += 1
        (length,) = re.findall(rb"(?i)content-length: (\d+)", head)
        return await self._reader.readexactly(int(length))


def flipped(value: bytes, *masks: int) -> Iterator[bytes]:
    """The same with one byte changed, for each of its bytes and each of these masks."""
    for n, byte in enumerate(value):
        for mask in masks:
            yield value[:n] + bytes([byte ^ mask]) + value[n + 1 :]


def shortened(value: bytes) -> Iterator[bytes]:
    """The same without one byte, for each of its bytes."""
    for n in range(len(value)):
        if value[:n] + value[n + 1 :] != value:
            yield value[:n] + value[n + 1 :]


def forgeries(body: bytes, stamp: bytes, signature: bytes, old: Old) -> Iterator[Forged]:
    """Every way in which we can think of a request that is not Slack's."""
    both = [(STAMP, stamp), (SIGNATURE, signature)]
    bodies = [*flipped(body, 0x01, 0x20, 0x80), *shortened(body)]
    bodies += [b"", b"{}", b"\xff\xfe" + body, body + b" ", b" " + body, body + body]
    bodies.append(urlencode({"payload": body}).encode())
    yield from ((changed, both) for changed in bodies)
    stamps = [*flipped(stamp, 0x01), *shortened(stamp), b"", b"soon", b"9" * 5000, b"-1", b"1e9"]
    stamps += ["١٢٣".encode(), b"0"]
    yield from ((body, [(STAMP, changed), both[1]]) for changed in stamps)
    hexes = signature.partition(b"=")[2]
    signatures = [*flipped(signature, 0x01), *shortened(signature), signature.upper()]
    signatures += [b"", b"v0=", "v0=é".encode(), hexes]
    signatures += [b"v%d=%s" % (version, hexes) for version in (1, 2, 9)]
    yield from ((body, [both[0], (SIGNATURE, changed)]) for changed in signatures)
    yield from ((body, [(STAMP, then), (SIGNATURE, signed)]) for then, signed in old)
    yield from ((body, both + more) for more in (both, both[:1], both[1:]))
    yield from ((body, headers) for headers in ([], both[:1], both[1:]))
    yield from ((body, [*both, more]) for more in ((SIGNATURE, b"v0=00"), (STAMP, b"1")))


async def test_whatever_is_changed_about_a_genuine_request_gets_a_401_and_leaves_no_word_behind(
    served: Listening, fake: FakeSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    about = {"user": "U1", "channel": "C1", "ts": "1.0", "type": "message", "channel_type": "im"}
    event = about | {"text": PRIVATE_WORDS}
    body = json.dumps(
        {
            "type": "event_callback",
            "team_id": served.team.team_id,
            "event_id": "Ev1",
            "event": event,
        }
    )
    good = fake.sign(body)
    now = int(good[STAMP])
    replays = [fake.sign(body, timestamp=now + off) for off in (-301, -3600, -86400, 330, 3600)]
    old = [(one[STAMP].encode(), one[SIGNATURE].encode()) for one in replays]
    signed_nothing = [(name, value.encode()) for name, value in fake.sign("").items()]
    stamp, signature = good[STAMP].encode(), good[SIGNATURE].encode()
    async with Line(served.port) as line:
        assert await line.send(b"", signed_nothing) == b""
        for said, headers in forgeries(body.encode(), stamp, signature, old):
            assert await line.send(said, headers) == b"", (said, headers)
        assert set(line.statuses) == {401}, line.statuses
        assert line.statuses[401] > 4 * len(body)
        assert await served.inbox.turns.latest("slack") is None
        await line.send(body.encode(), [(STAMP, stamp), (SIGNATURE, signature)])
        assert line.statuses[200] == 1, "what nobody has changed is taken"
        assert await served.inbox.turns.latest("slack") is not None
    shown = capsys.readouterr()
    assert PRIVATE_WORDS not in shown.out + shown.err
    assert "has not signed" in shown.err


def test_without_a_secret_nothing_is_genuine() -> None:
    assert not is_genuine(b"x", CIMultiDict(), "")


async def test_what_is_too_long_to_be_slacks_is_refused_like_all_that_is_forged(
    served: Listening,
) -> None:
    for length in (1_000_001, 3_000_000):
        async with Line(served.port) as line:
            assert await line.send(b"x" * length, [(STAMP, b"1"), (SIGNATURE, b"v0=0")]) == b""
            assert set(line.statuses) == {401}


async def test_what_slack_has_signed_is_taken_once(served: Listening, fake: FakeSlack) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "x" * 40})
    headers = [(name, value.encode()) for name, value in fake.sign(body).items()]
    async with Line(served.port) as line:
        for _ in range(3):
            await line.send(body.encode(), headers)
        assert line.statuses == {200: 1, 401: 2}


def test_signatures_are_remembered_as_long_as_they_hold_and_not_without_end() -> None:
    at = [0.0]
    once = Once(lambda: at[0])

    def signed(name: str) -> CIMultiDict[str]:
        return CIMultiDict({SIGNATURE: name})

    assert once.is_new(signed("a"))
    at[0] = 599.0
    assert not once.is_new(signed("a"))
    once.forget(signed("a"))
    assert once.is_new(signed("a"))
    at[0] = 1300.0
    assert once.is_new(signed("b"))
    assert once.is_new(signed("a"))
    for number in range(MOST_REMEMBERED):
        assert once.is_new(signed(str(number)))
    assert once.is_new(signed("a"))


async def test_over_http_a_request_of_slack_shows_that_we_are_reached() -> None:
    line = Way(lambda: None)
    assert not await line.is_up()
    line.asked()
    assert await line.is_up()
