"""What a platform can have done: answers, receipts, opinions. The one thing that it is given."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import App
from bot.channels import Channel
from bot.inbox import Inbox
from bot.learning_chat import Learner, learn
from bot.opinions import fault_of
from bot.posts import Link, Post
from bot.receipts_text import why_text
from bot.refreshing import job_name
from bot.settings import Settings
from bot.wording import say
from knowledge.articles import Audience
from knowledge.confirmations import Confirmations
from knowledge.conversations import Feedback
from knowledge.history import History, Recorded
from knowledge.leases import Leases
from knowledge.turn import KeptTurn, Turn


class Desk:
    """Where platforms hand in what people say and do.

    Args:
        app: the wiring.
        inbox: where messages are written down and answered.

    Raises:
        StructureError: `tertulia.toml` is written wrong from the start.
    """

    def __init__(self, app: App, inbox: Inbox) -> None:
        self._app, self._inbox = app, inbox
        app.channels.of()  # from now on it is known what holds while the file is written wrong

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        return self._app.settings

    async def database(self) -> AsyncEngine:
        """The relational database, for what the library of a platform keeps there."""
        return await self._app.database()

    async def leases(self) -> Leases:
        """Who does what, where only one process may do something."""
        return await self._app.leases()

    async def take(self, turn: Turn) -> bool:
        """Write a message down and have it answered; False where it is known already.

        When this returns the platform may acknowledge: whatever happens, the asker hears of it.
        """
        return await self._inbox.take(turn)

    async def edit(self, key: str, turn: Turn) -> bool:
        """Answer an edited message once more, in the place of the answer that it had.

        Platforms tell of edits that leave the words as they are: then what is being done goes on.
        What it said before is forgotten.
        """
        return await self.is_news(key, turn) and await self._inbox.replace(key, turn)

    async def is_news(self, key: str, turn: Turn) -> bool:
        """Whether an edit says something new: not what is known, nor what was edited before that.

        Args:
            key: the name of the message.
            turn: the message as it reads after the edit, sent when it was edited.
        """
        earlier = await self._inbox.turns.named(key)
        if earlier and earlier.state == "withdrawn":
            return False  # it was taken back since
        if earlier and (earlier.turn.text == turn.text or earlier.turn.sent_at > turn.sent_at):
            return False
        others = [name for name in turn.keys if name != key]
        return not [name for name in others if await self._inbox.turns.named(name)]

    async def delete(self, key: str, *, may_come: bool = True) -> KeptTurn | None:
        """Answer a deleted message no longer; how it stood, so that its answer can be removed.

        What it said is forgotten, and so is what it was answered.

        Args:
            key: the name of the message.
            may_come: whether a deletion may be heard before its message.
        """
        return await self._inbox.withdraw(key, may_come=may_come)

    async def turn(self, key: str) -> Turn | None:
        """The message of this name, where it was taken and is not forgotten yet."""
        kept = await self._inbox.turns.named(key)
        return kept.turn if kept else None

    async def waiting(self, key: str) -> Turn | None:
        """The message of this name, while somebody waits for its answer."""
        kept = await self._inbox.turns.named(key)
        return kept.turn if kept and kept.is_open else None

    async def open(self, platform: str, conversation: str = "") -> list[KeptTurn]:
        """The messages that wait for an answer, all or those of a conversation, oldest first."""
        return await self._inbox.turns.open([platform], conversation)

    async def takes_part(self, conversation: str) -> bool:
        """Whether Tertulia was asked something in a conversation."""
        if await self._inbox.turns.has(conversation):
            return True
        return await self.remembers(conversation)

    async def remembers(self, conversation: str) -> bool:
        """Whether anything of a conversation is written down."""
        return bool(await (await self._history()).authors(conversation))

    async def latest(self, platform: str) -> datetime | None:
        """When the last message of a platform was sent that was taken."""
        return await self._inbox.turns.latest(platform)

    async def heard_until(self, place: str) -> datetime | None:
        """Up to when all that was said in a place of a platform was heard, if that was noted."""
        return await (await self._app.marks()).of(place)

    async def note_heard(self, place: str, at: datetime) -> None:
        """All that was said in a place of a platform before this moment is heard."""
        await (await self._app.marks()).put(place, at)

    async def latest_of(
        self, what: Literal["channel", "conversation"], prefix: str, most: int
    ) -> list[str]:
        """The channels or conversations named like this in which somebody asked, latest first."""
        return await self._inbox.turns.latest_of(what, prefix, most)

    async def decide(self, name: str, turn: Turn, *, is_yes: bool) -> str:
        """Have what somebody was asked to confirm done, or not; what to tell whoever said so.

        That is the key of a sentence, or nothing where all goes its way: then the reply comes as
        to a question. Of all that is said to one confirmation the first counts.

        Args:
            name: of the confirmation.
            turn: where and by whom it was said; without words.
            is_yes: what was said.
        """
        asked = await Confirmations(await self._app.database()).named(name)
        if asked is None:
            return "act-over"
        if asked.person != turn.author:
            return "act-not-yours"
        said = replace(
            turn,
            keys=(f"{turn.platform}:confirmation:{name}", *turn.keys),
            conversation=asked.conversation,
            text=say("button-yes" if is_yes else "button-no", asked.language),
            decision={"confirmation": name, "is_yes": is_yes, "language": asked.language},
        )
        if await self._inbox.take(said) or await self.waiting(said.keys[0]):
            return ""  # a second press while that is under way is none
        return "act-over"

    async def stop(self, conversation: str, author: str, key: str = "") -> bool:
        """End what somebody has asked for, of several the one of this name; False without one."""
        return await self._inbox.stop(conversation, author, key)

    def channel(self, *names: str) -> Channel:
        """What the team has set for a channel, under any of its names; the later counts more."""
        return self._app.channels.of(*names)

    async def persona(self, person: str, name: str, channel: Channel) -> str:
        """Who answers somebody in a channel of this name, for which the team has set that."""
        return await (await self._app.choices()).persona(person, name, channel)

    async def choose_persona(self, person: str, channel: str, name: str) -> None:
        """Have this persona answer somebody in a channel and in its threads."""
        await (await self._app.choices()).choose_persona(person, channel, name)

    async def last_answer(self, person: str, channel: str) -> str:
        """The reference of the last answer to somebody here; empty where there is none."""
        return await self._inbox.turns.last_reference(channel, person)

    async def personas(self, channel: Channel) -> list[str]:
        """Who may answer in a channel."""
        return (await self._app.choices()).offered(channel)

    def is_admin(self, person: str) -> bool:
        """Whether somebody looks after Tertulia."""
        return person in self.settings.platforms.admins

    async def why(self, reference: str, reader: Audience, language: str) -> str | None:
        """How an answer came about; None where not all who read this may see that (any longer)."""
        found = await self._recorded(reference, reader)
        return why_text(found, language) if found else None

    async def sources(self, reference: str, reader: Audience) -> tuple[Link, ...] | None:
        """What an answer rests on; None where not all who read this may see that (any longer)."""
        found = await self._recorded(reference, reader)
        return _links(found) if found else None

    async def answer(self, reference: str, reader: Audience, shown_by: Audience) -> Post | None:
        """An answer as it was given; None where not all who read this may see it.

        One that rests on nothing is not shown to others: it was said of what its asker may open.

        Args:
            reference: of the answer.
            reader: all who will read it.
            shown_by: who shows it to them, to whom it must have been told.
        """
        found = await self._recorded(reference, reader, told_to=shown_by)
        if found is None or found.rests_on_attached or not found.citations:
            return None
        cited = tuple(sorted({one["chunk"] for one in found.citations}))
        readers = tuple(sorted(reader.principals))
        return Post(found.text, found.language, reference, _links(found), cited, readers)

    def known_sources(self, reader: Audience, channel: Channel) -> list[str]:
        """The names of the sources that are read for somebody in a channel."""
        return [
            source.name
            for source in self._app.structure.sources()
            if source.audience.admits(reader) and source.name in (channel.sources or [source.name])
        ]

    async def rate(
        self,
        reference: str,
        author: str,
        verdict: Literal["up", "down"],
        *,
        fault: str = "",
        better: str = "",
    ) -> bool:
        """Note what somebody thinks of an answer, and in their words what would be right.

        False where the answer is forgotten: its question was taken back, or reads otherwise now.
        """
        history = await self._history()
        if await history.recorded(reference) is None:
            return False
        said = Feedback(reference, author, verdict, fault=fault_of(fault), better=better)
        await history.keep_feedback(said)
        return True

    async def learn(self, who: Learner, text: str, language: str) -> str:
        """Do what somebody says of learning: agree, take that back, decide about examples."""
        return await learn(self._app.learning, who, text, language)

    def source_names(self) -> list[str]:
        """The names of all sources, for those who look after Tertulia."""
        return self._app.structure.names()

    async def refresh(self, names: Sequence[str] = ()) -> list[str]:
        """Have sources refreshed as soon as there is room; which ones.

        Raises:
            StructureError: there is no such source.
        """
        known = [self._app.structure.source(name).name for name in names]
        wanted = known or self._app.structure.names()
        runs = await self._app.runs()
        for name in wanted:
            await runs.ask(job_name(name), datetime.now(UTC))
        return wanted

    async def _recorded(
        self, reference: str, reader: Audience, *, told_to: Audience | None = None
    ) -> Recorded | None:
        found = await (await self._history()).recorded(reference)
        if found is None or not found.was_told_to(told_to or reader):
            return None
        return await found.still(reader, self._app.readable)

    async def _history(self) -> History:
        return History(await self._app.database())


def _links(found: Recorded) -> tuple[Link, ...]:
    return tuple(
        Link(one["n"], one.get("title", one["article"]), one.get("url", ""), one["quote"])
        for one in found.citations
    )
