"""What was said to us while nobody listened is answered when we are back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.app import App
from bot.desk import Desk
from bot.platforms.slack.catching_up import OF_ONE_PAGE
from bot.posts import Post
from bot.settings import Settings
from knowledge.conversations import now
from tests.bot.platforms.conftest import ANSWER, WEEKS, Workspace
from tests.bot.platforms.slack_scene import served
from tests.bot.test_schedule import until
from tests.fakes.clock import AheadClock
from tests.fakes.scripted_model import silence
from tests.fakes.slack import FakeSlack, Message
from tests.fakes.slack.faults import Fault


@pytest.fixture
def clock() -> AheadClock:
    """By which Slack dates what is said."""
    return AheadClock()


@pytest.fixture
async def fake(clock: AheadClock) -> AsyncIterator[FakeSlack]:
    """Slack on loopback, whose time can go on."""
    async with FakeSlack(clock=clock) as slack:
        yield slack


@contextmanager
def unheard(workspace: Workspace) -> Iterator[None]:
    """Nothing is delivered."""
    workspace.slack.faults.copies = 0
    yield
    workspace.slack.faults.copies = 1


async def missed(workspace: Workspace, thread: Message | None = None) -> Message:
    """A mention that is not delivered."""
    with unheard(workspace):
        return await workspace.ana.mentions(workspace.general, "How long is it?", thread=thread)


async def asked_before_the_end(workspace: Workspace, *threads: Message | None) -> list[Message]:
    """Questions that are written down by a process which ends before it begins to answer."""
    (await workspace.app.inbox()).worker.at_once = 0
    asked = [
        await workspace.ana.mentions(workspace.general, f"{WEEKS} {number}", thread=thread)
        for number, thread in enumerate(threads)
    ]
    await asyncio.gather(*(one.settled() for one in workspace.slack.deliveries))
    await workspace.serving.aclose()
    return asked


async def test_what_was_said_to_us_meanwhile_is_answered_once(workspace: Workspace) -> None:
    """The first process has ended its work and stays silent: Slack knows two as one app."""
    first = await workspace.ana.mentions(workspace.general, WEEKS)
    direct = await workspace.ana.writes_to_bot(WEEKS)
    for one in (first, direct):
        await workspace.answered(one)
    with unheard(workspace):
        missed: list[Message] = [
            await workspace.ana.mentions(workspace.general, "How long is parental leave?"),
            await workspace.ana.writes_to_bot("And how long is it?"),
        ]
        follow_up = await workspace.ana.says(workspace.general, "And is it paid?", thread=first)
        await workspace.ben.says(workspace.general, "Nobody there?")
    async with served(workspace.slack):
        for one in missed:
            await workspace.answered(one)
        await workspace.answered(follow_up, times=2)
    assert len(workspace.replies(first)) == 2


async def test_an_end_while_we_catch_up_loses_nothing_whoever_writes_meanwhile(
    workspace: Workspace, clock: AheadClock
) -> None:
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    late = await missed(workspace)
    clock.ahead_s = 3600.0
    workspace.slack.faults.break_calls("users.conversations", Fault("error", code="fatal_error"))
    async with served(workspace.slack):
        await workspace.answered(await workspace.ben.mentions(workspace.general, WEEKS))
    workspace.slack.faults.clear()
    async with served(workspace.slack):
        await workspace.answered(late)
    assert len(workspace.replies(late)) == 1


async def test_what_was_said_while_the_socket_was_away_is_answered(workspace: Workspace) -> None:
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    late = await missed(workspace)
    workspace.slack.sockets.drop()
    await workspace.answered(late)
    assert len(workspace.replies(late)) == 1


async def test_a_first_mention_in_a_thread_of_others_is_answered(
    workspace: Workspace, clock: AheadClock
) -> None:
    lunch = await workspace.ben.says(workspace.general, "Lunch anybody?")
    clock.ahead_s = 3600.0
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    late = await missed(workspace, thread=lunch)
    desk = Desk(workspace.app, await workspace.app.inbox())
    await desk.note_heard("slack:", now() + timedelta(minutes=50))
    async with served(workspace.slack):
        await workspace.answered(late)
    assert len(workspace.replies(late)) == 1


async def test_in_a_thread_of_others_only_what_was_said_since_we_were_asked_is_for_us(
    workspace: Workspace,
) -> None:
    lunch = await workspace.ben.says(workspace.general, "Lunch?")
    early = await workspace.ben.says(workspace.general, "At one?", thread=lunch)
    await workspace.ana.mentions(workspace.general, WEEKS, thread=lunch)
    await workspace.answered(lunch)
    with unheard(workspace):
        late = await workspace.ben.says(workspace.general, "And is it paid?", thread=lunch)
    async with served(workspace.slack) as app:
        await workspace.answered(lunch, times=2)
        desk = Desk(app, await app.inbox())
        known = [await desk.turn(workspace.key(one)) for one in (lunch, early, late)]
    assert [turn and turn.text for turn in known] == [None, None, "And is it paid?"]
    assert len(workspace.replies(lunch)) == 2


async def test_an_edit_while_the_socket_was_away_is_answered(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    follow_up = await workspace.ana.says(workspace.general, "And is it paid?", thread=question)
    before = [reply.message.ts for reply in await workspace.answered(question, times=2)]
    workspace.model.answer = "Everybody has 27 days of paid leave a year."
    bot = workspace.team.bot.user_id
    with unheard(workspace):
        await workspace.ana.edits(question, f"<@{bot}> How many days of paid leave are there?")
        await workspace.ana.edits(follow_up, "How many days of paid leave are that?")
    workspace.slack.sockets.drop()
    await workspace.slack.until(
        lambda: all("27 days" in reply.text for reply in workspace.replies(question)), within=30
    )
    assert [reply.message.ts for reply in workspace.replies(question)] == before


async def test_what_stands_on_a_later_page_is_answered(workspace: Workspace) -> None:
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    late = await missed(workspace)
    with unheard(workspace):
        for number in range(OF_ONE_PAGE):
            await workspace.ben.says(workspace.general, f"Lunch at {number}?")
    async with served(workspace.slack):
        await workspace.answered(late)


async def test_what_was_taken_back_or_changed_while_we_were_down_is_not_answered_as_it_was(
    workspace: Workspace,
) -> None:
    first = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(first)
    gone, below, changed, left = await asked_before_the_end(workspace, None, first, None, None)
    asked, begun = len(workspace.model.prompts), len(workspace.slack.calls)
    with unheard(workspace):
        for one in (gone, below):
            await workspace.ana.deletes(one)
        bot = workspace.team.bot.user_id
        await workspace.ana.edits(changed, f"<@{bot}> How long is parental leave?")
    async with served(workspace.slack) as app:
        for one in (changed, left):
            await workspace.answered(one)
        desk = Desk(app, await app.inbox())

        async def nothing_is_left() -> bool:
            return not await desk.open("slack")

        await until(nothing_is_left)  # that it was posted is noted a moment later
        for one in (gone, below):
            turn = await (await app.inbox()).turns.named(workspace.key(one))
            assert turn
            assert turn.state == "withdrawn"
    assert [len(workspace.replies(one)) for one in (first, changed, left)] == [1, 1, 1]
    prompts = str(workspace.model.prompts[asked:])
    assert "How long is parental leave?" in prompts
    assert [f"{WEEKS} {number}" in prompts for number in range(4)] == [False, False, False, True]
    looked = [
        call.arguments["oldest"]
        for call in workspace.slack.calls[begun:]
        if call.method in ("conversations.history", "conversations.replies")
        and "latest" in call.arguments
    ]
    assert set(looked) == {one.ts for one in (gone, below, changed, left)}
    assert len(looked) <= 2 * 4


async def test_an_answer_that_was_stored_is_not_posted_to_what_was_taken_back(
    workspace: Workspace,
) -> None:
    (question,) = await asked_before_the_end(workspace, None)
    async with App(Settings()) as app:
        turns = (await app.inbox()).turns
        kept = await turns.named(workspace.key(question))
        assert kept
        assert await turns.begin(kept)
        assert await turns.answer(kept, Post(ANSWER, "en").as_json())
    with unheard(workspace):
        await workspace.ana.deletes(question)
    async with served(workspace.slack) as workspace.app:
        assert (await workspace.ended(question)).state == "withdrawn"
    assert not workspace.general.transcript().texts()


async def test_what_is_taken_back_while_the_socket_is_away_is_not_answered(
    workspace: Workspace,
) -> None:
    workspace.model.reply = silence()
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.slack.until(lambda: workspace.general.statuses)
    with unheard(workspace):
        await workspace.ana.deletes(question)
        workspace.slack.sockets.drop()
        assert (await workspace.ended(question)).state == "withdrawn"
    await workspace.slack.until(lambda: not workspace.general.transcript().texts())


async def test_what_we_may_not_read_again_is_answered_as_it_was(workspace: Workspace) -> None:
    (question,) = await asked_before_the_end(workspace, None)
    assert workspace.team.token
    scopes = workspace.team.token.scopes
    workspace.team.token.scopes = tuple(one for one in scopes if one != "channels:history")
    async with served(workspace.slack):
        (reply,) = await workspace.answered(question)
    assert "19 weeks" in reply.text


async def test_what_slack_does_not_show_just_now_is_answered_as_it_was(
    workspace: Workspace,
) -> None:
    (question,) = await asked_before_the_end(workspace, None)
    broken = Fault("error", code="fatal_error")
    workspace.slack.faults.break_calls("conversations.history", broken, times=2)
    async with served(workspace.slack):
        (reply,) = await workspace.answered(question)
    assert "19 weeks" in reply.text
