"""One turn in a thread: that it has come, what happens meanwhile, and its answer."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.attending import quietly
from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errors import SlackRefusedError
from bot.platforms.slack.posting import Posting, contents, fingerprint, named, notice, uploads
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.standing import LAST_CALL_S, Standing
from bot.platforms.slack.streaming import Draft
from bot.posts import Post
from bot.wording import say
from knowledge.sources.website.pace import Clock
from pipelines.progress import Progress

if TYPE_CHECKING:
    from bot.platforms.slack.threads import Threads

PACE_S = 1.0
"""At least as long between two signs: appends share about 100 calls a minute in a workspace."""
REPEAT_S = 60.0
"""Slack takes a status away after two minutes."""
LONGEST_S = 3900.0
"""So long somebody may still care, see `bot.attending`."""
MOST_TITLES = 60
STATUS = {
    "searching": "status-searching",
    "found": "status-reading",
    "reading-more": "status-reading-more",
}


@dataclass(slots=True)
class ThreadSink:
    """Shows one turn where everybody in the thread can see it.

    Attributes:
        language: of what is shown before there is an answer.
        before: what was shown for an earlier form of the same message.
        begins_with: the key of what is shown first, when nobody is before it.
        is_resumed: whether a process before this one may have shown something already.
    """

    threads: "Threads"
    spot: Spot
    language: str
    clock: Clock
    before: "ThreadSink | None" = None
    is_resumed: bool = False
    begins_with: str = STATUS["searching"]
    _status: str = ""
    _shown: str = ""
    _draft: Draft | None = None
    _has_button: bool = False
    _post: str = ""
    _is_posted: bool = False
    _is_told: bool = False
    _is_beside_draft: bool = False
    _standing: Standing = field(default_factory=Standing)
    _is_uncertain: bool = False
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _work: "asyncio.Task[None] | None" = None

    async def waiting(self, position: int) -> None:
        """Show that the message has come, and how many are before it."""
        key = "status-waiting" if position else self.begins_with
        self._say(say(key, self.language, before=position))

    async def show(self, progress: Progress) -> None:
        """Show a step, or the next piece of the answer."""
        self.language = progress.language or self.language
        if progress.stage == "text":
            (await self._drafted()).write(progress.text)
            self._changed.set()
            return
        titles = named(progress.titles, MOST_TITLES)
        draft = await self._drafted()
        draft.task(progress.stage, say(progress.stage, self.language, titles=titles))
        if progress.stage == "reading-more":
            draft.void()
        self._say(say(STATUS[progress.stage], self.language, titles=titles))

    async def finish(self, post: Post) -> str:
        """Post the answer or the reason; the `ts` of its messages, and the ids of its files.

        Raises:
            SlackUnavailableError: not now.
            SlackRefusedError: never.
        """
        await self.end()
        await self._turn_to(fingerprint(post))
        posting = Posting(await self.threads.calls(self.spot), self.spot, self._post)
        try:
            posted = await self._standing.write(posting, [*contents(post), *uploads(post)])
        except SlackRefusedError:
            self.threads.finished(self)
            await self._tell_asker(posting)
            raise
        self._is_posted = True
        self.threads.finished(self)
        return posted

    async def _tell_asker(self, posting: Posting) -> None:
        """Say in private, once, that we may not write where it was asked."""
        if self.spot.user and not self._is_told and not self.spot.is_direct:
            self._is_told = True
            told = say("slack-may-not-write", self.language)
            await quietly(posting.tell, notice(told, self.language))

    def take_up(self) -> None:
        """Go on with what another process may have shown for the turn."""
        self.is_resumed = True

    async def let_go(self) -> None:
        """Show nothing more: what is there is another process's from now on."""
        await self.end()
        self.threads.let_go(self)

    async def end(self) -> None:
        """Show nothing more."""
        self._over.set()
        if self._work and not self._work.done():
            await asyncio.wait([self._work], timeout=LAST_CALL_S)
            self._is_uncertain = self._is_uncertain or not self._work.done()
            self._work.cancel()
        await self._standing.settled()
        if self.before:
            await self.before.end()
        if self._draft:
            await self._draft.end()

    def abandon(self) -> None:
        """Show nothing more, at once."""
        self._standing.abandon()
        if self._work:
            self._work.cancel()

    def drafts(self) -> list[str]:
        """The messages that hold something unfinished."""
        drafts = self.before.drafts() if self.before else []
        drafts += [self._draft.ts] if self._draft and self._draft.ts else []
        return [*drafts, *self._standing.messages]

    async def unfinished(self) -> list[str]:
        """The same for good, with what a process may have left that has ended."""
        await self.end()
        self._let_go()
        drafts = self._standing.left
        if not self.may_have_more:
            return drafts
        found = await self.threads.found(self.spot)
        return [ts for ts in (*drafts, *found.unfinished) if ts not in found.whole]

    @property
    def may_have_more(self) -> bool:
        """Whether something may stand there that we have not heard of."""
        before = self.before.may_have_more if self.before else False
        is_uncertain = self._is_uncertain or self._standing.is_uncertain
        is_lost = bool(self._draft and self._draft.is_uncertain)
        return self.is_resumed or is_uncertain or is_lost or before

    async def settle(self) -> None:
        """Take back that something is under way, once nothing is; only threads show that."""
        if self.spot.is_alone:
            return
        calls = await self.threads.calls(self.spot)
        where = {"channel_id": self.spot.channel, "thread_ts": self.spot.root}
        # What is posted anew takes it away by itself; what is changed does not.
        if self._shown and (self.spot.answer or not self._is_posted or self._is_beside_draft):
            await calls.at_once("assistant_threads_setStatus", status="", **where)
        if self.is_resumed:  # a process before this one may have opened it
            self.threads.sessions.add(self.spot.conversation)
        if self.threads.ends_session(self.spot):
            await calls.at_once("agents_sessions_setStatus", status="active", **where)

    def show_again(self) -> None:
        """Something has ended in the thread, and Slack has taken our signs away with it."""
        self._shown, self._has_button = "", False
        self._changed.set()

    async def _turn_to(self, post: str) -> None:
        """Take up a post of this name: what stands there of another one makes room."""
        if post != self._post:
            self._post = post
            self._let_go()
            self._standing.left[:0] = self.spot.answer.split()
        if self.may_have_more:
            found = await self.threads.found(self.spot)
            parts = found.of(self.spot, post)
            self._standing.parts |= parts.ts
            self._standing.left += found.beside(parts)

    def _let_go(self) -> None:
        """What is unfinished makes room; of it, what is still on its way is removed once there."""
        drafts = self.drafts()
        if self.before:
            self.before._let_go()
        self._standing = self._standing.another(drafts)

    async def _drafted(self) -> Draft:
        """What is written little by little; an answer that is changed is changed at once."""
        if self._draft is None:
            calls = await self.threads.calls(self.spot)
            rate = self.threads.rate(self.spot.team)
            is_over, language = bool(self.spot.answer), self.language
            self._draft = Draft(calls, self.spot, rate, is_over=is_over, language=language)
        return self._draft

    def _say(self, status: str) -> None:
        self._status = status
        self._changed.set()
        if self._work is None and not self.spot.is_alone:
            self._work = asyncio.create_task(quietly(self._keep_showing, LONGEST_S))

    async def _keep_showing(self, longest_s: float) -> None:
        """Show what is new, one call at a time, and say again what Slack forgets."""
        calls, until = await self.threads.calls(self.spot), self.clock.now() + longest_s
        await self._show_status(calls)
        await self._open_session(calls)
        while not self._over.is_set() and self.clock.now() < until:
            await self._woken(self._over, within_s=PACE_S)
            is_new = await self._woken(self._over, self._changed, within_s=REPEAT_S)
            if self._over.is_set():
                return
            self._changed.clear()
            if self._status != self._shown or not is_new:
                await self._show_status(calls)
            await self._open_session(calls)
            if self._draft:
                await self._draft.show()

    async def _woken(self, *events: asyncio.Event, within_s: float) -> bool:
        """Wait for one of these, at most so long; whether one has come."""
        waits = [asyncio.create_task(event.wait()) for event in events]
        pause = asyncio.create_task(self.clock.sleep(within_s))
        try:
            await asyncio.wait([*waits, pause], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*waits, pause):
                task.cancel()
        return any(event.is_set() for event in events)

    async def _show_status(self, calls: Calls) -> None:
        where = {"channel_id": self.spot.channel, "thread_ts": self.spot.root}
        status = self._status
        if await calls.at_once("assistant_threads_setStatus", status=status, **where) is not None:
            self._shown, self._is_beside_draft = status, bool(self._draft and self._draft.ts)

    async def _open_session(self, calls: Calls) -> None:
        """Let Slack show its stop button, where it has one for us."""
        if self._has_button or self._over.is_set():
            return
        self._has_button = True
        where = {"channel_id": self.spot.channel, "thread_ts": self.spot.root}
        opened = await calls.at_once("agents_sessions_setStatus", status="processing", **where)
        if opened is not None:
            self.threads.sessions.add(self.spot.conversation)
