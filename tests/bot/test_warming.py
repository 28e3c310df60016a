"""What the first question needs is there before people are listened to, if it can be had at all."""

import asyncio
from pathlib import Path

import pytest

from bot.app import App
from bot.desk import Desk
from bot.serving import serve
from bot.settings import Settings
from tests.bot.test_schedule import until
from tests.fakes.platforms.square import Square
from tests.fakes.scripted_model import ScriptedModel, silence


class Noting(Square):
    """A platform that notes what the model had been asked when it began to listen."""

    def __init__(self, desk: Desk, model: ScriptedModel) -> None:
        super().__init__(desk)
        self.prompts = -1
        self._model = model

    async def run(self) -> None:
        """Note it."""
        self.prompts = len(self._model.prompts)
        await super().run()


async def begun(model: ScriptedModel, told: asyncio.Event) -> Noting:
    """A platform of a process that serves until told."""
    async with App(Settings()) as app:
        platform = Noting(Desk(app, await app.inbox()), model)
        serving = asyncio.create_task(serve(app, [platform], told))
        if not told.is_set():

            async def listens() -> bool:
                return platform.prompts >= 0

            await until(listens)
        told.set()
        await serving
    return platform


async def test_the_prompt_is_read_before_anybody_is_listened_to(
    home: Path, model: ScriptedModel
) -> None:
    assert (await begun(model, asyncio.Event())).prompts == 1


async def test_without_knowledge_or_model_people_are_listened_to_all_the_same(
    home: Path,
    model: ScriptedModel,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert (await begun(model, asyncio.Event())).prompts == 0
    assert "cannot answer yet" in capsys.readouterr().err


async def test_whoever_is_told_to_stop_while_it_warms_up_stops(
    home: Path, model: ScriptedModel
) -> None:
    model.reply = silence()  # it would never be warm
    told = asyncio.Event()
    told.set()
    platform = await asyncio.wait_for(begun(model, told), 30)
    assert platform.prompts <= 0
