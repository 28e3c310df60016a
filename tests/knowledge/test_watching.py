"""A change in a folder is noticed within seconds; what is not read is not waited for."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from shutil import rmtree

from knowledge import watching
from knowledge.articles import Audience
from knowledge.folders import Root, is_of_interest
from knowledge.patterns import Patterns
from knowledge.sources import WatchedSource
from knowledge.sources.files import FileSource, build
from tests.knowledge import documents

BOUND_S = 60  # a broken watch is told from a slow machine


def source(*paths: Path) -> FileSource:
    return build(name="docs", path=list(paths), audience=Audience.of("everyone"))


async def noticed(changes: AsyncGenerator[None, None], folder: Path, files: dict[str, str]) -> None:
    """Write until it is noticed: the watch begins at some time after it was asked for."""
    seen = asyncio.ensure_future(anext(changes))
    async with asyncio.timeout(BOUND_S):
        for number in range(1_000_000):
            documents.write(folder, {name: f"{text} {number}" for name, text in files.items()})
            await asyncio.wait([seen], timeout=1.5)
            if seen.done():
                break
    await seen


async def test_a_new_and_a_changed_file_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "docs")
    files = source(tmp_path / "link")
    assert isinstance(files, WatchedSource)
    async with aclosing(files.watch()) as changes:
        await noticed(changes, tmp_path / "docs", {"a.md": "New."})
        await noticed(changes, tmp_path / "docs", {"sub/b.md": "Below."})


async def test_a_single_file_is_watched_also_when_it_is_replaced(tmp_path: Path) -> None:
    documents.write(tmp_path, {"a.md": "Old."})
    async with aclosing(source(tmp_path / "a.md").watch()) as changes:
        await noticed(changes, tmp_path, {"a.md": "Changed."})
        seen = asyncio.ensure_future(anext(changes))
        async with asyncio.timeout(BOUND_S):
            while not seen.done():
                documents.write(tmp_path, {"b.md": "Another one."})
                (tmp_path / "b.md").replace(tmp_path / "a.md")
                await asyncio.wait([seen], timeout=1.5)
        await seen


async def test_a_folder_that_goes_and_comes_back_is_noticed_each_time(tmp_path: Path) -> None:
    documents.write(tmp_path, {"docs/a.md": "x", "more/b.md": "x"})
    async with aclosing(source(tmp_path / "docs", tmp_path / "more").watch()) as changes:
        await noticed(changes, tmp_path, {"docs/a.md": "Watched."})
        async with asyncio.timeout(BOUND_S):
            rmtree(tmp_path / "docs")
            await anext(changes)
        await noticed(changes, tmp_path, {"docs/a.md": "Back."})


async def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    async with aclosing(source(tmp_path / "docs").watch()) as changes:
        seen = asyncio.ensure_future(anext(changes))
        await asyncio.wait([seen], timeout=1.5)
        assert not seen.done()
        documents.write(tmp_path, {"docs/a.md": "There."})
        await asyncio.wait_for(seen, BOUND_S)


async def test_without_help_of_the_system_it_is_looked_again_and_again(tmp_path: Path) -> None:
    documents.write(tmp_path, {"a.md": "x"})
    polled = watching.changes([tmp_path], lambda _: True, polling=True)
    async with aclosing(polled) as changes:
        await noticed(changes, tmp_path, {"a.md": "Changed."})


async def test_a_folder_that_goes_before_it_is_watched_is_given_back(tmp_path: Path) -> None:
    async for _ in watching._while_there([tmp_path / "gone"], ["seen"], lambda _: True, None):
        raise AssertionError


def test_what_is_never_read_is_no_change(tmp_path: Path) -> None:
    roots, patterns = [Root(tmp_path)], Patterns(include="*.md", exclude="drafts/")
    for name, counts in (
        *((".git/index", False), ("a/~$b.docx", False), ("drafts/x.md", False)),
        *(("a.md", True), ("a/folder", True), ("", True), ("../beside", True)),
    ):
        assert is_of_interest((tmp_path / name).resolve(), roots, patterns) == counts, name
