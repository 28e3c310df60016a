"""Has the turns at hand answered: in a fair order, some at a time, each told that it has come."""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import structlog

from bot.attending import Attendant, quietly
from bot.entry import Entry
from bot.fair_queue import FairQueue
from bot.notices import language_of
from bot.one_at_a_time import OneAtATime
from bot.platforms import Platform
from bot.posts import Post
from bot.wording import say
from knowledge.turn import KeptTurn, State

AT_ONCE = 2
MOST_WAITING, MOST_OF_ONE = 500, 20
MOST_MOVED = 5
"""So many are told again how many are before them: each time is a call to the platform."""
POSTED_WITHIN_S = 1.5
"""So long a reply that is just being posted is waited for: platforms want to hear from us soon."""
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Worker:
    """Answers the turns that this process has taken.

    Attributes:
        at_once: answers that are made at the same time.
        platforms: where people talk, by name.
    """

    attendant: Attendant
    at_once: int = AT_ONCE
    platforms: dict[str, Platform] = field(default_factory=dict)
    _queue: FairQueue = field(default_factory=lambda: FairQueue(MOST_WAITING, MOST_OF_ONE))
    _entries: dict[int, Entry] = field(default_factory=dict)
    _answering: set[int] = field(default_factory=set)
    _signs: "set[asyncio.Task[None]]" = field(default_factory=set)
    _posting: OneAtATime = field(default_factory=OneAtATime)

    def entry(self, number: int) -> Entry | None:
        """The turn of this number, while it is at hand."""
        return self._entries.get(number)

    def entries(self) -> list[Entry]:
        """All that are at hand, those that are being answered first."""
        every = self._entries.values()
        return sorted(every, key=lambda one: one.kept.number not in self._answering)

    def enter(self, kept: KeptTurn) -> None:
        """Have a turn answered when it is its turn."""
        entry = self.at_hand(kept)
        if not self._queue.put(kept.number, kept.turn.author, kept.turn.conversation):
            self.tell(entry, "too-many-waiting")
            return
        loop = asyncio.get_running_loop()
        entry.expiry = loop.call_later(self.attendant.deadline_s, self._expire, entry)
        self._begin()
        self._sign(entry)

    def at_hand(self, kept: KeptTurn) -> Entry:
        """A turn that nothing is done for yet."""
        platform = self.platforms[kept.turn.platform]
        entry = Entry(kept, platform, platform.sink(kept.turn), monotonic())
        if kept.is_taken_over:
            entry.sink.take_up()
        self._entries[kept.number] = entry
        return entry

    async def is_posted(self, entry: Entry) -> bool:
        """Whether it is too late to withdraw a turn; what is just being posted is waited for.

        Cut off, nobody would know that it stands there, and it could be neither replaced nor
        removed.
        """
        entry.is_withdrawn = True
        if entry.is_posting and entry.work:
            await asyncio.wait([entry.work], timeout=POSTED_WITHIN_S)
        return entry.kept.number not in self._entries

    async def drop(self, entry: Entry) -> None:
        """Go on no longer with a turn."""
        if entry.work:
            entry.work.cancel()
            await asyncio.gather(entry.work, return_exceptions=True)
        self._answered(entry)
        self._leave(entry)

    async def let_go(self, entry: Entry) -> None:
        """Show nothing more of a turn that another process has ended or has made its own."""
        if await self.attendant.turns.is_withdrawn(entry.kept.number):
            await quietly(partial(entry.platform.remove, entry.kept.turn), "")
        else:  # what is shown is taken up by whoever goes on with it
            await quietly(lambda sink: sink.let_go(), entry.sink)

    def tell(self, entry: Entry, key: str) -> None:
        """Say something that is no answer, in the place of one."""
        language = language_of(entry.kept.turn)
        self.post(entry, Post(say(key, language), language))

    def post(self, entry: Entry, post: Post, as_state: State = "told") -> None:
        """Post something that is no answer, beside the queue."""

        async def posted() -> None:
            try:
                if await self.attendant.turns.answer(entry.kept, post.as_json()):
                    await self._put_up(entry, post, as_state)
            finally:
                self._leave(entry)

        self._entries[entry.kept.number] = entry
        entry.is_posting = True
        entry.work = asyncio.create_task(posted())

    async def close(self, within_s: float) -> None:
        """Let what is being answered end, for some seconds; the rest waits for `resume`."""
        for entry in self._entries.values():
            if entry.expiry:
                entry.expiry.cancel()
        waiting = [one for n, one in self._entries.items() if n not in self._answering]
        self.at_once = 0
        working = [one.work for one in self._entries.values() if one.work]
        log.info("closing", answering=len(self._answering), waiting=len(waiting))
        if working:
            await asyncio.wait(working, timeout=within_s)
        for task in (*working, *self._signs):
            task.cancel()
        await asyncio.gather(*working, *self._signs, return_exceptions=True)

    def _begin(self) -> None:
        """Begin as many answers as may be made at once."""
        while len(self._answering) < self.at_once:
            number = self._queue.begin()
            if number is None:
                return
            self._answering.add(number)
            entry = self._entries[number]
            entry.work = asyncio.create_task(self._attend(entry))
            for waiting in self._queue.first(MOST_MOVED):  # fewer are before them now
                self._sign(self._entries[waiting])

    async def _attend(self, entry: Entry) -> None:
        kept, attendant = entry.kept, self.attendant
        try:
            left_s = max(0.0, attendant.deadline_s - (monotonic() - entry.since))
            post = await attendant.answer(kept, entry.platform, entry.sink, left_s)
            self._answered(entry)
            if entry.is_withdrawn:
                return
            if post is None:
                await self.let_go(entry)
            else:
                entry.is_posting = True
                await self._put_up(entry, post)
        except Exception as error:  # one turn that breaks must not take the others along
            log.exception("failed unexpectedly", turn=kept.number, error=type(error).__name__)
        finally:
            self._answered(entry)
            self._leave(entry)

    def _answered(self, entry: Entry) -> None:
        """Another answer may begin: posting may take long and computes nothing."""
        if entry.expiry:
            entry.expiry.cancel()
        if entry.kept.number in self._answering:
            self._answering.discard(entry.kept.number)
            self._begin()

    def _leave(self, entry: Entry) -> None:
        self._queue.end(entry.kept.number)
        self._entries.pop(entry.kept.number, None)
        self._begin()

    def _expire(self, entry: Entry) -> None:
        """Say so where a turn has waited until its deadline and nobody has begun with it."""
        if entry.work is None:
            self._queue.end(entry.kept.number)
            self.post(entry, self.attendant.too_late(entry.kept))

    async def _put_up(self, entry: Entry, post: Post, as_state: State = "told") -> None:
        """Post it behind what is being posted in its conversation, which may take many tries."""
        async with self._posting.of(entry.kept.turn.conversation):
            await self.attendant.post(entry.kept, post, entry.platform, entry.sink, as_state)

    def _sign(self, entry: Entry) -> None:
        """Show that the message has come."""
        position = self._queue.position(entry.kept.number)
        task = asyncio.create_task(quietly(entry.sink.waiting, position))
        self._signs.add(task)
        task.add_done_callback(self._signs.discard)
