"""What the copy of a repository holds, as articles."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from knowledge.articles import Article, Audience
from knowledge.language import language_of
from knowledge.parsing import Limits, NotParsedError, Parsed, ParserProcess
from knowledge.patterns import Patterns
from knowledge.read_files import moment, title_from, unparsed
from knowledge.sources import (
    BrokenContentError,
    Content,
    Entry,
    Notes,
    NotesInMemory,
    UnreadableError,
)
from knowledge.sources.git.clone import Clone, Tip
from knowledge.sources.git.contents import Contents
from knowledge.sources.git.history import follows, moves, note_last_changes
from knowledge.sources.git.identities import Identities
from knowledge.sources.git.tree import LINK, SUBMODULE, Row, kind_of, pages, rows

_NOT_FOLLOWED = {
    LINK: (
        "It is a symbolic link; links in repositories are not followed.",
        "The file that it leads to is read where it lies; or `exclude` the link.",
    ),
    SUBMODULE: (
        "It is a submodule, a repository of its own.",
        "Add that repository as a source of its own, or `exclude` it here.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Listed:
    """A file and what is known of it.

    Attributes:
        changed: when and by whom, as the notes have it; empty where history does not reach.
    """

    row: Row
    entry: Entry
    changed: str


class GitSource:
    """The files of one commit; each keeps its identity wherever it is moved."""

    has_own_audiences = False

    def __init__(
        self, *, name: str, audience: Audience, clone: Clone, patterns: Patterns, limits: Limits
    ) -> None:
        self.name = name
        self.audience = audience
        self._clone, self._patterns = clone, patterns
        self._contents = Contents(clone, limits.file_bytes)
        self._parser = ParserProcess(limits)
        self._notes: Notes = NotesInMemory()
        self._tip = Tip("", "")
        self._page: dict[str, _Listed] = {}
        self._turn = asyncio.Lock()

    async def entries(self, _since: str, notes: Notes) -> AsyncIterator[Entry]:
        """Every file that is read, in the order of their paths; their contents stay where they are.

        Raises:
            SourceUnavailableError: the repository cannot be reached, or has no such branch.
        """
        self._notes = notes
        tip = await self._clone.update()
        if tip is None:
            return
        self._tip = tip
        await self._follow(tip.commit)
        async with aclosing(pages(self._clone.git, tip.commit, self._patterns)) as found:
            async for page in found:
                listed = await self._listed(page)
                # Whoever reads may still be at the end of the page before.
                self._page = {**dict(list(self._page.items())[-len(listed) :]), **listed}
                for one in listed.values():
                    yield one.entry

    async def existing(self) -> AsyncIterator[str]:
        """The identity of every file that is read."""
        async for entry in self.entries("", self._notes):
            yield entry.path

    async def content_hash(self, entry: Entry) -> str:
        """The hash of a file's content and place; nothing is read for it."""
        return _hash((await self._found(entry)).row)

    async def read(self, entry: Entry) -> Content:
        """Parse one file."""
        async with self._turn:  # one content in memory at a time
            listed = await self._found(entry)
            row = listed.row
            if not row.is_file:
                message, what_to_do = _NOT_FOLLOWED[row.mode]
                raise BrokenContentError(message, what_to_do=what_to_do)
            beside = {one.row.blob for one in self._page.values() if one.row.is_file} | {row.blob}
            content = await self._contents.take(row.blob, sorted(beside))
            parsed = await self._parsed(row.path, content)
        return Content(self._article(listed, parsed), _hash(row))

    async def close(self) -> None:
        """End git and the parser, and let others work on the copy."""
        await self._contents.close()
        await self._parser.close()
        await self._clone.close()
        self._page = {}

    async def _follow(self, commit: str) -> None:
        """Note what has happened since we looked last: last changes first, then what moved."""
        noted = await self._notes.get(["commit", "changes"])
        await self._note_changes(noted.get("changes", ""), commit)
        old = noted.get("commit", "")
        if old == commit:
            return
        if old and await self._clone.has(old):
            identities = Identities(self._notes, self._patterns)
            found = moves(self._clone.git, self._patterns, old, commit)
            async with aclosing(found) as steps:
                async for step in steps:
                    await identities.move(step, step[0].said)
        await self._notes.put({"commit": commit})

    async def _note_changes(self, noted: str, commit: str) -> None:
        git, patterns = self._clone.git, self._patterns
        about = sha256(repr((patterns.included, self._clone.depth)).encode()).hexdigest()[:12]
        if noted == f"{commit} {about}":
            return
        old, _, same = noted.partition(" ")
        span = [commit, *(f"^{one}" for one in await self._clone.cut_off())]
        if same == about and await follows(git, old, commit):
            span.append(f"^{old}")
        await note_last_changes(git, self._notes, patterns, span)
        await self._notes.put({"changes": f"{commit} {about}"})

    async def _listed(self, page: Sequence[Row]) -> Mapping[str, _Listed]:
        """What is known of some files, by identity."""
        identities = await Identities(self._notes, self._patterns).of([row.path for row in page])
        changes = await self._notes.get([f"changed:{row.path}" for row in page])
        found = {}
        for row in page:
            identity = identities[row.path]
            # A file that was only moved has another link and another title.
            stamp = row.blob if identity == row.path else f"{row.blob} {row.path}"
            changed = changes.get(f"changed:{row.path}", "")
            found[identity] = _Listed(row, Entry(identity, stamp), changed)
        return found

    async def _found(self, entry: Entry) -> _Listed:
        """The file of an entry; it need not be one that was just listed."""
        if entry.path in self._page:
            return self._page[entry.path]
        path = await Identities(self._notes, self._patterns).path_of(entry.path)
        tip = await self._clone.update()
        if tip is not None:
            self._tip = tip
            async with aclosing(rows(self._clone.git, tip.commit, path)) as found:
                same = [row async for row in found if row.path == path]
            listed = await self._listed(same)
            if entry.path in listed:
                return listed[entry.path]
        raise UnreadableError(
            "It is no longer in the repository.", what_to_do="Refresh the source again."
        )

    async def _parsed(self, path: str, content: bytes) -> Parsed:
        """The text of a content; the parser reads it from a file that is gone afterwards."""
        file = self._clone.git.folder.parent / "content"
        try:
            await asyncio.to_thread(file.write_bytes, content)
            return await self._parser.parse(file, kind=kind_of(path))
        except NotParsedError as error:
            raise unparsed(error) from error
        except OSError as error:
            raise UnreadableError(
                f"It could not be put down for reading ({error.strerror}).",
                what_to_do=f"Check free space in {file.parent}.",
            ) from error
        finally:
            file.unlink(missing_ok=True)

    def _article(self, listed: _Listed, parsed: Parsed) -> Article:
        path = listed.row.path
        changed, _, author = listed.changed.partition(" ")
        is_program = kind_of(path) in ("python", "code")
        return Article(
            id=f"{self.name}:{listed.entry.path}",
            title=path if is_program else parsed.title or title_from(PurePosixPath(path)),
            text=parsed.text,
            language=language_of(parsed.text) or parsed.language,
            audience=self.audience,
            url=self._clone.address.link(self._tip.name, path),
            updated_at=moment(changed) or moment(parsed.updated_at),
            author=author,
        )


def _hash(row: Row) -> str:
    return sha256(f"{row.blob} {row.path}".encode()).hexdigest()
