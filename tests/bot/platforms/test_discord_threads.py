"""In threads on Discord: who reads along may look behind an answer."""

from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from tests.bot.platforms.discord_world import WEEKS, World, answering, ended, names, serving_discord
from tests.fakes.discord.channels import PRIVATE_THREAD, Channel, open_thread
from tests.fakes.discord.people import Member
from tests.fakes.discord.posting import join

__all__ = ["answering"]


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


@pytest.mark.parametrize("is_locked", [False, True])
async def test_a_thread_that_was_put_away_keeps_no_answer_that_is_to_go_unless_it_is_locked(
    monkeypatch: pytest.MonkeyPatch, home: Path, is_locked: bool
) -> None:
    with (home / "tertulia.toml").open("a") as structure:
        structure.write("\n[channels.default]\nremoves_answers = true\n")
    async with serving_discord(monkeypatch) as world:
        asked = await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        await world.reply(thread)
        await ended(await world.app.inbox(), asked)
        thread.archive(locked=is_locked)
        structlog.reset_defaults()  # another test may have silenced it
        with capture_logs() as logged:
            await world.ana.deletes(asked)
            changes = "PATCH /channels/{channel}"  # it is opened again, then it loses its name
            await world.fake.until(lambda: len(world.fake.called(changes)) == 2, within=20)
        assert bool(thread.said_by(world.fake.bot)) == is_locked
        failed = [line for line in logged if line["event"] == "failed to remove a message"]
        assert [line["code"] for line in failed] == [50013] * is_locked
