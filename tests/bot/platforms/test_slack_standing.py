"""What stands in a thread where the posting of an answer is broken off."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace

from bot.platforms.slack.errands import PAUSES_S, Errands
from bot.platforms.slack.posting import Posting, contents, fingerprint
from bot.platforms.slack.sink import ThreadSink
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.standing import Standing
from bot.platforms.slack.streaming import Draft, StreamRate
from bot.platforms.slack.threads import Threads
from bot.posts import Post
from knowledge.turn import Turn
from pipelines.progress import Progress
from tests.bot.platforms.slack_question import LONG, POST, Asked, stands
from tests.fakes.slack import Fault

STOPPED = Post("Stopped, as you asked.", "en")


async def broken_off(place: Asked, sink: ThreadSink) -> None:
    """Begin to post a long answer, and cancel that while its second part is on its way."""
    place.slack.rates.are_on = False
    for seconds in (0.0, 1.0):
        place.slack.faults.break_calls("chat.postMessage", Fault("slow", seconds=seconds))
    posting = asyncio.create_task(sink.finish(LONG))
    await place.slack.until(lambda: len(place.texts()) == 2)
    posting.cancel()
    with suppress(asyncio.CancelledError):
        await posting


async def later(place: Asked) -> None:
    """Let a slow call end."""
    await asyncio.sleep(0.05)
    await place.clock.advance(2)


def edited(place: Asked) -> Turn:
    """The question as it reads after an edit."""
    return place.turn(replace(place.spot, edition="2"))


async def test_who_stops_an_answer_that_is_being_posted_sees_that_and_no_part_of_it(
    place: Asked,
) -> None:
    sink = place.threads().sink(place.turn())
    await broken_off(place, sink)
    posted, _ = await asyncio.gather(sink.finish(STOPPED), later(place))
    assert place.texts() == [STOPPED.text]
    assert await stands(place.threads(), place.spot, STOPPED) == posted


async def test_of_a_question_that_is_deleted_meanwhile_no_part_stays(place: Asked) -> None:
    errands = Errands()
    threads = Threads(place.workspaces, errands, place.clock)
    await broken_off(place, threads.sink(place.turn()))
    threads.remove(place.spot, "")
    await later(place)
    await place.slack.until(lambda: place.texts() == [])
    await errands.close()


async def test_the_answer_to_an_edit_takes_the_place_of_the_parts(place: Asked) -> None:
    threads = place.threads()
    await broken_off(place, threads.sink(place.turn()))
    await asyncio.gather(threads.sink(edited(place)).finish(POST), later(place))
    (text,) = place.texts()
    assert text.startswith("The answer [1].")


async def test_a_part_that_comes_too_late_is_removed(place: Asked) -> None:
    place.slack.rates.are_on = False
    place.slack.faults.break_calls("chat.postMessage", Fault("slow", seconds=60.0))
    standing, posting = Standing(patience_s=0.01), Posting(place.calls, place.spot)
    writing = asyncio.create_task(standing.write(posting, contents(POST)))
    await place.slack.until(lambda: len(place.texts()) == 1)
    writing.cancel()
    await standing.settled()
    assert standing.another([]).messages == []
    await asyncio.sleep(0.05)
    await place.clock.advance(61)
    await place.slack.until(lambda: place.texts() == [])


async def test_parts_that_a_killed_process_posted_give_way_to_another_post(place: Asked) -> None:
    place.slack.rates.are_on = False
    posting = Posting(place.calls, place.spot, fingerprint(LONG))
    for number, content in enumerate(contents(LONG)[:2]):
        await posting.write(content, number, len(contents(LONG)))
    sink = place.threads().sink(place.turn())
    sink.is_resumed = True
    await sink.finish(STOPPED)
    assert place.texts() == [STOPPED.text]


async def drafted(place: Asked, spot: Spot) -> Draft:
    """What a process has begun to write."""
    draft = Draft(place.calls, spot, StreamRate(place.clock))
    draft.write("Some words and more ")
    await draft.show()
    return draft


async def test_the_draft_of_a_process_that_ended_gives_way_to_an_edit(place: Asked) -> None:
    for is_known in (True, False):
        draft = await drafted(place, place.spot)
        threads = place.threads()
        if is_known:
            threads.sink(place.turn()).is_resumed = True
        assert await threads.sink(edited(place)).finish(POST) == draft.ts
        assert len(place.texts()) == 1
        await Posting(place.calls, place.spot).remove(draft.ts)


async def test_the_draft_of_a_process_that_ended_goes_with_its_question(place: Asked) -> None:
    for is_known in (True, False):
        await drafted(place, place.spot)
        errands = Errands()
        threads = Threads(place.workspaces, errands, place.clock)
        if is_known:
            threads.sink(place.turn()).is_resumed = True
        threads.remove(place.spot, "", is_open=True)
        await place.slack.until(lambda: place.texts() == [])
        await errands.close()


async def test_what_slack_does_not_remove_at_once_is_removed_later(place: Asked) -> None:
    place.slack.rates.are_on = False
    posting = Posting(place.calls, place.spot)
    posted = [await posting.write(contents(POST)[0], 0, 1) for _ in range(2)]
    await drafted(place, place.spot)
    failing = Fault("error", code="internal_error")
    place.slack.faults.break_calls("chat.delete", Fault("error", code="no_permission"))
    place.slack.faults.break_calls("chat.delete", failing, times=4)
    place.slack.faults.break_calls("conversations.replies", failing)
    errands = Errands()
    Threads(place.workspaces, errands, place.clock).remove(
        place.spot, " ".join(posted), is_open=True
    )
    for _ in range(40):
        await asyncio.sleep(0.02)
        await place.clock.advance(1)
    assert len(place.texts()) == 1, "only what Slack refuses for good"
    await errands.close()


async def test_what_slack_never_removes_is_given_up_after_minutes(place: Asked) -> None:
    posted = await Posting(place.calls, place.spot).write(contents(POST)[0], 0, 1)
    place.slack.faults.break_calls("chat.delete", Fault("status"), times=100)
    errands = Errands()
    Threads(place.workspaces, errands, place.clock).remove(place.spot, posted)
    for _ in range(2 * len(PAUSES_S)):
        await asyncio.sleep(0.02)
        await place.clock.advance(60)
    assert len(place.slack.calls_of("chat.delete")) == len(PAUSES_S) + 1
    await errands.close()


async def test_what_stands_there_as_a_whole_stays_when_its_sink_ends(place: Asked) -> None:
    posted = await place.threads().sink(place.turn()).finish(POST)
    errands = Errands()
    threads = Threads(place.workspaces, errands, place.clock)
    sink = threads.sink(place.turn())
    sink.is_resumed = True
    await sink.waiting(0)
    threads.remove(place.spot, "")
    await errands.close()
    assert await stands(place.threads(), place.spot, POST) == posted


async def test_a_draft_whose_beginning_slack_did_not_confirm_becomes_the_answer(
    place: Asked,
) -> None:
    lost = Fault("reset", is_carried_out=True)
    place.slack.faults.break_calls("chat.startStream", lost)
    sink = place.threads().sink(place.turn())
    await sink.show(Progress("text", "en", text="Some words and more of them "))
    await sink.waiting(0)
    for _ in range(5):
        await asyncio.sleep(0.01)
        await place.clock.advance(1)
    (draft,) = place.texts()
    assert draft.startswith("Some words")
    await sink.finish(POST)
    (text,) = place.texts()
    assert text.startswith("The answer")


async def test_no_sign_stays_where_nothing_is_under_way_any_more(place: Asked) -> None:
    session = {"channel_id": place.channel, "thread_ts": place.message.ts, "status": "processing"}
    for is_ours in (True, False):
        errands = Errands()
        threads = Threads(place.workspaces, errands, place.clock)
        if not is_ours:  # a process that was killed has opened it
            await place.calls.surely("agents_sessions_setStatus", **session)
        sink = threads.sink(place.turn())
        sink.is_resumed = not is_ours
        if is_ours:
            lost = Fault("reset", is_carried_out=True)
            place.slack.faults.break_calls("agents.sessions.setStatus", lost)
            await sink.waiting(0)
            await place.slack.until(lambda: place.message.ts in place.general.sessions)
            assert place.general.status(place.message.ts, place.slack.moments.now())
        threads.remove(place.spot, "")
        await errands.close()
        assert place.general.sessions[place.message.ts].status == "active"
        assert not place.general.status(place.message.ts, place.slack.moments.now())


async def test_a_status_beside_a_draft_goes_when_the_draft_becomes_the_answer(place: Asked) -> None:
    errands = Errands()
    sink = Threads(place.workspaces, errands, place.clock).sink(place.turn())
    await sink.waiting(0)
    await sink.show(Progress("text", "en", text="Some words and more of them "))
    await later(place)
    await sink.show(Progress("reading-more", "en"))
    await later(place)
    root = place.message.ts
    assert place.general.status(root, place.slack.moments.now())
    await sink.finish(POST)
    await errands.close()
    assert len(place.texts()) == 1
    assert not place.general.status(root, place.slack.moments.now())


async def test_titles_of_pages_pass_the_gate_in_every_sign(place: Asked) -> None:
    sink = place.threads().sink(place.turn())
    key = "xoxb-123456789012-123456789012-AbCdEfGhIjKlMnOpQrStUvWx"
    await sink.show(Progress("found", "en", ("Owls \u202e<!channel>", key)))
    await sink.show(Progress("text", "en", text="Some words and more of them "))
    for _ in range(5):
        await asyncio.sleep(0.01)
        await place.clock.advance(1)
    for method in ("assistant.threads.setStatus", "chat.startStream"):
        (call, *_) = place.slack.calls_of(method)
        words = json.dumps(call.arguments, ensure_ascii=False)
        assert "Owls [mention removed], [secret removed]" in words
        assert not [one for one in (key[:20], "\u202e", "<!channel>") if one in words]
    await sink.finish(POST)


async def test_a_question_that_waits_in_a_thread_has_its_stop_button_once_it_is_its_turn(
    place: Asked,
) -> None:
    errands = Errands()
    threads = Threads(place.workspaces, errands, place.clock)
    other = await place.ana.says(place.general, "And?", thread=place.message)
    first = threads.sink(place.turn())
    second = threads.sink(place.turn(replace(place.spot, ts=other.ts, thread=place.spot.ts)))
    sessions, root = place.general.sessions, place.spot.ts
    for sink in (first, second):
        await sink.waiting(0)
    await place.slack.until(lambda: root in sessions)
    await first.finish(POST)
    place.general.statuses.clear()
    sessions[root].status = "active"  # as Slack does when somebody presses stop
    for _ in range(5):
        await asyncio.sleep(0.02)
        await place.clock.advance(1)
    assert sessions[root].status == "processing"
    assert "searching" in place.general.status(root, place.slack.moments.now())
    await second.finish(STOPPED)
    await errands.close()
    assert sessions[root].status == "active"


async def test_a_draft_for_another_question_in_the_thread_is_left_alone(place: Asked) -> None:
    other = await place.ana.says(place.general, "And?", thread=place.message)
    threads = place.threads()
    beside = threads.sink(place.turn(replace(place.spot, ts=other.ts, thread=place.spot.ts)))
    beside._draft = await drafted(place, beside.spot)
    sink = threads.sink(place.turn())
    sink.is_resumed = True
    assert await sink.finish(POST) != beside.drafts()[0]
    assert len(place.texts()) == 3
