"""A second opinion on Discord: its rules as others have understood and simulated them."""

from pathlib import Path

import pytest

from tests.bot.platforms.discord_world import ANSWER, WEEKS, quiet_home
from tests.bot.platforms.simcord_world import button, simulated, texts_of
from tests.fakes.scripted_model import ScriptedModel

__all__ = ["quiet_home"]
DEFERRED, EPHEMERAL = 5, 64
MORE = "Everybody has 27 days of paid leave a year."


@pytest.fixture(autouse=True)
def _answering(quiet_home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    model.answer = ANSWER
    monkeypatch.setenv("DISCORD_TOKEN", "a.simulated.token")


async def test_a_mention_is_answered_in_a_thread_rated_and_answered_anew_once_edited(
    model: ScriptedModel,
) -> None:
    async with simulated() as here:
        asked = await here.ana.send(here.channel, f"{here.mention} {WEEKS}")
        await here.until(lambda: [m for m in here.replies() if button(m, "up")])
        (thread,) = here.channel.threads
        (reply,) = here.replies()
        assert thread.name == WEEKS
        assert texts_of(reply).startswith(ANSWER.replace(".", " [1]."))
        pressed = await here.ana.click(reply, custom_id=button(reply, "up"))
        assert pressed.ephemeral
        assert pressed.response
        assert "Thank you" in str(pressed.response.components) + pressed.response.content
        form = await here.ana.click(reply, custom_id=button(reply, "down"))
        assert form.modal
        why = await here.ana.click(reply, custom_id=button(reply, "why"))
        assert why.response
        assert "persona helpdesk" in why.response.content + str(why.response.components)
        model.answer = MORE
        await here.ana.edit(asked, f"{here.mention} How many days of paid leave are there?")
        await here.until(lambda: "27 days" in texts_of(here.replies()[0]))
        assert [message.id for message in here.replies()] == [reply.id]
        assert here.env.errors == []


async def test_a_command_is_deferred_and_answered_to_the_asker_alone() -> None:
    async with simulated() as here:
        asked = await here.ana.slash(here.channel, "ask", question=WEEKS)
        assert asked.ephemeral
        (first,) = [one for one in here.env.http_requests if one.path.endswith("/callback")]
        assert first.json == {"type": DEFERRED, "data": {"flags": EPHEMERAL}}
        await here.until(lambda: asked.response and "19 weeks" in str(asked.response.components))
        assert here.channel.history() == []
        assert here.env.errors == []
