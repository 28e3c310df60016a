"""Who has a second look at what was found: nobody, the model that answers, or another one."""

from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from knowledge.articles import EVERYONE, Audience
from tests.fakes.scripted_model import NAME, TUNED, ScriptedModel


@pytest.mark.parametrize(
    ("setting", "asked"),
    [
        ("none", set[str]()),
        ("judge", {NAME}),
        (f"judge:openai:{TUNED}", {TUNED}),
        (f"tuned:openai:{TUNED}", {TUNED}),
    ],
)
async def test_the_model_that_a_setting_names_is_asked(
    home: Path,
    model: ScriptedModel,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    asked: set[str],
) -> None:
    monkeypatch.setenv("RERANKER", setting)
    async with App(Settings()) as app:
        retriever = await app.retriever()
        found = await retriever.search("parental leave", reader=Audience.of(EVERYONE), top=3)
    assert found
    assert set(model.weighed) == asked
