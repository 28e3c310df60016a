"""In threads on Discord: who reads along may look behind an answer."""

from pathlib import Path

import pytest

from tests.bot.platforms.discord_world import (
    ANSWER,
    WEEKS,
    World,
    names,
    quiet_home,
    serving_discord,
)
from tests.fakes.discord.channels import PRIVATE_THREAD, Channel, open_thread
from tests.fakes.discord.people import Member
from tests.fakes.discord.posting import join
from tests.fakes.scripted_model import ScriptedModel

__all__ = ["quiet_home"]


@pytest.fixture(autouse=True)
def _answering(quiet_home: Path, model: ScriptedModel) -> None:
    model.answer = ANSWER


async def behind(world: World, thread: Channel, who: Member, number: int = 0) -> list[str]:
    """What somebody sees who presses for the quotes, and who asks why."""
    reply = await world.reply(thread, number)
    pressed = [await who.clicks(reply, names(reply, act)[0]) for act in ("quotes", "why")]
    return [(await one.answered()).text for one in pressed]


async def test_whoever_reads_an_answer_in_a_thread_may_look_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        world.fake.rates.is_on = False
        ben = world.guild.member("Ben")
        await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        await world.reply(thread)
        await world.ana.mentions(thread, WEEKS)
        quotes, why = await behind(world, thread, ben, 1)
        assert "19 weeks" in quotes
        assert "persona helpdesk" in why
        reference = names(await world.reply(thread, 1), "quotes")[0].split(":")[2]
        named = await ben.runs("sources", world.channel, answer=reference)
        assert "19 weeks" in (await named.answered()).text


async def test_the_name_of_a_thread_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_discord(monkeypatch) as world:
        secret = f"xoxb-{'1234567890' * 2}-abcdefghij"
        await world.ana.mentions(world.channel, f"is {secret} ours?")
        thread = await world.thread(world.channel)
        await world.reply(thread)
        assert thread.name == "is ••• ours?"


async def test_what_was_said_in_a_private_thread_is_shown_to_those_in_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        world.fake.rates.is_on = False
        ben, eve = world.guild.member("Ben"), world.guild.member("Eve")
        thread = open_thread(world.channel, "Closed", world.ana.user, kind=PRIVATE_THREAD)
        for one in (world.fake.bot, ben.user):
            join(thread, one)
        await world.ana.mentions(thread, WEEKS)
        quotes, _ = await behind(world, thread, ben)
        assert "19 weeks" in quotes
        reference = names(await world.reply(thread), "quotes")[0].split(":")[2]
        refused = await eve.runs("sources", world.channel, answer=reference)
        assert "19 weeks" not in (await refused.answered()).text
