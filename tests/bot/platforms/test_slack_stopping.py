"""The stop button: whose answer it ends, and whose it does not."""

import asyncio

from bot.desk import Desk
from bot.wording import say
from tests.bot.platforms.conftest import WEEKS, Workspace, begun
from tests.fakes.scripted_model import silence


async def test_stop_ends_the_answer_and_says_so(workspace: Workspace) -> None:
    workspace.model.reply = begun()
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.slack.until(lambda: workspace.slack.calls_of("chat.startStream"))
    await workspace.ana.presses_stop(question)
    (reply,) = await workspace.answered(question)
    assert reply.text == "Stopped, as you asked."
    await workspace.slack.until(lambda: workspace.general.sessions[question.ts].status == "active")


async def test_a_question_asked_alone_is_stopped_by_the_button_below_its_acknowledgement(
    workspace: Workspace,
) -> None:
    workspace.model.reply = silence()
    await workspace.ana.runs("/ask", WEEKS, workspace.general)
    await workspace.slack.until(lambda: workspace.whispers(workspace.general))
    (told,) = workspace.whispers(workspace.general)
    await workspace.slack.until(lambda: workspace.model.prompts)
    for number, key in enumerate(("stopped", "nothing-to-stop"), 2):
        await workspace.ana.clicks(told.message, "tertulia_stop")
        await workspace.slack.until(lambda: len(workspace.whispers(workspace.general)) >= number)  # noqa: B023 (waited for at once)
        assert workspace.whispers(workspace.general)[number - 1].text == say(key, "en")


async def test_an_admin_stops_what_others_asked_and_nobody_else_does(workspace: Workspace) -> None:
    workspace.model.reply = begun()
    mine = await workspace.ana.mentions(workspace.general, WEEKS)
    his = await workspace.ben.mentions(workspace.general, WEEKS)
    sessions = workspace.general.sessions
    await workspace.slack.until(lambda: {mine.ts, his.ts} <= set(sessions), within=30)
    await workspace.ben.presses_stop(mine)
    await workspace.slack.until(lambda: workspace.whispers(workspace.general))
    (told,) = workspace.whispers(workspace.general)
    assert (told.only_for, told.text) == ("Ben", say("stop-not-yours", "es"))
    await workspace.ana.presses_stop(his)
    (reply,) = await workspace.answered(his)
    assert reply.text == say("stopped", "en")
    await workspace.ana.presses_stop(mine)
    await workspace.answered(mine)


async def test_a_stop_ends_the_answer_that_is_being_written_and_no_question_that_waits(
    workspace: Workspace,
) -> None:
    workspace.model.reply = begun()
    first = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.slack.until(lambda: workspace.slack.calls_of("chat.startStream"))
    his, hers = [
        await one.says(workspace.general, "And is it paid?", thread=first)
        for one in (workspace.ben, workspace.ana)
    ]
    await asyncio.gather(*(one.settled() for one in workspace.slack.deliveries))
    await workspace.ben.presses_stop(first)
    await workspace.slack.until(lambda: workspace.whispers(workspace.general))
    (told,) = workspace.whispers(workspace.general)
    assert (told.only_for, told.text) == ("Ben", say("stop-not-yours", "es"))
    desk = Desk(workspace.app, await workspace.app.inbox())
    for question in (first, his, hers):
        assert await desk.waiting(workspace.key(question))
    workspace.model.reply = None
    await workspace.ana.presses_stop(first)
    stood = [(await workspace.ended(question)).state for question in (first, his, hers)]
    assert stood == ["told", "posted", "posted"]


async def test_while_nothing_is_written_a_stop_takes_back_ones_own_question(
    workspace: Workspace,
) -> None:
    workspace.model.reply = begun()
    before = [await workspace.ana.mentions(workspace.general, WEEKS) for _ in range(2)]
    await workspace.slack.until(lambda: len(workspace.slack.calls_of("chat.startStream")) == 2)
    asked = await workspace.ana.mentions(workspace.general, "Is it paid?")
    await workspace.slack.until(lambda: asked.ts in workspace.general.sessions)
    follow_up = await workspace.ben.says(workspace.general, "How long?", thread=asked)
    await asyncio.gather(*(one.settled() for one in workspace.slack.deliveries))
    await workspace.ben.presses_stop(asked)
    assert (await workspace.ended(follow_up)).state == "told"
    desk = Desk(workspace.app, await workspace.app.inbox())
    assert await desk.waiting(workspace.key(asked))
    for question in (asked, *before):  # or the end would wait for the model
        await workspace.ana.deletes(question)
    await asyncio.gather(*(one.settled() for one in workspace.slack.deliveries))
