"""Who may read a source is what `tertulia.toml` says now, also in the midst of a refresh."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from knowledge.articles import Audience
from knowledge.stores import ChunkStore
from pipelines.indexing import Wish
from pipelines.refresh_report import RefreshReport

EVERYBODY, BEN = Audience.of("everyone"), Audience.of("terminal:ben")


@pytest.fixture
async def app(home: Path) -> AsyncIterator[App]:
    async with App(Settings()) as app:
        yield app


async def store_of(app: App) -> ChunkStore:
    return (await (await app.stores()).searched())[0]


async def readable(app: App, reader: Audience) -> bool:
    return bool(await (await store_of(app)).chunks_of("team:leave.md", reader=reader))


@pytest.mark.parametrize("change", ["narrowed", "removed"])
async def test_a_right_that_is_withdrawn_during_a_refresh_counts_when_it_ends(
    app: App, change: str
) -> None:
    entry = app.structure.source("team")

    def withdraw(_report: RefreshReport) -> None:
        if change == "removed":
            app.structure.remove("team")
        else:
            app.structure.replace(replace(entry, audience=BEN))

    assert await readable(app, EVERYBODY)
    await app.index.refresh(entry, Wish(full=True, progress=withdraw))
    assert not await readable(app, EVERYBODY)
    assert await readable(app, BEN) is (change == "narrowed")
