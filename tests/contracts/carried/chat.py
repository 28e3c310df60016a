"""A chat with edits, deletions and members: a thread is an article, an event moves the cursor."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256

from knowledge.articles import Article, Audience
from knowledge.language import language_of
from knowledge.sources import BrokenContentError, Content, EmptyError, Entry, Notes, UnreadableError


@dataclass
class Chat:
    """The other side: messages by thread, the members of the channel, and what happened when."""

    members: list[str]
    threads: dict[str, dict[str, str]] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)

    def say(self, thread: str, message: str, text: str) -> None:
        """Write a message or edit it."""
        self.threads.setdefault(thread, {})[message] = text
        self.events.append(thread)

    def delete(self, thread: str, message: str) -> None:
        """Delete a message; a thread without any is gone."""
        del self.threads[thread][message]
        self.events.append(thread)

    def let_in(self, *members: str) -> None:
        """Other members: for them, all that was ever said is new."""
        self.members = list(members)
        self.events += self.threads


class ChatSource:
    """Reads the events since the last one; a thread that saw several is named several times."""

    has_own_audiences = True

    def __init__(self, *, name: str, audience: Audience, chat: Chat) -> None:
        self.name, self.audience, self._chat = name, audience, chat

    async def entries(self, since: str, _notes: Notes) -> AsyncIterator[Entry]:
        for number, thread in enumerate(self._chat.events, 1):
            if number > int(since or 0) and self._chat.threads[thread]:
                last = len(self._chat.events) - self._chat.events[::-1].index(thread)
                if since or number == last:
                    readers = Audience.of(*self._chat.members)
                    yield Entry(thread, str(last), str(number), readers)

    async def existing(self) -> AsyncIterator[str]:
        for thread, messages in self._chat.threads.items():
            if messages:
                yield thread

    async def content_hash(self, entry: Entry) -> str:
        return sha256(self._text(entry.path).encode()).hexdigest()

    async def read(self, entry: Entry) -> Content:
        text = self._text(entry.path)
        if "\0" in text:
            raise BrokenContentError("It is no text.", what_to_do="Leave it out.")
        if not text.strip():
            raise EmptyError("It holds no text.", what_to_do="Write something.")
        title = text.partition("\n")[0][:80]
        readers = Audience.of(*self._chat.members)
        article_id = f"{self.name}:{entry.path}"
        article = Article(article_id, title, text, language_of(text), readers)
        return Content(article, await self.content_hash(entry))

    async def close(self) -> None:
        """There is nothing to close."""

    def _text(self, thread: str) -> str:
        messages = self._chat.threads.get(thread)
        if not messages:
            raise UnreadableError("The thread is gone.", what_to_do="Refresh again.")
        return "\n\n".join(messages.values())
