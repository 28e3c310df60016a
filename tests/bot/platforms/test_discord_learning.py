"""On Discord people agree and rate, and a curator decides."""

import pytest

from bot.wording import say
from tests.bot.learning_team import BETTER, agreed, write
from tests.bot.platforms.discord_world import (
    WEEKS,
    World,
    answering,
    names,
    serving_discord,
)

__all__ = ["answering"]


async def test_on_discord_people_agree_and_curators_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        write(
            world.app.settings.home.structure,
            agreed(f"discord:chan:{world.channel.id}", f"discord:{world.ana.id}", '"discord"'),
        )
        assert "on" in await discord_says(world, "on")
        await world.ana.mentions(world.channel, WEEKS)
        reply = await world.reply(await world.thread(world.channel))
        form = await world.ana.clicks(reply, names(reply, "down")[0])
        await form.responded()
        sent = await world.ana.submits(form, {"better": BETTER, "fault": "style"})
        await sent.answered()
        mined = await world.app.learning.mine()
        (name,) = mined.made
        assert name in await discord_says(world, "examples")
        assert say("learn-rejected", "es", name=name) in await discord_says(world, f"reject {name}")
        (kept,) = await (await world.app.learning.kept()).all()
        assert (kept.state, kept.curator) == ("rejected", f"discord:{world.ana.id}")
        assert kept.consent["channel"].endswith(f":chan:{world.channel.id}")


async def discord_says(world: World, what: str) -> str:
    interaction = await world.ana.runs("learn", world.channel, what=what)
    return str((await interaction.answered()).text)
