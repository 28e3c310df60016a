"""The contract carries wikis, mailboxes, feeds and chats: each keeps what it promises."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.articles import Audience
from knowledge.sources import Source
from tests.contracts.carried.chat import Chat, ChatSource
from tests.contracts.carried.feed import FeedSource
from tests.contracts.carried.wiki import Wiki, WikiSource
from tests.contracts.carried.worlds import Feed, Mailbox
from tests.contracts.source_contract import AUDIENCE, SourceContract
from tests.fakes.loopback import LoopbackServer


class TestWikiSource(SourceContract):
    @pytest.fixture(autouse=True)
    def world(self, tmp_path: Path) -> None:
        self.wiki = Wiki(tmp_path / "export.jsonl")
        self.wiki.file.touch()

    def source(self) -> Source:
        return WikiSource(name="world", audience=AUDIENCE, file=self.wiki.file)

    def put(self, path: str, text: str) -> None:
        self.wiki.save(path, text=text, gone=False)

    def remove(self, path: str) -> None:
        self.wiki.save(path, gone=True)

    def put_broken(self, path: str) -> bool:
        self.wiki.save(path, text="x", broken=True)
        return True

    def refuse(self, path: str) -> bool:
        self.wiki.save(path, broken="secret")
        return True

    def relabel(self, path: str, readers: Audience) -> bool:
        self.wiki.save(path, readers=sorted(readers.principals))
        return True


class TestChatSource(SourceContract):
    @pytest.fixture(autouse=True)
    def world(self) -> None:
        self.chat = Chat(sorted(AUDIENCE.principals))

    def source(self) -> Source:
        return ChatSource(name="world", audience=AUDIENCE, chat=self.chat)

    def put(self, path: str, text: str) -> None:
        self.chat.say(path, "1", text)

    def remove(self, path: str) -> None:
        self.chat.delete(path, "1")

    def put_broken(self, path: str) -> bool:
        self.chat.say(path, "1", "\0")
        return True

    def empty(self, path: str) -> bool:
        self.chat.say(path, "1", " ")
        return True

    def relabel(self, path: str, readers: Audience) -> bool:
        self.chat.let_in(*readers.principals)
        return True


class TestMailboxSource(SourceContract):
    @pytest.fixture(autouse=True)
    def world(self, tmp_path: Path) -> None:
        self.mailbox = Mailbox(tmp_path)

    def source(self) -> Source:
        return self.mailbox.source("world", AUDIENCE)

    def put(self, path: str, text: str) -> None:
        self.mailbox.put(path, text)

    def remove(self, path: str) -> None:
        self.mailbox.path(path).unlink()

    def put_broken(self, path: str) -> bool:
        self.mailbox.put_bytes(path, b"\x7fELF" + bytes(100))
        return True

    def empty(self, path: str) -> bool:
        self.mailbox.put_bytes(path, b"")
        return True

    def relabel(self, path: str, readers: Audience) -> bool:
        self.mailbox.readers["inbox"] = readers
        return True


class TestFeedSource(SourceContract):
    @pytest.fixture(autouse=True)
    async def world(self) -> AsyncIterator[None]:
        self.feed = Feed()
        async with LoopbackServer(self.feed.respond) as server:
            self.url = f"{server.url}/feed.xml"
            yield

    def source(self) -> Source:
        return FeedSource(name="world", audience=AUDIENCE, url=self.url)

    def put(self, path: str, text: str) -> None:
        self.feed.items[path] = text

    def remove(self, path: str) -> None:
        del self.feed.items[path]

    def empty(self, path: str) -> bool:
        self.feed.items[path] = ""
        return True
