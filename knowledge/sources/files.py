"""Folders of files, or single files, as a source."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Annotated

from knowledge import watching
from knowledge.articles import Article, Audience
from knowledge.folders import Root, is_of_interest, roots_of, walk
from knowledge.hashing import sha256_of
from knowledge.language import language_of
from knowledge.parsing import Limits, NotParsedError, Parsed, ParserProcess
from knowledge.parsing.formats import FORMATS
from knowledge.patterns import Patterns
from knowledge.read_files import moment, title_from, too_large, unparsed
from knowledge.sources import (
    BrokenContentError,
    Content,
    Entry,
    Notes,
    NotesInMemory,
    Positive,
    SourceUnavailableError,
    UnreadableError,
    local,
)

EXAMPLE = "files --path ./handbook --option exclude='drafts/, *.log'"
_LISTED_AT_ONCE = 500


def build(
    *,
    name: str,
    audience: Audience,
    path: Annotated[str | Path | list[str | Path], "the folder or file to read, or several"],
    include: Annotated[str | list[str], "only files of these patterns: *.md, docs/**"] = "",
    exclude: Annotated[str | list[str], "no files of these patterns, written alike"] = "",
    max_file_mb: Annotated[Positive, "larger files are named and not read"] = 50,
) -> "FileSource":
    """The source of these folders or files; nothing is read yet.

    Raises:
        OptionError: a pattern that is none, a path that cannot be, or folders inside each other.
    """
    limits = replace(Limits(), file_bytes=int(max_file_mb * 2**20))
    some = path if isinstance(path, list) else [path]
    return FileSource(
        name=name,
        path=[local(one) for one in some],
        audience=audience,
        limits=limits,
        patterns=Patterns(include=include, exclude=exclude),
    )


class FileSource:
    """All files below some folders. Hidden ones are left out, links that lead out not followed."""

    has_own_audiences = False

    def __init__(
        self,
        *,
        name: str,
        path: Path | Sequence[Path],
        audience: Audience,
        limits: Limits,
        patterns: Patterns | None = None,
    ) -> None:
        self.name = name
        self.audience = audience
        self._roots = roots_of([path] if isinstance(path, Path) else path)
        self._patterns = patterns or Patterns()
        self._max_bytes = limits.file_bytes
        self._parser = ParserProcess(limits)

    async def entries(self, _since: str, _notes: Notes) -> AsyncIterator[Entry]:
        """Every file, folder by folder in alphabetical order.

        Of several folders, one that is not there is an entry that cannot be listed.

        Raises:
            SourceUnavailableError: no folder is there, or none may be read.
        """
        found = await asyncio.to_thread(self._listing)
        while some := await asyncio.to_thread(_take, found):
            for entry in some:
                yield entry

    async def existing(self) -> AsyncIterator[str]:
        """The path of every file."""
        async for entry in self.entries("", NotesInMemory()):
            yield entry.path

    async def watch(self) -> AsyncGenerator[None, None]:
        """Yield within about two seconds after something in the folders has changed."""
        # The system names the real places, whatever links lead there.
        real = await asyncio.to_thread(self._real_roots)
        async for _ in watching.changes(
            [root.path for root in real], lambda path: is_of_interest(path, real, self._patterns)
        ):
            yield

    async def content_hash(self, entry: Entry) -> str:
        """SHA-256 of the file's bytes."""
        path = await self._readable(entry)
        try:
            return await asyncio.to_thread(sha256_of, path)
        except OSError as error:
            raise _unreadable(error) from error

    async def read(self, entry: Entry) -> Content:
        """Parse one file."""
        path = await self._readable(entry)
        try:
            facts = path.stat()
            changed = datetime.fromtimestamp(facts.st_mtime, UTC)
            self._check_size(path, facts.st_size)
            parsed = await self._parser.parse(path)
        except OSError as error:
            raise _unreadable(error) from error
        except NotParsedError as error:
            raise unparsed(error) from error
        return Content(self._article(entry.path, path, parsed, changed), parsed.content_hash)

    async def close(self) -> None:
        """End the parser; reading again starts a new one."""
        await self._parser.close()

    def _check_size(self, path: Path, size: int) -> None:
        # Of a file that nobody can read, the size is not what is wrong: the parser says the rest.
        if size > self._max_bytes and path.suffix.lower() in FORMATS:
            raise BrokenContentError(
                too_large(size, self._max_bytes),
                what_to_do="Split it, or raise `max_file_mb` of this source in tertulia.toml.",
            )

    def _article(self, path: str, file: Path, parsed: Parsed, changed: datetime) -> Article:
        return Article(
            id=f"{self.name}:{path}",
            title=parsed.title or title_from(file),
            text=parsed.text,
            language=language_of(parsed.text) or parsed.language,
            audience=self.audience,
            url=file.absolute().as_uri(),
            updated_at=moment(parsed.updated_at) or changed,
        )

    def _listing(self) -> Iterator[Entry]:
        """The entries, ready to be taken; the folders are opened at once, to fail at once."""
        listings: list[Iterator[Entry]] = []
        failures: list[tuple[Root, OSError]] = []
        for root in self._roots:
            try:
                listings.append(self._listing_of(root))
            except OSError as error:
                listings.append(iter([root.unlistable()]))
                failures.append((root, error))
        if len(failures) == len(self._roots):
            raise self._unavailable(*failures[0])
        return chain.from_iterable(listings)

    def _listing_of(self, root: Root) -> Iterator[Entry]:
        if root.path.is_file():
            return iter([root.entry(root.path, root.path.name, self._max_bytes)])
        with os.scandir(root.path) as found:
            next(found, None)
        return walk(root, self._patterns, self._max_bytes)

    def _unavailable(self, root: Root, error: OSError) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"The folder of source '{self.name}' cannot be read: {root.path} "
            f"({error.strerror}). What was known from it stays.",
            what_to_do="Check that it exists, is mounted, and may be read; or remove the source"
            f" with `tertulia source remove {self.name}`.",
        )

    def _real_roots(self) -> list[Root]:
        return [replace(root, path=root.path.resolve()) for root in self._roots]

    async def _readable(self, entry: Entry) -> Path:
        first, *further = self._roots
        root = next((root for root in further if entry.path.startswith(root.prefix)), first)
        try:
            return await asyncio.to_thread(root.checked, entry.path)
        except OSError as error:
            raise _unreadable(error) from error


def _take(found: Iterator[Entry]) -> list[Entry]:
    return list(islice(found, _LISTED_AT_ONCE))


def _unreadable(error: OSError) -> UnreadableError:
    return UnreadableError(
        f"It cannot be opened ({error.strerror or error}).",
        what_to_do="Check that it still exists, may be read, and has a name of whole letters.",
    )
