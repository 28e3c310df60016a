"""A mailbox on disk, with a circle of readers for each of its folders."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from knowledge.articles import Article, Audience
from knowledge.language import language_of
from knowledge.parsing import Limits, NotParsedError, ParserProcess
from knowledge.read_files import moment, unparsed
from knowledge.sources import Content, Entry, Notes, UnreadableError


class MailboxSource:
    """Reads Maildir folders: the time of a message is the cursor, with who reads which folder."""

    has_own_audiences = True

    def __init__(
        self, *, name: str, audience: Audience, folder: Path, readers: Mapping[str, Audience]
    ) -> None:
        self.name, self.audience, self._folder = name, audience, folder
        self._readers = dict(readers)
        self._parser = ParserProcess(Limits())

    async def entries(self, since: str, _notes: Notes) -> AsyncIterator[Entry]:
        circle = sha256(repr(sorted(self._readers.items(), key=str)).encode()).hexdigest()
        after, _, same = since.partition(" ")
        # With other readers every message is named again.
        start = int(after) if after and same == circle else 0
        found = sorted((path.stat().st_mtime_ns, path) for path in self._messages())
        for time, path in found:
            if time > start:
                name = f"{path.parent.parent.name}/{path.name}"
                yield Entry(name, str(time), f"{time} {circle}", self._reader(name))

    async def existing(self) -> AsyncIterator[str]:
        for path in self._messages():
            yield f"{path.parent.parent.name}/{path.name}"

    async def content_hash(self, entry: Entry) -> str:
        content = await asyncio.to_thread(self._path(entry).read_bytes)
        return sha256(content).hexdigest()

    async def read(self, entry: Entry) -> Content:
        try:
            parsed = await self._parser.parse(self._path(entry), kind=".eml")
        except NotParsedError as error:
            raise unparsed(error) from error
        article = Article(
            id=f"{self.name}:{entry.path}",
            title=parsed.title,
            text=parsed.text,
            language=language_of(parsed.text),
            audience=self._reader(entry.path),
            updated_at=moment(parsed.updated_at),
        )
        return Content(article, parsed.content_hash)

    async def close(self) -> None:
        await self._parser.close()

    def _messages(self) -> Iterator[Path]:
        return self._folder.glob("*/cur/*")

    def _reader(self, name: str) -> Audience:
        return self._readers.get(name.partition("/")[0], self.audience)

    def _path(self, entry: Entry) -> Path:
        folder, _, name = entry.path.partition("/")
        path = self._folder / folder / "cur" / name
        if not path.is_file():
            raise UnreadableError("The message is gone.", what_to_do="Refresh again.")
        return path
