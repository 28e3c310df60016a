"""What the contract of platforms needs of each: people who do things there, and what they see."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from bot.app import App
from bot.posts import Post
from tests.fakes.scripted_model import ScriptedModel

ELSEWHERE = "elsewhere:1:0"
"""A process that the database knows, on another machine."""
ABILITIES = {
    "copies": "one message may be delivered several times",
    "channels": "several people read what is posted",
    "edits": "what was said can be changed and taken back",
    "stop": "an answer in the making can be ended",
    "buttons": "everybody can press what stands below a reply",
    "forms": "what was wrong is asked for in a form",
    "locales": "each person has a language of their own",
    "bots": "other bots talk there",
    "files": "files come with a question",
    "markup": "what is posted may hold links, pings and pictures",
}
"""What a platform may lack; everything else is demanded of all."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that somebody has asked.

    Attributes:
        said: the message, in the platform's own form.
        is_private: whether only the person reads the reply.
    """

    who: str
    said: Any
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as people read it.

    Attributes:
        name: what the platform calls it.
        parts: the text of each message, without sources and buttons.
        sources: what is listed below them.
        buttons: their labels.
    """

    name: str
    parts: tuple[str, ...]
    sources: str = ""
    buttons: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All that is read."""
        return "\n".join((*self.parts, self.sources))


@dataclass(frozen=True, slots=True)
class Form:
    """A form that somebody has before them.

    Attributes:
        opened: the form, in the platform's own form.
        words: everything that can be read in it.
    """

    who: str
    opened: Any
    words: str


class Scene(ABC):
    """Ana (English) and Ben (Spanish) on one platform, and Tertulia there.

    Ana alone may open the page about the pay of the board.

    Attributes:
        model: says what a test wants.
        ana: the principal of Ana.
        channel: the full name of the channel where both read along, if there is one.
    """

    model: ScriptedModel
    app: App
    ana: str
    channel: str

    @abstractmethod
    async def asks(
        self,
        text: str,
        *,
        who: str = "Ana",
        is_private: bool = False,
        files: Mapping[str, bytes] | None = None,
    ) -> Question:
        """Somebody asks Tertulia, where others read along unless it is private."""

    @abstractmethod
    async def goes_on(self, question: Question, text: str) -> None:
        """The same person says more in that conversation, and names nobody."""

    @abstractmethod
    def replies(self, question: Question) -> list[Reply]:
        """What Tertulia has said there, so far as it is whole."""

    @abstractmethod
    async def quotes(self, question: Question, who: str) -> str:
        """What somebody sees who wants the quotes behind an answer."""

    @abstractmethod
    async def why(self, question: Question, who: str) -> str:
        """What somebody sees who wants to know how an answer came about."""

    @abstractmethod
    async def praises(self, question: Question, who: str) -> str:
        """Say that an answer was good; what is said to that."""

    @abstractmethod
    async def blames(self, question: Question, who: str, better: str) -> None:
        """Say that an answer was bad, and what is better."""

    @abstractmethod
    async def decides(self, question: Question, who: str, *, is_yes: bool, times: int = 1) -> str:
        """Say yes or no to what was asked back, so often; what is said to this person alone."""

    @abstractmethod
    def pictures(self, question: Question) -> list[bytes]:
        """The files of pictures that whoever reads the replies to a question sees there."""

    @abstractmethod
    async def posts(self, post: Post) -> Reply:
        """Have the platform post this, whatever it holds."""

    @abstractmethod
    def sent(self) -> list[tuple[str, str]]:
        """Every text that has gone out until now, drafts included, and who reads it so."""

    @abstractmethod
    async def begins(self) -> None:
        """Start Tertulia."""

    @abstractmethod
    async def ends(self) -> None:
        """Stop it."""

    async def restarts(self) -> None:
        """End Tertulia, and start it anew."""
        await self.ends()
        await self.begins()

    def beside(self) -> AbstractAsyncContextManager[App]:
        """Another process that serves the same team."""
        raise NotImplementedError

    async def asks_several_times(self, text: str, copies: int) -> Question:
        """Ana asks, and what she says is delivered so often."""
        raise NotImplementedError

    async def bot_asks(self, text: str) -> Question:
        """Another bot asks Tertulia."""
        raise NotImplementedError

    async def edits(self, question: Question, text: str) -> None:
        """Change a question."""
        raise NotImplementedError

    async def deletes(self, question: Question) -> None:
        """Take a question back."""
        raise NotImplementedError

    async def stops(self, question: Question) -> None:
        """End the answer."""
        raise NotImplementedError

    def announced(self) -> list[Reply]:
        """What stands in the channel by itself, in reply to nothing."""
        raise NotImplementedError

    def told_alone(self, who: str) -> list[str]:
        """What somebody was told where nobody else reads it."""
        raise NotImplementedError

    def shown(self, question: Question) -> int:
        """How many messages stand there for a question, unfinished ones included."""
        raise NotImplementedError

    def is_begun(self, question: Question) -> bool:
        """Whether people see that it is being answered, and may stop it."""
        raise NotImplementedError

    async def opens_form(self, question: Question, who: str) -> Form:
        """Say that an answer was bad, and see the form."""
        raise NotImplementedError

    async def fills_in(self, form: Form, fault: str, better: str) -> None:
        """Send the form."""
        raise NotImplementedError

    async def reply(self, question: Question, number: int = 0) -> Reply:
        """The reply of this number, once it is whole."""
        await self.until(lambda: len(self.replies(question)) > number)
        return self.replies(question)[number]

    async def until(self, is_so: Callable[[], object], *, within_s: float = 30.0) -> None:
        """Wait for something, but not for ever."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        while not is_so():
            assert loop.time() < end, f"Not within {within_s} s. Sent: {self.sent()[-5:]}"
            await asyncio.sleep(0.01)
