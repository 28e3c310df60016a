"""Slack keeps the contract of platforms."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.wording import say
from tests.bot.platforms.slack_scene import SlackScene
from tests.contracts.platform_confirming import PIN, pinned
from tests.contracts.platform_contract import PlatformContract
from tests.contracts.platform_pictures import OWL
from tests.fakes.image_server import ImageServer
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

    async def test_what_a_command_wants_done_is_confirmed_by_the_asker_alone(
        self, scene: SlackScene, board: Path
    ) -> None:
        ana, general = scene.people["Ana"], scene.general
        await ana.runs("/ask", PIN, general)
        await scene.until(lambda: "tertulia_yes" in str(general.transcript().whispers))
        asked = general.transcript().whispers[-1]
        for person in (scene.people["Ben"], ana):
            await (await person.clicks(asked.message, "tertulia_yes")).settled()
        told = say("act", "en", outcome="done")
        await scene.until(lambda: told in asked.message.as_json()["blocks"][0]["text"])
        assert len(pinned(board)) == 1
        assert general.transcript().texts() == [], "nobody else has seen any of it"

    async def test_who_confirms_alone_sees_at_once_that_it_is_being_done(
        self, scene: SlackScene, board: Path
    ) -> None:
        ana, general = scene.people["Ana"], scene.general
        await ana.runs("/ask", PIN, general)
        await scene.until(lambda: "tertulia_yes" in str(general.transcript().whispers))
        asked = general.transcript().whispers[-1]
        inbox = await scene.app.inbox()
        await inbox.worker.close(5.0)  # as if it took long: nothing more is begun
        await (await ana.clicks(asked.message, "tertulia_yes")).settled()
        await scene.until(lambda: asked.message.text == say("doing", "en"))
        assert "tertulia_yes" not in str(asked.message.blocks)
        assert pinned(board) == []
        await scene.restarts()
        told = say("act", "en", outcome="done")
        await scene.until(lambda: told in asked.message.as_json()["blocks"][0]["text"])
        assert len(pinned(board)) == 1

    async def test_what_a_command_draws_is_sent_to_the_asker_alone(
        self, scene: SlackScene, painter: ImageServer
    ) -> None:
        del painter
        ana, general = scene.people["Ana"], scene.general
        await ana.runs("/ask", OWL, general)
        direct = scene.team.direct(ana)
        await scene.until(lambda: any(message.files for message in direct.messages))
        (*_, told) = general.transcript().whispers
        assert say("picture", "en", number=1) in told.text
        assert say("picture-directly", "en") in told.text
        assert general.transcript().texts() == [], "nobody else has seen any of it"
        assert direct.transcript().texts() == [say("picture", "en", number=1), ""]
