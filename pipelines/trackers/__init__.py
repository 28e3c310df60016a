"""What a ticket is, and what every tracker can do with the tickets of one project."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

State = Literal["open", "closed", "all"]
MOST_FOUND, MOST_COMMENTS = 20, 5
MOST_BYTES = 4 * 2**20
"""Of an answer: a hundred long comments come at once."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket; all words in it are somebody's.

    Attributes:
        comments: how many there are.
    """

    number: int
    title: str
    is_open: bool
    author: str
    changed: datetime
    text: str = ""
    labels: tuple[str, ...] = ()
    url: str = ""
    comments: int = 0


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote below a ticket."""

    author: str
    written: datetime
    text: str


class Tracker(Protocol):
    """The tickets of one project. Everything in it raises CannotError where it cannot be done."""

    async def find(self, words: str, state: State) -> Sequence[Ticket]:
        """Tickets that have these words, or the newest ones where there are none."""

    async def read(self, number: int) -> Ticket:
        """One ticket."""

    async def last_comments(self, ticket: Ticket) -> Sequence[Comment]:
        """What was written last below it, oldest first."""

    async def create(self, title: str, text: str) -> Ticket:
        """A new ticket."""

    async def comment(self, number: int, text: str) -> None:
        """Write below a ticket."""
