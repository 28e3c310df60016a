"""The process as it ships, with a Slack on loopback: what is killed loses nothing."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.bot.platforms.conftest import WEEKS
from tests.bot.test_serve import Served
from tests.fakes.scripted_model import ScriptedModel, silence
from tests.fakes.slack import Channel, FakeSlack, User


@pytest.fixture
async def asking(
    fake: FakeSlack, home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> tuple[User, Channel]:
    """Somebody who asks, and where."""
    team = fake.team()
    ana = team.user("Ana")
    for name, value in (fake.environment(team) | {"PLATFORMS": "slack"}).items():
        monkeypatch.setenv(name, value)
    structure = home / "tertulia.toml"
    rested = structure.read_text().replace('kind = "files"', 'kind = "files"\nschedule = "never"')
    structure.write_text(rested)
    model.answer = "Parents take 19 weeks of parental leave."
    return ana, team.channel("general", [ana])


async def test_the_shipped_process_answers_and_ends_in_order(
    asking: tuple[User, Channel], fake: FakeSlack
) -> None:
    ana, general = asking
    one = await asyncio.to_thread(Served)
    try:
        await fake.sockets.connected(within_s=60)
        await ana.mentions(general, WEEKS)
        await fake.until(lambda: "19 weeks" in str(general.transcript()), within=60)
        one.tell()
        assert await asyncio.to_thread(one.ended) == 0
    finally:
        await asyncio.to_thread(one.close)
    assert "Traceback" not in one.said
    assert WEEKS not in one.said


async def test_what_was_asked_of_a_killed_process_is_answered_once_by_the_next(
    asking: tuple[User, Channel], fake: FakeSlack, model: ScriptedModel
) -> None:
    ana, general = asking
    model.reply = silence()
    one = await asyncio.to_thread(Served)
    await fake.sockets.connected(within_s=60)
    await ana.mentions(general, WEEKS)
    await fake.until(lambda: general.status_log, within=60)
    one.tell(signal.SIGKILL)
    await asyncio.to_thread(one.ended)
    model.reply = None
    other = await asyncio.to_thread(Served)
    try:
        await fake.until(lambda: "19 weeks" in str(general.transcript()), within=90)
        other.tell()
        assert await asyncio.to_thread(other.ended) == 0
    finally:
        await asyncio.to_thread(other.close)
    assert len(general.transcript().texts()) == 2
