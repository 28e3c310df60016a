"""A git repository as a source: what is read of it, and what is named instead."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.articles import Article
from knowledge.sources import (
    BrokenContentError,
    Entry,
    NotesInMemory,
    UnreadableError,
)
from knowledge.sources.git import build
from knowledge.sources.git.source import GitSource
from tests.contracts.source_contract import AUDIENCE, SourceContract
from tests.knowledge.repositories import Repository, source


class TestGitSource(SourceContract):
    @pytest.fixture(autouse=True)
    def world(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.repository = Repository(tmp_path / "team")

    def source(self) -> GitSource:
        path = str(self.repository.folder)
        return build(name="world", audience=AUDIENCE, folder=self.folder / "kept", path=path)

    def put(self, path: str, text: str) -> None:
        self.repository.commit({path: text})

    def remove(self, path: str) -> None:
        (self.repository.folder / path).unlink()
        self.repository.commit()

    def put_broken(self, path: str) -> bool:
        self.repository.commit({path: b"\x7fELF" + bytes(100)})
        return True

    def empty(self, path: str) -> bool:
        self.repository.commit({path: " \n"})
        return True


@pytest.fixture
def team(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "team")


async def articles(git: GitSource) -> dict[str, Article]:
    """What can be read, by path."""
    found = {}
    async for entry in git.entries("", NotesInMemory()):
        found[entry.path] = (await git.read(entry)).article
    await git.close()
    return found


async def named(git: GitSource) -> dict[str, Entry]:
    found = {entry.path: entry async for entry in git.entries("", NotesInMemory())}
    await git.close()
    return found


async def reasons(git: GitSource) -> dict[str, str]:
    """Why what cannot be read cannot be read."""
    found = {}
    async for entry in git.entries("", NotesInMemory()):
        try:
            await git.read(entry)
        except UnreadableError as error:
            found[entry.path] = f"{error} {error.what_to_do}"
    await git.close()
    return found


async def test_documents_docstrings_and_code_are_read_each_in_its_way(
    team: Repository, tmp_path: Path
) -> None:
    team.commit(
        {
            "README": "Read me first.",
            "docs/leave.md": "# Leave\n\n27 days.",
            "docs/plan_of-day.adoc": "At nine.",
            "app/rooms.py": 'def book(day):\n    """Book a room."""\n',
            "app/__init__.py": "",
            "web/app.js": "book(1)",
            "picture.png": b"\x89PNG",
        }
    )
    usual = await articles(source(team.folder, tmp_path / "kept"))
    assert list(usual) == [
        *("README", "app/rooms.py", "docs/leave.md", "docs/plan_of-day.adoc"),
    ]
    assert usual["README"].text == "Read me first."
    assert usual["docs/leave.md"].title == "Leave"
    assert usual["docs/plan_of-day.adoc"].title == "Plan of day"
    program = usual["app/rooms.py"]
    assert (program.title, "Book a room." in program.text) == ("app/rooms.py", True)
    code = await articles(source(team.folder, tmp_path / "kept", include="web/**, *.md"))
    assert list(code) == ["docs/leave.md", "web/app.js"]
    assert code["web/app.js"].text == "```\nbook(1)\n```"
    assert code["web/app.js"].title == "web/app.js"
    left = await named(source(team.folder, tmp_path / "kept", exclude="docs/, *.py"))
    assert list(left) == ["README"]


async def test_an_article_has_the_date_and_the_author_of_its_last_change(
    team: Repository, tmp_path: Path
) -> None:
    team.commit({"a.md": "Old.", "b.md": "Stays."}, by="Ben\x1b[31m Díaz")
    team.commit({"a.md": "New."}, by="Eva")
    found = await articles(source(team.folder, tmp_path / "kept"))
    assert (found["a.md"].author, found["b.md"].author) == ("Eva", "Ben[31m Díaz")
    assert found["b.md"].updated_at == datetime(2024, 5, 1, 1, tzinfo=UTC)
    assert found["a.md"].updated_at == datetime(2024, 5, 1, 2, tzinfo=UTC)
    assert found["a.md"].url == (team.folder / "a.md").as_uri()


async def test_a_change_on_a_branch_has_the_author_who_made_it(
    team: Repository, tmp_path: Path
) -> None:
    team.commit({"a.md": "Old.", "b.md": "Old.", "c.md": "1\n2\n3\n4\n5\n"})
    team.git("checkout", "-q", "-b", "side")
    team.commit({"b.md": "Of the side.", "c.md": "1\n2\n3\n4\nfive\n"}, by="Ben")
    team.git("checkout", "-q", "main")
    team.commit({"a.md": "Of main.", "c.md": "one\n2\n3\n4\n5\n"}, by="Eva")
    team.commits += 1
    team.git("merge", "-q", "--no-edit", "side")
    found = await articles(source(team.folder, tmp_path / "kept"))
    assert {path: found[path].author for path in ("a.md", "b.md")} == {"a.md": "Eva", "b.md": "Ben"}
    assert found["c.md"].author == "Ana Ruiz"  # who merged two changes of it


async def test_where_history_is_cut_off_nobody_is_named(team: Repository, tmp_path: Path) -> None:
    team.commit({"a.md": "---\ndate: 2023-01-02\n---\nOld.", "b.md": "Old."}, by="Ben")
    team.commit({"c.md": "New."}, by="Eva")
    shallow = await articles(source(team.folder, tmp_path / "kept", depth=1))
    assert {article.author for article in shallow.values()} == {""}
    assert shallow["a.md"].updated_at == datetime(2023, 1, 2, tzinfo=UTC)
    assert shallow["b.md"].updated_at is None
    for depth in (2, 0, 1000):
        deeper = await articles(source(team.folder, tmp_path / "kept", depth=depth))
        authors = {path: article.author for path, article in deeper.items()}
        assert authors["c.md"] == "Eva"
        assert authors["a.md"] == ("" if depth == 2 else "Ben")


async def test_what_is_not_in_the_repository_itself_is_named_with_the_reason(
    team: Repository, tmp_path: Path
) -> None:
    team.commit(
        {
            "large.md": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
            "huge.md": "word " * 300_000,
            "binary.md": b"\x7fELF" + bytes(99),
            "wrong.py": "print 'two'",
        }
    )
    (team.folder / "link.md").symlink_to("/etc/passwd")
    inner = team.commit({"a.md": "Fine."})
    team.git("update-index", "--add", "--cacheinfo", f"160000,{inner},vendor/lib")
    team.commits += 1
    team.git("commit", "-q", "-m", "Submodule")
    kept = tmp_path / "kept"
    found = await reasons(source(team.folder, kept, max_file_mb=1))
    assert sorted(found) == [
        *("binary.md", "huge.md", "large.md", "link.md", "vendor/lib", "wrong.py"),
    ]
    assert "Git LFS" in found["large.md"]
    assert "It has 1.4 MB; more than 1 MB are not read." in found["huge.md"]
    assert "symbolic link" in found["link.md"]
    assert "submodule" in found["vendor/lib"]
    assert "not Python" in found["wrong.py"]
    assert "not text" in found["binary.md"]
    assert sorted(await reasons(source(team.folder, kept))) == [
        *("binary.md", "large.md", "link.md", "vendor/lib", "wrong.py"),
    ]
    others = source(team.folder, kept, include="docs/**, /a.md")
    assert list(await named(others)) == ["a.md"]


async def test_a_link_is_not_followed_but_said_to_be_at_fault_until_it_changes(
    team: Repository, tmp_path: Path
) -> None:
    (team.folder / "link.md").symlink_to("a.md")
    team.commit({"a.md": "Fine."})
    git = source(team.folder, tmp_path / "kept")
    with pytest.raises(BrokenContentError):
        await git.read(Entry("link.md", "1"))
    await git.close()


async def test_names_of_any_kind_are_read(team: Repository, tmp_path: Path) -> None:
    names = ["-rf.md", "a b\n.md", "ñandú.md", ":(glob)*.md", 'quote".md']
    team.commit(dict.fromkeys(names, "Fine."))
    blob = team.git("hash-object", "-w", "--stdin", stdin=b"Latin.")
    listing = f"100644 blob {blob}\t".encode() + b"caf\xe9.md\0"
    tree = team.git("mktree", "-z", stdin=listing)
    found = await articles(source(team.folder, tmp_path / "kept"))
    assert sorted(found) == sorted(names)
    git = source(team.folder, tmp_path / "kept")
    for name in names:
        assert (await git.read(Entry(name, "again"))).article.text == "Fine."
    await git.close()
    team.git("update-ref", "refs/heads/main", team.git("commit-tree", tree, "-m", "Latin"))
    latin = await articles(source(team.folder, tmp_path / "kept"))
    assert {path: article.text for path, article in latin.items()} == {r"caf\xe9.md": "Latin."}


async def test_ten_thousand_files_are_listed_some_at_a_time_and_read_in_one_request_each(
    team: Repository, tmp_path: Path
) -> None:
    stream = [b"commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 0\n"]
    for number in range(10_000):
        text = b"Text %d." % number
        stream.append(b"M 100644 inline d%d/%d.md\n" % (number % 40, number))
        stream.append(b"data %d\n%s\n" % (len(text), text))
    team.git("fast-import", "--quiet", stdin=b"".join(stream))
    git = source(team.folder, tmp_path / "kept")
    count = 0
    async for entry in git.entries("", NotesInMemory()):
        count += 1
        if count % 2500 == 1:
            assert (await git.read(entry)).article.text.startswith("Text ")
    assert len(git._page) <= 1024
    await git.close()
    assert count == 10_000
