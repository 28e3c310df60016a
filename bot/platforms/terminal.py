"""The terminal as a platform: a chat with streamed answers, or a line a question from a pipe."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from threading import Thread
from typing import Any

import structlog
from prompt_toolkit import PromptSession
from rich.live import Live
from rich.text import Text

from bot.console import out, show, tell
from bot.egress import cleaned
from bot.pictures import put_away
from bot.receipts_text import sources_text, why_text
from bot.replying import Reply
from bot.talking import Talk
from bot.undecided import Asked, Undecided
from bot.wording import say
from knowledge.conversations import Decision
from knowledge.errors import TertuliaError
from pipelines.progress import Progress

PROMPT = "› "
YES, NO = frozenset({"yes", "y", "sí", "si", "s"}), frozenset({"no", "n"})
log = structlog.get_logger(__name__)
Idle = Callable[[], Coroutine[Any, Any, object]]
Due = Callable[[], Coroutine[Any, Any, list[str]]]
Switch = Callable[[str], Coroutine[Any, Any, None]]
Learn = Callable[[str, str], Coroutine[Any, Any, str]]


@dataclass(frozen=True, slots=True)
class Around:
    """What a chat in a terminal needs besides its conversation.

    Attributes:
        idle: work for the time in which nobody asks; it is cancelled when somebody does.
        with_persona: the same conversation with another persona.
        due: what the person wanted to be told by now, each once.
        learn: does what the person says of learning, in a language, and says what came of it.
        undecided: what the person was asked to confirm and has not decided.
        pictures: the folder where they are put.
    """

    idle: Idle
    with_persona: Switch
    due: Due
    learn: Learn
    undecided: Undecided
    pictures: Path


def build(talk: Talk, around: Around) -> "Terminal":
    """The terminal that this process was started in."""
    return Terminal(talk, around)


class Terminal:
    """Reads questions from stdin and prints answers on stdout.

    Attributes:
        is_tty: whether a person sits there; else the questions come from a pipe or a file.
        has_failed: whether a question got no answer.
    """

    name = "terminal"

    def __init__(self, talk: Talk, around: Around) -> None:
        self._talk, self._around = talk, around
        self.is_tty = sys.stdin.isatty() and sys.stdout.isatty()
        self.has_failed = False
        self._language = "en"
        self._asked: Asked | None = None

    async def run(self) -> None:
        """Answer until the input ends."""
        if self.is_tty:
            tell(say("chat-welcome", self._language))
        await self._ask_again()
        async with aclosing(self._lines()) as lines:
            async for line in lines:
                if line == "/quit":
                    break
                await self._take(line)
        if self.is_tty:
            tell(say("goodbye", self._language))

    async def _lines(self) -> AsyncGenerator[str, None]:
        read = PromptSession[str]().prompt_async if self.is_tty else _piped_line
        while True:
            await self._remind()
            waiting = asyncio.create_task(self._around.idle())
            try:
                line = await read(PROMPT)
            except EOFError:
                return
            finally:
                await _ended(waiting)
            if line.strip():
                yield line.strip()

    async def _remind(self) -> None:
        """Tell what is due, before the next prompt."""
        try:
            for text in await self._around.due():
                show(cleaned(text))
        except TertuliaError as error:
            log.warning("failed to remind", kind=error.kind)

    async def _take(self, line: str) -> None:
        """A question, one of the few commands, or what is said to what is to be confirmed."""
        word, _, rest = line.partition(" ")
        said = line.casefold().strip(" .,;!¡")
        if self._asked and said in YES | NO:
            await self._decide(self._asked, is_yes=said in YES)
        elif word in ("+", "-"):
            await self._rate(word, rest)
        elif not line.startswith("/"):
            await self._answer(line)
        elif word == "/persona" and rest:
            await self._switch(rest.strip())
        else:
            await self._tell(word, rest)

    async def _tell(self, word: str, rest: str) -> None:
        try:
            if word == "/learn":
                show(await self._around.learn(rest, self._language))
            else:
                show(await self._told(word))
        except TertuliaError as error:
            tell(f"{error} {error.what_to_do}")

    async def _told(self, word: str) -> str:
        """What a command without an effect prints."""
        if word == "/help":
            return say("chat-help", self._language)
        if word not in ("/why", "/sources"):
            return say("unknown-command", self._language, command=word)
        if self._talk.last is None:
            return say("not-answered-yet", self._language)
        last = await self._talk.recall()
        if last is None:
            return say("no-longer-open", self._language)
        if word == "/why":
            return why_text(last, self._language)
        return sources_text(last, quotes=True) or say("no-sources", self._language)

    async def _switch(self, persona: str) -> None:
        try:
            await self._around.with_persona(persona)
        except TertuliaError as error:
            tell(f"{error} {error.what_to_do}")
        else:
            show(say("persona-now", self._language, name=persona))

    async def _rate(self, verdict: str, comment: str) -> None:
        reference = await self._talk.rate(verdict, comment.strip())
        if reference is None:
            show(say("not-answered-yet", self._language))
        else:
            show(say("thanks", self._language, reference=reference))

    async def _ask_again(self) -> None:
        """Show what was asked before a restart and is not decided yet."""
        self._asked = asked = await self._around.undecided.again()
        if asked:
            self._language = asked.language
            again, prompt = (say(key, asked.language) for key in ("act-again", "act-prompt"))
            show(f"{again}\n\n{asked.text}\n{prompt}\n")

    async def _decide(self, asked: Asked, *, is_yes: bool) -> None:
        self._asked = None
        said = say("button-yes" if is_yes else "button-no", self._language)
        decision = Decision(asked.confirmation, is_yes, self._language)
        there = replace(self._talk, id=asked.conversation)
        reply = await there.reply(said, decision=decision)
        self._talk.last = there.last
        await self._print(reply)

    async def _answer(self, question: str) -> None:
        await self._around.undecided.passed(self._asked)
        self._asked = None
        if self.is_tty:
            with Live(console=out, transient=True, refresh_per_second=8) as live:
                reply = await self._talk.reply(question, Screen(live).show)
        else:
            reply = await self._talk.reply(question)
        self._language = reply.language
        self._asked = await self._around.undecided.asked(reply, self._talk.id)
        await self._print(reply)

    async def _print(self, reply: Reply) -> None:
        show(reply.whole)
        await self._show_pictures(reply)
        if self._asked:
            show(say("act-prompt", self._language))
        sources = sources_text(reply.answer) if reply.answer else ""
        if sources:
            show(sources)
        if reply.error:
            self.has_failed = True
            tell(f"{reply.error} {reply.error.what_to_do}")
        show("")

    async def _show_pictures(self, reply: Reply) -> None:
        """Say where they are: a terminal shows none."""
        try:
            for file in await put_away(reply.answer, self._around.pictures) if reply.answer else ():
                show(say("picture-kept", reply.language, path=str(file)))
        except TertuliaError as error:
            self.has_failed = True
            tell(f"{error} {error.what_to_do}")


class Screen:
    """What is seen while an answer is being made: each step, then the text as it grows."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._text = ""

    async def show(self, progress: Progress) -> None:
        """Show one step or one more piece of the answer."""
        if progress.stage == "text":
            self._text += progress.text
            self._live.update(Text(cleaned(self._text)))
            return
        self._text = ""
        titles = ", ".join(progress.titles)
        line = say(progress.stage, progress.language, **({"titles": titles} if titles else {}))
        self._live.update(Text(cleaned(line), style="dim"))


