"""Commands, buttons, windows and shortcuts."""

import asyncio
from dataclasses import replace
from functools import partial

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.platforms.slack.spot import Spot
from bot.platforms.slack.whisper import WhisperSink
from bot.reminding import tell
from bot.wording import say
from knowledge.conversations import now
from knowledge.history import History
from knowledge.reminders import Reminder, Reminders
from knowledge.turn import Turn
from tests.bot.platforms.conftest import WEEKS, Workspace, as_text, blocks_of
from tests.bot.platforms.slack_question import POST, Asked
from tests.fakes.scripted_model import silence
from tests.fakes.slack import Fault, Said

BOARD = "The chair of the board earns 4,812 euros a month."


async def whisper(workspace: Workspace, number: int = 1) -> Said:
    """The whisper of this number in the channel, counted from 1."""
    await workspace.slack.until(
        lambda: len(workspace.whispers(workspace.general)) >= number, within=30
    )
    return workspace.whispers(workspace.general)[number - 1]


async def feedback(workspace: Workspace, reference: str) -> list[tuple[str, str, str, str]]:
    history = History(await workspace.app.database())
    kept = await history.feedback(reference)
    return [(one.author, one.verdict, one.fault, one.better) for one in kept]


async def receipt(workspace: Workspace, said: Said) -> str:
    """What stands behind the button below an answer."""
    await workspace.ana.clicks(said.message, "tertulia_why")
    await workspace.slack.until(
        lambda: workspace.ana.modal and reference_of(said) in as_text(workspace.ana.modal.content)
    )
    assert workspace.ana.modal
    return as_text(workspace.ana.modal.content)


def reference_of(said: Said) -> str:
    """The reference that the buttons below an answer carry."""
    (buttons,) = blocks_of(said.message, "actions")
    return str(buttons["elements"][0]["value"])


async def answered(workspace: Workspace) -> Said:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    (reply,) = await workspace.answered(question)
    return reply


async def test_ask_answers_one_person_who_may_show_it_to_all(workspace: Workspace) -> None:
    delivery = await workspace.ana.runs("/ask", WEEKS, workspace.general)
    await delivery.settled()
    first = await whisper(workspace)
    assert "You alone will see the answer" in first.text
    answer = await whisper(workspace, 2)
    assert answer.only_for == "Ana"
    assert "19 weeks" in answer.text
    assert workspace.general.transcript().texts() == []
    await workspace.ana.clicks(answer.message, "tertulia_share")
    await workspace.slack.until(lambda: workspace.general.transcript().texts())
    (shown,) = workspace.general.transcript().messages
    assert shown.text == answer.text
    assert "Show to all" not in shown.buttons


async def test_below_an_answer_that_was_shown_to_all_nobody_need_be_mentioned(
    workspace: Workspace,
) -> None:
    await workspace.ana.runs("/ask", WEEKS, workspace.general)
    answer = await whisper(workspace, 2)
    await workspace.ana.clicks(answer.message, "tertulia_share")
    await workspace.slack.until(lambda: workspace.general.transcript().texts())
    (shown,) = workspace.general.transcript().messages
    follow_up = await workspace.ben.says(workspace.general, "And is it paid?", thread=shown.message)
    await workspace.answered(follow_up)
    assert "19 weeks of parental leave" in as_text(workspace.model.last_prompt)
    assert "You: Parents take 19 weeks" in workspace.model.last_prompt, "no person has said it"


async def test_slack_is_answered_in_time_though_it_tells_us_nothing(workspace: Workspace) -> None:
    for method in ("users.info", "users.conversations"):
        workspace.slack.faults.break_calls(method, Fault("slow", seconds=5.0), times=3)
    delivery = await workspace.ben.runs("/sources", "", workspace.general)
    assert (await delivery.settled()).state == "acknowledged"
    assert (await whisper(workspace)).text == say("error-knowledge", "en")


async def test_who_asks_by_command_is_told_how_many_are_before_it(workspace: Workspace) -> None:
    workspace.model.reply = silence()
    for question in ("First?", "Second?", "Third?"):
        await workspace.ben.mentions(workspace.general, question)
    delivery = await workspace.ana.runs("/ask", WEEKS, workspace.general)
    await delivery.settled()
    told = say("waiting", "en", before=3)
    whispers = workspace.general.transcript
    await workspace.slack.until(lambda: told in [said.text for said in whispers().whispers])


