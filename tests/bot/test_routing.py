"""Whether questions are told apart before tools are offered is a setting."""

from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from pipelines import routing
from tests.fakes.scripted_model import ScriptedModel

QUESTION = "¿Quién pide el café?"


async def route_of(persona: str) -> dict[str, object]:
    async with App(Settings()) as app:
        said = await (await app.talk("terminal:ana", persona)).reply(QUESTION)
        assert said.answer
        return said.answer.receipt.route


async def test_with_the_setting_a_persona_with_tools_has_a_router(
    home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await route_of("analyst") == {}
    monkeypatch.setenv("ROUTER", "learned")
    route = await route_of("analyst")
    assert route["edition"] == routing.load().edition
    assert await route_of("helpdesk") == {}  # it has no tools
