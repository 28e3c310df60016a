"""What every source must do; a test of a source inherits this and builds its own world."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from datetime import datetime

import pytest

from knowledge.articles import Audience
from knowledge.sources import (
    BrokenContentError,
    EmptyError,
    Entry,
    NotesInMemory,
    Source,
    UnreadableError,
    WithdrawnError,
)

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

    def put_broken(self, path: str) -> bool:
        """Put something that cannot be read into the world; False where there is no such thing."""
        return False

    def empty(self, path: str) -> bool:
        """Leave nothing in a text; False where the source knows no such thing."""
        return False

    def refuse(self, path: str) -> bool:
        """Do not show a text to us any more; False where the source knows no such thing."""
        return False

    def relabel(self, path: str, readers: Audience) -> bool:
        """Let others read a text; False where the source does not know of readers."""
        return False

    @pytest.fixture(autouse=True)
    def notes_of_the_world(self) -> None:
        """What the source keeps from one refresh to the next."""
        self.notes = NotesInMemory()

    async def entries(self) -> dict[str, Entry]:
        source = self.source()
        found = [entry async for entry in source.entries("", self.notes)]
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

    async def test_what_exists_is_what_is_named(self) -> None:
        for name in ("b.md", "a.md", "c.md"):
            self.put(name, f"Text of {name}")
        source = self.source()
        named = {entry.path async for entry in source.entries("", self.notes)}
        existing = [path async for path in source.existing()]
        await source.close()
        assert sorted(existing) == sorted(named)

    async def test_a_path_alone_is_enough_to_read_also_for_whom(self) -> None:
        self.put("a.md", "One text.")
        self.relabel("a.md", Audience.of("terminal:ben"))
        (entry,) = (await self.entries()).values()
        named, asked_again = self.source(), self.source()
        content = await named.read(entry)
        await named.close()
        again = await asked_again.read(Entry(entry.path, "again"))
        await asked_again.close()
        assert again == content
        assert entry.audience in (None, content.article.audience)
        assert bool(entry.audience) <= named.has_own_audiences

    async def test_a_source_that_was_closed_opens_again(self) -> None:
        self.put("a.md", "One text.")
        source = self.source()
        for _ in range(2):
            (entry,) = [entry async for entry in source.entries("", self.notes)]
            assert "One text." in (await source.read(entry)).article.text
            await source.close()
        await source.close()

    async def test_after_every_cursor_the_rest_is_named_and_what_has_changed_since(self) -> None:
        for number in range(5):
            self.put(f"{number}.md", f"Text {number}.")
        entries = list((await self.entries()).values())
        self.put("1.md", "Another text, and a longer one.")
        self.put("new.md", "A new text.")
        after = await self.entries()
        changed = {path for path, entry in after.items() if entry not in entries}
        assert len(changed) >= 1
        for number, entry in enumerate(entries):
            if entry.cursor:
                rest = {one.path for one in entries[number + 1 :]}
                assert await self._named_since(entry.cursor) >= rest | changed

    async def _named_since(self, cursor: str) -> set[str]:
        """What a source names that was started anew, as after a kill."""
        source = self.source()
        named = {entry.path async for entry in source.entries(cursor, self.notes)}
        await source.close()
        return named

    async def test_after_the_last_cursor_little_is_named_and_all_of_it_exists(self) -> None:
        for number in range(5):
            self.put(f"{number}.md", f"Text {number}.")
        entries = list((await self.entries()).values())
        cursor = entries[-1].cursor
        source = self.source()
        named = [entry async for entry in source.entries(cursor, self.notes)]
        existing = {path async for path in source.existing()}
        await source.close()
        assert {entry.path for entry in named} <= existing == {entry.path for entry in entries}
        assert not cursor or len(named) < len(entries)

    async def test_what_cannot_be_read_is_named_and_the_others_go_on(self) -> None:
        self.put("a.md", "One text.")
        if not self.put_broken("b.md"):
            return
        entries = await self.entries()
        assert len(entries) == 2
        source = self.source()
        texts, failures = [], []
        for entry in entries.values():
            try:
                texts.append((await source.read(entry)).article.text)
            except UnreadableError as error:
                failures.append(error)
        await source.close()
        assert len(texts) == len(failures) == 1
        assert str(failures[0])
        assert failures[0].what_to_do
        assert not isinstance(failures[0], WithdrawnError), "what was known of it stays"

    async def test_what_was_emptied_is_said_to_be_empty_until_its_stamp_changes(self) -> None:
        self.put("a.md", "One text.")
        if self.empty("a.md"):
            assert isinstance(await self._failure(), EmptyError)

    async def test_what_is_not_shown_to_us_any_more_is_withdrawn_and_looked_at_again(self) -> None:
        self.put("a.md", "One text.")
        if self.refuse("a.md"):
            failure = await self._failure()
            assert isinstance(failure, WithdrawnError)
            assert not isinstance(failure, BrokenContentError)

    async def _failure(self) -> UnreadableError:
        """Why the only entry cannot be read, as it was listed and by its path alone."""
        (entry,) = (await self.entries()).values()
        listed, alone = self.source(), self.source()
        with pytest.raises(UnreadableError) as caught:
            await listed.read(entry)
        await listed.close()
        with pytest.raises(type(caught.value)):
            await alone.read(Entry(entry.path, "again"))
        await alone.close()
        assert str(caught.value)
        assert caught.value.what_to_do
        return caught.value

    async def test_a_listing_that_nobody_reads_to_the_end_leaves_nothing_behind(self) -> None:
        for number in range(5):
            self.put(f"{number}.md", f"Text {number}.")
        source = self.source()
        listing = source.entries("", self.notes)
        first = await anext(listing)
        assert isinstance(listing, AsyncGenerator)
        await listing.aclose()
        assert (await source.read(first)).article.text
        await source.close()

    async def test_other_readers_are_a_change_and_stand_in_entry_and_article(self) -> None:
        self.put("a.md", "One text.")
        before = await self.entries()
        ben = Audience.of("terminal:ben")
        if not self.relabel("a.md", ben):
            return
        after = await self.entries()
        assert before != after
        (entry,) = after.values()
        source = self.source()
        article = (await source.read(entry)).article
        await source.close()
        assert entry.audience == ben == article.audience
