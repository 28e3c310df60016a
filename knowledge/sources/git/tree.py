"""The files of a commit: which of them are read, and as what."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import PurePosixPath

from knowledge.parsing.formats import FORMATS
from knowledge.patterns import Patterns
from knowledge.sources.git.program import Git

USUAL = (
    *("*.md", "*.markdown", "*.mdx", "*.rst", "*.adoc", "*.asciidoc", "*.org", "*.txt"),
    *("*.html", "*.htm", "*.pdf", "*.docx", "*.pptx", "README", "CONTRIBUTING", "*.py"),
)
"""What is read of a repository where nobody says so: its documents, and docstrings of Python."""

LINK, SUBMODULE = "120000", "160000"
_ROWS_A_PAGE = 512
_LIKE = {".adoc": ".txt", ".asciidoc": ".txt", ".org": ".txt", ".mdx": ".md", ".py": "python"}
_EMPTY = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""The names that git gives to a file without content."""


@dataclass(frozen=True, slots=True)
class Row:
    """A file of a commit.

    Attributes:
        mode: as git has it: `100644`, or one of `LINK` and `SUBMODULE`.
        blob: the name that git gives to its content.
    """

    path: str
    mode: str
    blob: str

    @property
    def is_file(self) -> bool:
        """Whether it has a content of its own."""
        return self.mode not in (LINK, SUBMODULE)


async def pages(git: Git, commit: str, patterns: Patterns) -> AsyncGenerator[list[Row], None]:
    """The files that are to be read, in the order of their paths, some hundreds at a time."""
    page: list[Row] = []
    async with aclosing(rows(git, commit)) as found:
        async for row in found:
            if _is_read(row, patterns):
                page.append(row)
            if len(page) == _ROWS_A_PAGE:
                yield page
                page = []
    if page:
        yield page


async def rows(git: Git, commit: str, *paths: str) -> AsyncGenerator[Row, None]:
    """The files of a commit, or those of these paths."""
    listing = git.fields(
        *("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
    )
    async with aclosing(listing) as found:
        async for line in found:
            facts, _, path = line.partition("\t")
            mode, _, blob = facts.split(" ")
            yield Row(path, mode, blob)


def kind_of(path: str) -> str:
    """As what a file is read: a suffix or one of `formats.CODE`."""
    name = PurePosixPath(path)
    suffix = name.suffix.lower()
    if suffix in FORMATS:
        return suffix
    if not suffix and name.name.isupper():  # README, CONTRIBUTING, LICENSE
        return ".txt"
    return _LIKE.get(suffix, "code")


def _is_read(row: Row, patterns: Patterns) -> bool:
    if row.mode == SUBMODULE:
        return patterns.take(row.path) or patterns.may_take_below(row.path)
    # An empty `__init__.py` is how Python marks a folder: there is nothing to read.
    is_mark = row.blob in _EMPTY and kind_of(row.path) == "python"
    return patterns.take(row.path) and not is_mark
