"""What was said to us on Discord while nobody listened is answered when we are back."""

import asyncio
import gc
from datetime import timedelta

import pytest

from bot.app import App
from bot.desk import Desk
from bot.platforms.discord.catching_up import CatchingUp
from bot.platforms.discord.client import ShardedClient, intents
from bot.platforms.discord.failures import DiscordBusyError
from bot.platforms.discord.spot import spot_of
from bot.settings import Settings
from knowledge.conversations import now
from tests.bot.platforms.discord_world import WEEKS, answering, ended, is_whole, served
from tests.fakes.clock import AheadClock
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.posting import tell
from tests.fakes.scripted_model import ScriptedModel, silence

__all__ = ["answering"]


async def answered(fake: FakeDiscord, place: Channel, times: int = 1) -> None:
    """That many whole replies stand there."""
    await fake.until(lambda: len([*filter(is_whole, place.said_by(fake.bot))]) == times, within=60)


async def test_what_was_said_to_us_while_nobody_listened_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana, channel, quiet = guild.member("Ana"), guild.channel("general"), guild.channel("quiet")
        async with served(monkeypatch, fake):
            await ana.mentions(channel, WEEKS)
            await fake.until(lambda: channel.threads, within=20)
            thread = channel.threads[0]
            await fake.until(lambda: any(map(is_whole, thread.said_by(fake.bot))), within=20)
            await ana.writes_to_bot(WEEKS)
            await fake.until(lambda: any(map(is_whole, ana.direct.said_by(fake.bot))), within=20)
        await ana.writes_to_bot("Does it begin at birth?")
        await ana.says(channel, "Nobody there?")
        await ana.mentions(channel, "How long is parental leave?")
        await ana.mentions(thread, "And is it paid?")
        await ana.says(quiet, "Sh!")
        quiet.deny(guild.everyone, "read_message_history")
        async with served(monkeypatch, fake):
            await fake.until(lambda: len(channel.threads) == 2, within=20)
            for place, most in ((thread, 2), (channel.threads[1], 1), (ana.direct, 2)):
                await fake.until(
                    lambda: len([*filter(is_whole, place.said_by(fake.bot))]) == most,  # noqa: B023 (called at once)
                    within=20,
                )
        assert quiet.said_by(fake.bot) == []


async def test_a_message_before_everything_is_known_hides_nothing_of_what_was_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = AheadClock()
    async with FakeDiscord(clock=clock) as fake:
        guild = fake.guild("Team")
        ana, ben, channel = guild.member("Ana"), guild.member("Ben"), guild.channel("general")
        async with served(monkeypatch, fake):
            await ana.mentions(channel, WEEKS)
            await fake.until(lambda: channel.threads, within=20)
            await answered(fake, channel.threads[0])
        missed = await ana.mentions(channel, "How long is parental leave?")
        clock.ahead_s = 3600.0

        async def writes_at_once() -> None:
            await fake.connected()
            await ben.mentions(channel, WEEKS)

        writing = asyncio.create_task(writes_at_once())
        async with served(monkeypatch, fake, settle_s=0.5) as (app, _):
            await writing
            await fake.until(lambda: missed.id in fake.world.channels, within=20)
            await answered(fake, fake.world.channels[missed.id])
            latest = await Desk(app, await app.inbox()).latest("discord")
            assert latest
            assert latest > now() + timedelta(minutes=50), "it was sent when Discord says it was"


async def test_a_thread_that_was_archived_meanwhile_and_a_long_channel_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana, channel, shut = guild.member("Ana"), guild.channel("general"), guild.channel("shut")
        shut.deny(guild.everyone, "read_message_history")
        async with served(monkeypatch, fake) as (app, _):
            await ana.mentions(channel, WEEKS)
            await fake.until(lambda: channel.threads, within=20)
            thread = channel.threads[0]
            await answered(fake, thread)
            desk = Desk(app, await app.inbox())
            await desk.note_heard("discord", now() - timedelta(hours=3))
        await ana.mentions(thread, "And is it paid?")
        thread.archive()
        for number in range(200):
            await ana.says(channel, f"Lunch at {number}?")
        await ana.mentions(channel, "How long is parental leave?")
        async with served(monkeypatch, fake):
            await fake.until(lambda: len(channel.threads) == 2, within=20)
            await answered(fake, channel.threads[1])
            await answered(fake, thread, 2)


async def test_what_discord_refuses_is_left_out_and_what_fails_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        rooms = [guild.channel("one"), guild.channel("two"), guild.channel("three")]
        async with served(monkeypatch, fake) as (app, platform):
            desk = Desk(app, await app.inbox())
            for room in rooms:
                await ana.says(room, "Lunch?")
            missed = CatchingUp(platform.client, desk, platform.client.listener)
            route = "GET /channels/{channel}/messages"
            fake.faults.fail(1, status=400, route=route)
            await missed.read("discord", now() - timedelta(minutes=5))
            assert len(fake.called(route)) == 3
            archived = "GET /channels/{channel}/threads/archived/public"
            fake.faults.fail(1, status=403, route=archived)
            await missed.read("discord", now() - timedelta(hours=3))
            assert len(fake.called(archived)) == 3
            fake.faults.storm(5.0, retry_after=100.0)
            with pytest.raises(DiscordBusyError):
                await missed.read("discord", now() - timedelta(minutes=5))


