"""Our fakes speak the real protocols: the clients of Node that people use work with them, too."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.slack import FakeSlack

PEERS = Path(__file__).parent / "peers"


@cache
def missing(package: str) -> str:
    """Why a peer cannot run here; empty where it can."""
    node = shutil.which("node")
    if node is None:
        return "Node.js is not installed"
    looked = subprocess.run(
        [node, "-e", f"require.resolve('{package}')"], cwd=PEERS, capture_output=True, check=False
    )
    how = "`npm install` in tests/fakes/peers gets it"
    return f"the package {package} is not installed; {how}" if looked.returncode else ""


@asynccontextmanager
async def peer(package: str, script: str, **settings: str) -> AsyncIterator[None]:
    """A client of Node, running."""
    reason = missing(package)
    if reason:
        pytest.skip(reason)
    environment = {**os.environ, **settings}  # noqa: TID251 (for a process of others)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", PEERS / script, stdin=pipe, stderr=pipe, stdout=pipe, env=environment
    )
    try:
        yield
        _, said = await asyncio.wait_for(process.communicate(b""), 20)
        assert process.returncode == 0, said.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_the_official_sdk_of_slack_works_with_the_fake() -> None:
    async with FakeSlack() as slack:
        team = slack.team()
        ana = team.user("Ana")
        general = team.channel("general", [ana])
        settings = {"APP_TOKEN": slack.app.app_token, "BOT_TOKEN": team.bot_token}
        async with peer("@slack/bolt", "slack.cjs", API=slack.api_url, **settings):
            await slack.sockets.connected(within_s=30)
            question = await ana.mentions(general, "How many days?")
            await slack.until(lambda: "Why?" in str(general.transcript()), within=30)
            (top,) = general.transcript().messages
            assert top.message is question
            (reply,) = top.replies
            assert reply.text.startswith("You have **27** days.")
            assert reply.tasks == (("Searching", "complete"),)
            await (await ana.runs("/ask", "When?", general)).settled()
            await (await ana.clicks(reply.message, "why")).settled()
            await slack.until(lambda: len(general.transcript().whispers) == 2)
            said = [one.text for one in general.transcript().whispers]
            assert said == ["You asked: When?", "Because."]
        assert slack.unknown_methods == []


async def test_the_discord_client_of_node_works_with_the_fake() -> None:
    async with FakeDiscord() as discord:
        guild = discord.guild("Team")
        ana, channel = guild.member("Ana"), guild.channel("general")
        settings = {"API": discord.api_base, "TOKEN": discord.token}
        async with peer("discord.js", "discord.cjs", **settings):
            await discord.connected(within=30)
            await discord.until(lambda: discord.world.commands.of(None), within=30)
            await ana.mentions(channel, "How many days?")
            await discord.until(lambda: channel.threads, within=30)
            thread = channel.threads[0]
            await discord.until(lambda: "27 days" in str(thread.transcript()), within=30)
            assert thread.last.versions[0] == "Searching"
            clicked = await (await ana.clicks(thread.last, "why")).answered()
            assert clicked.text == "Because."
            asked = await (await ana.runs("ask", channel, question="When?")).answered()
            assert asked.text == "You asked: When?"
            assert asked.message
            assert asked.message.only_for is ana.user
        assert discord.unknown == []
