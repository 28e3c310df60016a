"""A team on Discord: the fake, people, a channel, and Tertulia in this process beside them."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import App
from bot.desk import Desk
from bot.inbox import Inbox
from bot.platforms.discord.platform import Discord
from bot.platforms.discord.responding import Now
from bot.serving import serve
from bot.settings import Settings
from knowledge.conversations import now
from knowledge.turn import KeptTurn
from tests.fakes.discord import FakeDiscord, Message
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.guilds import Guild
from tests.fakes.discord.people import Member
from tests.fakes.scripted_model import ScriptedModel

Sleep = Callable[[float], Awaitable[None]]
WEEKS = "How many weeks of parental leave are there?"
ANSWER = "Parents take 19 weeks of parental leave."


@dataclass
class World:
    """What a test needs."""

    fake: FakeDiscord
    guild: Guild
    channel: Channel
    ana: Member
    app: App
    platform: Discord

    async def reply(self, place: Channel, number: int = 0) -> Message:
        """The reply in a place, once it is whole."""

        def whole() -> Message | None:
            said = [m for m in place.said_by(self.fake.bot) if is_whole(m)]
            return said[number] if len(said) > number else None

        found = await self.fake.until(whole, within=20)
        assert found
        return found

    async def thread(self, place: Channel, number: int = 0) -> Channel:
        """The thread that was begun in a channel."""
        await self.fake.until(lambda: len(place.threads) > number, within=20)
        return place.threads[number]

    async def begun(self) -> Channel:
        """The thread of a question, once an answer is being made there by a silent model."""
        await self.ana.mentions(self.channel, WEEKS)
        thread = await self.thread(self.channel)
        await self.fake.until(lambda: thread.said_by(self.fake.bot), within=20)
        return thread


def is_whole(message: Message) -> bool:
    """Whether it is a reply, and not one in the making."""
    return not message.is_loading and not names(message, "stop")


def names(message: Message, act: str = "") -> list[str]:
    """The names of the buttons below a message."""
    found = re.findall(r"'custom_id': '([^']+)'", repr(message.components))
    return [name for name in found if f":{act}:" in name or not act]


async def ended(inbox: Inbox, asked: Message) -> KeptTurn:
    """The turn of a message, once nobody waits for its answer any longer."""
    for _ in range(2_000):
        kept = await inbox.turns.named(f"discord:{asked.id}")
        if kept and not kept.is_open:
            return kept
        await asyncio.sleep(0.01)
    raise AssertionError(asked)


@pytest.fixture
def quiet_home(home: Path) -> Path:
    """A home whose sources are not refreshed meanwhile."""
    return _quiet(home)


@pytest.fixture(autouse=True)
def answering(home: Path, model: ScriptedModel) -> None:
    """The model has an answer, and no source is refreshed meanwhile."""
    _quiet(home)
    model.answer = ANSWER


def _quiet(home: Path) -> Path:
    structure = home / "tertulia.toml"
    text = re.sub(r"(?m)^kind = .*", r'\g<0>\nschedule = "never"', structure.read_text())
    structure.write_text(text)
    return home


@asynccontextmanager
async def serving_discord(
    monkeypatch: pytest.MonkeyPatch,
    fake: FakeDiscord | None = None,
    *,
    now: Now = now,
    **environment: str,
) -> AsyncIterator[World]:
    """Tertulia in this process, on a fake of Discord of its own, with a team."""
    async with fake or FakeDiscord() as discord:
        guild = discord.guild("Team")
        channel, ana = guild.channel("general"), guild.member("Ana", locale="es-ES")
        serving = served(
            monkeypatch, discord, now=now, sleep=asyncio.sleep, settle_s=0.05, **environment
        )
        async with serving as (app, platform):
            yield World(discord, guild, channel, ana, app, platform)


@asynccontextmanager
async def served(
    monkeypatch: pytest.MonkeyPatch,
    fake: FakeDiscord,
    *,
    now: Now = now,
    sleep: Sleep = asyncio.sleep,
    settle_s: float = 0.05,
    owner: str = "",
    **environment: str,
) -> AsyncIterator[tuple[App, Discord]]:
    """Tertulia in this process, on a fake that is there already; under this name if any."""
    pointed(monkeypatch, fake, **environment)
    with restored():
        async with App(Settings()) as app:
            owners = (await app.inbox()).owners
            owners.ourselves = owner or owners.ourselves
            platform = Discord(
                Desk(app, await app.inbox()), settle_s=settle_s, now=now, sleep=sleep
            )
            told = asyncio.Event()
            task = asyncio.create_task(serve(app, [platform], told))
            try:
                await fake.connected()
                await fake.until(platform.client.calls.connected.is_set)
                await fake.until(lambda: fake.world.commands.of(None))
                yield app, platform
            finally:
                told.set()
                await task


def pointed(monkeypatch: pytest.MonkeyPatch, fake: FakeDiscord, **more: str) -> None:
    """The settings for a fake."""
    values = {
        "PLATFORMS": "discord",
        "DISCORD_TOKEN": fake.token,
        "DISCORD_API_BASE": fake.api_base,
        "DISCORD_GATEWAY_URL": fake.gateway_url,
        **more,
    }
    for key, value in values.items():
        monkeypatch.setenv(key, value)


@contextmanager
def restored() -> Iterator[None]:
    """The addresses belong to the process: put back what they were."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway
