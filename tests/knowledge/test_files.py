"""A folder as a source: what is found, what is left out, what is named as unreadable."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.parsing import Limits
from knowledge.sources import (
    BrokenContentError,
    Entry,
    NotesInMemory,
    SourceUnavailableError,
    UnreadableError,
)
from knowledge.sources.files import FileSource, build
from tests.contracts.source_contract import AUDIENCE, SourceContract
from tests.knowledge import documents


class TestFileSource(SourceContract):
    @pytest.fixture(autouse=True)
    def world(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def source(self) -> FileSource:
        return build(name="world", path=self.folder, audience=AUDIENCE)

    def put(self, path: str, text: str) -> None:
        documents.write(self.folder, {path: text})

    def remove(self, path: str) -> None:
        (self.folder / path).unlink()

    def put_broken(self, path: str) -> bool:
        documents.write(self.folder, {path: b"\x7fELF" + bytes(100)})
        return True

    def empty(self, path: str) -> bool:
        documents.write(self.folder, {path: b""})
        return True

    def refuse(self, path: str) -> bool:
        (self.folder / path).chmod(0)
        return os.geteuid() != 0  # the administrator may read everything


def source(path: Path, *, max_file_mb: float = 50) -> FileSource:
    return build(
        name="docs", path=str(path), audience=Audience.of("everyone"), max_file_mb=max_file_mb
    )


async def paths(path: Path) -> list[str]:
    return [entry.path async for entry in source(path).entries("", NotesInMemory())]


async def reason(path: Path, name: str, *, max_file_mb: float = 50) -> str:
    files = source(path, max_file_mb=max_file_mb)
    with pytest.raises(UnreadableError) as caught:
        await files.read(Entry(name, "1"))
    await files.close()
    return f"{caught.value} {caught.value.what_to_do}"


async def test_files_come_folder_by_folder_in_alphabetical_order(tmp_path: Path) -> None:
    names = ["z.md", "a.md", "b/z.md", "b/a.md", "a/x/y.md", "a/b.md"]
    documents.write(tmp_path, dict.fromkeys(names, "x"))
    assert await paths(tmp_path) == ["a.md", "z.md", "a/b.md", "a/x/y.md", "b/a.md", "b/z.md"]


async def test_hidden_files_and_the_litter_of_programs_are_left_out(tmp_path: Path) -> None:
    names = [".env", ".git/config", "~$plan.docx", "Thumbs.db", "__MACOSX/a.md", "kept.md"]
    documents.write(tmp_path, dict.fromkeys(names, "x"))
    assert await paths(tmp_path) == ["kept.md"]


async def test_a_single_file_can_be_a_source(tmp_path: Path) -> None:
    files = source(documents.write(tmp_path, {"a b.md": "x", "other.md": "y"}) / "a b.md")
    (entry,) = [entry async for entry in files.entries("", NotesInMemory())]
    article = (await files.read(entry)).article
    await files.close()
    assert (entry.path, article.id, article.title) == ("a b.md", "docs:a b.md", "A b")
    assert article.url == (tmp_path / "a b.md").as_uri()
    assert article.url.endswith("a%20b.md")


async def test_an_article_takes_title_date_and_language_from_its_file(tmp_path: Path) -> None:
    documents.write(
        tmp_path,
        {
            "a.md": "---\ntitle: Leave\ndate: 2024-05-02\nlang: es\n---\n4711",
            "the_house-rules.md": "Hola a todas las personas",
        },
    )
    os.utime(tmp_path / "the_house-rules.md", (0, 0))
    files = source(tmp_path)
    stated = (await files.read(Entry("a.md", "1"))).article
    plain = (await files.read(Entry("the_house-rules.md", "1"))).article
    await files.close()
    assert (stated.title, stated.language) == ("Leave", "es")
    assert stated.updated_at == datetime(2024, 5, 2, tzinfo=UTC)
    assert (plain.title, plain.language) == ("The house rules", "es")
    assert plain.updated_at == datetime(1970, 1, 1, tzinfo=UTC)


async def test_a_link_out_of_the_folder_is_named_and_not_followed(tmp_path: Path) -> None:
    documents.write(tmp_path, {"secret.txt": "TOP SECRET", "out/x.md": "x", "in/a.md": "a"})
    folder = tmp_path / "in"
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "folder").symlink_to(tmp_path / "out")
    assert await paths(folder) == ["a.md", "folder", "link.txt"]
    for name in ("link.txt", "folder", "../secret.txt", "folder/x.md"):
        assert "outside the folder" in await reason(folder, name)
    files = source(folder)
    with pytest.raises(UnreadableError, match="outside the folder"):
        await files.content_hash(Entry("link.txt", "1"))


async def test_links_inside_the_folder_are_read_once_and_circles_do_no_harm(tmp_path: Path) -> None:
    documents.write(tmp_path, {"a/a.md": "Text."})
    (tmp_path / "again.md").symlink_to(tmp_path / "a" / "a.md")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "self.md").symlink_to(tmp_path / "self.md")
    (tmp_path / "nowhere.md").symlink_to(tmp_path / "gone.md")
    assert await paths(tmp_path) == ["again.md", "nowhere.md", "self.md", "a/a.md"]
    files = source(tmp_path)
    assert (await files.read(Entry("again.md", "1"))).article.text == "Text."
    await files.close()
    assert "cannot be opened" in await reason(tmp_path, "nowhere.md")
    assert "link" in await reason(tmp_path, "self.md")


async def test_things_that_are_no_files_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert await paths(tmp_path) == ["pipe.txt"]
    assert "not a regular file" in await reason(tmp_path, "pipe.txt")


async def test_a_name_with_broken_letters_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    documents.write(tmp_path, {"a.md": "x"})
    try:
        documents.write(tmp_path, {os.fsdecode(b"caf\xe9.md"): b"x"})
    except OSError:
        pytest.skip("this file system takes no such names")
    assert await paths(tmp_path) == ["a.md", "caf\\udce9.md"]
    assert "whole letters" in await reason(tmp_path, "caf\\udce9.md")


async def test_a_missing_folder_is_a_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError) as caught:
        await paths(tmp_path / "gone")
    assert "'docs'" in str(caught.value)
    assert "tertulia source remove docs" in caught.value.what_to_do


async def test_a_folder_that_cannot_be_listed_is_an_entry_of_its_own(tmp_path: Path) -> None:
    # Deeper than a path may be long: nobody may list it, not even the administrator.
    folder = tmp_path
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=here)
        deeper = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    documents.write(folder, {"a.md": "x"})
    found = await paths(folder)
    assert found[0] == "a.md"
    assert found[1].endswith("/")
    assert "cannot be opened" in await reason(folder, found[1])


async def test_a_folder_that_can_be_listed_again_asks_for_another_refresh(tmp_path: Path) -> None:
    documents.write(tmp_path, {"sub/a.md": "x"})
    assert "Refresh the source again" in await reason(tmp_path, "sub/")
    assert "Refresh the source again" in await reason(tmp_path, "")


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
async def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    documents.write(tmp_path, {"a.md": "x"})
    (tmp_path / "a.md").chmod(0)
    assert "may be read" in await reason(tmp_path, "a.md")


async def test_broken_content_is_told_from_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    documents.write(tmp_path, {"a.exe": b"MZ", "big.txt": "x" * 2000})
    files = source(tmp_path)
    with pytest.raises(BrokenContentError, match="I cannot read files that end in"):
        await files.read(Entry("a.exe", "1"))
    await files.close()


async def test_a_file_that_is_too_large_is_told_how_to_be_let_in(tmp_path: Path) -> None:
    documents.write(tmp_path, {"big.txt": "x" * 3 * 2**20, "small.txt": "x" * 2000, "a.exe": b"MZ"})
    found = await reason(tmp_path, "big.txt", max_file_mb=0.1)
    assert "It has 3 MB; more than 0.1 MB are not read." in found
    assert "raise `max_file_mb`" in found
    found = await reason(tmp_path, "big.txt", max_file_mb=1.5)
    assert "more than 1.5 MB are not read." in found
    found = await reason(tmp_path, "small.txt", max_file_mb=0.001)
    assert "It has 0.0019 MB; more than 0.001 MB are not read." in found
    assert "I cannot read files" in await reason(tmp_path, "a.exe", max_file_mb=0)


async def test_a_file_that_is_too_large_has_another_stamp_with_another_limit(
    tmp_path: Path,
) -> None:
    documents.write(tmp_path, {"big.txt": "x" * 2**20, "small.txt": "x"})
    stamps = []
    for max_file_mb in (0.1, 0.2, 3, 50):
        files = source(tmp_path, max_file_mb=max_file_mb)
        stamps.append([entry.stamp async for entry in files.entries("", NotesInMemory())])
    big, small = zip(*stamps, strict=True)
    assert len(set(big)) == 3
    assert big[2] == big[3]
    assert len(set(small)) == 1


async def test_a_file_that_took_too_long_may_have_better_luck_next_time(tmp_path: Path) -> None:
    documents.write(tmp_path, {"endless.html": "<div>" * 300_000})
    for limits, is_broken in ((Limits(wall_s=0.5), False), (Limits(cpu_s=1), True)):
        everyone = Audience.of("everyone")
        files = FileSource(name="docs", path=tmp_path, audience=everyone, limits=limits)
        with pytest.raises(UnreadableError, match="It took longer than") as caught:
            await files.read(Entry("endless.html", "1"))
        await files.close()
        assert isinstance(caught.value, BrokenContentError) == is_broken
        assert "Split it" in caught.value.what_to_do
        assert ("less busy" in caught.value.what_to_do) != is_broken


async def test_links_that_cannot_be_followed_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    documents.write(tmp_path, {"in/a.md": "x", "in/b/c.md": "x", "closed/d.md": "x"})
    folder = tmp_path / "in"
    (folder / "long.md").symlink_to("x" * 300)
    (folder / "b" / "deep").symlink_to("/".join(["y" * 200] * 15))
    (folder / "closed").symlink_to(tmp_path / "closed" / "d.md")
    (tmp_path / "closed").chmod(0)
    assert await paths(folder) == ["a.md", "closed", "long.md", "b/c.md", "b/deep"]
    assert "cannot be opened" in await reason(folder, "long.md")
    assert "cannot be opened" in await reason(folder, "b/deep")
    found = await reason(folder, "closed")
    assert "cannot be opened" in found or "outside the folder" in found  # administrators enter
    (tmp_path / "closed").chmod(0o700)
