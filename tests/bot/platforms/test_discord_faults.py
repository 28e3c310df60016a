"""Outages, refusals, kills: every message on Discord ends in one answer or in a reason."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.desk import Desk
from bot.platforms.discord import build, examine
from bot.platforms.discord.failures import DiscordSettingsError
from bot.platforms.discord.invite import DiscordUnreachableError
from bot.platforms.discord.posting import InChannel
from bot.platforms.discord.spot import Spot
from bot.platforms.discord.views import in_the_making
from bot.settings import Settings
from tests.bot.platforms.discord_world import (
    WEEKS,
    answering,
    ended,
    is_whole,
    names,
    pointed,
    restored,
    served,
    serving_discord,
)
from tests.bot.team import in_a_process
from tests.bot.test_serve import Served
from tests.fakes.discord import FakeDiscord
from tests.fakes.scripted_model import ScriptedModel, silence

__all__ = ["answering"]
POST = "POST /channels/{channel}/messages"
EDIT = "PATCH /channels/{channel}/messages/{message}"


@asynccontextmanager
async def shipped(monkeypatch: pytest.MonkeyPatch, fake: FakeDiscord) -> AsyncIterator[Served]:
    """`tertulia serve`, connected to the fake."""
    pointed(monkeypatch, fake)
    one = await asyncio.to_thread(Served)
    try:
        await asyncio.to_thread(one.until_it_says, "connected")
        yield one
    finally:
        if one.process.poll() is None:
            one.tell()
        await asyncio.to_thread(one.ended)


async def test_the_shipped_process_answers_and_goes_on_after_a_kill(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana, channel = guild.member("Ana"), guild.channel("general")
        model.reply = silence()
        async with shipped(monkeypatch, fake) as one:
            await ana.mentions(channel, WEEKS)
            await fake.until(lambda: channel.threads and channel.threads[0].public, within=30)
            one.tell(signal.SIGKILL)
        model.reply = None
        await ana.mentions(channel, "How long is parental leave?")
        async with shipped(monkeypatch, fake) as one:
            await fake.until(lambda: len(channel.threads) == 2, within=30)
            for thread in channel.threads:
                await fake.until(
                    lambda: any(map(is_whole, thread.said_by(fake.bot))),  # noqa: B023 (called at once)
                    within=30,
                )
            assert "Traceback" not in one.said
        for thread in channel.threads:
            (reply,) = thread.said_by(fake.bot)
            assert "19 weeks" in reply.text


async def test_errors_of_the_server_cost_no_answer_and_give_no_second_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        world.fake.faults.cut(1, route=POST)
        world.fake.faults.fail(2, status=502, route=EDIT)
        await world.ana.writes_to_bot(WEEKS)
        reply = await world.reply(world.ana.direct)
        assert "19 weeks" in reply.text
        assert len(world.ana.direct.said_by(world.fake.bot)) == 1


async def test_a_storm_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_discord(monkeypatch) as world:
        world.fake.faults.storm(2.0, retry_after=2.5)
        await world.ana.writes_to_bot(WEEKS)
        reply = await world.reply(world.ana.direct)
        assert "19 weeks" in reply.text
        assert len(world.ana.direct.said_by(world.fake.bot)) == 1


async def test_where_no_thread_can_be_begun_the_reply_stands_in_the_channel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        world.channel.deny(world.guild.everyone, "create_public_threads")
        question = await world.ana.mentions(world.channel, WEEKS)
        reply = await world.reply(world.channel)
        assert "19 weeks" in reply.text
        assert reply.reference is question


async def test_where_nothing_may_be_written_the_turn_ends_and_the_asker_hears_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        everyone = world.guild.everyone
        world.channel.deny(everyone, "create_public_threads", "send_messages")
        world.channel.allow(world.ana, "send_messages")
        question = await world.ana.mentions(world.channel, WEEKS)
        assert (await ended(await world.app.inbox(), question)).state == "dead"
        (told,) = world.ana.direct.said_by(world.fake.bot)
        assert WEEKS in told.content
        assert "I am not allowed to write where you asked." in told.content


async def test_a_status_that_somebody_deletes_is_posted_anew(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with serving_discord(monkeypatch) as world:
        thread = await world.begun()
        (shown,) = thread.said_by(world.fake.bot)
        await world.guild.owner.deletes(shown)
        inbox = await world.app.inbox()
        assert await inbox.stop(f"discord:{thread.id}", f"discord:{world.ana.id}")
        assert (await world.reply(thread)).text == "Stopped, as you asked."


async def test_a_reply_in_a_thread_that_was_put_away_meanwhile_is_posted_anew(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with serving_discord(monkeypatch) as world:
        thread = await world.begun()
        thread.archive()
        inbox = await world.app.inbox()
        assert await inbox.stop(f"discord:{thread.id}", f"discord:{world.ana.id}")
        reply = await world.reply(thread)
        await world.fake.until(lambda: thread.said_by(world.fake.bot) == [reply], within=20)
        assert reply.text == "Stopped, as you asked."
        assert not thread.is_archived


async def test_a_status_that_cannot_be_removed_at_first_is_removed_with_its_question(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with serving_discord(monkeypatch) as world:
        thread = await world.begun()
        route = "DELETE /channels/{channel}/messages/{message}"
        world.fake.faults.cut(9, route=route, is_carried_out=False)
        (question,) = world.channel.public
        await world.ana.deletes(question)
        await world.fake.until(lambda: len(world.fake.faults.met) > 2, within=20)
        world.fake.faults.clear()
        await world.fake.until(lambda: not thread.said_by(world.fake.bot), within=20)


async def test_where_a_thread_was_locked_meanwhile_the_asker_hears_why_nothing_is_posted(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with serving_discord(monkeypatch) as world:
        thread = await world.begun()
        thread.archive(locked=True)
        inbox = await world.app.inbox()
        assert await inbox.stop(f"discord:{thread.id}", f"discord:{world.ana.id}")
        await world.fake.until(lambda: world.ana.direct.said_by(world.fake.bot), within=20)
        (told,) = world.ana.direct.said_by(world.fake.bot)
        assert "I am not allowed to write where you asked." in told.content


async def test_a_reply_that_could_not_be_posted_for_an_hour_is_in_the_way_of_no_other(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch) as world:
        inbox = await world.app.inbox()
        attendant = inbox.worker.attendant
        world.fake.rates.is_on = False
        inbox.worker.attendant = replace(attendant, pause=lambda _: asyncio.sleep(0))
        world.fake.faults.cut(10_000, is_carried_out=False)
        asked = await world.ana.writes_to_bot(WEEKS)
        assert (await ended(inbox, asked)).state == "dead"
        world.fake.faults.clear()
        model.reply = silence()
        await world.ana.writes_to_bot(WEEKS)
        await world.fake.until(lambda: world.ana.direct.said_by(world.fake.bot), within=20)


async def test_a_wrong_token_and_a_missing_intent_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeDiscord() as fake:
        for wrong, said in (
            ({"DISCORD_TOKEN": "wrong.token.here"}, "DISCORD_TOKEN"),
            ({"DISCORD_MESSAGE_CONTENT": "true"}, "may not|does not let"),
        ):
            pointed(monkeypatch, fake, **wrong)
            with restored():
                async with App(Settings()) as app:
                    platform = build(Desk(app, await app.inbox()))
                    with pytest.raises(DiscordSettingsError, match=said):
                        await platform.run()
        monkeypatch.setenv("DISCORD_TOKEN", "")
        outcome = await asyncio.to_thread(in_a_process, "serve")
        assert outcome.code == 2
        assert "docs/discord.md" in outcome.err


async def test_an_outage_at_the_start_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeDiscord() as fake:
        fake.guild("Team")
        fake.faults.cut(1, route="GET /users/@me")
        fake.faults.fail(1, status=400, route="PUT /applications/{application}/commands")
        async with served(monkeypatch, fake, sleep=lambda _: asyncio.sleep(0.01)):
            assert len(fake.called("GET /users/@me")) == 2
            assert len(fake.called("PUT /applications/{application}/commands")) == 2


async def test_inviting_and_what_the_doctor_says(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeDiscord() as fake:
        pointed(monkeypatch, fake, DISCORD_MESSAGE_CONTENT="true", DISCORD_GUILDS="5")
        outcome = await asyncio.to_thread(in_a_process, "discord", "invite")
        assert f"client_id={fake.bot.id}" in outcome.out
        assert "scope=bot+applications.commands" in outcome.out
        assert "on no server yet" in outcome.err
        with restored():
            sick = [message for _, message, _ in await examine(Settings())]
        assert "may not read messages" in sick[0]
        assert "on no server" in sick[1]
        assert "DISCORD_GUILDS names 5" in sick[2]
        fake.guild("Team")
        pointed(monkeypatch, fake, DISCORD_MESSAGE_CONTENT="", DISCORD_GUILDS="")
        well = await asyncio.to_thread(in_a_process, "doctor", "--json")
        found = [one for one in well.value["checks"] if one["name"] == "discord"]
        assert [one["state"] for one in found] == ["note", "ok"]
        outcome = await asyncio.to_thread(in_a_process, "discord", "invite", "--json")
        assert outcome.value["servers"] == ["Team"]


async def test_the_doctor_names_the_channels_where_the_bot_lacks_a_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeDiscord() as fake:
        pointed(monkeypatch, fake)
        guild = fake.guild("Team")
        rules, help_, more = [guild.channel(name) for name in ("rules", "help", "more")]
        rules.deny(guild.everyone, "send_messages")
        for one in (help_, more):
            one.deny(guild.bot, "send_messages", "read_message_history")
        guild.channel("plain").deny(guild.bot, "attach_files")
        guild.channel("secret").only_for(guild.member("Ana"))
        with restored():
            found = await examine(Settings())
        lacking = {message: state for state, message, _ in found if "#" in message}
        assert lacking == {
            "Team: in #rules the bot may not: Send Messages, Attach Files": "note",
            "Team: in #plain the bot may not: Attach Files": "note",
            "Team: in #help, #more the bot may not: Send Messages, Attach Files, "
            "Read Message History": "broken",
        }


async def test_the_doctor_says_whether_there_is_the_channel_for_alarms(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    async with FakeDiscord() as fake:
        pointed(monkeypatch, fake)
        guild = fake.guild("Team")
        ops = guild.channel("ops")
        for server, channel, said in (
            (guild.id, ops.id, "ok"),
            (7, ops.id, "broken"),
            (7, 8, "broken"),
        ):
            name = f"discord:{server}:chan:{channel}"
            (home / "tertulia.toml").write_text(f'[learning]\ntold_in = "{name}"\n')
            with restored():
                found = [one for one in await examine(Settings()) if "told_in" in one[1]]
            assert [state for state, _, _ in found] == [said]
            if channel == ops.id and said == "broken":
                assert f"discord:{guild.id}:chan:{ops.id}" in found[0][2]


async def test_discord_that_cannot_be_reached_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeDiscord() as fake:
        pointed(monkeypatch, fake, DISCORD_API_BASE="http://127.0.0.1:9/api/v10")
        with restored(), pytest.raises(DiscordUnreachableError) as raised:
            await examine(Settings())
        assert "run this again" in raised.value.what_to_do


async def test_a_form_that_cannot_be_opened_and_a_stop_that_comes_too_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        ana, direct = world.ana, world.ana.direct
        await ana.writes_to_bot(WEEKS)
        reply = await world.reply(direct)
        route = "POST /interactions/{interaction}/{token}/callback"
        world.fake.faults.fail(1, status=400, route=route)
        down = await ana.clicks(reply, names(reply, "down")[0])
        await world.fake.until(lambda: "error" in world.fake.faults.met, within=5)
        outlet = InChannel(world.platform.client, Spot("7", ana.id, channel=direct.id))
        await outlet.begin(in_the_making("still …", "7", "en"))
        late = await ana.clicks(direct.last, names(direct.last, "stop")[0])
        assert "ya no se está" in (await late.answered()).text
        assert down.modal is None


async def test_messages_that_are_deleted_together_are_answered_no_longer(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with serving_discord(monkeypatch) as world:
        asked = await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        await world.fake.until(lambda: thread.said_by(world.fake.bot), within=20)
        ids = [str(asked.id)]
        data = {"ids": ids, "channel_id": str(world.channel.id), "guild_id": str(world.guild.id)}
        world.fake.events.emit("MESSAGE_DELETE_BULK", data, place=world.channel)
        await world.fake.until(lambda: not thread.said_by(world.fake.bot), within=20)
