"""What every source must do; a test of a source inherits this and builds its own world."""

from abc import ABC, abstractmethod
from datetime import datetime

import pytest

from knowledge.articles import Audience
from knowledge.sources import Entry, NotesInMemory, Source, UnreadableError

AUDIENCE = Audience.of("terminal:ana")


class SourceContract(ABC):
    """Subclass it, and say how to make a source and how its world changes."""

    @abstractmethod
    def source(self) -> Source:
        """A source named `world` for `AUDIENCE`, that holds what was put into the world."""

    @abstractmethod
    def put(self, path: str, text: str) -> None:
        """Put a text into the world, or change it."""

    @abstractmethod
    def remove(self, path: str) -> None:
        """Take a text out of the world."""

    async def entries(self) -> dict[str, Entry]:
        source = self.source()
        found = [entry async for entry in source.entries("", NotesInMemory())]
        await source.close()
        assert len({entry.path for entry in found}) == len(found)
        return {entry.path: entry for entry in found}

    async def test_every_text_is_an_entry_in_a_stable_order(self) -> None:
        for name in ("b.md", "a.md", "c.md"):
            self.put(name, f"Text of {name}")
        first, again = await self.entries(), await self.entries()
        assert len(first) == 3
        assert list(first.items()) == list(again.items())

    async def test_an_article_carries_its_id_its_words_and_its_audience(self) -> None:
        self.put("a.md", "The wifi password is on the door of the kitchen.")
        (entry,) = (await self.entries()).values()
        source = self.source()
        article = (await source.read(entry)).article
        await source.close()
        assert article.id == f"world:{entry.path}"
        assert "wifi password" in article.text
        assert article.title
        assert article.language == "en"
        assert article.audience == source.audience == AUDIENCE
        assert article.updated_at is None or isinstance(article.updated_at, datetime)
        assert article.updated_at is None or article.updated_at.tzinfo is not None

    async def test_the_hash_without_parsing_is_the_hash_of_what_was_parsed(self) -> None:
        self.put("a.md", "One text.")
        (entry,) = (await self.entries()).values()
        source = self.source()
        content = await source.read(entry)
        assert await source.content_hash(entry) == content.content_hash
        self.put("a.md", "Another text.")
        assert await source.content_hash(entry) != content.content_hash
        await source.close()

    async def test_the_stamp_changes_with_the_text(self) -> None:
        self.put("a.md", "One text.")
        before = await self.entries()
        self.put("a.md", "Another text, and a longer one.")
        after = await self.entries()
        assert before.keys() == after.keys()
        assert list(before.values()) != list(after.values())

    async def test_what_was_removed_is_no_entry_and_reading_it_says_why(self) -> None:
        self.put("a.md", "One text.")
        (entry,) = (await self.entries()).values()
        self.remove("a.md")
        assert await self.entries() == {}
        source = self.source()
        with pytest.raises(UnreadableError) as caught:
            await source.read(entry)
        with pytest.raises(UnreadableError):
            await source.content_hash(entry)
        await source.close()
        assert caught.value.what_to_do
