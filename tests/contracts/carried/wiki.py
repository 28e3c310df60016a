"""A wiki with readers for each page, as it exports itself: the changes since a number."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge.articles import Article, Audience
from knowledge.language import language_of
from knowledge.sources import (
    BrokenContentError,
    Content,
    Entry,
    Notes,
    SourceUnavailableError,
    UnreadableError,
    WithdrawnError,
)


@dataclass
class Wiki:
    """The other side: a file with a line for each state of a page; the last one counts."""

    file: Path
    number: int = 0
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def save(self, name: str, **what: object) -> None:
        """Change a page: text, readers, that it is gone, or `broken` (`for good`, `secret`)."""
        self.number += 1
        self.pages[name] = {**self.pages.get(name, {}), **what, "name": name, "number": self.number}
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(self.pages[name]) + "\n")


class WikiSource:
    """Reads the export; the number of a change is the cursor."""

    has_own_audiences = True

    def __init__(self, *, name: str, audience: Audience, file: Path) -> None:
        self.name, self.audience, self._file = name, audience, file
        self.asked: list[str] = []

    async def entries(self, since: str, _notes: Notes) -> AsyncIterator[Entry]:
        self.asked.append(since)
        for page in self._pages():
            number = page["number"]
            if not page.get("gone") and number > int(since or 0):
                yield Entry(page["name"], str(number), str(number), self._readers(page))

    async def existing(self) -> AsyncIterator[str]:
        for page in self._pages():
            if not page.get("gone"):
                yield page["name"]

    async def content_hash(self, entry: Entry) -> str:
        return sha256(self._page(entry.path)["text"].encode()).hexdigest()

    async def read(self, entry: Entry) -> Content:
        page = self._page(entry.path)
        article = Article(
            id=f"{self.name}:{entry.path}",
            title=entry.path,
            text=page["text"],
            language=language_of(page["text"]),
            audience=self._readers(page),
        )
        return Content(article, await self.content_hash(entry))

    async def close(self) -> None:
        """There is nothing to close."""

    def _readers(self, page: dict[str, Any]) -> Audience:
        return Audience.of(*page["readers"]) if "readers" in page else self.audience

    def _page(self, name: str) -> dict[str, Any]:
        for page in self._pages():
            if page["name"] == name and page.get("broken") == "for good":
                raise BrokenContentError("It is damaged.", what_to_do="Write it anew.")
            if page["name"] == name and page.get("broken") == "secret":
                raise WithdrawnError("It is not for us.", what_to_do="Ask whoever wrote it.")
            if page["name"] == name and not (page.get("gone") or page.get("broken")):
                return page
        raise UnreadableError("The wiki does not show it.", what_to_do="Refresh again later.")

    def _pages(self) -> Iterator[dict[str, Any]]:
        """The last state of each page, in the order of the changes."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise SourceUnavailableError(
                f"The wiki of source '{self.name}' is away.", what_to_do="Look for it."
            ) from error
        last = {page["name"]: page for page in map(json.loads, lines)}
        yield from sorted(last.values(), key=lambda page: int(page["number"]))
