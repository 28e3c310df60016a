"""From what people write on Discord to the posted answer."""

from datetime import timedelta
from pathlib import Path

import pytest

from knowledge.conversations import now
from tests.bot.platforms.discord_world import (
    WEEKS,
    answering,
    ended,
    names,
    serving_discord,
)
from tests.fakes.clock import AheadClock
from tests.fakes.discord import FakeDiscord, views
from tests.fakes.discord.posting import tell
from tests.fakes.scripted_model import ScriptedModel, silence

__all__ = ["answering"]


async def test_a_mention_is_answered_in_a_thread_with_its_sources(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        reply = await world.reply(thread)
        assert thread.name == WEEKS
        assert reply.text.startswith("Parents take 19 weeks of parental leave [1].")
        assert "Parental leave" in reply.text
        assert [name.split(":")[1] for name in names(reply)] == ["up", "down", "quotes", "why"]
        assert reply.versions[0].startswith("Searching our knowledge")
        assert reply.previews == []
        assert reply.pings == ()
        assert len(thread.said_by(world.fake.bot)) == 1


async def test_direct_messages_and_replies_and_threads_go_on_with_what_was_said(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch) as world:
        await world.ana.writes_to_bot(WEEKS)
        direct = await world.reply(world.ana.direct)
        assert direct.reference
        await world.ana.writes_to_bot("And is it paid?")
        await world.reply(world.ana.direct, 1)
        assert WEEKS in model.last_prompt
        await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        await world.reply(thread)
        await world.ana.mentions(thread, "And is it paid in full?")
        await world.reply(thread, 1)
        assert WEEKS in model.last_prompt
        assert not thread.threads


async def test_a_reply_in_a_channel_is_answered_there_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch) as world:
        asked = await world.ana.runs("ask", world.channel, question=WEEKS, visible="all")
        await asked.answered(within=20)
        answer = await world.reply(world.channel)
        await world.ana.says(
            world.channel, f"{world.fake.bot.mention} And is it paid?", reply_to=answer
        )
        second = await world.reply(world.channel, 1)
        assert WEEKS in model.last_prompt
        await world.ana.mentions(world.channel, "And for how long?", reply_to=second)
        await world.reply(world.channel, 2)
        assert "And is it paid?" in model.last_prompt
        assert not world.channel.threads


async def test_in_forums_the_post_is_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_discord(monkeypatch) as world:
        forum = world.guild.forum("questions")
        post = await world.ana.posts(forum, "Leave", f"{world.fake.bot.mention} {WEEKS}")
        reply = await world.reply(post)
        assert "19 weeks" in reply.text


async def test_others_and_bots_and_talk_that_is_not_for_us_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        other = world.guild.another_bot("Parrot")
        await other.mentions(world.channel, WEEKS)
        await world.ana.says(world.channel, "How many weeks, does anybody know?")
        await world.ana.mentions(world.channel, WEEKS)
        await world.reply(await world.thread(world.channel))
        assert len(world.channel.threads) == 1
        assert world.channel.said_by(world.fake.bot) == []


async def test_what_is_said_in_a_server_that_is_not_known_is_not_taken_for_a_direct_message(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch) as world:
        said = await world.ana.says(world.channel, "Who is it?")
        elsewhere = {"guild_id": "5", "channel_id": "6", "content": "How long is parental leave?"}
        event = views.message(said) | elsewhere
        world.fake.events.emit("MESSAGE_CREATE", event, place=world.channel)
        await world.ana.writes_to_bot(WEEKS)
        await world.reply(world.ana.direct)
        assert "How long is" not in str(model.prompts)
        assert await (await world.app.inbox()).turns.named(f"discord:{said.id}") is None


