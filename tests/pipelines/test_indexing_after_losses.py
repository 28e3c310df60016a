"""Index, ledger or files may be lost at any point: a refresh brings all three together again."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from knowledge.articles import Audience
from knowledge.parsing import Limits
from knowledge.sources import SourceUnavailableError
from pipelines.indexing import Wish
from tests.knowledge import documents
from tests.pipelines.indexing_world import World, figures, open_world

ANA = Audience.of("terminal:ana")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


async def test_a_deleted_index_is_filled_again_from_every_source(tmp_path: Path) -> None:
    documents.write(tmp_path, {"docs/a.md": "Of docs.", "more/b.md": "Of more.", "more/c.exe": "x"})
    async with open_world(tmp_path) as world:
        await world.refresh()
        await world.refresh(name="more")
    rmtree(tmp_path / "store")
    async with open_world(tmp_path) as world:
        assert figures(await world.refresh()) == (1, 1, 0, 0, 0)
        assert figures(await world.refresh(name="more")) == (2, 1, 0, 0, 1)
        assert await world.text("a.md") == "Of docs."
        assert await world.text("b.md", name="more") == "Of more."
        assert figures(await world.refresh(name="more")) == (2, 0, 1, 0, 1)


async def test_an_index_from_a_backup_is_brought_up_to_date(tmp_path: Path) -> None:
    documents.write(tmp_path, {"docs/a.md": "Old."})
    async with open_world(tmp_path) as world:
        await world.refresh()
    (tmp_path / "store").rename(tmp_path / "backup")
    documents.write(tmp_path, {"docs/a.md": "New words."})
    async with open_world(tmp_path) as world:
        await world.refresh()
    rmtree(tmp_path / "store")
    copytree(tmp_path / "backup", tmp_path / "store")
    async with open_world(tmp_path) as world:
        await world.refresh()
        assert await world.text("a.md") == "New words."


async def test_an_article_that_only_the_store_has_lost_is_read_again(world: World) -> None:
    documents.write(world.folder, {"a.md": "Text.", "b.md": "More."})
    await world.refresh()
    await world.store.replace(["docs:a.md"], [])
    assert figures(await world.refresh()) == (2, 1, 1, 0, 0)
    assert await world.text("a.md") == "Text."


async def test_without_its_database_the_index_still_loses_what_is_gone(tmp_path: Path) -> None:
    documents.write(tmp_path, {"docs/a.md": "Text.", "docs/b.md": "More.", "more/c.md": "Stays."})
    async with open_world(tmp_path) as world:
        await world.refresh()
        await world.refresh(name="more")
    (tmp_path / "tertulia.db").rename(tmp_path / "moved-away.db")
    (tmp_path / "docs" / "a.md").unlink()
    async with open_world(tmp_path) as world:
        assert figures(await world.refresh()) == (1, 1, 0, 1, 0)
        assert await world.chunks("a.md") == []
        assert await world.text("c.md", name="more") == "Stays."


async def test_an_empty_folder_deletes_nothing_that_only_the_store_knows(world: World) -> None:
    names = [f"{n}.md" for n in range(10)]
    documents.write(world.folder, dict.fromkeys(names, "Text."))
    await world.refresh()
    await world.ledger.forget("docs", names)
    for name in names:
        (world.folder / name).unlink()
    with pytest.raises(SourceUnavailableError, match="only 0 of its 10"):
        await world.refresh()
    assert await world.text("3.md") == "Text."


async def test_what_only_store_or_ledger_knows_is_forgotten_too(world: World) -> None:
    documents.write(world.folder, {"a.md": "Text.", "b.md": "More.", "c.md": "Words."})
    await world.refresh()
    await world.ledger.forget("docs", ["a.md"])
    await world.store.replace(["docs:b.md"], [])
    assert await world.forget() == 3
    assert (await world.store.state()).chunks == 0
    assert [path async for path in world.ledger.paths("docs")] == []


async def test_a_narrowed_audience_counts_for_a_file_that_broke_meanwhile(world: World) -> None:
    documents.write(world.folder, {"a.pdf": documents.pdf([["Old words."]]), "b.md": "Fine."})
    await world.refresh()
    documents.write(world.folder, {"a.pdf": b"%PDF-1.4 broken"})
    assert figures(await world.refresh(audience=ANA)) == (2, 0, 1, 0, 1)
    assert await world.chunks("a.pdf") == []
    assert await world.chunks("b.md") == []
    assert len(await world.chunks("a.pdf", ANA)) == 1


async def test_a_narrowed_audience_counts_while_the_folder_is_away(world: World) -> None:
    documents.write(world.folder, {"a.md": "Salaries."})
    await world.refresh()
    world.folder.rename(world.home / "away")
    with pytest.raises(SourceUnavailableError):
        await world.refresh(audience=ANA)
    assert await world.chunks("a.md") == []
    assert len(await world.chunks("a.md", ANA)) == 1


@pytest.mark.parametrize(
    ("name", "now"), [("a.docx", b""), ("a.md", b" \n"), ("a.md", b"<!-- -->")]
)
async def test_a_file_that_was_emptied_is_found_by_nobody_and_the_others_stay(
    world: World, name: str, now: bytes
) -> None:
    before = documents.word_file() if name.endswith("docx") else b"Old words."
    documents.write(
        world.folder, {name: before, "b.md": "Fine.", "c.pdf": documents.pdf([["Old."]])}
    )
    await world.refresh()
    assert await world.text(name)
    documents.write(world.folder, {name: now, "c.pdf": b"%PDF-1.4 broken"})
    for full in (False, False, True):
        report = await world.refresh(wish=Wish(full=full))
        assert [one.article for one in report.failed] == [f"docs:{name}", "docs:c.pdf"]
        assert "no text" in report.failed[0].reason
        assert [await world.text(path) for path in (name, "b.md")] == ["", "Fine."]
        assert "Old" in await world.text("c.pdf"), "what cannot be read now keeps its words"
    assert await world.ledger.articles() == {"docs": 2}
    documents.write(world.folder, {name: before})
    assert (await world.refresh()).indexed == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
async def test_a_file_that_we_may_not_read_any_more_is_found_by_nobody(world: World) -> None:
    documents.write(world.folder, {"a.md": "Salaries."})
    await world.refresh()
    (world.folder / "a.md").chmod(0)
    assert figures(await world.refresh()) == (1, 0, 0, 0, 1)
    assert await world.chunks("a.md") == []
    (world.folder / "a.md").chmod(0o600)
    assert figures(await world.refresh()) == (1, 1, 0, 0, 0)


async def test_what_was_emptied_goes_also_where_only_the_ledger_or_the_store_knows_it(
    world: World,
) -> None:
    documents.write(world.folder, {"a.md": "Old words.", "b.md": "More."})
    await world.refresh()
    await world.ledger.forget("docs", ["a.md"])
    await world.store.replace(["docs:b.md"], [])
    documents.write(world.folder, {"a.md": b"", "b.md": b""})
    assert figures(await world.refresh()) == (2, 0, 0, 0, 2)
    assert await world.chunks("a.md") == []
    assert await world.ledger.articles() == {}


async def test_a_file_that_was_too_large_is_read_when_the_limit_is_raised(world: World) -> None:
    documents.write(world.folder, {"big.txt": "word " * 50_000, "a.md": "Fine.", "b.exe": b"MZ"})
    report = await world.refresh(max_file_mb=0.1)
    assert figures(report) == (3, 1, 0, 0, 2)
    assert "max_file_mb" in report.failed[1].reason
    report, read = await world.refresh_watched()
    assert (figures(report), read) == ((3, 1, 1, 0, 1), ["big.txt"])


async def test_a_file_that_took_too_long_is_tried_again(world: World) -> None:
    documents.write(world.folder, {"a.md": "Text."})
    await world.refresh()
    documents.write(world.folder, {"b.md": "More."})
    report, _ = await world.refresh_watched(Limits(wall_s=0.001))
    assert figures(report) == (2, 0, 1, 0, 1)
    assert "took longer" in report.failed[0].reason
    assert figures(await world.refresh()) == (2, 1, 1, 0, 0)


async def test_a_link_with_too_long_a_goal_is_named_and_the_others_go_on(world: World) -> None:
    documents.write(world.folder, {"a.md": "Text."})
    (world.folder / "long").symlink_to("x" * 300)
    report = await world.refresh()
    assert figures(report) == (2, 1, 0, 0, 1)
    assert report.failed[0].article == "docs:long"


_KILLED = """
import asyncio, sys
from pathlib import Path
from knowledge.articles import Audience
from knowledge.database import open_database
from knowledge.ledger import Ledger
from knowledge.sources.files import build
from knowledge.stores.embedded import EmbeddedStore
from pipelines.indexing import Wish, refresh

