"""A feed over HTTP: asked with the ETag of the last time, it mostly says that all is as it was."""

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from xml.etree.ElementTree import Element

import httpx2
from defusedxml.ElementTree import fromstring

from knowledge.articles import Article, Audience
from knowledge.cleaning import clean
from knowledge.language import language_of
from knowledge.sources import (
    Content,
    EmptyError,
    Entry,
    Notes,
    NotesInMemory,
    SourceUnavailableError,
    UnreadableError,
)


class FeedSource:
    """Reads RSS; what a feed no longer shows is gone. The ETag is the cursor."""

    has_own_audiences = False

    def __init__(self, *, name: str, audience: Audience, url: str) -> None:
        self.name, self.audience, self._url = name, audience, url
        self._notes: Notes = NotesInMemory()
        self._items: dict[str, Element] = {}

    async def entries(self, since: str, notes: Notes) -> AsyncIterator[Entry]:
        self._notes = notes
        answer = await self._ask(since)
        if answer is None:
            return
        etag, self._items = answer
        await notes.put({"shown": json.dumps(list(self._items))})
        for number, (path, item) in enumerate(self._items.items(), 1):
            is_last = number == len(self._items)
            yield Entry(path, _hash(item), cursor=etag if is_last else "")

    async def existing(self) -> AsyncIterator[str]:
        shown = (await self._notes.get(["shown"])).get("shown", "[]")
        for path in json.loads(shown):
            yield path

    async def content_hash(self, entry: Entry) -> str:
        return _hash(await self._item(entry))

    async def read(self, entry: Entry) -> Content:
        item = await self._item(entry)
        title, text = item.findtext("title") or "", clean(item.findtext("description") or "")
        if not text:
            raise EmptyError("It holds no text.", what_to_do="Open it in the browser.")
        article = Article(
            id=f"{self.name}:{entry.path}",
            title=title,
            text=text,
            language=language_of(text),
            audience=self.audience,
            url=item.findtext("link") or "",
            author=item.findtext("author") or "",
        )
        return Content(article, _hash(item))

    async def close(self) -> None:
        self._items = {}

    async def _item(self, entry: Entry) -> Element:
        answer = await self._ask("") if entry.path not in self._items else None
        items = answer[1] if answer else self._items
        if entry.path not in items:
            raise UnreadableError("The feed no longer shows it.", what_to_do="Refresh again.")
        return items[entry.path]

    async def _ask(self, etag: str) -> tuple[str, dict[str, Element]] | None:
        """Get the feed, with its ETag; None where it is as it was."""
        headers = {"If-None-Match": etag} if etag else {}
        async with httpx2.AsyncClient(trust_env=False) as client:
            reply = await client.get(self._url, headers=headers)
        if reply.status_code == 304:
            return None
        if reply.status_code != 200:
            raise SourceUnavailableError(
                f"The feed of source '{self.name}' answered {reply.status_code}.",
                what_to_do="Try again later.",
            )
        items = fromstring(reply.content).iter("item")
        by_path = {item.findtext("guid") or "": item for item in items}
        return str(reply.headers["etag"]), by_path


def _hash(item: Element) -> str:
    return sha256("\n".join(item.itertext()).encode()).hexdigest()
