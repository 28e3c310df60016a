"""A folder of files, or a single file, as a source."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Annotated

from knowledge.articles import Article, Audience
from knowledge.language import language_of
from knowledge.parsing import Limits, NotParsedError, Parsed, ParserProcess
from knowledge.parsing.formats import FORMATS
from knowledge.sources import (
    BrokenContentError,
    Content,
    Entry,
    Notes,
    NotesInMemory,
    SourceUnavailableError,
    UnreadableError,
)

EXAMPLE = "files --path ./handbook"
_IGNORED = (".", "~$", "Thumbs.db", "desktop.ini", "__MACOSX")
_LISTED_AT_ONCE = 500


def build(
    *,
    name: str,
    audience: Audience,
    path: Annotated[str | Path, "the folder or file to read"],
    max_file_mb: Annotated[float, "larger files are named and not read"] = 50,
) -> "FileSource":
    """The source of this folder or file; nothing is read yet."""
    limits = replace(Limits(), file_bytes=int(max_file_mb * 2**20))
    return FileSource(name=name, path=Path(path).expanduser(), audience=audience, limits=limits)


class FileSource:
    """All files below a folder. Hidden ones are left out, links that lead out are not followed."""

    has_own_audiences = False

    def __init__(self, *, name: str, path: Path, audience: Audience, limits: Limits) -> None:
        self.name = name
        self.audience = audience
        self._top = path
        self._max_bytes = limits.file_bytes
        self._parser = ParserProcess(limits)

    async def entries(self, _since: str, _notes: Notes) -> AsyncIterator[Entry]:
        """Every file, folder by folder in alphabetical order.

        Raises:
            SourceUnavailableError: the folder is not there or may not be read.
        """
        found = await asyncio.to_thread(self._listing)
        while some := await asyncio.to_thread(_take, found):
            for entry in some:
                yield entry

    async def existing(self) -> AsyncIterator[str]:
        """The path of every file."""
        async for entry in self.entries("", NotesInMemory()):
            yield entry.path

    async def content_hash(self, entry: Entry) -> str:
        """SHA-256 of the file's bytes."""
        path = await self._readable(entry)
        try:
            return await asyncio.to_thread(_hash, path)
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
            raise _unparsed(error) from error
        return Content(self._article(entry.path, path, parsed, changed), parsed.content_hash)

    async def close(self) -> None:
        """End the parser; reading again starts a new one."""
        await self._parser.close()

    def _check_size(self, path: Path, size: int) -> None:
        # Of a file that nobody can read, the size is not what is wrong: the parser says the rest.
        if size > self._max_bytes and path.suffix.lower() in FORMATS:
            allowed = _megabytes(self._max_bytes)
            raise BrokenContentError(
                f"It has {_megabytes(size)}; more than {allowed} are not read.",
                what_to_do="Split it, or raise `max_file_mb` of this source in tertulia.toml.",
            )

    def _article(self, path: str, file: Path, parsed: Parsed, changed: datetime) -> Article:
        return Article(
            id=f"{self.name}:{path}",
            title=parsed.title or _title_from(file),
            text=parsed.text,
            language=language_of(parsed.text) or parsed.language,
            audience=self.audience,
            url=file.absolute().as_uri(),
            updated_at=_moment(parsed.updated_at) or changed,
        )

    def _listing(self) -> Iterator[Entry]:
        """The entries, ready to be taken; the top folder is opened at once, to fail at once."""
        try:
            if self._top.is_file():
                return iter([_entry(self._top, self._top.name, self._max_bytes)])
            with os.scandir(self._top) as found:
                next(found, None)
        except OSError as error:
            raise SourceUnavailableError(
                f"The folder of source '{self.name}' cannot be read: {self._top} "
                f"({error.strerror}). What was known from it stays.",
                what_to_do="Check that it exists, is mounted, and may be read; or remove the source"
                f" with `tertulia source remove {self.name}`.",
            ) from error
        return _walk(self._top, self._max_bytes)

    async def _readable(self, entry: Entry) -> Path:
        return await asyncio.to_thread(self._checked, entry)

    def _checked(self, entry: Entry) -> Path:
        """The file of an entry, if it still is a file inside the folder."""
        try:
            top = self._top.parent if self._top.is_file() else self._top
            path = top / entry.path
            if entry.path.endswith("/") or not entry.path:
                os.scandir(path).close()
                raise UnreadableError(
                    "This folder could not be listed.", what_to_do="Refresh the source again."
                )
            real = path.resolve(strict=True)
        except OSError as error:
            raise _unreadable(error) from error
        except RuntimeError as error:  # Python 3.11 and 3.12 on links that lead to themselves
            raise _link_in_a_circle() from error
        if not real.is_relative_to(top.resolve()):
            raise UnreadableError(
                "It is a link to a place outside the folder; such links are not followed.",
                what_to_do="Put a copy into the folder, or add the other place as its own source.",
            )
        if not real.is_file():
            raise UnreadableError("It is not a regular file.", what_to_do="Leave it out.")
        return path


