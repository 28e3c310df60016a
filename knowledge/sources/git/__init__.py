"""A git repository as a source: its documents, code and docstrings."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic.dataclasses import dataclass

from knowledge.articles import Audience
from knowledge.parsing import Limits
from knowledge.patterns import Patterns
from knowledge.sources import Positive
from knowledge.sources.git.address import address_of
from knowledge.sources.git.clone import Clone
from knowledge.sources.git.program import Git
from knowledge.sources.git.source import GitSource
from knowledge.sources.git.tree import USUAL

EXAMPLE = "git --url https://github.com/team/handbook.git --option include='docs/**, *.py'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What can be said about a repository."""

    url: Annotated[str, "https://, ssh:// or git@host:path; a token as https://${NAME}@host"] = ""
    path: Annotated[str, "a repository on this machine; what is committed is read"] = ""
    ref: Annotated[str, "the branch, tag or commit; else the default branch"] = ""
    include: Annotated[str | list[str], "only files of these patterns; else documents, *.py"] = ""
    exclude: Annotated[str | list[str], "no files of these patterns: vendor/, *.test.py"] = ""
    max_file_mb: Annotated[Positive, "larger files are named and not read"] = 10
    depth: Annotated[int, "commits looked through for the last change of a file; 0: all"] = 1000
    link: Annotated[str, "where people open a file: https://host/{ref}/{path}"] = ""
    timeout_s: Annotated[Positive, "seconds that one command of git may take"] = 1800


def build(
    *,
    name: str,
    audience: Audience,
    folder: Path,
    environment: Mapping[str, str] = MappingProxyType({}),
    **options: Any,  # noqa: ANN401 (those of `Options`)
) -> GitSource:
    """The source of this repository; nothing is fetched yet.

    Raises:
        OptionError: an address that is not allowed, or a pattern that is none.
    """
    wanted = Options(**options)
    address = address_of(wanted.url, wanted.path, wanted.link)
    patterns = Patterns(include=wanted.include or USUAL, exclude=wanted.exclude)
    git = Git(folder / "clone", dict(environment), wanted.timeout_s, address.header)
    return GitSource(
        name=name,
        audience=audience,
        clone=Clone(name, git, address, ref=wanted.ref, depth=max(wanted.depth, 0)),
        patterns=patterns,
        limits=replace(Limits(), file_bytes=int(wanted.max_file_mb * 2**20)),
    )
