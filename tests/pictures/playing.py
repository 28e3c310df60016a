"""A short scene on both chats, answered by the process as it ships with the model that it ships."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.models import fetched_here
from tests.bot.team import living_in, write
from tests.bot.test_serve import Served
from tests.fakes.discord import FakeDiscord
from tests.fakes.slack import FakeSlack
from tests.pictures.on_discord import DiscordScene
from tests.pictures.on_slack import SlackScene
from tests.pictures.pages import Page

MODEL = "qwen2.5-coder-1.5b"
HANDBOOK = Path(__file__).parents[2] / "knowledge" / "examples" / "handbook"
PRIVATE = {"pay.md": "# Pay of the board\n\nThe chair of the board earns 4,812 euros a month.\n"}
SLOW_S = "600"


def played() -> list[Page]:
    """The pages of both chats."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_played(Path(folder)))


async def _played(home: Path) -> list[Page]:
    async with FakeSlack() as slack, FakeDiscord(privileged=["message_content"]) as discord:
        scenes = SlackScene(slack), DiscordScene(discord)
        readers = [scene.ana_is for scene in scenes]
        environment = _environment(slack, scenes[0], discord)
        async with _knowing(home, readers, environment), _served():
            await slack.sockets.connected(within_s=120)
            await discord.connected(within=120)
            return [page for scene in scenes for page in await scene.played()]


def _environment(slack: FakeSlack, scene: SlackScene, discord: FakeDiscord) -> dict[str, str]:
    return slack.environment(scene.team) | {
        "PLATFORMS": "slack,discord",
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_BASE": discord.api_base,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_MESSAGE_CONTENT": "true",
        "CHAT_MODEL": f"embedded:{MODEL}",
        "ANSWER_DEADLINE_S": SLOW_S,
    }


@asynccontextmanager
async def _knowing(
    home: Path, readers: list[str], environment: dict[str, str]
) -> AsyncIterator[None]:
    """A home with the example knowledge, and one page for Ana alone."""
    (home / "models").symlink_to(await fetched_here(MODEL), target_is_directory=True)
    board = write(home / "board", PRIVATE)
    with living_in(home) as settings:
        for name, value in environment.items():
            settings.setenv(name, value)
        audience = [part for reader in readers for part in ("--audience", reader)]
        await _done("source", "add", "example", "files", "--path", str(HANDBOOK))
        await _done("source", "add", "board", "files", "--path", str(board), *audience)
        await _done("refresh", "--wait")
        yield


async def _done(*arguments: str) -> None:
    command = [sys.executable, "-m", "bot", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    if await process.wait():
        raise RuntimeError(f"tertulia {' '.join(arguments)} has failed")


@asynccontextmanager
async def _served() -> AsyncIterator[None]:
    one = await asyncio.to_thread(Served)
    try:
        yield
        one.tell()
        await asyncio.to_thread(one.ended)
    finally:
        await asyncio.to_thread(one.close)
