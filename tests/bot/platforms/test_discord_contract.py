"""Discord keeps the contract of platforms."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.platforms.discord.platform import Discord
from bot.platforms.discord.spot import spot_of
from bot.posts import Post
from bot.wording import say
from knowledge.conversations import Picture, now
from tests.bot.platforms.discord_scene import DiscordScene
from tests.bot.platforms.discord_world import names, quiet_home
from tests.contracts.platform_confirming import PIN, pinned
from tests.contracts.platform_contract import PlatformContract
from tests.contracts.platform_pictures import OWL
from tests.contracts.platform_replicas import begun
from tests.contracts.scene import Question
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.components import ROW
from tests.fakes.image_server import ImageServer, picture
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

    async def test_what_a_command_wants_done_is_confirmed_by_the_asker_alone(
        self, scene: DiscordScene, board: Path
    ) -> None:
        ana, general = scene.people["Ana"], scene.general
        asked = await ana.runs("ask", general, question=PIN)
        await scene.until(lambda: asked.message and names(asked.message, "yes"))
        assert asked.message
        await ana.clicks(asked.message, names(asked.message, "yes")[0])
        await scene.until(lambda: say("act", "en", outcome="done") in asked.text)
        assert len(pinned(board)) == 1
        assert general.public == [], "nobody else has seen any of it"

    async def test_an_edit_that_another_process_is_quicker_with_leaves_no_draft(
        self, scene: DiscordScene
    ) -> None:
        question, kept = await begun(scene)
        key, inbox = kept.turn.keys[0], await scene.app.inbox()
        platform = inbox.worker.platforms["discord"]
        assert isinstance(platform, Discord)
        spot = spot_of(kept.turn)
        edited = replace(
            kept.turn,
            text="How many days of paid leave are there?",
            keys=(key, f"{key}.1"),
            place=replace(spot, mark=f"{spot.mark}.1").as_json(),
            sent_at=now(),
        )
        async with scene.beside() as other:
            ours = await platform.sinks.handed_on(kept.turn, edited)
            assert await Desk(other, await other.inbox()).edit(key, edited)
            assert not await Desk(scene.app, inbox).edit(key, ours)
            removed = "DELETE /channels/{channel}/messages/{message}"
            await scene.until(lambda: scene.discord.called(removed))
            await scene.until(lambda: scene.shown(question) == 1)

    async def test_what_was_shown_while_an_edit_came_is_not_left_behind(
        self, scene: DiscordScene
    ) -> None:
        _, kept = await begun(scene)
        inbox = await scene.app.inbox()
        platform = inbox.worker.platforms["discord"]
        assert isinstance(platform, Discord)
        left = await platform.sinks.follow(kept.turn, kept.turn)
        handed = await platform.sinks.handed_on(kept.turn, kept.turn)
        assert str(left) == spot_of(handed).answer
        assert not (await platform.sinks.follow(kept.turn, handed)).messages

    async def test_what_a_command_draws_is_shown_to_the_asker_alone(
        self, scene: DiscordScene, painter: ImageServer
    ) -> None:
        del painter
        ana, general = scene.people["Ana"], scene.general
        asked = await ana.runs("ask", general, question=OWL)
        await scene.until(lambda: asked.message and asked.message.attachments)
        assert asked.message
        (file,) = asked.message.attachments
        assert file.content.startswith(b"\x89PNG")
        assert asked.message.only_for is ana.user
        assert general.public == [], "nobody else has seen any of it"

    async def test_a_picture_has_a_name_of_ours_and_words_for_who_cannot_see_it(
        self, scene: DiscordScene, painter: ImageServer
    ) -> None:
        question = await self._drawn_by(scene, painter)
        (message,) = scene.messages(question)
        (file,) = message.attachments
        assert (file.filename, file.description) == ("picture-1.png", "an owl, with a hat")
        assert "attachment://picture-1.png" in str(message.components)
        assert message.components[-1]["type"] == ROW, "the buttons are below it"

    async def test_where_no_file_may_be_posted_the_answer_says_so(
        self, scene: DiscordScene, painter: ImageServer
    ) -> None:
        scene.general.deny(scene.guild.bot, "attach_files")
        question = await self._drawn_by(scene, painter)
        reply = scene.replies(question)[0]
        assert say("picture-not-posted", "en") in reply.text
        assert scene.pictures(question) == []

    async def test_pictures_that_do_not_fit_into_one_message_come_in_several(
        self, scene: DiscordScene
    ) -> None:
        large = Picture(picture() + bytes(6_000_000), "an owl", "png")
        await scene.posts(Post("Three.", "en", "T-AAAA", pictures=(large, large, large)))
        said = [m for m in scene.everything() if m.attachments]
        assert [len(message.attachments) for message in said] == [1, 1, 1]
        assert [bool(names(message)) for message in said] == [False, False, True]

    async def _drawn_by(self, scene: DiscordScene, painter: ImageServer) -> Question:
        question = await scene.asks(OWL)
        await scene.reply(question)
        assert len(painter.asked) == 1
        return question
