"""Every message is written down here before it is acknowledged, and answered from here."""

from dataclasses import dataclass, field, replace

from bot.entry import Entry
from bot.limits import Limits
from bot.notices import language_of
from bot.one_at_a_time import OneAtATime
from bot.owners import Owners
from bot.posts import Post
from bot.worker import Worker
from knowledge.turn import KeptTurn, Turn
from knowledge.turns import Turns


@dataclass(slots=True)
class Inbox:
    """Takes turns in, has them answered, and goes on with what was broken off.

    Attributes:
        worker: answers those of this process.
        owners: the processes that answer turns, this one among them.
        limits: how much may be asked.
    """

    turns: Turns
    worker: Worker
    owners: Owners
    limits: Limits
    _arriving: OneAtATime = field(default_factory=OneAtATime)

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

    async def announce(self, turn: Turn, post: Post) -> bool:
        """Write down and post something that nobody asks just now; False where it is known already.

        When this returns it will be posted once, by this process or by one after it.

        Args:
            turn: where it goes, under a name that nothing else has.
            post: what is said there.
        """
        kept = await self.turns.receive(turn, self.owners.ourselves, post=post.as_json())
        if kept:  # nothing of it can stand there yet
            self.worker.post(self.worker.at_hand(replace(kept, post=None)), post)
        return kept is not None

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
        answer = turn.place.get("answer", "")  # what is shown now, where its platform knows that
        if earlier:
            answer = answer or earlier.posted_as or earlier.turn.place.get("answer")
        place = dict(turn.place) | ({"answer": answer} if answer else {})
        turn, ourselves = replace(turn, place=place), self.owners.ourselves
        kept = await self.turns.receive(turn, ourselves, key, edits=edits)
        if kept is None:  # it came twice at once; the other delivery goes on with it
            if entry:
                entry.is_withdrawn = False
            return False
        if entry:
            await self.worker.drop(entry)
        if earlier:
            await self.worker.attendant.forget(earlier)
        # An answer whose receipt is gone does not stand: a reason takes its place, too.
        await self._admit(kept, is_awaited=entry is not None or bool(answer))
        return True

    async def _admit(self, kept: KeptTurn, *, is_awaited: bool = False) -> None:
        """Have a turn answered, unless too much was asked; who sees that one comes is told so."""
        turn, platform = kept.turn, self.worker.platforms[kept.turn.platform]
        refusal = await self.limits.refusal(kept, platform.channel(turn))
        if refusal is None:
            self.worker.enter(kept)
            return
        await self.turns.refuse(kept)
        if refusal.is_news or is_awaited or platform.must_reply(turn):
            self.worker.post(
                self.worker.at_hand(kept), Post(refusal.text, language_of(turn)), "over"
            )
        else:
            await self.turns.end(kept, "over")

    async def resume(self) -> int:
        """Go on with what this process or one that has ended has left open; how many turns."""
        resumed = 0
        for kept in await self.turns.open(list(self.worker.platforms)):
            if self._is_at(kept) or not await self._is_left(kept):
                continue
            taken = await self.turns.take_over(kept, self.owners.ourselves)
            if taken and taken.state == "received":
                await self._admit(taken, is_awaited=True)  # it may have been about to be told
            elif taken:
                self.worker.enter(taken)
            resumed += taken is not None
        return resumed

    async def withdraw(self, key: str, *, may_come: bool = False) -> KeptTurn | None:
        """Answer a turn no longer, and forget it; how it stood. None without one of this name.

        Args:
            key: the name of the message.
            may_come: whether the message may still come; then it is not taken.
        """
        async with self._arriving.of(key):
            kept = await self._withdrawn(key)
            if kept is None and may_come:
                await self.turns.rule_out(key, self.owners.ourselves)
        return kept

    async def _withdrawn(self, key: str) -> KeptTurn | None:
        kept, entry = await self._halted(key)
        if kept is None:
            return None
        await self.turns.forget(kept)
        if entry:
            await self.worker.drop(entry)
        await self.worker.attendant.forget(kept)
        return kept

    async def stop(self, conversation: str, author: str, key: str = "") -> bool:
        """End the answer that somebody has asked for here and say so; False where there is none.

        Args:
            conversation: where it was asked.
            author: who asked.
            key: which question, of several; without one it is the one that is being answered.
        """
        asked = (conversation, author, key)
        entries = [one for one in self.worker.entries() if one.kept.turn.is_of(*asked)]
        if not entries:
            return await self._stop_elsewhere(*asked)
        if await self.worker.is_posted(entries[0]):
            return False
        await self.worker.drop(entries[0])
        told = await self.worker.attendant.stopped(entries[0].kept)
        self.worker.tell(entries[0], told)
        return True

    async def _stop_elsewhere(self, conversation: str, author: str, key: str) -> bool:
        """End what another process answers: it is ours from now on, and over."""
        waiting = await self.turns.open(list(self.worker.platforms), conversation)
        for kept in sorted(waiting, key=lambda one: one.state != "running"):
            if kept.state == "answered" or not kept.turn.is_of(conversation, author, key):
                continue
            await self._arriving.over(kept.turn.keys)
            if self.worker.entry(kept.number):  # it was just coming in here
                return await self.stop(conversation, author, key)
            if taken := await self.turns.take_over(kept, self.owners.ourselves):
                told = await self.worker.attendant.stopped(taken)
                self.worker.tell(self.worker.at_hand(taken), told)
                return True
        return False

    async def heed(self) -> None:
        """Go on no longer with what another process has ended or has made its own."""
        ours = [one for one in self.worker.entries() if not one.is_over]
        numbers = [one.kept.number for one in ours]
        left = await self.turns.left_to(self.owners.ourselves, numbers) if ours else ()
        for entry in ours:
            if entry.kept.number not in left and not entry.is_over:
                entry.is_withdrawn = True
                await self.worker.drop(entry)
                await self.worker.let_go(entry)

    async def _halted(self, key: str) -> tuple[KeptTurn | None, Entry | None]:
        """A turn that is answered no further, as it stands, and where it is at hand."""
        found = await self.turns.named(key)
        entry = self.worker.entry(found.number) if found else None
        if entry:
            await self.worker.is_posted(entry)
        return await self.turns.named(key), entry  # it may have been posted while we were reading

    def _is_at(self, kept: KeptTurn) -> bool:
        """Whether this process answers it, or is just taking it in."""
        return self.worker.entry(kept.number) is not None or self._arriving.is_at(kept.turn.keys)

    async def _is_left(self, kept: KeptTurn) -> bool:
        """Whether nobody is at it: it is ours and not at hand, or its process has ended."""
        return kept.owner == self.owners.ourselves or await self.owners.is_gone(kept.owner)
