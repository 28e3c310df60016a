"""Real bots for the fake of Discord: discord.py pointed at it, and bare requests."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

import aiohttp
import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from tests.fakes.discord import FakeDiscord

C = TypeVar("C", bound=discord.Client)


def least_intents(*, content: bool = False) -> discord.Intents:
    """What our platform needs, and the content of messages if it is wanted."""
    intents = discord.Intents.none()
    intents.guilds = intents.messages = intents.reactions = True
    intents.message_content = content
    return intents


class Bot(discord.Client):
    """Notes what it hears, and has commands.

    Attributes:
        heard: messages, in the order in which they came.
        events: the names of gateway events that discord.py has dispatched.
    """

    def __init__(self, intents: discord.Intents | None = None, **options: Any) -> None:  # noqa: ANN401 (discord.py's own)
        super().__init__(intents=intents or least_intents(), guild_ready_timeout=0.05, **options)
        self.tree: app_commands.CommandTree[Bot] = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.events: list[str] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait five seconds."""

    async def on_message(self, message: discord.Message) -> None:
        """Note it."""
        self.heard.append(message)

    async def on_socket_event_type(self, name: str) -> None:
        """Note it."""
        self.events.append(name)

    @property
    def latest(self) -> discord.Message | None:
        """The newest message that was heard."""
        return self.heard[-1] if self.heard else None

    def text_channel(self, channel_id: int) -> discord.TextChannel:
        """A text channel that the bot knows."""
        found = self.get_channel(channel_id)
        assert isinstance(found, discord.TextChannel)
        return found

    def texts(self) -> list[str]:
        """What was heard, as texts."""
        return [message.content for message in self.heard]


@contextmanager
def pointed_at(fake: FakeDiscord) -> Iterator[None]:
    """Let discord.py talk to the fake; these hooks belong to classes, so they are put back."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = fake.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = URL(fake.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@asynccontextmanager
async def running(fake: FakeDiscord, client: C) -> AsyncIterator[C]:
    """The client, ready; closed afterwards."""
    with pointed_at(fake):
        task = asyncio.create_task(client.start(fake.token))
        try:
            ready = asyncio.create_task(_ready(client))
            done, _ = await asyncio.wait((task, ready), timeout=20, return_when="FIRST_COMPLETED")
            assert done
            if task in done:
                task.result()
            yield client
        finally:
            ready.cancel()
            await client.close()
            with suppress(discord.DiscordException, asyncio.CancelledError):
                await task


async def _ready(client: discord.Client) -> None:
    while client.user is None:  # noqa: ASYNC110 (it has no event for that)
        await asyncio.sleep(0.005)
    await client.wait_until_ready()


class Bare:
    """Requests by hand, with the bot's token."""

    def __init__(self, fake: FakeDiscord, session: aiohttp.ClientSession) -> None:
        self._fake, self._session = fake, session

    async def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of an answer; an empty token sends none."""
        token = self._fake.token if token is None else token
        headers = {"Authorization": f"Bot {token}"} if token else {}
        url = self._fake.api_base + path
        async with self._session.request(method, url, json=body, headers=headers) as response:
            is_json = response.headers.get("Content-Type") == "application/json"
            seen = await (response.json() if is_json else response.text())
            return response.status, seen, dict(response.headers)

    async def code(self, method: str, path: str, body: object = None) -> int:
        """The error code of an answer; 0 if all went well."""
        status, seen, _ = await self(method, path, body)
        return int(seen["code"]) if status >= 400 else 0


@asynccontextmanager
async def bare(fake: FakeDiscord) -> AsyncIterator[Bare]:
    """Requests by hand."""
    async with aiohttp.ClientSession() as session:
        yield Bare(fake, session)
