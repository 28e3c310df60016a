"""One turn, from the inbox to the posted reply or the stated reason."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

import structlog

from bot.channels import Channel
from bot.choices import Choices
from bot.notices import language_of
from bot.platforms import Platform, Sink, Whereabouts
from bot.posts import Post, from_json, post_of
from bot.replying import failed, late
from bot.talking import Talk
from bot.wording import say
from knowledge.articles import Audience
from knowledge.confirmations import Confirmations
from knowledge.conversations import Decision
from knowledge.errors import OperatorError, TertuliaError, TransientError
from knowledge.history import History, OpenNow
from knowledge.turn import NOT_FOR_THEM, KeptTurn, State
from knowledge.turns import Turns

MOST_TRIES = 3
"""Answers that are begun for one turn: what ends the process each time must not do so for ever."""
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
LONGEST_PAUSE_S = 60.0
"""Between tries to post, where a platform names no time itself."""
POSTED_WITHIN_S = 3600.0
Shown = TypeVar("Shown")
log = structlog.get_logger(__name__)


class BrokenOffError(TransientError):
    """The process ended each time while it answered."""


class Talks(Protocol):
    """Where conversations come from: `App.talk`."""

    def __call__(
        self,
        author: str,
        persona: str,
        conversation: str | None = None,
        learns_in: str | None = None,
    ) -> Awaitable[Talk]:
        """A conversation, new or going on."""


@dataclass(frozen=True, slots=True)
class Attendant:
    """Answers turns, and posts what comes of them.

    Attributes:
        talks: where conversations come from.
        choices: what people have chosen for themselves.
        history: what was asked and answered.
        confirmations: what people are to confirm.
        readable: which chunks may be read now, for what was stored and not yet posted.
        deadline_s: seconds from the message to an answer or a reason.
        pause: waits some seconds between tries to post.
    """

    turns: Turns
    talks: Talks
    choices: Choices
    history: History
    confirmations: Confirmations
    readable: OpenNow
    deadline_s: float
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def answer(
        self, kept: KeptTurn, platform: Platform, sink: Sink, left_s: float
    ) -> Post | None:
        """What to post, stored before it is; None where nobody waits for it any longer."""
        if not await self.turns.begin(kept):
            return None
        stored = await self._stored(kept, platform)
        if stored:
            return stored
        post = await self._answered(kept, platform, sink, left_s)
        is_ours = await self.turns.answer(kept, post.as_json(), post.contents)
        return post if is_ours else None

    async def post(
        self, kept: KeptTurn, post: Post, platform: Platform, sink: Sink, as_state: State = "told"
    ) -> None:
        """Post what is stored, once, in spite of whatever is in the way for a while.

        What a process that was killed may have posted is looked for first; what only waits for
        whoever runs Tertulia is tried for as long. What is no answer is noted as such.
        """
        for pause_s in _pauses():
            try:
                before = await self._posted_before(kept, platform) if kept.post else ""
                posted_as = before or await sink.finish(post)
            except TransientError as error:
                log.warning("failed to post", turn=kept.number, kind=error.kind)
                await self.pause(pause_s)
            except OperatorError as error:
                log.warning("cannot post", turn=kept.number, kind=error.kind, error=str(error))
                if error.is_for_good:
                    break
                await self.pause(LONGEST_PAUSE_S)
            else:
                state: State = "posted" if post.is_answer else as_state
                if not await self.turns.end(kept, state, posted_as):
                    await self._take_back(kept, platform, posted_as)
                elif post.aside and not before:
                    await quietly(partial(platform.tell_alone, kept.turn), post.aside)
                return
        await self.turns.end(kept, "dead")
        await quietly(partial(platform.remove, kept.turn), "")

    async def _posted_before(self, kept: KeptTurn, platform: Platform) -> str:
        """What a process has posted; then nobody waits for what we have shown meanwhile."""
        before = await platform.posted(kept)
        if before:
            await quietly(partial(platform.remove, kept.turn), "")
        return before

    async def _take_back(self, kept: KeptTurn, platform: Platform, posted_as: str) -> None:
        """Remove what was posted for a turn that another process has ended meanwhile.

        One that believed us dead may have found our post, and ended the turn with it.
        """
        if await self.turns.posted_as(kept.number) != posted_as:
            await quietly(partial(platform.remove, kept.turn), posted_as)

    async def forget(self, kept: KeptTurn) -> None:
        """Forget what a turn was answered; what it was to be confirmed for is not done any more."""
        await self.history.drop(kept.message)
        if name := (kept.post or {}).get("confirmation"):
            await self.confirmations.decide(name, "declined")

    async def stopped(self, kept: KeptTurn) -> str:
        """The key of what somebody is told who stops a turn.

        What a tool has begun goes on; who only hears that it was stopped would ask for it again.
        """
        decision = kept.turn.decision or {}
        if not decision.get("is_yes"):
            return "stopped"
        is_kept_back = await self.confirmations.decide(decision["confirmation"], "declined")
        return "stopped" if is_kept_back else "stopped-midway"

    def too_late(self, kept: KeptTurn) -> Post:
        """The reason for somebody who has waited for too long, and for whom nothing was begun."""
        return self._late(kept, is_midway=False)

    def _late(self, kept: KeptTurn, *, is_midway: bool) -> Post:
        said = late(self.deadline_s, language_of(kept.turn), is_midway=is_midway)
        return post_of(said, Audience())

    async def _stored(self, kept: KeptTurn, platform: Platform) -> Post | None:
        """The answer of an earlier try, if all who will read it may still open what it rests on.

        Or if it stands there already: made anew, it would be read by nobody, and what was read
        would have no receipt.
        """
        if kept.post is None:
            return None
        post = from_json(kept.post).with_contents(await self.turns.pictures(kept))
        still = await self.readable(post.chunks, Audience.of(*post.readers))
        if still.issuperset(post.chunks):
            return post
        with suppress(TertuliaError):
            return post if await platform.posted(kept) else None
        return None

    async def _answered(
        self, kept: KeptTurn, platform: Platform, sink: Sink, left_s: float
    ) -> Post:
        try:
            if kept.tries >= MOST_TRIES:
                raise BrokenOffError("It was broken off each time.", what_to_do="See the log.")
            async with asyncio.timeout(left_s):
                where = await platform.whereabouts(kept.turn)
                return await self._said(kept, where, platform.channel(kept.turn), sink)
        except TimeoutError:
            return self._late(kept, is_midway=bool((kept.turn.decision or {}).get("is_yes")))
        except TertuliaError as error:
            return post_of(failed(error, language_of(kept.turn)), Audience())

    async def _said(self, kept: KeptTurn, where: Whereabouts, channel: Channel, sink: Sink) -> Post:
        turn, question = kept.turn, kept.message
        if not channel.admits(where.person.rights):
            await self.turns.refuse(kept, NOT_FOR_THEM)  # those who may ask are not to wait for it
            language = language_of(kept.turn)
            return Post(say("not-for-you", language), language)
        await self.history.drop(question)  # of a try that was broken off
        persona = await self.choices.persona(turn.author, turn.channel, channel)
        learns_in = turn.channel if channel.learns else ""
        talk = await self.talks(turn.author, persona, turn.conversation, learns_in)
        talk.person, talk.place, talk.attached = where.person, where.place, where.attached
        talk.sources, talk.locale = channel.sources, turn.locale
        readers = await talk.audience()
        await self.history.keep_earlier(turn.conversation, where.earlier, readers)
        decision = Decision(**turn.decision, at=turn.sent_at) if turn.decision else None
        said = where.text or turn.text
        said = said if said.strip() else meant(where, language_of(turn))
        reply = await talk.reply(
            said, partial(quietly, sink.show), message=question, decision=decision
        )
        post = post_of(reply, readers)
        return replace(post, text="\n\n".join((post.text, *where.unread)))


def meant(where: Whereabouts, language: str) -> str:
    """What somebody asks who only calls us: what the file says, or what was said before."""
    if where.attached:
        return say("attached-question", language)
    return where.earlier[-1].text if where.earlier else ""


async def quietly(show: Callable[[Shown], Awaitable[object]], shown: Shown) -> None:
    """Show something by the way: what goes wrong with that must not end the work on an answer."""
    try:
        await show(shown)
    except Exception as error:  # noqa: BLE001 (it only shows something; the answer comes all the same)
        log.warning("failed to show", error=type(error).__name__)


def _pauses() -> Iterator[float]:
    """Seconds between tries, for as long as somebody may still care."""
    passed = 0.0
    steps = iter(PAUSES_S)
    while passed < POSTED_WITHIN_S:
        pause_s = next(steps, LONGEST_PAUSE_S)
        yield pause_s
        passed += pause_s
