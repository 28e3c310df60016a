"""What comes with a question on Discord: files, threads, what was said before; and other bots."""

from pathlib import Path

import pytest

from bot.attached_files import AttachedFile, UnreadError
from bot.platforms.discord.reading import Reading
from knowledge.history import History
from tests.bot.platforms.discord_world import WEEKS, answering, names, serving_discord
from tests.fakes.discord import FakeDiscord, posting
from tests.fakes.scripted_model import ScriptedModel

__all__ = ["answering"]
PARKING = "Cars of guests stand on level 4 of the garage."


async def test_what_cannot_be_fetched_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_discord(monkeypatch) as world:
        read = Reading(world.platform.client, "127.0.0.1")
        base = world.fake.world.cdn.base
        for url in ("https://evil.example/a.md", f"{base}/attachments/1/a.md"):
            with pytest.raises(UnreadError, match="closed"):
                await read.file(AttachedFile("a.md", 3, url))
        with pytest.raises(UnreadError, match="not-read"):
            await read.file(AttachedFile("a.md", 3, "http://127.0.0.1:9/a.md"))


async def test_what_was_said_in_a_thread_before_us_is_known_once(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    fake = FakeDiscord(privileged=["message_content"])
    async with serving_discord(monkeypatch, fake, DISCORD_MESSAGE_CONTENT="true") as world:
        ben = world.guild.member("Ben")
        start = await ben.says(world.channel, "My sister has a baby.")
        thread = await ben.opens_thread(start, "Baby")
        await ben.says(thread, "She asks about parental leave.")
        await world.ana.mentions(thread, "How many weeks is that?")
        await world.reply(thread)
        assert "She asks about parental leave." in model.last_prompt


async def test_what_somebody_else_said_is_known_where_the_question_replies_to_it(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    fake = FakeDiscord(privileged=["message_content"])
    async with serving_discord(monkeypatch, fake, DISCORD_MESSAGE_CONTENT="true") as world:
        ben = world.guild.member("Ben")
        said = await ben.says(world.channel, "My sister was told 16 weeks.")
        for number in range(2):
            asked = await world.ana.mentions(world.channel, WEEKS, reply_to=said)
            thread = await world.thread(world.channel, number)
            assert thread.id == asked.id
            await world.reply(thread)
            assert "My sister was told 16 weeks." in model.last_prompt
        gone = await world.ana.mentions(world.channel, WEEKS, reply_to=said)
        await ben.deletes(said)
        await world.reply(await world.thread(world.channel, 2))
        assert gone.reference is said


async def test_what_we_have_said_is_nobodys_word_where_a_question_replies_to_it(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    fake = FakeDiscord(privileged=["message_content"])
    async with serving_discord(monkeypatch, fake, DISCORD_MESSAGE_CONTENT="true") as world:
        draft = posting.Draft(content="My sister was told 16 weeks.")
        ours = posting.post(world.channel, world.guild.bot, draft)
        ours.is_looked_up = False
        asked = await world.ana.mentions(world.channel, WEEKS, reply_to=ours)
        await world.reply(await world.thread(world.channel))
        assert "You: My sister was told 16 weeks." in model.last_prompt
        people = await History(await world.app.database()).authors(f"discord:{asked.id}")
        assert people == {f"discord:{world.ana.id}"}


async def test_a_thread_is_summarised_for_whoever_asks(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    fake = FakeDiscord(privileged=["message_content"])
    model.answer = PARKING
    async with serving_discord(monkeypatch, fake, DISCORD_MESSAGE_CONTENT="true") as world:
        ben = world.guild.member("Ben")
        start = await ben.says(world.channel, "Where do guests park?")
        nothing = await world.ana.uses_on(start, "Resumir este hilo")
        assert "ningún hilo" in (await nothing.answered()).text
        thread = await ben.opens_thread(start, "Parking")
        said = await ben.says(thread, PARKING)
        asked = await ben.uses_on(said, "Summarise this thread")
        await world.fake.until(lambda: "level 4" in asked.text, within=20)
        assert asked.message
        assert asked.message.only_for is ben.user


async def test_without_the_intent_a_thread_cannot_be_summarised_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        reply = await world.reply(thread)
        asked = await world.ana.uses_on(reply, "Summarise this thread")
        assert "DISCORD_MESSAGE_CONTENT" in (await asked.answered()).text


async def test_a_bot_that_the_team_names_is_answered_once_in_each_thread(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    async with serving_discord(monkeypatch) as world:
        parrot = world.guild.another_bot("Parrot")
        named = f'\n[channels.default]\nbots = ["discord:{parrot.id}"]\n'
        structure = home / "tertulia.toml"
        structure.write_text(structure.read_text() + named)
        await parrot.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        reply = await world.reply(thread)
        assert names(reply, "up"), "it is answered"
        await parrot.mentions(thread, WEEKS)
        await world.ana.mentions(thread, WEEKS)
        await world.reply(thread, 1)
        assert len(thread.said_by(world.fake.bot)) == 2
