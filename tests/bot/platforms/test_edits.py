"""What is edited or taken back: the last words count, and the earlier ones are forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk import Desk
from bot.platforms.discord.failures import DiscordRefusedError
from bot.platforms.slack.errors import SlackRefusedError
from knowledge.history import History
from tests.bot.platforms.conftest import WEEKS, Workspace
from tests.fakes.slack import Message

DAYS = "Everybody has 27 days of paid leave a year."


def key_of(workspace: Workspace, question: Message) -> str:
    """What we call a message."""
    channel = workspace.team.channel_of(question).channel_id
    return f"slack:{workspace.team.team_id}:{channel}:{question.ts}"


async def test_an_edit_that_comes_again_or_late_takes_nothing_away(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    workspace.model.answer = DAYS
    desk = Desk(workspace.app, await workspace.app.inbox())
    key = key_of(workspace, question)
    asked = await desk.turn(key)
    assert asked
    first, late, second = (
        replace(
            asked,
            text=f"{name}: how many days of paid leave are there?",
            keys=(key, f"{key}:{name}"),
            sent_at=asked.sent_at + timedelta(seconds=seconds),
        )
        for name, seconds in (("first", 2), ("late", 1), ("second", 3))
    )
    assert await desk.edit(key, first)
    assert await desk.edit(key, second)
    for again in (first, second, late):
        assert not await desk.edit(key, again)
    await workspace.slack.until(lambda: "27 days" in workspace.replies(question)[0].text)
    kept = await desk.turn(key)
    assert kept
    assert kept.text == second.text
    (reply,) = workspace.replies(question)
    assert reply.text.startswith(DAYS[:-1])


async def test_of_two_edits_within_a_second_the_last_one_counts(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    bot = workspace.team.bot.user_id
    for name in ("first", "second"):
        await workspace.ana.edits(question, f"<@{bot}> {name}: how many days are there?")
        await workspace.slack.deliveries[-1].settled()
    kept = await Desk(workspace.app, await workspace.app.inbox()).turn(key_of(workspace, question))
    assert kept
    assert kept.text == "second: how many days are there?"


async def test_what_is_taken_back_is_forgotten(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    history = History(await workspace.app.database())
    conversation = key_of(workspace, question)
    assert await history.authors(conversation)
    await workspace.ana.deletes(question)
    desk = Desk(workspace.app, await workspace.app.inbox())
    await workspace.slack.until(lambda: workspace.slack.deliveries[-1].state == "acknowledged")
    assert not await history.authors(conversation)
    assert await desk.turn(conversation), "that it was asked is known still"


@pytest.mark.parametrize(
    ("error", "is_for_good"),
    [
        (SlackRefusedError("chat_postMessage", "token_expired"), False),
        (SlackRefusedError("chat_postMessage", "channel_not_found"), True),
        (DiscordRefusedError("no", what_to_do="", status=401), False),
        (DiscordRefusedError("no", what_to_do="", status=403), True),
    ],
)
def test_what_somebody_can_put_right_does_not_end_an_answer(
    error: SlackRefusedError | DiscordRefusedError, is_for_good: bool
) -> None:
    assert error.is_for_good == is_for_good
