"""The fake of Discord: how fast and how long interactions can be responded to, and with what."""

import discord
import pytest
from discord import ui

from tests.fakes.clock import HurriedClock
from tests.fakes.discord import FakeDiscord, Interaction, Member
from tests.fakes.discord_bots import Bare, Bot, bare, running

Told = discord.Interaction[Bot]


async def test_the_first_response_comes_within_three_seconds() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        bot = Bot()
        errors: list[int] = []

        @bot.tree.command(description="Too slow")
        async def late(told: Told) -> None:
            await clock.sleep(3.1)
            with pytest.raises(discord.NotFound) as caught:
                await told.response.defer()
            errors.append(caught.value.code)

        async with running(fake, bot):
            await bot.tree.sync()
            shown = await ana.runs("late", channel)
            assert [shown.has_failed] == [False]
            await fake.until(lambda: errors)
            assert errors == [10062]
            assert shown.has_failed
            assert not channel.public


def bot_that_thinks(thinking: list[Told]) -> Bot:
    """A bot whose command is never done."""
    bot = Bot()

    @bot.tree.command(description="Slow")
    async def slow(told: Told) -> None:
        await told.response.defer(thinking=True)
        thinking.append(told)

    return bot


async def test_a_bot_is_seen_thinking_until_its_first_message() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        thinking: list[Told] = []
        async with running(fake, bot_that_thinks(thinking)) as bot:
            await bot.tree.sync()
            shown = await ana.runs("slow", channel)
            told = (await fake.until(lambda: thinking))[0]
            assert shown.message
            assert shown.message.is_loading
            assert channel.transcript().texts == ["…"]
            assert shown.text == ""
            async with bare(fake) as ask:
                path = f"/interactions/{shown.id}/{shown.token}/callback"
                assert await ask.code("POST", path, {"type": 5}) == 40060
            view = ui.LayoutView()
            view.add_item(ui.TextDisplay(f"Here it is, {ana.mention}."))
            await told.edit_original_response(view=view)
            assert shown.message.is_v2
            assert shown.message.pings == ("@Ana",)
            assert channel.transcript().texts == [f"Here it is, {ana.mention}."]


async def test_the_first_message_after_a_deferral_fills_it_in() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        thinking: list[Told] = []
        async with running(fake, bot_that_thinks(thinking)) as bot:
            await bot.tree.sync()
            shown = await ana.runs("slow", guild.channel("general"))
            await (await fake.until(lambda: thinking))[0].followup.send("Here it is.")
            assert (await thinking[0].original_response()).content == "Here it is."
            assert shown.text == "Here it is."
            assert not shown.followups


async def test_a_token_lives_for_fifteen_minutes() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        thinking: list[Told] = []
        async with running(fake, bot_that_thinks(thinking)) as bot, bare(fake) as ask:
            await bot.tree.sync()
            shown = await ana.runs("slow", channel)
            told = (await fake.until(lambda: thinking))[0]
            await clock.sleep(899)
            await told.edit_original_response(content="In time.")
            extra = await told.followup.send("More.", wait=True)
            await extra.edit(content="Much more.")
            await extra.delete()
            await told.delete_original_response()
            original = f"/webhooks/{fake.bot.id}/{shown.token}/messages/@original"
            assert await ask.code("GET", original) == 10008
            await clock.sleep(1)
            with pytest.raises(discord.HTTPException, match="50027"):
                await told.followup.send("Too late.")
            assert channel.transcript().texts == []


async def test_responses_that_do_not_fit_are_refused() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        app = fake.bot.id
        async with bare(fake) as ask:
            command = {"name": "ask", "description": "Ask", "type": 1}
            assert await ask.code("POST", f"/applications/{app}/commands", command) == 0
            shown = await ana.runs("ask", channel)
            path = f"/interactions/{shown.id}/{shown.token}/callback"
            hook = f"/webhooks/{app}/{shown.token}"
            assert await ask.code("POST", path, {"type": 8, "data": {"choices": []}}) == 50035
            assert await ask.code("POST", path, {"type": 7, "data": {"content": "x"}}) == 50035
            assert await ask.code("POST", path.replace(shown.token, "no"), {"type": 5}) == 10062
            assert await ask.code("POST", hook, {"content": "early"}) == 10015
            assert await ask.code("POST", f"/webhooks/{app}/no", {"content": "x"}) == 10015
            assert await ask.code("POST", f"/webhooks/1/{shown.token}", {"content": "x"}) == 10015
            await _check_forms(ask, ana, shown)


async def _check_forms(ask: Bare, ana: Member, shown: Interaction) -> None:
    path = f"/interactions/{shown.id}/{shown.token}/callback"
    form = {"title": "T", "custom_id": "f", "components": []}
    field = {"type": 18, "label": "L", "component": {"type": 4, "custom_id": "a"}}
    for parts in ([], [field] * 6, [{"type": 2}], [field, field]):
        wrong = {"type": 9, "data": form | {"components": parts}}
        assert await ask.code("POST", path, wrong) == 50035
    words = {"type": 10, "content": "We read it."}
    old = {"type": 1, "components": [{"type": 4, "custom_id": "b", "required": False}]}
    right = {"type": 9, "data": form | {"components": [field, words, old]}}
    assert await ask.code("POST", path, right) == 0
    await ana.submits(shown, {"a": "x"})
    original = f"/webhooks/{shown.world.bot.id}/{shown.token}/messages/@original"
    assert await ask.code("GET", original) == 10008
