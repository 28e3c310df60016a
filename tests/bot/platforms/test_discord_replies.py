"""Where replies go on Discord, also for a process that goes on with what another one has begun."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import discord
import pytest

from bot.platforms.discord.listening import insistently
from bot.platforms.discord.sink import DiscordSink
from bot.platforms.discord.spot import spot_of
from bot.platforms.discord.views import in_the_making
from bot.posts import Post
from knowledge.conversations import now
from knowledge.errors import TransientError
from knowledge.turn import KeptTurn
from tests.bot.platforms.discord_world import (
    WEEKS,
    World,
    answering,
    is_whole,
    names,
    served,
    serving_discord,
)
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.posting import delete
from tests.fakes.scripted_model import ScriptedModel, silence

__all__ = ["answering"]
LONG = Post("\n\n".join(f"Paragraph {n} is about leave." for n in range(400)), "en", "T-7Q2M")


async def kept(world: World, number: int) -> KeptTurn:
    """The turn of a message or a command."""
    found = await (await world.app.inbox()).turns.named(f"discord:{number}")
    assert found
    return found


async def answered_before(world: World) -> DiscordSink:
    """Where the answer to a question goes that has one already: in the place of that."""
    asked = await world.ana.writes_to_bot(WEEKS)
    await world.reply(world.ana.direct)
    one = await kept(world, asked.id)
    place = dict(one.turn.place) | {"answer": one.posted_as}
    return world.platform.sinks.sink(replace(one.turn, place=place))


async def test_a_long_reply_is_posted_once_and_shrinks_with_an_edit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        sink = await answered_before(world)
        posted_as = await sink.finish(LONG)
        said = world.ana.direct.said_by(world.fake.bot)
        assert posted_as.count("+") == len(said) - 1 == 3
        assert [bool(names(message)) for message in said] == [False, False, False, True]
        assert await sink.finish(LONG) == posted_as
        place = dict(sink.turn.place) | {"answer": posted_as}
        short = world.platform.sink(replace(sink.turn, place=place))
        await short.finish(Post("Short.", "en", "T-7Q2M"))
        assert [m.text.splitlines()[0] for m in world.ana.direct.said_by(world.fake.bot)] == [
            "Short."
        ]


async def test_a_long_reply_that_is_broken_off_for_long_is_gone_on_with_and_not_begun_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        sink = await answered_before(world)
        route = "POST /channels/{channel}/messages"
        world.fake.faults.slow(0.01, 2, route=route)
        world.fake.faults.cut(1, route=route, is_carried_out=False)
        with pytest.raises(TransientError):
            await sink.finish(LONG)
        assert 2 <= len(world.ana.direct.said_by(world.fake.bot)) < 4
        world.fake.world.nonces.clear()  # Discord forgets them after some minutes
        await sink.finish(LONG)
        said = world.ana.direct.said_by(world.fake.bot)
        assert [bool(names(message)) for message in said] == [False, False, False, True]


async def test_a_status_that_is_deleted_twice_costs_no_reply(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        asked = await world.ana.writes_to_bot(WEEKS)
        await world.reply(world.ana.direct)
        outlet = world.platform.sinks.outlet((await kept(world, asked.id)).turn)
        shown = await outlet.begin(in_the_making("one", "1", "en"))
        for text in ("two", "three"):
            delete(world.ana.direct.last)
            shown = await outlet.change(shown, [in_the_making(text, "1", "en")])
            assert world.ana.direct.last.text.startswith(text)


async def test_who_stops_a_long_reply_that_is_being_posted_sees_no_part_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        sink = await answered_before(world)
        world.fake.faults.slow(0.3, 4, route="POST /channels/{channel}/messages")
        posting = asyncio.create_task(sink.finish(LONG))
        said = world.ana.direct.said_by
        await world.fake.until(lambda: len(said(world.fake.bot)) == 2, within=20)
        posting.cancel()
        await sink.finish(Post("Stopped, as you asked.", "en"))
        (stopped,) = said(world.fake.bot)
        assert stopped.text == "Stopped, as you asked."


async def test_a_long_reply_to_a_command_is_for_the_asker_alone(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with serving_discord(monkeypatch) as world:
        asked = await world.ana.runs("ask", world.channel, question=WEEKS)
        await world.fake.until(lambda: asked.message and names(asked.message, "stop"), within=20)
        one = await kept(world, asked.id)
        sink = world.platform.sink(one.turn)
        route = "POST /webhooks/{application}/{token}"
        world.fake.faults.slow(0.01, 1, route=route)
        world.fake.faults.cut(1, route=route, is_carried_out=False)
        with pytest.raises(TransientError):
            await sink.finish(LONG)
        await sink.finish(LONG)
        assert len(asked.followups) == 3
        assert all(message.only_for is world.ana.user for message in asked.followups)
        assert await world.platform.posted(one) == ""
        await sink.finish(Post("Short.", "en"))
        assert all(message.is_deleted for message in asked.followups)
        model.reply = None
        public = await world.ana.runs("ask", world.channel, question=WEEKS, visible="all")
        await world.fake.until(lambda: "19 weeks" in public.text, within=20)
        assert public.message
        two = await kept(world, public.id)
        assert await world.platform.posted(two) == f"{world.channel.id}/{public.message.id}"


async def test_what_another_process_has_begun_is_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    later = timedelta(minutes=6)
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana, channel = guild.member("Ana"), guild.channel("general")
        async with served(monkeypatch, fake):
            await ana.mentions(channel, WEEKS)
            await fake.until(lambda: channel.threads and channel.threads[0].public, within=20)
            asked = await ana.runs("ask", channel, question=WEEKS)
            await fake.until(lambda: asked.message and names(asked.message, "stop"), within=20)
        fake.world.nonces.clear()
        model.reply = None
        async with served(monkeypatch, fake, now=lambda: now() + later) as (app, platform):
            thread = channel.threads[0]
            await fake.until(lambda: any(map(is_whole, thread.said_by(fake.bot))), within=20)
            await fake.until(lambda: "19 weeks" in asked.text, within=20)
            (reply,) = thread.said_by(fake.bot)
            turns = (await app.inbox()).turns
            one = await turns.named(f"discord:{thread.id}")
            assert one
            assert await platform.posted(one) == f"{thread.id}/{reply.id}"
            gone = replace(spot_of(one.turn), channel=5, message=6)
            unknown = replace(one, turn=replace(one.turn, place=gone.as_json()))
            assert await platform.posted(unknown) == ""


async def test_a_deleted_public_answer_to_a_command_is_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        asked = await world.ana.runs("ask", world.channel, question=WEEKS, visible="all")
        await world.fake.until(lambda: "19 weeks" in asked.text, within=20)
        outlet = world.platform.sinks.outlet((await kept(world, asked.id)).turn)
        shown, press = await outlet.found()
        assert press
        await outlet.remove(shown)
        assert world.channel.said_by(world.fake.bot) == []


async def test_a_role_and_other_names_are_read_as_names(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    fake = FakeDiscord(privileged=["message_content"])
    async with serving_discord(monkeypatch, fake, DISCORD_MESSAGE_CONTENT="true") as world:
        ours = next(role for role in world.guild.roles if role.bot_id)
        editors = world.guild.role("Editors", is_mentionable=True)
        ours.is_mentionable = True
        ben = world.guild.member("Ben")
        text = f"<@&{ours.id}> may {ben.mention} of <@&{editors.id}> in {world.channel.mention}?"
        await world.fake.until(lambda: _knows(world, editors.id))
        await world.ana.says(world.channel, text)
        thread = await world.thread(world.channel)
        assert thread.name == "may @Ben of @Editors in #general?"
        await world.ana.edits(world.channel.public[0], "never mind")
        await world.reply(thread)


def _knows(world: World, role: int) -> bool:
    guild = world.platform.client.get_guild(world.guild.id)
    return guild is not None and isinstance(guild.get_role(role), discord.Role)


async def test_a_message_is_written_down_in_spite_of_what_is_in_the_way() -> None:
    tries: list[int] = []

    async def do() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise TransientError("busy", what_to_do="wait")
        return "done"

    assert await insistently(do) == "done"
    assert len(tries) == 2


async def test_a_command_that_comes_twice_or_too_late_is_answered_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        world.fake.events.copies = 2
        asked = await world.ana.runs("ask", world.channel, question=WEEKS)
        await world.fake.until(lambda: "19 weeks" in asked.text, within=20)
        assert asked.followups == []
        world.fake.events.copies = 1
        route = "POST /interactions/{interaction}/{token}/callback"
        world.fake.faults.fail(5, status=404, route=route)
        late = await world.ana.runs("ask", world.channel, question=WEEKS, visible="all")
        reply = await world.reply(world.channel)
        assert "19 weeks" in reply.text
        assert late.response is None
