"""Slack keeps the contract of platforms."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.platforms.slack_scene import SlackScene
from tests.contracts.platform_contract import PlatformContract
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.slack import FakeSlack


class TestSlack(PlatformContract):
    """Slack, over Socket Mode."""

    @pytest.fixture
    async def scene(
        self, fake: FakeSlack, home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[SlackScene]:
        team = fake.team()
        for name, value in fake.environment(team).items():
            monkeypatch.setenv(name, value)
        scene = SlackScene(fake, team, model)
        structure = home / "tertulia.toml"
        toml = structure.read_text().replace('kind = "files"', 'kind = "files"\nschedule = "never"')
        structure.write_text(toml.replace("terminal:ana", f"slack:{scene.people['Ana'].user_id}"))
        await scene.begins()
        await scene.app.settling.follow()
        yield scene
        await scene.ends()
