"""From a mention to an answer in its thread, with everything that is shown on the way."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.desk import Desk
from bot.platforms.slack.spot import Spot
from bot.wording import say
from knowledge.conversations import now
from knowledge.turn import Turn
from tests.bot.platforms.conftest import ANSWER, WEEKS, Workspace, begun
from tests.fakes.scripted_model import saying, silence
from tests.fakes.slack import Fault

BOARD = "The chair of the board earns 4,812 euros a month."


async def test_signs_come_at_once_and_the_answer_grows_in_a_stream(workspace: Workspace) -> None:
    workspace.model.reply = begun()
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.slack.until(lambda: workspace.general.status_log)
    (thread, status) = workspace.general.status_log[0]
    assert thread == question.ts
    assert "searching" in status.text
    await workspace.slack.until(lambda: workspace.replies(question))
    (draft,) = workspace.replies(question)
    assert draft.text.startswith("Parents take 19")
    done, doing = draft.tasks
    assert done == ("Searching our knowledge …", "complete")
    assert doing[0].startswith("Found: Leave")
    assert workspace.general.sessions[question.ts].status == "processing"
    await workspace.ana.deletes(question)  # or the end would wait for the model
    await workspace.slack.until(lambda: workspace.general.transcript().texts() == [])


async def test_direct_messages_are_answered_and_each_begins_a_thread(workspace: Workspace) -> None:
    first = await workspace.ana.writes_to_bot(WEEKS)
    await workspace.answered(first)
    more = await workspace.ana.writes_to_bot("And is it paid?", thread=first)
    await workspace.answered(first, 2)
    assert len(workspace.replies(more)) == 2


async def test_a_thread_with_us_needs_no_further_mention(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    await workspace.ben.says(workspace.general, "And is it paid?", thread=question)
    await workspace.answered(question, 2)
    await workspace.ben.says(
        workspace.general, f"<@{workspace.ana.user_id}> what do you think?", thread=question
    )
    other = await workspace.ben.says(workspace.general, WEEKS)
    await workspace.ben.says(workspace.general, "and here?", thread=other)
    last = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(last)
    assert len(workspace.replies(question)) == 2
    assert workspace.replies(other) == []


async def test_where_only_mentions_count_a_thread_is_left_alone(workspace: Workspace) -> None:
    workspace.say(f'[channels."slack:{workspace.general.channel_id}"]\nlistens = "mentions"')
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    await workspace.ana.says(workspace.general, "And is it paid?", thread=question)
    again = await workspace.ana.mentions(workspace.general, WEEKS, thread=question)
    await workspace.answered(again, 2)
    assert len(workspace.replies(question)) == 2


async def test_a_file_that_is_written_wrong_loses_no_message(workspace: Workspace) -> None:
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    workspace.say("[channels.default]\nlistens = 3")
    (reply,) = await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    assert "19 weeks" in reply.text


async def test_a_question_that_is_edited_while_it_is_answered_is_answered_once(
    workspace: Workspace,
) -> None:
    workspace.model.reply = begun()
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.slack.until(lambda: workspace.slack.calls_of("chat.startStream"))
    workspace.model.reply = saying("Everybody has 27 days of paid leave a year.")
    bot = workspace.team.bot.user_id
    await workspace.ana.edits(question, f"<@{bot}> How many days of paid leave are there?")
    (reply,) = await workspace.answered(question)
    assert "27 days" in reply.text


async def test_what_becomes_a_question_by_an_edit_is_answered(workspace: Workspace) -> None:
    said = await workspace.ana.says(workspace.general, WEEKS)
    await workspace.ana.edits(said, WEEKS.upper())
    bot = workspace.team.bot.user_id
    await workspace.ana.edits(said, f"<@{bot}> {WEEKS}")
    await workspace.answered(said)
    assert len(workspace.replies(said)) == 1


async def test_the_answer_goes_with_its_question_where_the_team_wants_that(
    workspace: Workspace,
) -> None:
    first = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(first)
    await workspace.ana.deletes(first)
    await workspace.slack.deliveries[-1].settled()
    workspace.say("[channels.default]\nremoves_answers = true")
    second = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(second)
    await workspace.ana.deletes(second)
    await workspace.slack.until(lambda: len(workspace.general.transcript().texts()) == 1)
    never = await workspace.ana.says(workspace.general, "not for you")
    await workspace.ana.deletes(never)
    await workspace.slack.deliveries[-1].settled()


async def test_what_is_just_being_posted_is_not_lost_sight_of(workspace: Workspace) -> None:
    workspace.say("[channels.default]\nremoves_answers = true")
    slow = Fault("slow", seconds=0.5)
    workspace.slack.faults.break_calls("chat.postMessage", slow)
    gone = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(gone)  # it stands there, and we do not know it yet
    await workspace.ana.deletes(gone)
    await workspace.slack.until(lambda: workspace.general.transcript().texts() == [])
    workspace.slack.faults.break_calls("chat.postMessage", slow)
    edited = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(edited)
    workspace.model.answer = "Everybody has 27 days of paid leave a year."
    bot = workspace.team.bot.user_id
    await workspace.ana.edits(edited, f"<@{bot}> How many days of paid leave are there?")
    await workspace.slack.until(lambda: "27 days" in workspace.replies(edited)[0].text)
    assert len(workspace.replies(edited)) == 1
    workspace.slack.faults.break_calls("chat.postMessage", slow)
    late = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(late)
    await workspace.ana.presses_stop(late)
    await workspace.slack.deliveries[-1].settled()
    assert [reply.text for reply in workspace.replies(late)] != ["Stopped, as you asked."]


def test_people_are_named_with_their_workspace_and_without_where_there_is_one() -> None:
    spot = Spot("T1", "C1", "U7", "1.0")
    assert spot.person_names("U7") == ("slack:T1:user:U7", "slack:U7")
    assert replace(spot, is_one_of_many=True).person_names("U7") == ("slack:T1:user:U7",)


async def test_who_waits_is_told_how_many_are_before_them(workspace: Workspace) -> None:
    workspace.model.reply = silence()
    before = [await workspace.ana.mentions(workspace.general, WEEKS) for _ in range(2)]
    await workspace.slack.until(lambda: len(workspace.general.statuses) == 2)
    third = await workspace.ben.mentions(workspace.general, "¿Quién pide el café?")
    await workspace.slack.until(lambda: third.ts in workspace.general.statuses)
    assert "hay 2 antes" in workspace.general.statuses[third.ts].text
    for question in (third, *before):  # or the end would wait for the model
        await workspace.ana.deletes(question)
    await asyncio.gather(*(one.settled() for one in workspace.slack.deliveries))


async def test_what_was_posted_before_a_kill_is_known(workspace: Workspace) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    (reply,) = await workspace.answered(question)
    inbox = await workspace.app.inbox()
    key = f"slack:{workspace.team.team_id}:{workspace.general.channel_id}:{question.ts}"
    kept = await inbox.turns.named(key)
    assert kept
    assert await inbox.worker.platforms["slack"].posted(kept) == reply.message.ts
    private = Turn("slack", ("x",), "x", "x", "x", {**kept.turn.place, "is_private": True})
    assert await inbox.worker.platforms["slack"].posted(replace(kept, turn=private)) == ""


async def test_other_bots_are_answered_only_where_they_may_ask_and_once(
    workspace: Workspace,
) -> None:
    jenkins, gitlab = (workspace.team.other_bot(name) for name in ("Jenkins", "Gitlab"))
    full = f"slack:{workspace.team.team_id}:user:{gitlab.bot_id}"
    workspace.say(f'[channels.default]\nbots = ["{full}"]')
    ignored = await jenkins.mentions(workspace.general, WEEKS)
    asked = await gitlab.mentions(workspace.general, WEEKS)
    await workspace.answered(asked)
    await gitlab.mentions(workspace.general, "Thanks! And is it paid?", thread=asked)
    last = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(last)
    assert workspace.replies(ignored) == []
    (reply,) = workspace.replies(asked)
    assert "19 weeks" in reply.text


async def test_a_bot_is_let_in_by_any_of_its_names_where_only_some_may_ask(
    workspace: Workspace,
) -> None:
    gitlab, team = workspace.team.other_bot("Gitlab"), workspace.team.team_id
    written = workspace.structure.read_text()
    for name, is_admitted in (
        (f"slack:{gitlab.bot_id}", True),
        (f"slack:{team}:user:{gitlab.bot_id}", True),
        (f"slack:{gitlab.user_id}", True),
        (f"slack:{workspace.ana.user_id}", False),
    ):
        bots = f'bots = ["slack:{gitlab.bot_id}"]'
        workspace.structure.write_text(f'{written}[channels.default]\n{bots}\nask = ["{name}"]\n')
        (reply,) = await workspace.answered(await gitlab.mentions(workspace.general, WEEKS))
        assert (say("not-for-you", "en") in reply.text) != is_admitted, name


async def test_a_text_with_half_a_character_is_answered_like_any_other(
    workspace: Workspace,
) -> None:
    for odd in ("\ud800", "\udc00\ud83d", "\0"):
        question = await workspace.ana.mentions(workspace.general, f"x {odd} y {WEEKS}")
        (reply,) = await workspace.answered(question)
        assert "19 weeks" in reply.text


async def test_what_a_bot_edits_is_not_answered_anew(workspace: Workspace) -> None:
    gitlab = workspace.team.other_bot("Gitlab")
    workspace.say(f'[channels.default]\nbots = ["slack:{gitlab.bot_id}"]')
    asked = await gitlab.mentions(workspace.general, WEEKS)
    (first,) = await workspace.answered(asked)
    bot = workspace.team.bot.user_id
    for build in range(3):
        await gitlab.edits(asked, f"<@{bot}> {WEEKS} Build {build}.")
        await workspace.slack.deliveries[-1].settled()
    inbox = await workspace.app.inbox()
    key = f"slack:{workspace.team.team_id}:{workspace.general.channel_id}:{asked.ts}"
    kept = await inbox.turns.named(key)
    assert kept
    assert "Build" not in kept.turn.text
    assert workspace.replies(asked) == [first]


async def test_a_preview_below_a_forgotten_question_asks_nothing(workspace: Workspace) -> None:
    bot = workspace.team.bot.user_id
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.answered(question)
    await workspace.ended(question)
    inbox = await workspace.app.inbox()
    await inbox.turns.forget_ended(now() + timedelta(minutes=1))
    question.is_edited, question.edited_ts = True, f"{float(question.ts) - 900:.6f}"
    for edited in (False, True):
        question.is_edited = edited
        workspace.team.announcer.edited(workspace.general, question, question.as_json())
        await workspace.slack.deliveries[-1].settled()
    assert not await inbox.turns.latest("slack")
    await workspace.ana.edits(question, f"<@{bot}> {WEEKS} Please.")
    await workspace.slack.deliveries[-1].settled()
    assert await inbox.turns.latest("slack")


async def test_what_others_answered_and_asked_about_is_no_question_once_it_is_edited(
    workspace: Workspace,
) -> None:
    lunch = await workspace.ben.says(workspace.general, "Lunch?")
    early = await workspace.ben.says(workspace.general, "At on?", thread=lunch)
    await workspace.ana.mentions(workspace.general, WEEKS, thread=lunch)
    await workspace.answered(lunch)
    await workspace.ben.edits(lunch, "Lunch today?")
    await workspace.ben.edits(early, "At one?")
    await asyncio.gather(*(one.settled() for one in workspace.slack.deliveries))
    desk = Desk(workspace.app, await workspace.app.inbox())
    assert [await desk.turn(workspace.key(one)) for one in (lunch, early)] == [None, None]


async def test_before_guests_nothing_of_the_team_is_said(workspace: Workspace) -> None:
    guest = workspace.team.user("Gus")
    guest.is_restricted = True
    mixed = workspace.team.channel("mixed", [workspace.ana, guest])
    question = await workspace.ana.mentions(mixed, WEEKS)
    (reply,) = await workspace.answered(question)
    assert "19 weeks" not in reply.text
    alone = await guest.writes_to_bot(WEEKS)
    (other,) = await workspace.answered(alone)
    assert "19 weeks" not in other.text
    (heard,) = await workspace.answered(await guest.mentions(mixed, WEEKS))
    assert say("not-for-you", "en") not in heard.text, "guests may ask"
    workspace.say('[channels.default]\nask = ["everyone"]')
    (refused,) = await workspace.answered(await guest.mentions(mixed, WEEKS))
    assert say("not-for-you", "en") in refused.text


async def test_shared_channels_are_read_by_strangers(workspace: Workspace) -> None:
    shared = workspace.team.channel("shared", [workspace.ana], is_external=True)
    question = await workspace.ana.mentions(shared, WEEKS)
    (reply,) = await workspace.answered(question)
    assert "19 weeks" not in reply.text


async def test_an_article_for_a_channel_or_a_group_is_read_by_those(workspace: Workspace) -> None:
    workspace.model.answer = BOARD
    board = workspace.team.channel("board", [workspace.ana], kind="private")
    group = workspace.team.group("board", [workspace.ben])
    readers = f'slack:{workspace.team.team_id}:chan:{board.channel_id}", "slack:{group.group_id}'
    toml = workspace.structure.read_text()
    workspace.structure.write_text(toml.replace("terminal:ana", readers))
    await workspace.app.settling.follow()
    question = "What does the chair of the board earn?"
    for asked in (
        await workspace.ana.mentions(board, question),
        await workspace.ana.writes_to_bot(question),
        await workspace.ben.writes_to_bot(question),
    ):
        (reply,) = await workspace.answered(asked)
        assert "4,812" in reply.text


async def test_without_the_scope_to_see_who_reads_along_that_is_said(workspace: Workspace) -> None:
    assert workspace.team.token
    workspace.team.token.scopes = tuple(
        scope for scope in workspace.team.token.scopes if scope != "users:read"
    )
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    (reply,) = await workspace.answered(question)
    assert "slack_scope" in reply.text


async def test_a_thread_that_is_closed_to_us_does_not_end_the_others_and_its_asker_is_told(
    workspace: Workspace,
) -> None:
    workspace.general.is_archived = True
    refused = await workspace.ana.mentions(workspace.general, WEEKS)
    other = workspace.team.channel("other", [workspace.ana])
    question = await workspace.ana.mentions(other, WEEKS)
    (reply,) = await workspace.answered(question)
    assert ANSWER.removesuffix(".") in reply.text
    assert (await workspace.ended(refused)).state == "dead"
    direct = workspace.team.direct(workspace.ana)
    await workspace.slack.until(lambda: direct.transcript().texts())
    assert direct.transcript().texts() == [say("slack-may-not-write", "en")]


async def test_after_too_many_streams_answers_come_in_one_piece(workspace: Workspace) -> None:
    workspace.slack.faults.storm(60, methods=["chat.startStream"])
    workspace.model.reply = begun()
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    await workspace.slack.until(lambda: workspace.slack.calls_of("chat.startStream"))
    await workspace.ana.presses_stop(question)
    (reply,) = await workspace.answered(question)
    assert reply.message.stream is None
    assert reply.text == "Stopped, as you asked."
    assert not any(call.was_early for call in workspace.slack.calls)
