"""What a platform must do where several processes serve one team."""

import asyncio
from dataclasses import replace

from sqlalchemy import update

from bot.desk import Desk
from bot.inbox import Inbox
from bot.posts import from_json
from bot.reminding import tell
from bot.wording import say
from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.reminders import Reminder, Reminders
from knowledge.turn import NOBODY, TURNS, KeptTurn
from tests.contracts.needing import needs
from tests.contracts.scene import Question, Scene
from tests.fakes.scripted_model import silence

WEEKS = "How many weeks of parental leave are there?"


async def begun(scene: Scene) -> tuple[Question, KeptTurn]:
    """A question that is being answered and will not be done soon."""
    scene.model.reply = silence()
    question = await scene.asks(WEEKS)
    await scene.until(lambda: scene.is_begun(question))
    inbox = await scene.app.inbox()
    (kept,) = await inbox.turns.open(list(inbox.worker.platforms))
    return question, kept


async def noted(inbox: Inbox) -> None:
    """Wait until nobody waits for an answer any more."""
    async with asyncio.timeout(30):
        while await inbox.turns.open(list(inbox.worker.platforms)):  # noqa: ASYNC110 (it is in the database)
            await asyncio.sleep(0.05)


async def announced(scene: Scene, what: str) -> None:
    """Have a channel told this, and wait until nothing of it is left to do."""
    inbox, reminders = await scene.app.inbox(), Reminders(await scene.app.database())
    (platform,) = inbox.worker.platforms.values()
    await reminders.announce(Reminder(NOBODY, scene.channel, what, now(), platform=platform.name))
    for one in await reminders.due(platform.name):
        await tell(one, inbox, reminders, platform)
    await noted(inbox)


class PlatformReplicas:
    """Inherited by the contract of platforms."""

    @needs("stop")
    async def test_an_answer_can_be_stopped_at_another_process(self, scene: Scene) -> None:
        question, kept = await begun(scene)
        async with scene.beside() as other:
            desk = Desk(other, await other.inbox())
            assert not await desk.stop(kept.turn.conversation, "somebody else")
            assert await desk.stop(kept.turn.conversation, kept.turn.author)
            await scene.until(lambda: not scene.is_begun(question))
            reply = await scene.reply(question)
            assert reply.parts == (say("stopped", "en"),)
            worker = (await scene.app.inbox()).worker
            await scene.until(lambda: not worker.entries())  # now that process knows it, too
            # What it showed meanwhile goes a moment later.
            await scene.until(lambda: [o.parts for o in scene.replies(question)] == [reply.parts])
            assert not await desk.stop(kept.turn.conversation, kept.turn.author)

    @needs("edits")
    async def test_what_another_process_hears_was_deleted_is_taken_away(self, scene: Scene) -> None:
        question, kept = await begun(scene)
        async with scene.beside() as other:
            assert await Desk(other, await other.inbox()).delete(kept.turn.keys[0])
            await scene.until(lambda: not scene.is_begun(question))
            await scene.until(lambda: scene.shown(question) == 0)

    @needs("stop")
    async def test_who_finds_the_answer_of_a_killed_process_shows_nothing_more(
        self, scene: Scene
    ) -> None:
        """It was killed after it had posted, and before that was noted."""
        scene.model.answer = "Parents take 19 weeks of parental leave."
        question = await scene.asks(WEEKS)
        before = await scene.reply(question)
        inbox = await scene.app.inbox()
        await inbox.worker.close(5.0)
        async with transaction(await scene.app.database()) as connection:
            unnoted = update(TURNS).values(state="answered", posted_as="", owner="gone:1:1")
            await connection.execute(unnoted)
        async with scene.beside() as other:
            await noted(await other.inbox())
            await scene.until(lambda: not scene.is_begun(question))
            assert scene.shown(question) == 1
            assert [one.text for one in scene.replies(question)] == [before.text]

    @needs("edits")
    async def test_what_is_posted_too_late_is_taken_back(self, scene: Scene) -> None:
        """Another process has ended the turn, unless it did so with this very post."""
        scene.model.answer = "Parents take 19 weeks of parental leave."
        question = await scene.asks(WEEKS)
        await scene.reply(question)
        inbox = await scene.app.inbox()
        (platform,) = inbox.worker.platforms.values()
        (conversation,) = await inbox.turns.latest_of("conversation", platform.name, 2)
        kept = await inbox.turns.named(conversation)
        assert kept
        assert kept.post
        again = replace(kept, state="answered")
        await inbox.worker.attendant.post(
            again, from_json(kept.post), platform, platform.sink(kept.turn)
        )
        assert len(scene.replies(question)) == 1
        unheard = replace(again, post=None)
        sink = platform.sink(replace(kept.turn, sent_at=now()))
        await inbox.worker.attendant.post(unheard, from_json(kept.post), platform, sink)
        await scene.until(lambda: len(scene.replies(question)) == 1)

    @needs("channels")
    async def test_what_a_killed_process_has_told_a_channel_is_not_told_again(
        self, scene: Scene
    ) -> None:
        """It was killed after it had posted, and before that was noted."""
        await announced(scene, "Something is wrong.")
        await (await scene.app.inbox()).worker.close(5.0)
        async with transaction(await scene.app.database()) as connection:
            unnoted = update(TURNS).values(state="answered", posted_as="", owner="gone:1:1")
            await connection.execute(unnoted)
        async with scene.beside() as other:
            await noted(await other.inbox())
            assert [one.parts for one in scene.announced()] == [("Something is wrong.",)]
