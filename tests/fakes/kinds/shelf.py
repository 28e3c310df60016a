"""A kind of source for tests: text files, slow if wanted, which may say who may read them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from knowledge.articles import Article, Audience
from knowledge.sources import Content, Entry, Notes

EXAMPLE = "shelf --path ./shelf"
_FOR = "for: "


def build(
    *,
    name: str,
    audience: Audience,
    path: Annotated[Path, "the folder to read"],
    seconds: Annotated[float, "how long it takes to read a file"] = 0.0,
    own: Annotated[bool, "whether a first line `for: PRINCIPAL` says who may read a file"] = False,
) -> "Shelf":
    """The source of this folder; it says what is wrong in the words of Python."""
    if seconds < 0:
        raise OverflowError("no time goes back")
    return Shelf(name, audience, path, seconds, own)


class Shelf:
    """All text files of one folder."""

    def __init__(
        self, name: str, audience: Audience, path: Path, seconds: float, own: bool
    ) -> None:
        self.name, self.audience, self.has_own_audiences = name, audience, own
        self._path, self._seconds = path, seconds

    async def entries(self, _since: str, _notes: Notes, /) -> AsyncIterator[Entry]:
        """Every file, in order."""
        for file in sorted(self._path.glob("*.txt")):
            yield Entry(file.name, str(file.stat().st_mtime_ns), audience=self._readers(file))

    async def existing(self) -> AsyncIterator[str]:
        """Every file's name."""
        for file in sorted(self._path.glob("*.txt")):
            yield file.name

    async def content_hash(self, entry: Entry) -> str:
        """The hash of a file's bytes."""
        return sha256((self._path / entry.path).read_bytes()).hexdigest()

    async def read(self, entry: Entry) -> Content:
        """Read one file, slowly if wanted; the file `reading` grows by a byte for each."""
        with (self._path / "reading").open("a") as counted:
            counted.write("x")
        await asyncio.sleep(self._seconds)
        file = self._path / entry.path
        audience = self._readers(file) or self.audience
        article = f"{self.name}:{entry.path}"
        text = file.read_text()
        return Content(
            Article(article, file.stem, text, "en", audience), await self.content_hash(entry)
        )

    async def watch(self) -> AsyncGenerator[None, None]:
        """Yield soon after a file has changed."""
        seen = self._stamps()
        while True:
            await asyncio.sleep(0.05)
            now = self._stamps()
            if now != seen:
                seen = now
                yield

    async def close(self) -> None:
        """Nothing is open."""

    def _stamps(self) -> list[int]:
        return [file.stat().st_mtime_ns for file in self._path.glob("*.txt")]

    def _readers(self, file: Path) -> Audience | None:
        first = file.read_text().partition("\n")[0]
        if self.has_own_audiences and first.startswith(_FOR):
            return Audience.of(first.removeprefix(_FOR))
        return None
