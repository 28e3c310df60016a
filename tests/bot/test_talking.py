"""A conversation remembers what was said, for those who were there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from bot.places import readers
from bot.settings import Settings
from knowledge.articles import Audience
from knowledge.history import History
from tests.fakes.scripted_model import ScriptedModel

CHAIR = "What does the chair of the board earn?"


@pytest.fixture
async def app(home: Path) -> AsyncIterator[App]:
    async with App(Settings()) as app:
        yield app


def test_one_reader_has_all_rights_several_only_those_of_all() -> None:
    assert readers("terminal:ana") == Audience.of("everyone", "terminal:ana")
    assert readers("terminal:ana", "terminal:ana") == Audience.of("everyone", "terminal:ana")
    assert readers("terminal:ana", "terminal:ben") == Audience.of("everyone")
    assert readers() == Audience.of("everyone")


async def test_two_conversations_have_two_names(app: App) -> None:
    first, second = (
        await app.talk("terminal:ana", "helpdesk"),
        await app.talk("terminal:ana", "helpdesk"),
    )
    assert first.id != second.id
    assert (await app.talk("terminal:ana", "helpdesk", "C1")).id == "C1"


async def test_private_pages_are_gone_when_somebody_joins(app: App, model: ScriptedModel) -> None:
    model.answer = "The chair of the board earns 4,812 euros a month."
    ana = await app.talk("terminal:ana", "helpdesk", "room")
    assert "4,812" in (await ana.reply(CHAIR)).text
    ben = await app.talk("terminal:ben", "helpdesk", "room")
    assert "4,812" not in (await ben.reply("And why?")).text
    assert "4,812" not in model.last_prompt
    assert "4,812" not in (await ana.reply(CHAIR)).text


async def test_opinions_are_kept_for_the_last_answer(app: App, model: ScriptedModel) -> None:
    model.answer = "El café lo pide Jorge Luna cada jueves."
    talk = await app.talk("terminal:ana", "helpdesk")
    assert await talk.rate("+", "") is None
    said = await talk.reply("¿Quién pide el café?")
    assert said.answer
    assert await talk.rate("+", "") == said.answer.reference
    assert await talk.rate("-", "too long") == said.answer.reference
    kept = await History(await app.database()).feedback(said.answer.reference)
    assert [(one.verdict, one.comment) for one in kept] == [("up", ""), ("down", "too long")]


async def test_a_failure_leaves_the_last_answer_as_it_was(app: App, model: ScriptedModel) -> None:
    model.answer = "El café lo pide Jorge Luna cada jueves."
    talk = await app.talk("terminal:ana", "helpdesk")
    await talk.reply("¿Quién pide el café?")
    before = talk.last
    assert (await talk.reply("")).error
    assert talk.last is before


async def test_idle_time_completes_the_index(app: App) -> None:
    state, _ = await app.index.complete(0.0)
    assert state.chunks
    state, swap = await app.index.complete()
    assert state.embedded == state.chunks
    assert swap is None


async def test_parts_are_made_once_also_for_two_who_ask_at_once(app: App) -> None:
    first, second = await asyncio.gather(app.stores(), app.stores())
    assert first is second