async def _ended(work: asyncio.Task[object]) -> None:
    """Stop work for idle time; if it failed, that is for the log: whoever chats goes on."""
    work.cancel()
    try:
        await work
    except asyncio.CancelledError:
        pass
    except TertuliaError as error:
        log.warning("failed while idle", kind=error.kind)


async def _piped_line(_prompt: str) -> str:
    """The next line, read in a thread that nobody waits for: Ctrl+C must not need one more line."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[bytes] = loop.create_future()
    Thread(target=_read_line, args=(loop, line), daemon=True).start()
    text = await line
    if not text:
        raise EOFError
    return text.decode(errors="replace")


def _read_line(loop: asyncio.AbstractEventLoop, line: "asyncio.Future[bytes]") -> None:
    """Read without a buffer: its lock, held by a thread that waits, would crash Python at exit."""
    with FileIO(sys.stdin.fileno(), closefd=False) as stdin:
        try:
            read = stdin.readline()
        except OSError:
            read = b""
    with suppress(RuntimeError):  # the loop was closed meanwhile
        loop.call_soon_threadsafe(_hand_over, line, read)


def _hand_over(line: "asyncio.Future[bytes]", read: bytes) -> None:
    if not line.done():  # cancelled by Ctrl+C
        line.set_result(read)
