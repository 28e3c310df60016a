"""Several folders as one source, and glob patterns that say what is read of them."""

from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.patterns import Patterns
from knowledge.sources import (
    NotesInMemory,
    OptionError,
    SourceUnavailableError,
    UnreadableError,
)
from knowledge.sources.files import FileSource, build
from tests.knowledge import documents


def source(*paths: Path, include: str = "", exclude: str = "") -> FileSource:
    return build(
        name="docs",
        path=list(paths),
        audience=Audience.of("everyone"),
        include=include,
        exclude=exclude,
    )


async def found(files: FileSource) -> list[str]:
    return [entry.path async for entry in files.entries("", NotesInMemory())]


async def test_the_first_folder_keeps_its_ids_and_the_others_begin_with_their_names(
    tmp_path: Path,
) -> None:
    texts = {"a/leave.md": "A.", "b/leave.md": "B.", "c/b/leave.md": "C.", "one.txt": "D."}
    documents.write(tmp_path, texts)
    alone = await found(source(tmp_path / "a"))
    folders = [tmp_path / "a", tmp_path / "b", tmp_path / "c" / "b", tmp_path / "one.txt"]
    files = source(*folders)
    paths = await found(files)
    assert paths == ["leave.md", "b//leave.md", "b~2//leave.md", "one.txt//one.txt"]
    assert alone == paths[:1]
    entries = [entry async for entry in files.entries("", NotesInMemory())]
    articles = [(await files.read(entry)).article for entry in entries]
    await files.close()
    assert [article.text for article in articles] == ["A.", "B.", "C.", "D."]
    assert articles[2].id == "docs:b~2//leave.md"
    assert articles[2].url == (tmp_path / "c/b/leave.md").as_uri()
    assert [path async for path in files.existing()] == paths


async def test_one_folder_that_is_away_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    documents.write(tmp_path, {"a/x.md": "A."})
    files = source(tmp_path / "a", tmp_path / "away")
    entries = [entry async for entry in files.entries("", NotesInMemory())]
    assert [entry.path for entry in entries] == ["x.md", "away//"]
    with pytest.raises(UnreadableError, match="cannot be opened"):
        await files.read(entries[1])
    assert await found(source(tmp_path / "away", tmp_path / "a")) == ["", "a//x.md"]
    with pytest.raises(SourceUnavailableError, match="away"):
        await found(source(tmp_path / "away", tmp_path / "gone"))


async def test_an_entry_of_a_further_folder_cannot_lead_out_of_it(tmp_path: Path) -> None:
    documents.write(tmp_path, {"a/x.md": "A.", "b/y.md": "B.", "secret.md": "S."})
    files = source(tmp_path / "a", tmp_path / "b")
    (tmp_path / "b" / "link.md").symlink_to(tmp_path / "secret.md")
    entries = {entry.path: entry async for entry in files.entries("", NotesInMemory())}
    with pytest.raises(UnreadableError, match="outside the folder"):
        await files.read(entries["b//link.md"])


def test_folders_inside_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "again").symlink_to(tmp_path / "a")
    for pair in ((tmp_path, tmp_path / "a"), (tmp_path / "a", tmp_path / "again")):
        with pytest.raises(OptionError, match="inside each other") as caught:
            source(*pair)
        assert "exclude" in caught.value.what_to_do
    with pytest.raises(OptionError, match="needs --path"):
        source()


async def test_patterns_say_what_is_read_and_what_is_not(tmp_path: Path) -> None:
    names = ["README.MD", "a.txt", "docs/b.md", "docs/old/c.md", "Drafts/d.md", "x/drafts/e.md"]
    documents.write(tmp_path, dict.fromkeys(names, "x"))
    assert await found(source(tmp_path, include="*.md", exclude="drafts/, docs/old")) == [
        *("README.MD", "docs/b.md"),
    ]
    assert await found(source(tmp_path, include="docs/**, !docs/old/**")) == ["docs/b.md"]
    assert await found(source(tmp_path, exclude="/drafts, *.txt, docs")) == [
        *("README.MD", "x/drafts/e.md"),
    ]


def test_a_pattern_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="Option 'exclude': Invalid git pattern") as caught:
        source(tmp_path, exclude="*.md,!")
    assert ".gitignore" in caught.value.what_to_do


def test_what_may_be_read_below_an_unknown_folder() -> None:
    assert Patterns().may_take_below("lib")
    assert Patterns(include=["*.md"]).may_take_below("lib")
    assert Patterns(include=["lib/*.rst"]).may_take_below("lib")
    assert Patterns(include=["lib/"]).may_take_below("lib")
    assert not Patterns(include=["docs/**"]).may_take_below("lib")
    assert not Patterns(exclude=["lib"]).may_take_below("lib")
