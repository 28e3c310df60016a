"""The owners' channel on Slack and Discord: by processes as they ship, and where it is closed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import App
from bot.inbox import Inbox
from bot.learning_job import RUN
from bot.reminding import tell
from bot.wording import say
from knowledge.conversations import now
from knowledge.reminders import Reminder, Reminders
from knowledge.runs import Runs
from knowledge.turn import NOBODY, KeptTurn
from tests.bot.learning_team import AGREED, write_down
from tests.bot.platforms.conftest import Workspace
from tests.bot.platforms.discord_world import pointed, quiet_home, serving_discord
from tests.bot.platforms.test_slack_workspaces import House, house, rotating
from tests.bot.test_serve import Served
from tests.databases import opened
from tests.fakes.discord import FakeDiscord
from tests.fakes.slack import FakeSlack

__all__ = ["house", "quiet_home", "rotating"]


@asynccontextmanager
async def shipped() -> AsyncIterator[Served]:
    """`tertulia serve`, ready; it ends in order."""
    one = await asyncio.to_thread(Served)
    try:
        await asyncio.to_thread(one.until_it_says, "ready")
        yield one
        one.tell()
        assert await asyncio.to_thread(one.ended) == 0, one.said
    finally:
        await asyncio.to_thread(one.close)


async def told(app: App, channel: str, what: str = "Something is wrong.") -> KeptTurn:
    """The turn by which this is told there, once nothing is left to do."""
    inbox, reminders = await app.inbox(), Reminders(await app.database())
    platform = inbox.worker.platforms[channel.partition(":")[0]]
    wanted = Reminder(NOBODY, channel, what, now(), platform=platform.name)
    assert await reminders.announce(wanted)
    (one,) = [one for one in await reminders.due(platform.name) if one.conversation == channel]
    await tell(one, inbox, reminders, platform)
    return await _ended(inbox, f"{platform.name}:reminder:{one.number}")


async def _ended(inbox: Inbox, key: str) -> KeptTurn:
    for _ in range(1_500):
        kept = await inbox.turns.named(key)
        if kept and not kept.is_open:
            return kept
        await asyncio.sleep(0.02)
    raise AssertionError(key)


async def test_what_learning_came_to_is_posted_on_slack_in_the_language_of_the_channel(
    fake: FakeSlack, quiet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = fake.team()
    for name, value in (fake.environment(team) | {"PLATFORMS": "slack"}).items():
        monkeypatch.setenv(name, value)
    ops = team.channel("ops", [team.user("Ana")])
    channel = f"slack:{team.team_id}:chan:{ops.channel_id}"
    toml = AGREED.replace("consent = true", f'consent = true\ntold_in = "{channel}"')
    write_down(quiet_home, f'{toml}\n[channels."{channel}"]\nlanguage = "es"\n')
    async with shipped():
        async with opened(f"sqlite:///{quiet_home / 'tertulia.db'}") as engine:
            await Runs(engine).ask(RUN, datetime.now(UTC))
        await fake.until(lambda: ops.messages, within=60)
        (message,) = ops.messages
        assert message.thread_ts is None
        assert "Lo que aprendí esta semana" in message.text
        assert "No hay candidato, porque: There is no row to learn from." in str(message.blocks)


async def test_an_alarm_of_several_processes_is_posted_once_on_discord(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ops = guild.channel("ops")
        pointed(monkeypatch, fake)
        toml = f'[learning]\ntold_in = "discord:{guild.id}:chan:{ops.id}"\n'
        (home / "tertulia.toml").write_text(toml)
        async with shipped() as one:
            monkeypatch.setenv("PLATFORMS", "terminal")
            async with shipped() as other:
                (home / "tertulia.toml").write_text(f'{toml}[sources.x]\nkind = "files"\n')
                for each in (one, other):
                    await asyncio.to_thread(each.until_it_says, "alarm")
                await fake.until(lambda: ops.public, within=60)
        (message,) = ops.public
        assert message.reference is None
        assert "does not say who may read it" in message.text
        assert not ops.threads


# Slack's client uses what aiohttp gives up; nothing of ours can help that.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_of_several_workspaces_the_one_that_is_named_is_told(house: House) -> None:
    channels = []
    for team in (house.acme, house.umbrella):
        await house.visitor.installs(team)
        channels.append(team.channel("ops", [team.user("Ana")]))
    kept = await told(house.app, f"slack:{house.umbrella.team_id}:chan:{channels[1].channel_id}")
    assert kept.state == "told"
    assert [one.transcript().texts() for one in channels] == [[], ["Something is wrong."]]


async def test_a_channel_that_is_not_there_holds_nothing_up_on_slack(workspace: Workspace) -> None:
    team = workspace.team.team_id
    assert (await told(workspace.app, f"slack:{team}:chan:C404")).state == "dead"
    kept = await told(workspace.app, f"slack:{team}:chan:{workspace.general.channel_id}")
    assert kept.state == "told"
    assert workspace.general.transcript().texts() == ["Something is wrong."]
    assert workspace.slack.unknown_methods == []
    refused = say("slack-may-not-write", "en")
    assert not [one for one in workspace.slack.calls if refused in str(one.arguments)]


async def test_a_channel_that_is_not_there_holds_nothing_up_on_discord(
    quiet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_discord(monkeypatch) as world:
        place = f"discord:{world.guild.id}:chan"
        assert (await told(world.app, f"{place}:404")).state == "dead"
        assert (await told(world.app, f"{place}:{world.channel.id}")).state == "told"
        assert [one.text for one in world.channel.public] == ["Something is wrong."]
        assert not world.fake.called("POST /users/@me/channels")