async def test_an_answer_is_shown_to_all_once_and_if_not_that_is_said(workspace: Workspace) -> None:
    await workspace.ana.runs("/ask", WEEKS, workspace.general)
    answer = await whisper(workspace, 2)
    workspace.slack.faults.break_calls("chat.postMessage", Fault("status"))
    await workspace.ana.clicks(answer.message, "tertulia_share")
    assert (await whisper(workspace, 3)).text == say("share-later", "en")
    for _ in range(3):
        await workspace.ana.clicks(answer.message, "tertulia_share")
    await workspace.slack.until(lambda: workspace.general.transcript().texts())
    await workspace.answered(await workspace.ana.mentions(workspace.general, WEEKS))
    assert len(workspace.general.transcript().messages) == 2


async def test_a_window_that_cannot_be_filled_says_so(workspace: Workspace) -> None:
    reply = await answered(workspace)
    token = workspace.team.token
    assert token
    token.scopes = tuple(scope for scope in token.scopes if scope != "users:read")
    await workspace.ben.clicks(reply.message, "tertulia_quotes")
    await workspace.slack.until(
        lambda: workspace.ben.modal and "slack_scope" in as_text(workspace.ben.modal.content)
    )


async def test_what_not_all_may_read_is_not_shown_to_all(workspace: Workspace) -> None:
    workspace.model.answer = BOARD
    toml = workspace.structure.read_text()
    workspace.structure.write_text(toml.replace("terminal:ana", f"slack:{workspace.ana.user_id}"))
    await workspace.app.settling.follow()
    await workspace.ana.runs("/ask", "What does the chair of the board earn?", workspace.general)
    answer = await whisper(workspace, 2)
    assert "4,812" in answer.text
    await workspace.ana.clicks(answer.message, "tertulia_share")
    assert "I keep this between us" in (await whisper(workspace, 3)).text
    await workspace.ben.clicks(answer.message, "tertulia_why")
    await workspace.slack.until(lambda: workspace.ben.modal and workspace.ben.modal.version == 2)
    assert workspace.ben.modal
    assert say("answer-not-open", "es") in as_text(workspace.ben.modal.content)
    assert workspace.general.transcript().texts() == []


async def test_where_we_are_no_member_we_ask_to_be_invited(workspace: Workspace) -> None:
    away = workspace.team.channel("away", [workspace.ana], with_bot=False)
    await workspace.ana.runs("/ask", WEEKS, away)
    await workspace.slack.until(lambda: len(workspace.whispers(away)) == 2, within=30)
    await workspace.ana.clicks(workspace.whispers(away)[1].message, "tertulia_share")
    await workspace.slack.until(lambda: len(workspace.whispers(away)) == 3)
    assert "invite me" in workspace.whispers(away)[2].text


async def test_commands_tell_what_there_is(workspace: Workspace) -> None:
    said = {}
    for number, (command, text) in enumerate(
        [
            ("/sources", ""),
            ("/persona", ""),
            ("/help", ""),
            ("/ask", ""),
            ("/tertulia-help", ""),
            ("/refresh", "team"),
            ("/refresh", "nothing"),
        ],
        start=1,
    ):
        await (await workspace.ana.runs(command, text, workspace.general)).settled()
        said[command, text] = (await whisper(workspace, number)).text
    assert "team" in said["/sources", ""]
    assert "board" not in said["/sources", ""]
    assert "“helpdesk” answers" in said["/persona", ""]
    assert "/ask QUESTION" in said["/help", ""]
    assert said["/ask", ""] == said["/tertulia-help", ""] == said["/help", ""]
    assert "team" in said["/refresh", "team"]
    assert "There is no source “nothing”" in said["/refresh", "nothing"]


async def test_where_there_are_no_sources_none_is_refreshed(workspace: Workspace) -> None:
    workspace.structure.write_text("")
    await workspace.app.settling.follow()
    await (await workspace.ana.runs("/refresh", "", workspace.general)).settled()
    assert (await whisper(workspace)).text == say("refreshing-nothing", "en")


async def test_only_admins_refresh(workspace: Workspace) -> None:
    await (await workspace.ben.runs("/refresh", "", workspace.general)).settled()
    assert "quienes me administran" in (await whisper(workspace)).text


async def test_another_persona_answers_whoever_chose_it(workspace: Workspace) -> None:
    personas = workspace.structure.parent / "own" / "personas"
    pirate = personas / "pirate.md"
    pirate.write_text("---\nlanguages: [en]\n---\nYou are a pirate.\n")
    for number, (name, told) in enumerate(
        [
            ("pirat", "no persona “pirat”"),
            ("pirate", "“pirate” answers you here"),
            ("", "Here “pirate” answers"),
        ],
        start=1,
    ):
        await workspace.ana.runs("/persona", name, workspace.general)
        assert told in (await whisper(workspace, number)).text
    mine = await workspace.ana.mentions(workspace.general, WEEKS)
    other = await workspace.ben.mentions(workspace.general, WEEKS)
    (to_me,), (to_him,) = await workspace.answered(mine), await workspace.answered(other)
    assert "persona pirate" in await receipt(workspace, to_me)
    assert "persona helpdesk" in await receipt(workspace, to_him)


