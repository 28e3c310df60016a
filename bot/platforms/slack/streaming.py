"""An answer that appears while it is being written: a stream of Slack's, as long as it lasts."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from bot.platforms.slack.calling import Answer, Calls
from bot.platforms.slack.settled import settled
from bot.platforms.slack.spot import Spot
from knowledge.sources.website.pace import Clock

MOST_STREAMS, WINDOW_S = 17, 60.0
"""Slack allows about 20 a minute in a workspace; answers beyond these come in one piece."""
MOST_STREAMED = 9_000
"""Characters of a draft: what comes behind them is seen when the answer is done."""
Json = dict[str, object]


@dataclass(slots=True)
class StreamRate:
    """How many streams were begun lately in a workspace."""

    clock: Clock
    _begun: deque[float] = field(default_factory=deque)

    def has_room(self) -> bool:
        """Whether one more may begin; then it counts."""
        now = self.clock.now()
        while self._begun and self._begun[0] < now - WINDOW_S:
            self._begun.popleft()
        if len(self._begun) >= MOST_STREAMS:
            return False
        self._begun.append(now)
        return True


@dataclass(slots=True)
class Draft:
    """A message that grows; what it says is not checked yet and will be replaced.

    It has passed the gate all the same, each time from its first word on: alone, the pieces of a
    secret are none.

    Attributes:
        language: of what stands in the place of something that is taken out.
        ts: of the message; empty as long as there is none.
        is_over: whether nothing can be added any more.
        is_uncertain: whether it may stand there though we have not heard of it.
    """

    calls: Calls
    spot: Spot
    rate: StreamRate
    ts: str = ""
    is_over: bool = False
    is_uncertain: bool = False
    language: str = "en"
    _written: str = ""
    _shown: str = ""
    _is_void: bool = False
    _tasks: dict[str, Json] = field(default_factory=dict)
    _new_tasks: bool = False

    def task(self, name: str, title: str, *, is_done: bool = False) -> None:
        """A step that is shown above the text; the step before it is done with it."""
        for earlier, task in self._tasks.items():
            if earlier != name:
                task["status"] = "complete"
        state = "complete" if is_done else "in_progress"
        self._tasks[name] = {"type": "task_update", "id": name, "title": title, "status": state}
        self._new_tasks = True

    def write(self, text: str) -> None:
        """The next piece of text."""
        self._written += text

    def void(self) -> None:
        """What was written does not hold; no more of it is shown."""
        self._is_void = True

    async def show(self) -> None:
        """Send what is new and will stay: Slack adds to what it has and changes nothing."""
        text = await self.new_words()
        if self.is_over or not (text or (self.ts and self._new_tasks)):
            return
        chunks: list[Json] = list(self._tasks.values()) if self._new_tasks else []
        if text:
            chunks.append({"type": "markdown_text", "text": text})
        if not self.ts:
            await self._begin(chunks)
        elif not await self._call("chat_appendStream", ts=self.ts, chunks=chunks):
            self.is_over = True
        self._new_tasks = False

    async def end(self) -> None:
        """No more comes: Slack lets a message be changed only when its stream has ended."""
        if self.ts and not self.is_over:
            self.is_over = True
            await self._call("chat_stopStream", ts=self.ts)

    async def _begin(self, chunks: list[Json]) -> None:
        if not self.rate.has_room():
            self.is_over = True
            return
        said = await self._call(
            "chat_startStream",
            thread_ts=self.spot.root,
            recipient_user_id=self.spot.user,
            recipient_team_id=self.spot.team,
            chunks=chunks,
        )
        self.ts, self.is_uncertain = str(said["ts"]) if said else "", said == {}
        self.is_over = not self.ts

    async def _call(self, method: str, **arguments: object) -> Answer | None:
        return await self.calls.at_once(method, channel=self.spot.channel, **arguments)

    async def new_words(self) -> str:
        """What follows on what is shown; nothing as long as the text reads otherwise by now."""
        if self.is_over or self._is_void:
            return ""
        # In a thread: a long text takes the gate some tenths of a second.
        text = await asyncio.to_thread(settled, self._written[:MOST_STREAMED], self.language)
        new = text[len(self._shown) :]
        if self._is_void or not text.startswith(self._shown) or not new.strip():
            return ""
        self._shown = text
        return new
