"""Where the first questions leave open whether something is kept, others have to tell."""

import asyncio
from pathlib import Path

from bot.app import App
from bot.learning_candidate import Bench
from bot.learning_material import material
from bot.measuring import FURTHER, measuring
from bot.settings import Settings
from pipelines.learning.evidence import Slice
from pipelines.learning.orders import orders
from pipelines.learning.sets import Wanted
from tests.bot.faulty import Reader
from tests.fakes.scripted_model import ScriptedModel

COUNT = 1


async def further(*wanted: tuple[str, ...]) -> tuple[list[list[Slice]], set[str]]:
    """More about each of these, and what was asked before."""
    async with App(Settings()) as app:
        known, now = await material(app, Wanted()), await app.cast.casting("helpdesk")
        async with measuring(app, COUNT, lambda _: None, app.pace.pause) as (asker, asked):
            bench = Bench(app, "", known, asker, asked, now, lambda _: None, app.pace.pause)
            some = asked.questions
            before = {one.id for one in (*some.answers, *some.refusals, *some.sums)}
            return [await bench.further("one", now, slices) for slices in wanted], before


def test_other_questions_are_asked_and_only_about_what_is_open(
    empty_home: Path, model: ScriptedModel
) -> None:
    assert empty_home.is_dir()
    model.thinks = Reader(knows=())
    wanted = ("refusals", "tools"), ("citations",), ("answers en",)
    found, asked = asyncio.run(further(*wanted))
    assert [tuple(one.name for one in some) for some in found] == list(wanted)
    (refusals, tools), (citations,), (english,) = found
    assert set(citations.clusters) > set(english.clusters), "in both languages"
    for one in (refusals, tools, english):
        assert len(one.clusters) == len(set(one.clusters)) == FURTHER * COUNT
        assert not asked & set(one.clusters), "another one is asked"
        assert one.champion == one.candidate, "of one model"
    given = {one.prompt for one in orders(400)}
    assert not any(one[-1]["content"] in given for one in model.prompts)
