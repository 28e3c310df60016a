"""From a mention on Discord to the posted answer."""

from pathlib import Path

import pytest

from tests.bot.platforms.discord_world import ANSWER, WEEKS, names, quiet_home, serving_discord
from tests.fakes.scripted_model import ScriptedModel

__all__ = ["quiet_home"]


async def test_a_mention_is_answered_in_a_thread_with_its_sources(
    quiet_home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.answer = ANSWER
    async with serving_discord(monkeypatch) as world:
        await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        reply = await world.reply(thread)
        assert thread.name == WEEKS
        assert reply.text.startswith("Parents take 19 weeks of parental leave [1].")
        assert "Parental leave" in reply.text
        assert len(names(reply)) == 4
        assert reply.is_v2
        assert reply.previews == []
