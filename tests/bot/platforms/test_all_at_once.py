"""The process as it ships, with Slack, Discord and the schedule at once, on one database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bot.platforms.discord_world import is_whole, pointed
from tests.bot.team import Tertulia
from tests.bot.test_serve import Served, read_of
from tests.fakes import discord as fake_discord
from tests.fakes.discord import FakeDiscord
from tests.fakes.scripted_model import ScriptedModel, saying
from tests.fakes.shelves import shelves
from tests.fakes.slack import FakeSlack
from tests.fakes.slack import Message as SlackMessage

WEEKS = "How many weeks of parental leave are there?"
TERRACE = "The roof terrace opens at 9:30 every morning."
WHEN = "When does the roof terrace open?"
PAGES = 6


@dataclass
class Team:
    """Ana, who is on Slack and on Discord.

    Attributes:
        shelf: the folder of a source that is slow to read.
    """

    slack: FakeSlack
    discord: FakeDiscord
    model: ScriptedModel
    shelf: Path

    def __post_init__(self) -> None:
        self.workspace = self.slack.team()
        self.ana = self.workspace.user("Ana")
        self.general = self.workspace.channel("general", [self.ana])
        guild = self.discord.guild("Team")
        self.member, self.lobby = guild.member("Ana"), guild.channel("lobby")

    async def asks(self, text: str) -> tuple[SlackMessage, fake_discord.Message]:
        """Ask the same on both."""
        return (
            await self.ana.mentions(self.general, text),
            await self.member.mentions(self.lobby, text),
        )

    def replies(self, asked: tuple[SlackMessage, fake_discord.Message]) -> list[list[str]]:
        """What stands there for it, on Slack and on Discord, so far as it is whole."""
        on_slack, on_discord = asked
        tops = self.general.transcript().messages
        below = [reply for top in tops if top.message is on_slack for reply in top.replies]
        thread = self.discord.world.channels.get(on_discord.id)
        said = thread.said_by(self.discord.bot) if thread else []
        return [
            [reply.text for reply in below if reply.message.metadata],
            [message.text for message in said if is_whole(message)],
        ]

    async def answered(self, asked: tuple[SlackMessage, fake_discord.Message], words: str) -> None:
        """Wait until it is answered once on both."""
        await self.discord.until(lambda: all(self.replies(asked)), within=60)
        for (reply,) in self.replies(asked):
            assert words in reply


@asynccontextmanager
async def serving(team: Team) -> AsyncIterator[Served]:
    """`tertulia serve`, connected to both."""
    one = await asyncio.to_thread(Served)
    try:
        await team.slack.sockets.connected(within_s=60)
        await team.discord.connected(within=60)
        yield one
        one.tell()
        assert await asyncio.to_thread(one.ended) == 0
    finally:
        await asyncio.to_thread(one.close)
    assert "Traceback" not in one.said, one.said


@pytest.fixture
async def team(
    home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch, tertulia: Tertulia
) -> AsyncIterator[Team]:
    structure, shelf = home / "tertulia.toml", home / "shelf"
    rested = structure.read_text().replace('kind = "files"', 'kind = "files"\nschedule = "never"')
    structure.write_text(rested)
    shelf.mkdir()
    for number in range(PAGES):
        (shelf / f"page{number}.txt").write_text(f"This is page {number} of the house rules.")
    (shelf / "terrace.txt").write_text(TERRACE)
    with shelves():
        added = ["source", "add", "house", "shelf", "--path", str(shelf)]
        assert tertulia(*added, "--option", "seconds=0.4").code == 0
    model.answer = "Parents take 19 weeks of parental leave."
    model.reply_to["terrace"] = saying(TERRACE)
    async with FakeSlack() as slack, FakeDiscord() as discord:
        here = Team(slack, discord, model, shelf)
        pointed(monkeypatch, discord)
        for name, value in slack.environment(here.workspace).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PLATFORMS", "slack,discord")
        yield here


async def test_both_chats_are_answered_while_a_refresh_runs_and_know_what_it_brought(
    team: Team,
) -> None:
    async with serving(team) as one:
        await team.discord.until(lambda: read_of(team.shelf) > 0, within=60)
        assert "outcome=done" not in one.said
        await team.answered(await team.asks(WEEKS), "19 weeks")
        await asyncio.to_thread(one.until_it_says, "outcome=done")
        await team.answered(await team.asks(WHEN), "9:30")
        waiting = [await team.asks(WEEKS) for _ in range(3)]
        await team.discord.until(lambda: len(team.lobby.threads) == 5, within=30)
    async with serving(team):
        for asked in waiting:
            await team.answered(asked, "19 weeks")
