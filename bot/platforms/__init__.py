"""Where people talk to Tertulia: the contract that every platform keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.channels import Channel
from bot.places import Person, Place
from bot.posts import Post
from knowledge.articles import Article
from knowledge.conversations import Message
from knowledge.turn import KeptTurn, Turn
from pipelines.progress import Progress


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Who asks and who reads along, as the platform knows it now.

    Attributes:
        person: who asks, with groups and channels.
        place: where the reply can be read by several people; None where only the person reads it.
        attached: texts that came with the question; who may read them is left open.
        unread: what of that could not be read, and why, in words for the asker.
        earlier: what was said there before Tertulia took part, where it takes part from now on.
        text: the question with people's names, where the turn has only what the platform calls
            them, since that is written down before the platform could be asked; else empty.
    """

    person: Person
    place: Place | None
    attached: tuple[Article, ...] = ()
    unread: tuple[str, ...] = ()
    earlier: tuple[Message, ...] = ()
    text: str = ""


class Sink(Protocol):
    """Where one turn's progress and answer are shown.

    Everything but `finish` may be lost: it only shows that somebody is at it, and must never hold
    up or end the work on the answer.
    """

    async def waiting(self, position: int) -> None:
        """Show that the message has come, and how many are before it."""

    async def show(self, progress: Progress) -> None:
        """Show a step, or the next piece of the answer."""

    def take_up(self) -> None:
        """Go on with what another process may have shown for the turn."""

    async def let_go(self) -> None:
        """Show nothing more: what is there is another process's from now on."""

    async def finish(self, post: Post) -> str:
        """Post the answer or the reason, in the place of what was shown; what it is called there.

        Raises:
            TransientError: not now; it is tried again.
            OperatorError: never, for instance because the channel is gone.
        """


class Platform(Protocol):
    """Listens, writes every message into the inbox, and shows what comes of it.

    A file `bot/platforms/<name>.py` offers `build(desk) -> Platform`. The terminal is not served:
    `tertulia chat` has it.
    """

    name: str

    async def run(self) -> None:
        """Serve people until the platform ends or the task is cancelled."""

    def sink(self, turn: Turn) -> Sink:
        """Where this turn is shown."""

    def channel(self, turn: Turn) -> Channel:
        """What the team has set for the place where a turn was said."""

    def must_reply(self, turn: Turn) -> bool:
        """Whether people see that a reply is to come, so that there must be one whatever it is."""

    def later(self, turn: Turn, number: int, at: datetime) -> Turn:
        """The same for a message of its own, which is said there later and answers nothing.

        Args:
            turn: with the place of a question that was asked there.
            number: tells the message from others that are said later.
            at: when it is to be said.
        """

    def at(self, channel: str) -> Mapping[str, Any]:
        """The place, for `later`, of what is said in a channel in which nobody has to have written.

        Args:
            channel: its full name, such as `slack:T1:chan:C9`.
        """

    async def whereabouts(self, turn: Turn) -> Whereabouts:
        """Who asks, and who reads the reply; asked again for each turn, since people come and go.

        Raises:
            TransientError: the platform does not tell just now.
            OperatorError: it will not tell, for instance because a scope is missing.
        """

    async def tell_alone(self, turn: Turn, text: str) -> None:
        """Say something to whoever asked, where nobody else reads it; it may be lost."""

    async def remove(self, turn: Turn, posted_as: str) -> None:
        """Take away what is being shown for a turn, and a post of this name if there is one."""

    async def posted(self, kept: KeptTurn) -> str:
        """What a post is called that a process may have posted before it was killed; else empty."""