async def test_with_the_intent_what_follows_in_our_thread_needs_no_mention(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakeDiscord(privileged=["message_content"])
    async with serving_discord(monkeypatch, fake, DISCORD_MESSAGE_CONTENT="true") as world:
        ben = world.guild.member("Ben")
        await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        first = await world.reply(thread)
        await ben.says(thread, f"{world.ana.mention} did you know?")
        await ben.says(thread, "I did not", reply_to=thread.last)
        await ben.says(world.channel, "Lunch?")
        await ben.says(thread, "And is it paid?", reply_to=first)
        await world.reply(thread, 1)
        await ben.says(thread, "Who decides?")
        await world.reply(thread, 2)
        assert len(thread.said_by(world.fake.bot)) == 3


async def test_where_the_team_wants_mentions_only_threads_are_not_followed(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    structure = home / "tertulia.toml"
    fake = FakeDiscord(privileged=["message_content"])
    async with serving_discord(monkeypatch, fake, DISCORD_MESSAGE_CONTENT="true") as world:
        here = f'\n[channels."discord:chan:{world.channel.id}"]\nlistens = "mentions"\n'
        structure.write_text(structure.read_text() + here + 'language = "es"\nask = ["slack:U1"]\n')
        await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        reply = await world.reply(thread)
        assert reply.text.startswith("Aquí solo respondo")
        await world.ana.says(thread, "And is it paid?")
        await world.ana.mentions(world.channel, WEEKS)
        await world.reply(await world.thread(world.channel, 1))
        assert len(thread.said_by(world.fake.bot)) == 1


async def test_an_edited_question_is_answered_once_more_in_the_same_place(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch) as world:
        world.fake.rates.is_on = False
        question = await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        reply = await world.reply(thread)
        await world.ana.edits(question, f"{world.fake.bot.mention} And how is the leave paid?")
        await world.fake.until(lambda: "And how is" in model.last_prompt, within=20)
        await world.fake.until(lambda: "." in "".join(names(reply, "up")), within=20)
        model.reply = silence()
        await world.ana.edits(question, f"{world.fake.bot.mention} How many days of paid leave?")
        await world.fake.until(lambda: "How many days" in model.last_prompt, within=20)
        model.reply = None
        await world.ana.edits(question, f"{world.fake.bot.mention} How many weeks of leave?")
        await world.fake.until(lambda: "How many weeks of leave" in model.last_prompt, within=20)
        await world.fake.until(lambda: bool(names(reply, "up")), within=20)
        assert thread.said_by(world.fake.bot) == [reply]


async def test_an_edit_that_names_us_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_discord(monkeypatch) as world:
        said = await world.ana.says(world.channel, WEEKS)
        await world.ana.edits(said, f"{world.fake.bot.mention} {WEEKS}")
        reply = await world.reply(await world.thread(world.channel))
        assert "19 weeks" in reply.text


@pytest.mark.parametrize("is_told", [True, False])
async def test_a_question_that_names_us_no_longer_is_answered_if_we_are_told_how_it_reads(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel, is_told: bool
) -> None:
    fake = FakeDiscord(privileged=["message_content"] * is_told)
    content = str(is_told).lower()
    async with serving_discord(monkeypatch, fake, DISCORD_MESSAGE_CONTENT=content) as world:
        question = await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        await world.reply(thread)
        await world.ana.edits(question, "Never mind, how many days of paid leave?")
        await world.ana.writes_to_bot("How long is the leave?")
        await world.reply(world.ana.direct)
        if is_told:
            await world.fake.until(lambda: "Never mind" in str(model.prompts), within=20)
        inbox = await world.app.inbox()
        kept = await inbox.turns.named(f"discord:{question.id}")
        assert kept
        assert kept.turn.text.startswith("Never mind" if is_told else WEEKS)
        assert len(thread.said_by(world.fake.bot)) == 1


async def test_what_was_edited_once_and_is_forgotten_is_not_answered_for_a_pin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        asked = await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        reply = await world.reply(thread)
        await world.ana.edits(asked, f"{world.fake.bot.mention} How long is parental leave?")
        await world.fake.until(lambda: "." in "".join(names(reply, "up")), within=20)
        inbox = await world.app.inbox()
        await ended(inbox, asked)
        await inbox.turns.forget_ended(now() + timedelta(minutes=1))
        assert asked.edited_s
        asked.edited_s -= 8 * 86400.0
        tell(asked, "MESSAGE_UPDATE")
        await world.ana.writes_to_bot(WEEKS)
        await world.reply(world.ana.direct)
        assert await inbox.turns.named(f"discord:{asked.id}") is None
        assert thread.said_by(world.fake.bot) == [reply]


async def test_an_answer_that_is_too_old_to_be_changed_is_given_anew(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    clock = AheadClock()
    async with serving_discord(monkeypatch, FakeDiscord(clock=clock)) as world:
        direct, bot = world.ana.direct, world.fake.bot
        asked = await world.ana.writes_to_bot(WEEKS)
        before = await world.reply(direct)
        clock.ahead_s = 7200.0
        await world.ana.edits(asked, "How long is parental leave?")
        await world.fake.until(lambda: before.is_deleted, within=20)
        (after,) = direct.said_by(bot)
        assert "19 weeks" in (await world.reply(direct)).text
        assert after is not before


async def test_a_deleted_question_is_not_answered_and_its_answer_goes_where_that_is_wanted(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel, home: Path
) -> None:
    async with serving_discord(monkeypatch) as world:
        structure = home / "tertulia.toml"
        wanted = "\n[channels.default]\nremoves_answers = true\n"
        structure.write_text(structure.read_text() + wanted)
        question = await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        await world.reply(thread)
        await world.ana.deletes(question)
        await world.fake.until(lambda: not thread.said_by(world.fake.bot), within=20)
        await world.fake.until(lambda: thread.name == "…", within=20)
        world.channel.deny(world.guild.everyone, "create_public_threads")
        question = await world.ana.mentions(world.channel, WEEKS)
        await world.reply(world.channel)
        await world.ana.deletes(question)
        await world.fake.until(lambda: not world.channel.said_by(world.fake.bot), within=20)
        model.reply = silence()
        question = await world.ana.writes_to_bot(WEEKS)
        await world.fake.until(lambda: world.ana.direct.said_by(world.fake.bot), within=20)
        await world.ana.deletes(question)
        await world.fake.until(lambda: not world.ana.direct.said_by(world.fake.bot), within=20)


async def test_stopping_ends_the_answer_for_whoever_asked(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with serving_discord(monkeypatch) as world:
        ben = world.guild.member("Ben")
        thread = await world.begun()
        (shown,) = thread.said_by(world.fake.bot)
        stop = names(shown, "stop")[0]
        refused = await ben.clicks(shown, stop)
        assert "Only whoever has asked" in (await refused.answered()).text
        await world.ana.clicks(shown, stop)
        reply = await world.reply(thread)
        assert reply.text == "Stopped, as you asked."
        assert reply is shown


async def test_who_waits_sees_how_many_are_before_and_typing(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with serving_discord(monkeypatch) as world:
        people = [world.guild.member(f"P{n}") for n in range(3)]
        for one in people:
            await one.mentions(world.channel, WEEKS)
        last = await world.thread(world.channel, 2)
        await world.fake.until(lambda: last.said_by(world.fake.bot), within=20)
        assert "2 before it" in last.last.versions[0]
        inbox = await world.app.inbox()
        for one in people:
            threads = [f"discord:{thread.id}" for thread in world.channel.threads]
            assert any([await inbox.stop(thread, f"discord:{one.id}") for thread in threads])
