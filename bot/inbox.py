"""Every message is written down here before it is acknowledged, and answered from here."""

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

import structlog

from bot.attending import Attendant, quietly
from bot.entry import Entry
from bot.fair_queue import FairQueue
from bot.limits import Limits
from bot.notices import language_of
from bot.one_at_a_time import OneAtATime
from bot.owners import Owners
from bot.platforms import Platform
from bot.posts import Post
from bot.wording import say
from knowledge.turn import KeptTurn, State, Turn
from knowledge.turns import Turns

AT_ONCE = 2
MOST_WAITING, MOST_OF_ONE = 500, 20
MOST_MOVED = 5
"""So many are told again how many are before them: each time is a call to the platform."""
POSTED_WITHIN_S = 1.5
"""So long a reply that is just being posted is waited for: platforms want to hear from us soon."""
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Inbox:
    """Takes turns in, answers them in a fair order, and goes on with what was broken off.

    Attributes:
        owners: the processes that answer turns, this one among them.
        limits: how much may be asked.
        at_once: answers that are made at the same time.
    """

    turns: Turns
    attendant: Attendant
    owners: Owners
    limits: Limits
    at_once: int = AT_ONCE
    platforms: dict[str, Platform] = field(default_factory=dict)
    _queue: FairQueue = field(default_factory=lambda: FairQueue(MOST_WAITING, MOST_OF_ONE))
    _entries: dict[int, Entry] = field(default_factory=dict)
    _answering: set[int] = field(default_factory=set)
    _signs: "set[asyncio.Task[None]]" = field(default_factory=set)
    _arriving: OneAtATime = field(default_factory=OneAtATime)
    _posting: OneAtATime = field(default_factory=OneAtATime)

    async def take(self, turn: Turn) -> bool:
        """Write a turn down and have it answered; False where it is known already.

        When this returns the platform may acknowledge: whatever happens, the asker hears of it.
        """
        async with self._arriving.of(turn.keys[0]):
            kept = await self.turns.receive(turn, self.owners.ourselves)
            if kept is None:
                return False
            await self._admit(kept)
        return True

    async def replace(self, key: str, turn: Turn) -> bool:
        """Have a message answered as it reads now, in the place of the answer that it had.

        An edit or two is no question more: whoever may ask may put right what was asked. What
        was left out before, or was nothing to us, is asked now.

        Args:
            key: the name of the message.
            turn: what it says after an edit.
        """
        async with self._arriving.of(key):
            return await self._replaced(key, turn)

    async def _replaced(self, key: str, turn: Turn) -> bool:
        earlier, entry = await self._halted(key)
        edits = earlier.edits + 1 if earlier and not earlier.is_refused else 0
        answer = (earlier.posted_as or earlier.turn.place.get("answer")) if earlier else ""
        place = dict(turn.place) | ({"answer": answer} if answer else {})
        turn, ourselves = replace(turn, place=place), self.owners.ourselves
        kept = await self.turns.receive(turn, ourselves, key, edits=edits)
        if kept is None:
            return False  # it came twice at once; the other delivery goes on with it
        if entry:
            await self._drop(entry)
        if earlier:
            await self.attendant.history.drop(earlier.message)
        await self._admit(kept, is_awaited=entry is not None)
        return True

    async def _admit(self, kept: KeptTurn, *, is_awaited: bool = False) -> None:
        """Have a turn answered, unless too much was asked; who sees that one comes is told so."""
        turn, platform = kept.turn, self.platforms[kept.turn.platform]
        refusal = await self.limits.refusal(kept, platform.channel(turn))
        if refusal is None:
            self._enter(kept)
            return
        await self.turns.refuse(kept)
        if refusal.is_news or is_awaited or platform.must_reply(turn):
            self._post(self._entry(kept), _notice(refusal.text, turn), "over")
        else:
            await self.turns.end(kept, "over")

    async def resume(self) -> int:
        """Go on with what this process or one that has ended has left open; how many turns."""
        resumed = 0
        for kept in await self.turns.open(list(self.platforms)):
            if self._is_at(kept) or not await self._is_left(kept):
                continue
            taken = await self.turns.take_over(kept, self.owners.ourselves)
            if taken and taken.state == "received":
                await self._admit(taken)
            elif taken:
                self._enter(taken)
            resumed += taken is not None
        return resumed

    async def withdraw(self, key: str) -> KeptTurn | None:
        """Answer a turn no longer, and forget it; how it stood. None without one of this name.

        That it was taken back is kept, too, where we hear of it before its message.
        """
        async with self._arriving.of(key):
            return await self._withdrawn(key)

    async def _withdrawn(self, key: str) -> KeptTurn | None:
        kept, entry = await self._halted(key)
        if kept is None:
            await self.turns.rule_out(key, self.owners.ourselves)
            return None
        await self.turns.forget(kept)
        if entry:
            await self._drop(entry)
        await self.attendant.history.drop(kept.message)
        return kept

    async def stop(self, conversation: str, author: str, key: str = "") -> bool:
        """End the answer that somebody has asked for here and say so; False where there is none.

        Args:
            conversation: where it was asked.
            author: who asked.
            key: which question, of several; without one it is the one that is being answered.
        """
        asked = (conversation, author, key)
        entries = [one for one in self._entries.values() if one.kept.turn.is_of(*asked)]
        entries.sort(key=lambda one: one.kept.number not in self._answering)
        if not entries:
            return await self._stop_elsewhere(*asked)
        if await self._is_posted(entries[0]):
            return False
        await self._drop(entries[0])
        self._tell(entries[0], "stopped")
        return True

    async def _stop_elsewhere(self, conversation: str, author: str, key: str) -> bool:
        """End what another process answers: it is ours from now on, and over."""
        waiting = await self.turns.open(list(self.platforms), conversation)
        for kept in sorted(waiting, key=lambda one: one.state != "running"):
            is_asked = kept.state != "answered" and kept.turn.is_of(conversation, author, key)
            if is_asked and (taken := await self.turns.take_over(kept, self.owners.ourselves)):
                self._tell(self._entry(taken), "stopped")
                return True
        return False

    async def heed(self) -> None:
        """Go on no longer with what another process has ended or has made its own."""
        ours = [one for one in self._entries.values() if not one.is_over]
        numbers = [one.kept.number for one in ours]
        left = await self.turns.left_to(self.owners.ourselves, numbers) if ours else ()
        for entry in ours:
            if entry.kept.number not in left and not entry.is_over:
                entry.is_withdrawn = True
                await self._drop(entry)
                await quietly(partial(entry.platform.remove, entry.kept.turn), "")

    async def _halted(self, key: str) -> tuple[KeptTurn | None, Entry | None]:
        """A turn that is answered no further, as it stands, and where it is at hand."""
        found = await self.turns.named(key)
        entry = self._entries.get(found.number) if found else None
        if entry:
            await self._is_posted(entry)
        return await self.turns.named(key), entry  # it may have been posted while we were reading

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

    def _is_at(self, kept: KeptTurn) -> bool:
        """Whether this process answers it, or is just taking it in."""
        return kept.number in self._entries or self._arriving.is_at(kept.turn.keys)

    async def _is_left(self, kept: KeptTurn) -> bool:
        """Whether nobody is at it: it is ours and not at hand, or its process has ended."""
        return kept.owner == self.owners.ourselves or await self.owners.is_gone(kept.owner)

    def _entry(self, kept: KeptTurn) -> Entry:
        platform = self.platforms[kept.turn.platform]
        entry = Entry(kept, platform, platform.sink(kept.turn), monotonic())
        self._entries[kept.number] = entry
        return entry

    def _enter(self, kept: KeptTurn) -> None:
        entry = self._entry(kept)
        if not self._queue.put(kept.number, kept.turn.author, kept.turn.conversation):
            self._tell(entry, "too-many-waiting")
            return
        loop = asyncio.get_running_loop()
        entry.expiry = loop.call_later(self.attendant.deadline_s, self._expire, entry)
        self._begin()
        self._sign(entry)

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
            if post and not entry.is_withdrawn:
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
            self._post(entry, self.attendant.too_late(entry.kept))

    async def _is_posted(self, entry: Entry) -> bool:
        """Whether it is too late to withdraw a turn; what is just being posted is waited for.

        Cut off, nobody would know that it stands there, and it could be neither replaced nor
        removed.
        """
        entry.is_withdrawn = True
        if entry.is_posting and entry.work:
            await asyncio.wait([entry.work], timeout=POSTED_WITHIN_S)
        return entry.kept.number not in self._entries

    async def _drop(self, entry: Entry) -> None:
        if entry.work:
            entry.work.cancel()
            await asyncio.gather(entry.work, return_exceptions=True)
        self._answered(entry)
        self._leave(entry)

    def _tell(self, entry: Entry, key: str) -> None:
        turn = entry.kept.turn
        self._post(entry, _notice(say(key, language_of(turn)), turn))

    def _post(self, entry: Entry, post: Post, as_state: State = "told") -> None:
        """Post something that is no answer, beside the queue."""

        async def posted() -> None:
            try:
                if await self.turns.answer(entry.kept, post.as_json()):
                    await self._put_up(entry, post, as_state)
            finally:
                self._leave(entry)

        self._entries[entry.kept.number] = entry
        entry.is_posting = True
        entry.work = asyncio.create_task(posted())

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


def _notice(text: str, turn: Turn) -> Post:
    return Post(text, language_of(turn))
