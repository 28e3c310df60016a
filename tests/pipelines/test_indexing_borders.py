"""A refresh ends at a border and goes on from there; a closed source opens by a refresh."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.leases import LeaseLostError
from pipelines.indexing import Wish, refresh
from pipelines.removing import close
from tests.fakes.kinds import shelf
from tests.knowledge import documents
from tests.pipelines.indexing_world import EVERYONE, World, figures, open_world

ANA = Audience.of("terminal:ana")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


class Border:
    """A checkpoint that lets a refresh pass so many times."""

    def __init__(self, passes: int) -> None:
        self.passes = passes

    async def __call__(self) -> None:
        """Let it pass, or end it there."""
        self.passes -= 1
        if self.passes < 0:
            raise LeaseLostError("Somebody else is at it.", what_to_do="Nothing.")


async def test_a_refresh_that_ends_at_any_border_leaves_whole_batches_and_goes_on(
    world: World,
) -> None:
    documents.write(world.folder, {f"{n:03}.md": f"This is page {n}." for n in range(150)})
    kept = []
    for passes in range(5):
        with pytest.raises(LeaseLostError):
            await world.refresh(wish=Wish(checkpoint=Border(passes)))
        kept.append((await world.store.state()).chunks)
    assert kept == [0, 0, 0, 64, 128]
    assert figures(await world.refresh()) == (150, 22, 128, 0, 0)


async def test_who_has_lost_the_lease_deletes_nothing(world: World) -> None:
    documents.write(world.folder, {"a.md": "Here.", "b.md": "Gone soon."})
    await world.refresh()
    (world.folder / "b.md").unlink()
    with pytest.raises(LeaseLostError):
        await world.refresh(wish=Wish(checkpoint=Border(2)))
    assert await world.text("b.md") == "Gone soon."
    assert figures(await world.refresh()) == (1, 0, 1, 1, 0)


async def test_a_closed_source_is_read_by_nobody_until_it_is_refreshed(world: World) -> None:
    documents.write(world.folder, {"a.md": "Here."})
    await world.refresh()
    await close("docs", store=world.store, ledger=world.ledger)
    assert await world.chunks("a.md", EVERYONE) == []
    report, read = await world.refresh_watched()
    assert (figures(report), read) == ((1, 1, 0, 0, 0), ["a.md"])
    assert await world.text("a.md") == "Here."


async def refresh_shelf(world: World, audience: Audience) -> tuple[int, int, int, int, int]:
    """Refresh files that may say who may read them."""
    source = shelf.build(name="docs", audience=audience, path=world.folder, own=True)
    return figures(await refresh(source, store=world.store, ledger=world.ledger))


async def test_where_articles_say_who_may_read_them_another_default_counts_for_the_others(
    world: World,
) -> None:
    documents.write(world.folder, {"a.txt": "For all.", "b.txt": "for: terminal:ben\nFor Ben."})
    assert await refresh_shelf(world, EVERYONE) == (2, 2, 0, 0, 0)
    assert await refresh_shelf(world, EVERYONE) == (2, 0, 2, 0, 0)
    assert await refresh_shelf(world, ANA) == (2, 2, 0, 0, 0)
    assert await world.chunks("a.txt", EVERYONE) == []
    assert await world.chunks("a.txt", ANA)
    assert await world.chunks("b.txt", ANA) == []
    assert await world.chunks("b.txt", Audience.of("terminal:ben"))