async def test_nothing_is_noted_as_heard_while_the_session_is_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        async with served(monkeypatch, fake) as (_, platform):
            fake.gateway.shut()
            fake.gateway.close_all()
            await fake.until(lambda: platform.client.deaf, within=20)
            fake.gateway.open()
            await fake.until(lambda: not platform.client.deaf, within=20)
            assert fake.gateway.resumes == 1
            await ana.writes_to_bot(WEEKS)
            await answered(fake, ana.direct)


async def test_what_was_taken_back_or_changed_meanwhile_is_not_answered_as_it_was(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with FakeDiscord() as fake:
        fake.rates.is_on = False
        guild = fake.guild("Team")
        channel, ana, ben = guild.channel("general"), guild.member("Ana"), guild.member("Ben")
        async with served(monkeypatch, fake):
            gone = await ana.mentions(channel, WEEKS)
            changed = await ben.mentions(channel, WEEKS)
            await fake.until(lambda: len(channel.threads) == 2, within=20)
            for thread in channel.threads:
                await fake.until(lambda: thread.said_by(fake.bot), within=20)  # noqa: B023 (called at once)
        await ana.deletes(gone)
        await ben.edits(changed, f"{fake.bot.mention} How long is parental leave?")
        model.reply = None
        async with served(monkeypatch, fake):
            of_gone, of_changed = channel.threads
            await answered(fake, of_changed)
            await fake.until(lambda: not of_gone.said_by(fake.bot), within=20)
            assert len(of_changed.said_by(fake.bot)) == 1
            assert "How long is parental leave?" in model.last_prompt
            assert not channel.said_by(fake.bot)


async def test_a_question_in_a_thread_that_was_put_away_stays_one_of_its_channel(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with FakeDiscord() as fake:
        fake.rates.is_on = False
        guild = fake.guild("Team")
        channel, ana = guild.channel("general"), guild.member("Ana")
        thread = await ana.opens_thread(channel, "Leave")
        async with served(monkeypatch, fake):
            asked = await ana.mentions(thread, WEEKS)
            await fake.until(lambda: thread.said_by(fake.bot), within=20)
        await ana.edits(asked, f"{fake.bot.mention} How long is parental leave?")
        thread.archive()
        model.reply = None
        async with served(monkeypatch, fake) as (app, _):
            await answered(fake, thread)
            kept = await (await app.inbox()).turns.named(f"discord:{asked.id}")
            assert kept
            assert "How long" in kept.turn.text
            assert kept.turn.conversation == f"discord:{thread.id}"
            assert spot_of(kept.turn).parent == channel.id


async def test_what_was_answered_and_then_changed_meanwhile_is_answered_anew(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with FakeDiscord() as fake:
        ana = fake.guild("Team").member("Ana")
        async with served(monkeypatch, fake):
            asked = await ana.writes_to_bot(WEEKS)
            await answered(fake, ana.direct)
        await ana.edits(asked, "How long is parental leave?")
        async with served(monkeypatch, fake):
            await fake.until(lambda: "How long" in model.last_prompt, within=20)
            await answered(fake, ana.direct)


async def test_what_was_edited_before_it_was_heard_is_answered_once_whatever_it_is_pinned_as(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeDiscord() as fake:
        ana = fake.guild("Team").member("Ana")
        async with served(monkeypatch, fake):
            await ana.writes_to_bot(WEEKS)
            await answered(fake, ana.direct)
        asked = await ana.writes_to_bot("How many?")
        await ana.edits(asked, "Does @Ben know?")
        async with served(monkeypatch, fake) as (app, _):
            await answered(fake, ana.direct, 2)
            asked.content = "Does @Benny know?"  # he is called otherwise in the words of events
            tell(asked, "MESSAGE_UPDATE")
            await ana.writes_to_bot(WEEKS)
            await answered(fake, ana.direct, 3)
            kept = await ended(await app.inbox(), asked)
            assert kept.turn.text == "Does @Ben know?"


async def test_an_end_while_somebody_is_shown_as_typing_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    left: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: left.append(str(context)))
    async with FakeDiscord() as fake:
        fake.rates.is_on = False
        ana = fake.guild("Team").member("Ana")
        async with served(monkeypatch, fake, sleep=lambda _: asyncio.sleep(0.05)):
            await ana.writes_to_bot(WEEKS)
            typing = "POST /channels/{channel}/typing"
            await fake.until(lambda: fake.called(typing), within=20)
        calls = len(fake.called(typing))
        await asyncio.sleep(0.2)
        gc.collect()
        assert len(fake.called(typing)) == calls
    assert not left


async def test_of_many_connections_one_that_begins_anew_is_caught_up_with() -> None:
    began: list[int] = []

    async def note() -> None:
        began.append(1)

    async with App(Settings()):
        client = ShardedClient(intents=intents(Settings().discord))
        client.began = note
        await client.on_shard_ready(1)
        assert not began
        client.calls.connected.set()
        await client.on_disconnect()
        assert not client.deaf
        for number in (1, 2):
            await client.on_shard_disconnect(number)
        await client.on_shard_resumed(1)
        assert client.deaf == {2}
        await client.on_shard_ready(2)
        assert not client.deaf
        assert began == [1]