async def test_who_may_not_answer_in_a_channel_is_not_offered_nor_stays(
    workspace: Workspace,
) -> None:
    await workspace.ana.runs("/persona", "teacher", workspace.general)
    assert "“teacher” answers you here" in (await whisper(workspace, 1)).text
    workspace.say('[channels.default]\npersonas = ["analyst"]')
    for number, (name, told) in enumerate(
        [
            ("", "Here “helpdesk” answers"),
            ("teacher", "no persona “teacher”. There are: analyst, helpdesk."),
            ("analyst", "“analyst” answers you here"),
        ],
        start=2,
    ):
        await workspace.ana.runs("/persona", name, workspace.general)
        assert told in (await whisper(workspace, number)).text


async def test_sources_of_the_last_answer_are_shown_with_quotes(workspace: Workspace) -> None:
    await answered(workspace)
    await (await workspace.ana.runs("/sources", "", workspace.general)).settled()
    text = (await whisper(workspace)).text
    assert "[1] Leave" in text
    assert "Parents take 19 weeks of parental leave" in text


async def test_an_answer_that_cannot_be_whispered_any_more_comes_directly(
    workspace: Workspace,
) -> None:
    spot = Spot(
        team=workspace.team.team_id,
        channel=workspace.general.channel_id,
        user=workspace.ana.user_id,
        ts="1",
        is_private=True,
        response_url=f"{workspace.slack.url}/actions/used",
    )
    turn = Turn("slack", (spot.key,), spot.conversation, spot.author, WEEKS, spot.place)
    unread = Fault("error", code="invalid_blocks")
    workspace.slack.faults.break_calls("chat.postMessage", unread)  # then the words alone come
    assert await (await workspace.app.inbox()).take(turn)
    direct = workspace.team.direct(workspace.ana)
    await workspace.slack.until(lambda: direct.transcript().texts(), within=30)
    assert "19 weeks" in direct.transcript().texts()[0]


async def test_no_sign_takes_the_place_of_the_answer_to_a_press(place: Asked) -> None:
    told: list[dict[str, object]] = []
    goes_on = asyncio.Event()

    async def take_time(request: web.Request) -> web.Response:
        told.append(await request.json())
        await goes_on.wait()
        return web.Response()

    slow = web.Application()
    slow.router.add_post("/", take_time)
    async with TestServer(slow) as server:
        url = str(server.make_url("/"))
        spot = replace(place.spot, is_private=True, answer="original", response_url=url)
        sink = WhisperSink(place.workspaces, spot, "en", begins_with="doing")
        sign = asyncio.create_task(sink.waiting(0))
        await place.slack.until(lambda: told)
        answer = asyncio.create_task(sink.finish(POST))
        await asyncio.wait([answer], timeout=0.2)
        assert len(told) == 1, "as long as Slack may still show the sign"
        goes_on.set()
        await asyncio.gather(sign, answer)
        await sink.waiting(1)
    assert [one["replace_original"] for one in told] == [True, True]
    assert [one["text"] for one in told] == [say("doing", "en"), "The answer [1]."]


async def test_a_reminder_of_what_was_asked_alone_comes_directly(workspace: Workspace) -> None:
    await (await workspace.ana.runs("/ask", WEEKS, workspace.general)).settled()
    await whisper(workspace)
    inbox, reminders = await workspace.app.inbox(), Reminders(await workspace.app.database())
    platform = inbox.worker.platforms["slack"]
    (conversation,) = await inbox.turns.latest_of("conversation", "slack", 1)
    person = workspace.ana.user_id
    wanted = Reminder(f"slack:{person}", conversation, "tea", now())
    assert await tell(await reminders.add(wanted), inbox, reminders, platform)
    direct = workspace.team.direct(workspace.ana)
    await workspace.slack.until(lambda: direct.transcript().texts(), within=30)
    assert direct.transcript().texts() == ["You asked me to remind you: tea"]


