"""What was said to us while nobody listened is answered when we are back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.desk import Desk
from bot.platforms.slack.catching_up import OF_ONE_PAGE
from knowledge.conversations import now
from tests.bot.platforms.conftest import WEEKS, Workspace
from tests.bot.platforms.slack_scene import served
from tests.fakes.clock import AheadClock
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


async def missed(workspace: Workspace, thread: Message | None = None) -> Message:
    """A mention that is not delivered."""
    workspace.slack.faults.copies = 0
    asked = await workspace.ana.says(
        workspace.general, f"<@{workspace.team.bot.user_id}> How long is it?", thread=thread
    )
    workspace.slack.faults.copies = 1
    return asked


async def test_what_was_said_to_us_meanwhile_is_answered_once(workspace: Workspace) -> None:
    """The first process has ended its work and stays silent: Slack knows two as one app."""
    first = await workspace.ana.mentions(workspace.general, WEEKS)
    direct = await workspace.ana.writes_to_bot(WEEKS)
    for one in (first, direct):
        await workspace.answered(one)
    workspace.slack.faults.copies = 0  # nothing is delivered
    missed: list[Message] = [
        await workspace.ana.mentions(workspace.general, "How long is parental leave?"),
        await workspace.ana.writes_to_bot("And how long is it?"),
    ]
    follow_up = await workspace.ana.says(workspace.general, "And is it paid?", thread=first)
    await workspace.ben.says(workspace.general, "Nobody there?")
    workspace.slack.faults.copies = 1
    async with served(workspace.slack):
        for one in missed:
            await workspace.answered(one)
        await workspace.answered(follow_up, times=2)
    assert len(workspace.replies(first)) == 2


async def test_an_end_while_we_catch_up_loses_nothing_whoever_writes_meanwhile(
    workspace: Workspace, clock: AheadClock
) -> None:
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    unheard = await missed(workspace)
    clock.ahead_s = 3600.0
    workspace.slack.faults.break_calls("users.conversations", Fault("error", code="fatal_error"))
    async with served(workspace.slack):
        await workspace.answered(await workspace.ben.mentions(workspace.general, WEEKS))
    workspace.slack.faults.clear()
    async with served(workspace.slack):
        await workspace.answered(unheard)
    assert len(workspace.replies(unheard)) == 1


async def test_what_was_said_while_the_socket_was_away_is_answered(workspace: Workspace) -> None:
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    unheard = await missed(workspace)
    workspace.slack.sockets.drop()
    await workspace.answered(unheard)
    assert len(workspace.replies(unheard)) == 1


async def test_a_first_mention_in_a_thread_of_others_is_answered(
    workspace: Workspace, clock: AheadClock
) -> None:
    lunch = await workspace.ben.says(workspace.general, "Lunch anybody?")
    clock.ahead_s = 3600.0
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    unheard = await missed(workspace, thread=lunch)
    desk = Desk(workspace.app, await workspace.app.inbox())
    await desk.note_heard("slack:", now() + timedelta(minutes=50))
    async with served(workspace.slack):
        await workspace.answered(unheard)
    assert len(workspace.replies(unheard)) == 1


async def test_an_edit_while_the_socket_was_away_is_answered(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    follow_up = await workspace.ana.says(workspace.general, "And is it paid?", thread=question)
    before = [reply.message.ts for reply in await workspace.answered(question, times=2)]
    workspace.model.answer = "Everybody has 27 days of paid leave a year."
    workspace.slack.faults.copies = 0
    bot = workspace.team.bot.user_id
    await workspace.ana.edits(question, f"<@{bot}> How many days of paid leave are there?")
    await workspace.ana.edits(follow_up, "How many days of paid leave are that?")
    workspace.slack.faults.copies = 1
    workspace.slack.sockets.drop()
    await workspace.slack.until(
        lambda: all("27 days" in reply.text for reply in workspace.replies(question)), within=30
    )
    assert [reply.message.ts for reply in workspace.replies(question)] == before


async def test_what_stands_on_a_later_page_is_answered(workspace: Workspace) -> None:
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    unheard = await missed(workspace)
    workspace.slack.faults.copies = 0
    for number in range(OF_ONE_PAGE):
        await workspace.ben.says(workspace.general, f"Lunch at {number}?")
    workspace.slack.faults.copies = 1
    async with served(workspace.slack):
        await workspace.answered(unheard)