def _link_in_a_circle() -> UnreadableError:
    return UnreadableError("It is a link that leads to itself.", what_to_do="Remove the link.")


def _walk(top: Path, max_bytes: int) -> Iterator[Entry]:
    """Files below a folder; a folder that cannot be listed is an entry that ends in `/`.

    Links to folders inside are no ways: so nothing is read twice and no circle is walked.
    """
    waiting = [(top, "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as found:
                items = sorted(found, key=lambda item: item.name, reverse=True)
        except OSError:
            yield Entry(prefix, stamp="unlistable")
            continue
        for item in items[::-1]:
            if not _is_ignored(item, top):
                yield _entry(Path(item.path), prefix + item.name, max_bytes)
        waiting.extend(
            (Path(item.path), f"{prefix}{item.name}/")
            for item in items
            if item.is_dir(follow_symlinks=False) and not item.name.startswith(_IGNORED)
        )


def _is_ignored(item: os.DirEntry[str], top: Path) -> bool:
    """Whether an item is no entry: hidden, a folder, or a link to a folder listed anyway."""
    if item.name.startswith(_IGNORED) or item.is_dir(follow_symlinks=False):
        return True
    return item.is_symlink() and _is_folder_inside(Path(item.path), top)


def _is_folder_inside(link: Path, top: Path) -> bool:
    """Whether a link leads to a folder inside the source."""
    try:
        real = link.resolve()
        return real.is_dir() and real.is_relative_to(top.resolve())
    except OSError:  # its goal has too long a name, or lies where we may not look
        return False
    except RuntimeError:  # Python 3.11 and 3.12 on links that lead to themselves
        return False


def _entry(path: Path, name: str, max_bytes: int) -> Entry:
    """The entry of a file; the stamp of one that is gone or leads nowhere is `gone`.

    The stamp of a file that is too large names the limit: with another limit it is looked at again.
    """
    # A name that is no UTF-8 can be kept nowhere: it is escaped, and reading it names the reason.
    name = name.encode("utf-8", "backslashreplace").decode()
    try:
        facts = path.stat()
    except OSError:
        return Entry(name, stamp="gone")
    limit = f"-over-{max_bytes}" if facts.st_size > max_bytes else ""
    return Entry(name, stamp=f"{facts.st_size}-{facts.st_mtime_ns}{limit}")


def _take(found: Iterator[Entry]) -> list[Entry]:
    return list(islice(found, _LISTED_AT_ONCE))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _unreadable(error: OSError) -> UnreadableError:
    return UnreadableError(
        f"It cannot be opened ({error.strerror or error}).",
        what_to_do="Check that it still exists, may be read, and has a name of whole letters.",
    )


def _unparsed(error: NotParsedError) -> UnreadableError:
    """A file that gave no text is at fault, unless the clock ran out: we may have been busy."""
    if isinstance(error.__cause__, TimeoutError):
        return UnreadableError(
            str(error),
            what_to_do="Refresh again when this machine is less busy. If that does not help: "
            f"{error.what_to_do}",
        )
    return BrokenContentError(str(error), what_to_do=error.what_to_do)


def _megabytes(size: int) -> str:
    """A size in bytes as people read it: 0.1 MB, 3.4 MB, 50 MB."""
    megabytes = size / 2**20
    digits = f"{megabytes:.2g}" if megabytes < 1 else f"{megabytes:.1f}".removesuffix(".0")
    return f"{digits} MB"


def _title_from(file: Path) -> str:
    words = file.stem.replace("_", " ").replace("-", " ").strip() or file.name
    return words[0].upper() + words[1:]


def _moment(stated: str) -> datetime | None:
    """A point in time as a file states it; without a zone it is taken as UTC."""
    try:
        found = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
