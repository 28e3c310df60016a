"""A refresh touches what has changed and names what is broken."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.parsing import Limits
from knowledge.sources import Entry, Notes, SourceUnavailableError
from knowledge.sources.files import FileSource, build
from pipelines.indexing import Wish, refresh
from tests.knowledge import documents
from tests.pipelines.indexing_world import EVERYONE, World, figures, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


async def test_new_changed_unchanged_and_vanished_files_are_told_apart(world: World) -> None:
    documents.write(world.folder, {"a.md": "Old.", "sub/b.md": "Same.", "c.md": "Gone soon."})
    assert figures(await world.refresh()) == (3, 3, 0, 0, 0)
    assert figures(await world.refresh()) == (3, 0, 3, 0, 0)
    documents.write(world.folder, {"a.md": "A new text.", "d.md": "New."})
    (world.folder / "c.md").unlink()
    assert figures(await world.refresh()) == (3, 2, 1, 1, 0)
    assert await world.text("a.md") == "A new text."
    assert await world.text("sub/b.md") == "Same."
    assert await world.chunks("c.md") == []
    assert figures(await world.refresh()) == (3, 0, 3, 0, 0)


async def test_a_file_with_a_new_date_and_the_same_bytes_is_not_parsed(world: World) -> None:
    documents.write(world.folder, {"a.md": "Same."})
    await world.refresh()
    os.utime(world.folder / "a.md", (1, 1))
    report, read = await world.refresh_watched()
    assert (figures(report), read) == ((1, 0, 1, 0, 0), [])
    record = (await world.ledger.records("docs", ["a.md"]))["a.md"]
    assert record.stamp == "5-1000000000"


async def test_a_full_refresh_and_a_new_pipeline_make_everything_anew(world: World) -> None:
    documents.write(world.folder, {"a.md": "Same."})
    await world.refresh()
    assert figures(await world.refresh(wish=Wish(full=True))) == (1, 1, 0, 0, 0)
    report = await refresh(
        world.source(),
        store=world.store,
        ledger=world.ledger,
        wish=Wish(fingerprint="other pipeline"),
    )
    assert figures(report) == (1, 1, 0, 0, 0)


async def test_a_source_with_another_audience_is_for_that_audience_and_not_read_again(
    world: World,
) -> None:
    documents.write(world.folder, {"a.md": "Salaries."})
    await world.refresh()
    ana = Audience.of("terminal:ana")
    assert figures(await world.refresh(audience=ana)) == (1, 0, 1, 0, 0)
    assert await world.chunks("a.md") == []
    assert len(await world.chunks("a.md", ana)) == 1


async def test_a_missing_folder_deletes_nothing(world: World) -> None:
    documents.write(world.folder, {"a.md": "Text."})
    await world.refresh()
    world.folder.rename(world.folder.with_name("away"))
    with pytest.raises(SourceUnavailableError):
        await world.refresh()
    assert await world.text("a.md") == "Text."


async def test_a_folder_that_is_suddenly_empty_deletes_nothing_until_told(world: World) -> None:
    names = [f"{n}.md" for n in range(10)]
    documents.write(world.folder, dict.fromkeys(names, "Text."))
    await world.refresh()
    for name in names:
        (world.folder / name).unlink()
    with pytest.raises(SourceUnavailableError, match="only 0 of its 10 articles") as caught:
        await world.refresh()
    assert "--force" in caught.value.what_to_do
    assert await world.text("3.md") == "Text."
    assert figures(await world.refresh(wish=Wish(force=True))) == (0, 0, 0, 10, 0)
    assert (await world.store.state()).chunks == 0


async def test_a_source_can_be_forgotten_and_the_others_stay(world: World) -> None:
    documents.write(world.folder, {"a.md": "Text.", "b.md": "More."})
    await world.refresh()
    other = build(name="other", path=world.folder / "a.md", audience=EVERYONE)
    await refresh(other, store=world.store, ledger=world.ledger)
    assert await world.forget() == 2
    assert (await world.store.state()).chunks == 1
    assert await world.forget() == 0


async def test_a_file_that_broke_keeps_its_old_words_and_is_named_every_time(world: World) -> None:
    documents.write(world.folder, {"a.pdf": documents.pdf([["Old words."]])})
    await world.refresh()
    documents.write(world.folder, {"a.pdf": b"%PDF-1.4 broken"})
    for _ in range(2):
        report = await world.refresh()
        assert figures(report) == (1, 0, 0, 0, 1)
        assert report.failed[0].article == "docs:a.pdf"
        assert "It is damaged" in report.failed[0].reason
        assert await world.text("a.pdf") == "Old words."
    (world.folder / "a.pdf").unlink()
    assert (await world.refresh()).deleted == 1
    assert await world.chunks("a.pdf") == []


async def test_a_broken_file_is_not_parsed_again_until_it_changes(world: World) -> None:
    documents.write(world.folder, {"a.pdf": b"broken", "b.md": "Fine."})
    await world.refresh()
    report, read = await world.refresh_watched()
    assert (figures(report), read) == ((2, 0, 1, 0, 1), [])
    documents.write(world.folder, {"a.pdf": documents.pdf([["Mended."]])})
    assert figures(await world.refresh()) == (2, 1, 1, 0, 0)
    assert await world.text("a.pdf") == "Mended."


async def test_a_link_out_of_the_folder_is_named_and_leaves_no_trace(world: World) -> None:
    (world.folder.parent / "secret.txt").write_text("TOP SECRET")
    (world.folder / "link.txt").symlink_to(world.folder.parent / "secret.txt")
    for _ in range(2):
        report = await world.refresh()
        assert figures(report) == (1, 0, 0, 0, 1)
        assert "outside the folder" in report.failed[0].reason
    assert (await world.store.state()).chunks == 0


async def test_one_percent_of_broken_files_is_named_and_the_rest_is_indexed(world: World) -> None:
    files: dict[str, str | bytes] = {f"{n:03}.md": f"# Note {n}\n\nText {n}." for n in range(297)}
    bad = {
        "bomb.docx": documents.archive({"word/document.xml": bytes(40 * 2**20)}),
        "locked.pdf": documents.locked_pdf("x", opened_by="secret"),
        "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(100),
    }
    documents.write(world.folder, {**files, **bad})
    report = await world.refresh()
    assert figures(report) == (300, 297, 0, 0, 3)
    reasons = {failure.article: failure.reason for failure in report.failed}
    assert "zip bomb" in reasons["docs:bomb.docx"]
    assert "password-protected" in reasons["docs:locked.pdf"]
    assert "not text" in reasons["docs:picture.txt"]


class _HalfListed(FileSource):
    """A folder of which one part cannot be listed, as on a network drive that half failed."""

    async def entries(self, since: str, notes: Notes) -> AsyncIterator[Entry]:
        async for entry in super().entries(since, notes):
            if not entry.path.startswith("lost/"):
                yield entry
        yield Entry("lost/", stamp="unlistable")


async def test_a_folder_that_cannot_be_listed_keeps_what_was_known_below_it(world: World) -> None:
    documents.write(world.folder, {"lost/a.md": "Still known.", "b.md": "Goes.", "c.md": "Stays."})
    await world.refresh()
    (world.folder / "b.md").unlink()
    half = _HalfListed(name="docs", path=world.folder, audience=EVERYONE, limits=Limits())
    report = await refresh(half, store=world.store, ledger=world.ledger)
    assert figures(report) == (2, 0, 1, 1, 1)
    assert report.failed[0].article == "docs:lost/"
    assert await world.text("lost/a.md") == "Still known."


async def test_the_report_is_printed_as_promised_and_progress_is_told(world: World) -> None:
    documents.write(world.folder, {f"{n}.md": "x" for n in range(70)} | {"a.exe": "MZ"})
    seen: list[int] = []
    report = await refresh(
        world.source(),
        store=world.store,
        ledger=world.ledger,
        wish=Wish(progress=lambda so_far: seen.append(so_far.found)),
    )
    assert seen == [64, 71]
    printed = report.as_json()
    assert list(printed) == [
        *("name", "found", "indexed", "unchanged", "deleted", "failed", "seconds"),
    ]
    assert printed["failed"][0]["article"] == "docs:a.exe"
    assert isinstance(printed["seconds"], float)
