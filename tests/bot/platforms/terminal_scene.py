"""The contract's scene in a terminal: lines go into a pipe, and what is printed is read."""

import asyncio
import io
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.app import App
from bot.learning_chat import Learner, learn
from bot.places import Person
from bot.platforms import terminal
from bot.posts import Post
from bot.reminding import told_in_terminal
from bot.settings import Settings
from bot.talking import Talk
from bot.undecided import Undecided
from knowledge.articles import Audience, Chunk
from knowledge.confirmations import Confirmations
from knowledge.conversations import Answer, Citation, Conversation, Receipt
from knowledge.reminders import Reminders
from pipelines.progress import OnProgress
from tests.contracts.scene import Question, Reply, Scene
from tests.fakes.scripted_model import ScriptedModel

LISTED = ("Sources:", "Fuentes:")


@contextmanager
def reading_from(pipe: int) -> Iterator[None]:
    """Let this be the standard input."""
    before = sys.stdin
    with os.fdopen(pipe) as sys.stdin:
        try:
            yield
        finally:
            sys.stdin = before


class Seat:
    """Somebody who writes lines, and what is printed for them."""

    def __init__(self, out: io.StringIO, keyboard: int, running: "asyncio.Task[None]") -> None:
        self._out, self._keyboard, self._running = out, keyboard, running
        self._lines = 0

    async def types(self, line: str) -> str:
        """What is printed for a line: a command that is not known is told, and so ends it."""
        self._lines += 1
        mark = f"/line-{self._lines:04}"
        before = len(self._out.getvalue())
        os.write(self._keyboard, f"{line}\n{mark}\n".encode())
        for _ in range(3000):
            printed = self._out.getvalue()[before:]
            if mark in printed:
                return printed.partition(mark)[0].rpartition("\n")[0].strip()
            assert not self._running.done(), printed
            await asyncio.sleep(0.01)
        raise AssertionError(self._out.getvalue())


@dataclass(frozen=True)
class Saying:
    """Answers with what is to be posted."""

    post: Post

    async def start(self) -> None:
        """It is ready."""

    async def answer(
        self, conversation: Conversation, *, on_progress: OnProgress | None = None
    ) -> Answer:
        """The post, as an answer."""
        del conversation, on_progress
        cited = tuple(
            Citation(one.n, _chunk(one.title, one.url), one.quote, 1.0) for one in self.post.links
        )
        receipt = Receipt("helpdesk", "1", "owl")
        return Answer("", self.post.text, self.post.language, cited, receipt)


def _chunk(title: str, url: str) -> Chunk:
    everyone = Audience.of("everyone")
    return Chunk("1", "team:a.md", 0, title, "A page.", "en", everyone, url=url)


class TerminalScene(Scene):
    """Ana and Ben, one after the other, at a terminal."""

    ana = "terminal:ana"

    def __init__(self, model: ScriptedModel) -> None:
        self.model, self._out, self._told = model, io.StringIO(), io.StringIO()
        self._running, self._sitting = AsyncExitStack(), AsyncExitStack()
        self._who, self._asked = "", 0
        self._replies: dict[int, list[Reply]] = {}

    async def begins(self) -> None:
        """Start Tertulia."""
        self.app = await self._running.enter_async_context(App(Settings()))

    async def ends(self) -> None:
        """Stop it."""
        await self._leaves()
        await self._running.aclose()

    async def asks(
        self,
        text: str,
        *,
        who: str = "Ana",
        is_private: bool = False,
        files: Mapping[str, bytes] | None = None,
    ) -> Question:
        """Type a question."""
        assert not files
        self._asked += 1
        question = Question(who, self._asked, is_private)
        self._replies[self._asked] = []
        await self.goes_on(question, text)
        return question

    async def goes_on(self, question: Question, text: str) -> None:
        """Type more."""
        printed = await (await self._seat_of(question.who)).types(text)
        self._replies[question.said].append(_reply(printed))

    def replies(self, question: Question) -> list[Reply]:
        """What was printed."""
        return self._replies[question.said]

    async def quotes(self, question: Question, who: str) -> str:
        """Type the command."""
        return await (await self._seat_of(who)).types("/sources")

    async def why(self, question: Question, who: str) -> str:
        """Type the command."""
        return await (await self._seat_of(who)).types("/why")

    async def praises(self, question: Question, who: str) -> str:
        """Type the sign."""
        return await (await self._seat_of(who)).types("+")

    async def blames(self, question: Question, who: str, better: str) -> None:
        """Type the sign, and words."""
        await (await self._seat_of(who)).types(f"- {better}")

    async def decides(self, question: Question, who: str, *, is_yes: bool, times: int = 1) -> str:
        """Type a word."""
        for _ in range(times):
            await self.goes_on(question, "Yes" if is_yes else "no")
        return ""

    def pictures(self, question: Question) -> list[bytes]:
        """What is in the files whose paths were printed."""
        printed = "\n".join(reply.text for reply in self.replies(question))
        found = re.findall(r"(?m)^(?:Picture|Imagen): (.+)$", printed)
        return [Path(path).read_bytes() for path in found]

    async def posts(self, post: Post) -> Reply:
        """Let the assistant say this, whatever it holds."""
        await self._leaves()
        talk = await self.app.talk("terminal:ana", "helpdesk")
        talk.assistant = Saying(post)
        reply = _reply(await (await self._sits_down(talk)).types("Look at this."))
        await self._leaves()
        return reply

    def sent(self) -> list[tuple[str, str]]:
        """All that was printed."""
        return [("terminal", self._out.getvalue()), ("terminal", self._told.getvalue())]

    async def _seat_of(self, who: str) -> Seat:
        if who != self._who:
            await self._leaves()
            talk = await self.app.talk(f"terminal:{who.lower()}", "helpdesk")
            self._seat, self._who = await self._sits_down(talk), who
        return self._seat

    async def _sits_down(self, talk: Talk) -> Seat:
        pipe, keyboard = os.pipe()
        sitting = self._sitting
        sitting.enter_context(redirect_stdout(self._out))
        sitting.enter_context(redirect_stderr(self._told))
        sitting.enter_context(reading_from(pipe))

        async def stay(_persona: str) -> None:
            """One persona is enough here."""

        teach = partial(
            learn,
            self.app.learning,
            Learner(talk.author, [talk.author], Person(talk.author).rights),
        )
        database = await self.app.database()
        around = terminal.Around(
            idle=self.app.index.complete,
            with_persona=stay,
            due=partial(told_in_terminal, Reminders(database), talk.author),
            learn=teach,
            undecided=Undecided(Confirmations(database), talk.history, talk.author, "helpdesk"),
            pictures=self.app.settings.home.pictures,
        )
        here = terminal.build(talk, around)
        running = asyncio.create_task(here.run())
        sitting.push_async_callback(asyncio.wait_for, running, 30)
        sitting.callback(os.close, keyboard)
        return Seat(self._out, keyboard, running)

    async def _leaves(self) -> None:
        self._who = ""
        await self._sitting.aclose()


def _reply(printed: str) -> Reply:
    """What was printed, in two parts."""
    at = min((printed.find(f"\n{word}") for word in LISTED if f"\n{word}" in printed), default=-1)
    text, sources = (printed[:at], printed[at:].strip()) if at >= 0 else (printed, "")
    return Reply("", (text.strip(),), sources)
