"""An article keeps its identity wherever its file is moved; two never share one."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from knowledge.patterns import Patterns
from knowledge.sources import NotesInMemory, UnreadableError
from knowledge.sources.git.history import Change
from knowledge.sources.git.identities import Identities
from tests.knowledge.repositories import Repository, source

PAGE = "".join(f"Line {number} of a page that is long enough.\n" for number in range(12))


class Reader:
    """Reads a repository again and again, and keeps its notes."""

    def __init__(self, folder: Path) -> None:
        self.team = Repository(folder / "team")
        self.kept = folder / "kept"
        self.notes = NotesInMemory()
        self.open()

    def open(self, *, include: str = "") -> None:
        """A source that stays open, so that one parser reads for the whole test."""
        self.git = source(self.team.folder, self.kept, include=include)

    async def read(self) -> dict[str, str]:
        """What is read now: the first line of each article by its identity."""
        found = {}
        async for entry in self.git.entries("", self.notes):
            article = (await self.git.read(entry)).article
            assert article.id == f"docs:{entry.path}"
            found[entry.path] = article.text.splitlines()[0]
        return found


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    made = Reader(tmp_path)
    yield made
    await made.git.close()


async def test_a_renamed_file_keeps_its_identity_and_gets_its_new_link(reader: Reader) -> None:
    reader.team.commit({"guide.md": "Guide.", "other.md": "Other."})
    assert await reader.read() == {"guide.md": "Guide.", "other.md": "Other."}
    reader.team.move("guide.md", "docs/manual.md")
    reader.team.commit()
    assert await reader.read() == {"guide.md": "Guide.", "other.md": "Other."}
    (entry, _) = [entry async for entry in reader.git.entries("", reader.notes)]
    article = (await reader.git.read(entry)).article
    assert (article.id, article.title) == ("docs:guide.md", "Manual")
    assert article.url == (reader.team.folder / "docs/manual.md").as_uri()


async def test_a_rename_of_a_rename_and_the_way_back(reader: Reader) -> None:
    reader.team.commit({"a.md": "Text."})
    await reader.read()
    for old, new in (("a.md", "b.md"), ("b.md", "c.md"), ("c.md", "a.md"), ("a.md", "d.md")):
        reader.team.move(old, new)
        reader.team.commit()
        assert await reader.read() == {"a.md": "Text."}, new


async def test_several_renames_between_two_refreshes_are_followed(reader: Reader) -> None:
    reader.team.commit({"a.md": f"{PAGE}\n", "b.md": "Other."})
    await reader.read()
    reader.team.move("a.md", "b2.md")
    reader.team.commit({"b2.md": f"Changed a little.\n{PAGE}"})
    reader.team.move("b2.md", "c.md")
    reader.team.commit({"a.md": "A new file in the old place."})
    reader.team.commit({"c.md": "Written anew."})
    assert await reader.read() == {
        "a.md": "Written anew.",
        "a.md//2": "A new file in the old place.",
        "b.md": "Other.",
    }


async def test_a_new_file_in_the_old_place_gets_an_identity_of_its_own(reader: Reader) -> None:
    reader.team.commit({"a.md": "First."})
    await reader.read()
    expected = {"a.md": "First."}
    for number, text in ((2, "Second."), (3, "Third.")):
        reader.team.move("a.md", f"moved-{number}.md")
        reader.team.commit()
        await reader.read()
        reader.team.commit({"a.md": text})
        expected[f"a.md//{number}"] = text
        for _ in range(2):
            assert await reader.read() == expected
    (reader.team.folder / "moved-2.md").unlink()
    reader.team.commit()
    await reader.read()
    reader.team.move("a.md", "b.md")
    reader.team.commit({"b.md": "Third."})
    assert await reader.read() == {"a.md//2": "Second.", "a.md//3": "Third."}
    reader.team.commit({"a.md": "Its name is free again."})
    assert (await reader.read())["a.md"] == "Its name is free again."


async def test_contents_that_were_swapped_are_both_read_again(reader: Reader) -> None:
    reader.team.commit({"a.md": "Of A.", "b.md": "Of B."})
    await reader.read()
    reader.team.commit({"a.md": "Of B.", "b.md": "Of A."})
    assert await reader.read() == {"a.md": "Of B.", "b.md": "Of A."}


async def test_files_that_were_swapped_by_renaming_take_their_identities_along(
    reader: Reader,
) -> None:
    reader.team.commit({"a.md": "Of A.", "b.md": "Of B."})
    await reader.read()
    for old, new in (("a.md", "x.md"), ("b.md", "a.md"), ("x.md", "b.md")):
        reader.team.move(old, new)
        reader.team.commit()
    assert await reader.read() == {"a.md": "Of A.", "b.md": "Of B."}
    reader.team.commit({"b.md": "Of A, changed."})
    assert await reader.read() == {"a.md": "Of A, changed.", "b.md": "Of B."}


async def test_a_rename_on_a_branch_counts_when_it_is_merged(reader: Reader) -> None:
    reader.team.commit({"a.md": "Text.", "b.md": "Other."})
    await reader.read()
    reader.team.git("checkout", "-q", "-b", "side")
    reader.team.move("a.md", "c.md")
    reader.team.commit()
    reader.team.git("checkout", "-q", "main")
    reader.team.commit({"b.md": "Changed."})
    reader.team.git("merge", "-q", "--no-edit", "side")
    assert await reader.read() == {"a.md": "Text.", "b.md": "Changed."}


async def test_a_rewritten_history_is_compared_at_both_ends(reader: Reader) -> None:
    first = reader.team.commit({"a.md": "Text.", "b.md": "Other."})
    reader.team.commit({"b.md": "Forgotten."}, by="Eva")
    await reader.read()
    reader.team.git("reset", "-q", "--hard", first)
    reader.team.move("a.md", "c.md")
    reader.team.commit(by="Ben")
    assert await reader.read() == {"a.md": "Text.", "b.md": "Other."}


async def test_a_whole_folder_that_is_moved_is_still_known(reader: Reader) -> None:
    reader.team.commit({f"docs/{number}.md": f"Text {number}." for number in range(50)})
    before = await reader.read()
    reader.team.move("docs", "handbook")
    reader.team.commit()
    assert await reader.read() == before


async def test_a_copy_that_is_made_anew_still_knows_who_was_moved(reader: Reader) -> None:
    reader.team.commit({"a.md": "Text.", "b.md": "Other."})
    reader.team.commit()
    await reader.read()
    (reader.kept / "clone" / "HEAD").unlink()
    reader.team.move("a.md", "c.md")
    reader.team.commit()
    assert await reader.read() == {"a.md": "Text.", "b.md": "Other."}
    reader.kept = reader.kept.with_name("lost")
    lost = Repository(reader.kept.with_name("other"))
    lost.commit({"c.md": "Another team.", "d.md": "More."})
    reader.team = lost
    await reader.git.close()
    reader.open()
    assert await reader.read() == {"a.md": "Another team.", "d.md": "More."}


async def test_a_file_that_was_not_read_where_it_was_is_new_where_it_is(reader: Reader) -> None:
    reader.team.commit({"drafts/a.md": "Text.", "docs/b.md": "Other."})
    reader.open(include="docs/**")
    assert await reader.read() == {"docs/b.md": "Other."}
    reader.team.move("drafts/a.md", "docs/a.md")
    reader.team.commit()
    assert set(await reader.read()) == {"docs/a.md", "docs/b.md"}
    reader.team.move("docs/a.md", "drafts/a.md")
    reader.team.commit()
    assert set(await reader.read()) == {"docs/b.md"}


async def test_what_is_gone_cannot_be_read_by_its_identity(reader: Reader) -> None:
    reader.team.commit({"a.md": "Text."})
    await reader.read()
    reader.team.move("a.md", "b.md")
    reader.team.commit()
    git = reader.git
    entries = [entry async for entry in git.entries("", reader.notes)]
    await git.close()
    assert (await git.read(entries[0])).article.text == "Text."
    (reader.team.folder / "b.md").unlink()
    reader.team.commit()
    await git.close()
    with pytest.raises(UnreadableError, match="no longer in the repository"):
        await git.read(entries[0])


# Without a repository: what follows from what


async def moved(steps: Sequence[Sequence[Change]], paths: Sequence[str]) -> dict[str, str]:
    identities = Identities(NotesInMemory(), Patterns())
    for step in steps:
        await identities.move(step, "c")
    return await identities.of(paths)


async def test_names_go_with_their_files_at_one_moment() -> None:
    swap = [Change("", "R", "a", "b"), Change("", "R", "b", "a")]
    assert await moved([swap], ["a", "b"]) == {"a": "b", "b": "a"}
    assert await moved([swap, swap], ["a", "b"]) == {"a": "a", "b": "b"}


async def test_a_name_that_is_carried_elsewhere_is_never_given_twice() -> None:
    steps = [
        [Change("", "R", "b", "q")],
        [Change("", "R", "a", "b")],
        [Change("", "D", "b")],
    ]
    assert await moved(steps, ["q", "b", "a"]) == {"q": "b", "b": "b//2", "a": "a"}
