"""What is edited or taken back: the last words count, and the earlier ones are forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk import Desk
from bot.platforms.discord.failures import DiscordRefusedError
from bot.platforms.slack.errors import SlackRefusedError
from knowledge.history import History
from tests.bot.platforms.conftest import WEEKS, Workspace

DAYS = "Everybody has 27 days of paid leave a year."


async def test_an_edit_that_comes_again_or_late_takes_nothing_away(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    workspace.model.answer = DAYS
    desk = Desk(workspace.app, await workspace.app.inbox())
    key = workspace.key(question)
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
    kept = await Desk(workspace.app, await workspace.app.inbox()).turn(workspace.key(question))
    assert kept
    assert kept.text == "second: how many days are there?"


async def test_what_is_taken_back_is_forgotten(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    history = History(await workspace.app.database())
    conversation = workspace.key(question)
    assert await history.authors(conversation)
    await workspace.ana.deletes(question)
    desk = Desk(workspace.app, await workspace.app.inbox())
    await workspace.slack.until(lambda: workspace.slack.deliveries[-1].state == "acknowledged")
    assert not await history.authors(conversation)
    assert await desk.turn(conversation), "that it was asked is known still"


async def test_what_was_left_out_is_not_answered_because_it_is_edited(
    workspace: Workspace,
) -> None:
    workspace.say('[channels.default]\nper_person = "1/day"')
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    told = await workspace.ana.mentions(workspace.general, f"{WEEKS} 2")
    assert "asked one question" in (await workspace.answered(told))[0].text
    silent = await workspace.ana.mentions(workspace.general, f"{WEEKS} 3")
    hello = await workspace.ana.says(workspace.general, "hello")
    bot, before = workspace.team.bot.user_id, len(workspace.model.prompts)
    for message in (told, silent, hello):
        for number in range(3):
            await workspace.ana.edits(message, f"<@{bot}> {WEEKS} {message.ts} {number}")
            await workspace.slack.deliveries[-1].settled()
    for message in (told, silent, hello):
        assert (await workspace.ended(message)).state == "over"
    assert len(workspace.model.prompts) == before
    assert not workspace.replies(silent)
    assert not workspace.replies(hello)


async def test_a_question_may_be_put_right_twice_and_then_counts_again(
    workspace: Workspace,
) -> None:
    workspace.say('[channels.default]\nper_person = "2/day"')
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    stood = []
    for number in range(5):
        text = f"<@{workspace.team.bot.user_id}> {WEEKS} {number}"
        await workspace.ana.edits(question, text)
        await workspace.slack.deliveries[-1].settled()
        stood.append((await workspace.ended(question)).state)
    assert stood == ["posted", "posted", "posted", "over", "over"]
    assert "2 questions" in workspace.replies(question)[0].text


async def test_an_answer_whose_receipt_is_gone_does_not_stand(workspace: Workspace) -> None:
    workspace.say('[channels.default]\nper_person = "1/day"')
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    told = await workspace.ana.mentions(workspace.general, f"{WEEKS} 2")
    assert "asked one question" in (await workspace.answered(told))[0].text
    for number in range(3):
        text = f"<@{workspace.team.bot.user_id}> {WEEKS} {number}"
        await workspace.ana.edits(question, text)
        await workspace.slack.deliveries[-1].settled()
        await workspace.ended(question)
    (reply,) = workspace.replies(question)
    assert "asked one question" in reply.text, "told before, and still it takes the answer's place"


async def test_a_message_that_was_deleted_before_it_came_is_not_answered(
    workspace: Workspace,
) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    desk = Desk(workspace.app, await workspace.app.inbox())
    asked = await desk.turn(workspace.key(question))
    assert asked
    late = replace(asked, keys=("slack:late",), conversation="slack:late")
    assert await desk.delete("slack:late") is None
    assert not await desk.take(late)
    assert not await desk.edit("slack:late", replace(late, keys=("slack:late", "edit"), text="?"))
    assert not await desk.takes_part("slack:late")


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


async def test_what_was_no_question_may_be_told_twice_to_be_gone(workspace: Workspace) -> None:
    said = await workspace.ben.says(workspace.general, "Lunch?")
    await workspace.ben.deletes(said)
    await workspace.slack.deliveries[-1].settled()
    before = len(workspace.slack.deliveries)
    await workspace.ben.deletes(said)
    again = workspace.slack.deliveries[before:]
    assert [(await one.settled()).state for one in again] == ["acknowledged"]
