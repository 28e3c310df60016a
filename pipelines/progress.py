"""What an asker can watch while an answer is being made, and how long each step took."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Literal

from haystack.dataclasses import ChatMessage, StreamingChunk

from pipelines.streaming import AnswerField


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing to show.

    Attributes:
        titles: of the articles found, at the stage `found`.
        text: the next piece of the answer, at the stage `text`; not yet checked. At the stage
            `reading-more` the text so far did not hold and another one follows.
    """

    stage: Literal["searching", "found", "text", "reading-more"]
    language: str
    titles: tuple[str, ...] = ()
    text: str = ""


OnProgress = Callable[[Progress], Awaitable[None]]


@dataclass(slots=True)
class Watcher:
    """Sees the steps of one answer, notes their times and tells whoever watches.

    Attributes:
        route: what the question was taken to need, for the receipt.
        reads_pages: whether pages are read besides what tools say.
    """

    on_progress: OnProgress | None
    language: str = "en"
    timings_s: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=lambda: {"prompt": 0, "answer": 0})
    route: dict[str, Any] = field(default_factory=dict)
    reads_pages: bool = True
    _started: float = field(default_factory=perf_counter)
    _answer: AnswerField = field(default_factory=AnswerField)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Watcher":
        """Itself: Haystack copies what it hands to a step, and times noted in a copy are lost."""
        return self

    def mark(self, step: str) -> None:
        """Note how many seconds have passed since the question."""
        self.timings_s[step] = perf_counter() - self._started

    async def searching(self) -> None:
        """The search begins."""
        await self._tell(Progress("searching", self.language))

    async def found(self, titles: tuple[str, ...], language: str) -> None:
        """The search is done."""
        self.mark("retrieve")
        self.language = language
        await self._tell(Progress("found", language, titles))

    async def take(self, chunk: StreamingChunk) -> None:
        """The model wrote something."""
        if "first_token" not in self.timings_s and chunk.content:
            self.mark("first_token")
        text = self._answer.feed(chunk.content or "")
        if text:
            await self._tell(Progress("text", self.language, text=text))

    def count(self, reply: ChatMessage) -> None:
        """Note what a reply of the model took; an answer may need two."""
        usage = reply.meta.get("usage") or {}
        self.tokens["prompt"] += usage.get("prompt_tokens", 0)
        self.tokens["answer"] += usage.get("completion_tokens", 0)

    async def reading_more(self) -> None:
        """What the model wrote does not hold; it is asked again, with more passages."""
        self.mark("reading_more")
        self._answer = AnswerField()
        await self._tell(Progress("reading-more", self.language))

    async def _tell(self, progress: Progress) -> None:
        if self.on_progress is not None:
            await self.on_progress(progress)
