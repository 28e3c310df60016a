"""Where articles come from: the contract that every source keeps."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from knowledge.articles import Article, Audience
from knowledge.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a source holds, before it is read.

    Attributes:
        path: unique and stable within the source. One that ends in `/` stands for a folder that
            could not be listed: it cannot be read, and what was known below it stays.
        stamp: changes whenever the content may have changed; cheap to get (size and time).
    """

    path: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Content:
    """What an entry holds: the article and the hash of the bytes that it was read from."""

    article: Article
    content_hash: str


class UnreadableError(OperatorError):
    """One entry could not be read; the others go on."""


class BrokenContentError(UnreadableError):
    """The content itself is at fault: the entry is not read again until its stamp changes."""


class SourceUnavailableError(OperatorError):
    """The source as a whole could not be listed; the old knowledge stays."""


class Source(Protocol):
    """Where articles come from."""

    name: str
    audience: Audience

    def entries(self) -> AsyncIterator[Entry]:
        """Everything that the source holds now, in a stable order."""

    async def content_hash(self, entry: Entry) -> str:
        """The hash of the entry's bytes, without parsing them."""

    async def read(self, entry: Entry) -> Content:
        """Parse one entry.

        Raises:
            UnreadableError: this entry cannot be read; says why in one sentence.
        """

    async def close(self) -> None:
        """Release processes and connections; reading again opens them again."""