async def main(home: Path) -> None:
    engine = await open_database(f"sqlite+aiosqlite:///{home / 'tertulia.db'}")
    store = await EmbeddedStore.open(home / "store", dimensions=4, model="test")
    source = build(name="docs", path=home / "docs", audience=Audience.of("everyone"))
    wish = Wish(progress=lambda report: print(report.found))
    await refresh(source, store=store, ledger=Ledger(engine), wish=wish)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("batches", [0, 1, 2])
async def test_a_refresh_that_was_killed_is_finished_by_the_next(
    world: World, batches: int
) -> None:
    documents.write(world.folder, {f"{n:03}.md": f"Text {n}." for n in range(200)})
    await _refresh_until_killed(world.home, batches)
    report = await world.refresh()
    assert report.found == 200
    assert report.unchanged >= 64 * batches
    assert [await world.text(f"{n:03}.md") for n in range(200)] == [
        f"Text {n}." for n in range(200)
    ]
    assert (await world.store.state()).chunks == 200
    assert figures(await world.refresh()) == (200, 0, 200, 0, 0)


async def test_a_deleted_index_is_filled_again_also_after_a_kill(tmp_path: Path) -> None:
    documents.write(tmp_path / "docs", {f"{n:03}.md": f"Text {n}." for n in range(200)})
    async with open_world(tmp_path) as world:
        await world.refresh()
    rmtree(tmp_path / "store")
    await _refresh_until_killed(tmp_path, batches=1)
    async with open_world(tmp_path) as world:
        assert (await world.refresh()).unchanged >= 64
        assert (await world.store.state()).chunks == 200


async def _refresh_until_killed(home: Path, batches: int) -> None:
    """Refresh in another process, and kill it after so many batches."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", _KILLED, str(home)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    for _ in range(batches):
        await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.communicate()
