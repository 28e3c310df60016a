"""Discord keeps the contract of platforms."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.platforms.discord_scene import DiscordScene
from tests.bot.platforms.discord_world import quiet_home
from tests.contracts.platform_contract import PlatformContract
from tests.fakes.discord import FakeDiscord
from tests.fakes.scripted_model import ScriptedModel

__all__ = ["quiet_home"]


class TestDiscord(PlatformContract):
    """Discord, with the intent to read what follows a mention."""

    @pytest.fixture
    async def scene(
        self, quiet_home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[DiscordScene]:
        async with FakeDiscord(privileged=["message_content"]) as discord:
            scene = DiscordScene(discord, model, monkeypatch)
            structure = quiet_home / "tertulia.toml"
            ana = f"discord:{scene.people['Ana'].id}"
            structure.write_text(structure.read_text().replace("terminal:ana", ana))
            await scene.begins()
            await scene.app.settling.follow()
            yield scene
            await scene.ends()