async def test_one_can_ask_about_a_message(workspace: Workspace) -> None:
    said = await workspace.ben.says(workspace.general, "We get 27 days, don't we?")
    await workspace.ana.uses_shortcut("tertulia_ask_about", said)
    await workspace.slack.until(lambda: workspace.ana.modal)
    form = workspace.ana.modal
    assert form
    workspace.model.answer = "Everybody has 27 days of paid leave a year."
    await workspace.ana.submits(form, {"question": "How many days of paid leave are there?"})
    answer = await whisper(workspace, 2)
    assert answer.only_for == "Ana"
    assert "27 days" in answer.text


async def test_one_can_ask_about_the_files_of_a_message(workspace: Workspace) -> None:
    word = "The code word of the picnic is Rhubarb."
    text = {"mimetype": "text/plain"}
    store, url = workspace.team.store, workspace.slack.url
    plan = store(workspace.ben, workspace.general, "plan.txt", word.encode(), **text).as_json(url)
    workspace.model.answer = word
    for number, (said, count) in enumerate((("", 1), ("\x01" * 3_000, 30)), 1):
        message = await workspace.ben.says(workspace.general, said, files=[plan] * count)
        await workspace.ana.uses_shortcut("tertulia_ask_about", message)
        await workspace.slack.until(lambda: workspace.ana.modal)
        assert workspace.ana.modal
        await workspace.ana.submits(workspace.ana.modal, {"question": "What is the code word?"})
        answer = await whisper(workspace, 2 * number)
        assert "Rhubarb" in answer.text
        assert "“”" not in as_text(workspace.model.last_prompt)
    assert "I read up to 5 files" in answer.text


async def test_who_asks_about_a_message_is_told_at_once_that_we_have_it(
    workspace: Workspace,
) -> None:
    workspace.model.reply = silence()
    texts = ("x " * 2000, "\x01" * 900 + '"' * 3000, "🦉" * 3000)
    for number, text in enumerate(texts, 1):
        said = await workspace.ben.says(workspace.general, text)
        await workspace.ana.uses_shortcut("tertulia_ask_about", said)
        await workspace.slack.until(lambda: workspace.ana.modal)
        assert workspace.ana.modal
        await workspace.ana.submits(workspace.ana.modal, {"question": "How many days?"})
        await workspace.slack.until(partial(has_signs, workspace, number))
    inbox = await workspace.app.inbox()
    for kept in await inbox.turns.open(["slack"]):  # or the end would wait for the model
        assert await inbox.withdraw(kept.turn.keys[0])


def has_signs(workspace: Workspace, number: int) -> bool:
    """Whether so many long questions were acknowledged in words."""
    told = [one.text for one in workspace.whispers(workspace.general) if one.only_for == "Ana"]
    return len([t for t in told if "How many days?" in t and "I read its first" in t]) == number


async def test_a_thread_that_we_may_not_read_is_not_made_up(workspace: Workspace) -> None:
    away = workspace.team.channel("away", [workspace.ana, workspace.ben], with_bot=False)
    top = await workspace.ben.says(away, "Shall we paint the wall green?")
    await workspace.ana.uses_shortcut("tertulia_summarise", top)
    await workspace.slack.until(lambda: workspace.whispers(away))
    assert "invite me" in workspace.whispers(away)[0].text
    assert not await (await workspace.app.inbox()).turns.latest("slack")


async def test_what_is_unknown_is_acknowledged(workspace: Workspace) -> None:
    delivery = await workspace.ana.uses_shortcut("something_else")
    assert (await delivery.settled()).state == "acknowledged"
    opened = await workspace.ana.opens_app("home")
    assert opened
    assert (await opened.settled()).state == "acknowledged"


async def test_after_a_deletion_neither_forms_nor_commands_know_the_answer(
    workspace: Workspace,
) -> None:
    question = await workspace.ana.mentions(workspace.general, WEEKS)
    (reply,) = await workspace.answered(question)
    reference = reference_of(reply)
    await workspace.ana.clicks(reply.message, "tertulia_rate", "negative")
    await workspace.slack.until(lambda: workspace.ana.modal)
    form = workspace.ana.modal
    assert form
    await workspace.ana.deletes(question)
    await workspace.slack.deliveries[-1].settled()
    told = say("no-longer-kept", "en", reference=reference)
    await workspace.ana.clicks(reply.message, "tertulia_rate", "negative")
    assert (await whisper(workspace)).text == told
    sent = await workspace.ana.submits(form, {"fault": "wrong", "better": "It is 20 weeks."})
    await sent.settled()
    await workspace.slack.until(lambda: told in as_text(form.content))
    await (await workspace.ana.runs("/sources", "", workspace.general)).settled()
    assert "team" in (await whisper(workspace, 2)).text, "as if nothing had been asked"
    assert [one[1] for one in await feedback(workspace, reference)] == ["down"]
