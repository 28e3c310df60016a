"""Calls of Slack's Web API: never too early, never twice, and every error in our words."""

import asyncio

import pytest

from bot.platforms.slack.errands import Errands
from bot.platforms.slack.errors import (
    SlackRefusedError,
    SlackScopeError,
    SlackUnavailableError,
)
from bot.platforms.slack.posting import FULL, Posting, contents, fingerprint, notice
from bot.platforms.slack.sink import ThreadSink
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.streaming import MOST_STREAMS, Draft, StreamRate
from bot.posts import Link, Post
from pipelines.progress import Progress
from tests.bot.platforms.slack_question import LONG, POST, Asked, stands
from tests.fakes.slack import Fault


async def test_what_slack_wants_to_wait_waits_and_no_longer(place: Asked) -> None:
    place.slack.faults.storm(20, retry_after_s=20)
    asked = asyncio.ensure_future(place.calls.surely("auth_test"))
    await place.slack.until(lambda: place.slack.calls)
    assert await place.calls.at_once("auth_test") is None
    for _ in range(25):
        await asyncio.sleep(0.01)
        await place.clock.advance(1)
    assert (await asked)["ok"]
    assert [call.was_early for call in place.slack.calls] == [False, False]


async def test_whoever_waits_too_long_is_sent_away(place: Asked) -> None:
    place.slack.faults.storm(600, retry_after_s=300)
    with pytest.raises(SlackUnavailableError) as error:
        await place.calls.surely("auth_test")
    assert not error.value.is_uncertain
    with pytest.raises(SlackUnavailableError):
        await place.calls.surely("auth_test")
    assert len(place.slack.calls) == 1


@pytest.mark.parametrize("kind", ["status", "reset", "truncated", "wrong_json", "error"])
async def test_what_breaks_on_the_way_may_have_been_done(place: Asked, kind: str) -> None:
    place.slack.faults.break_calls("auth.test", Fault(kind))  # type: ignore[arg-type]  # one of its kinds
    with pytest.raises(SlackUnavailableError) as error:
        await place.calls.surely("auth_test")
    assert error.value.is_uncertain
    assert (await place.calls.surely("auth_test"))["ok"]


async def test_refusals_say_what_to_do(place: Asked) -> None:
    with pytest.raises(SlackRefusedError, match="channel_not_found") as refused:
        await place.calls.surely("conversations_info", channel="C0")
    assert "Invite the app" in refused.value.what_to_do
    assert place.team.token
    place.team.token.scopes = ("chat:write",)
    with pytest.raises(SlackScopeError, match="channels:read") as missing:
        await place.calls.surely("conversations_info", channel=place.general.channel_id)
    assert "slack manifest" in missing.value.what_to_do


async def test_a_post_that_may_stand_there_is_looked_for_before_it_is_posted_again(
    place: Asked,
) -> None:
    sink = place.threads().sink(place.turn())
    place.slack.faults.break_calls("chat.postMessage", Fault("reset", is_carried_out=True))
    with pytest.raises(SlackUnavailableError):
        await sink.finish(POST)
    posted = await sink.finish(POST)
    assert len(place.texts()) == 1
    assert posted == place.general.messages[-1].ts


async def test_what_a_killed_process_posted_is_found_by_the_next_one(place: Asked) -> None:
    posted = await place.threads().sink(place.turn()).finish(POST)
    threads = place.threads()
    assert await stands(threads, place.spot, POST) == posted
    assert await stands(threads, place.spot, LONG) == ""
    nowhere = Spot(place.spot.team, place.spot.channel, "U1", "1.0")
    assert (await threads.found(nowhere)).posts == {}
    assert place.team.token
    place.team.token.scopes = ("chat:write",)
    assert await stands(threads, place.spot, POST) == ""


async def test_a_draft_that_a_killed_process_left_becomes_the_answer(place: Asked) -> None:
    draft = await draft_of(place)
    draft.write("Some words and more ")
    await draft.show()
    sink = place.threads().sink(place.turn())
    sink.is_resumed = True
    assert await sink.finish(POST) == draft.ts
    assert len(place.texts()) == 1


async def draft_of(place: Asked) -> Draft:
    return Draft(place.calls, place.spot, StreamRate(place.clock))


async def test_a_draft_grows_by_whole_words_and_shows_its_steps(place: Asked) -> None:
    draft = await draft_of(place)
    draft.task("searching", "Searching")
    await draft.show()
    assert place.texts() == []
    draft.task("found", "Found: Leave")
    draft.write("Parents take 19 we")
    await draft.show()
    draft.write("eks of leave.\nAnd more of it")
    await draft.show()
    assert place.texts() == ["Parents take 19 weeks of leave.\nAnd "]
    draft.task("reading-more", "Reading more")
    draft.void()
    draft.write("nobody sees this now")
    await draft.show()
    await draft.end()
    await draft.end()
    draft.write("too late ")
    await draft.show()
    (said,) = place.general.transcript().messages[0].replies
    assert said.text == "Parents take 19 weeks of leave.\nAnd "
    assert [state for _, state in said.tasks] == ["complete", "complete", "in_progress"]


async def test_a_stream_that_slack_has_closed_is_replaced_by_the_answer(place: Asked) -> None:
    sink = place.threads().sink(place.turn())
    assert isinstance(sink, ThreadSink)
    await sink.waiting(0)
    await sink.show(Progress("text", "en", text="Some words and more of them "))
    for _ in range(10):
        await asyncio.sleep(0.01)
        await place.clock.advance(1)
    assert place.texts() == ["Some words and more "]
    await place.clock.advance(301)
    assert len((await sink.finish(POST)).split()) == 1
    (text,) = place.texts()
    assert text.startswith("The answer [1].")


async def test_more_than_so_many_streams_a_minute_are_not_begun(place: Asked) -> None:
    rate = StreamRate(place.clock)
    assert [rate.has_room() for _ in range(MOST_STREAMS + 1)] == [True] * MOST_STREAMS + [False]
    draft = Draft(place.calls, place.spot, rate)
    draft.write("words and more ")
    await draft.show()
    assert place.slack.calls_of("chat.startStream") == []
    await place.clock.advance(61)
    assert rate.has_room()


async def test_a_status_is_said_again_before_slack_forgets_it(place: Asked) -> None:
    sink = place.threads().sink(place.turn())
    await sink.waiting(2)
    for _ in range(200):
        await asyncio.sleep(0.005)
        await place.clock.advance(1)
    thread = place.message.ts
    assert "2 are before it" in place.general.status(thread, place.slack.moments.now())
    await sink.finish(POST)


async def test_a_long_answer_comes_in_parts_that_are_found_again(place: Asked) -> None:
    posted = await place.threads().sink(place.turn()).finish(LONG)
    assert len(posted.split()) == len(contents(LONG)) > 2
    assert await stands(place.threads(), place.spot, LONG) == posted
    # Of an edited question the answer takes the place of the first one, whose rest goes.
    edited = Spot.of(place.spot.place | {"answer": posted, "edition": "2"})
    shorter = await place.threads().sink(place.turn(edited)).finish(POST)
    assert shorter == posted.split()[0]
    assert len(place.texts()) == 1


async def test_all_sources_are_shown_and_what_does_not_fit_gets_a_message_of_its_own(
    place: Asked,
) -> None:
    place.slack.rates.are_on = False
    text = "\n\n".join(f"Sentence {n} " + "word " * 30 for n in range(62))
    for long, count, messages in (("", 12, 1), ("x" * 330, 12, 2), ("x" * 900, 24, 4)):
        address = f"https://share.example.org/{long}"
        links = tuple(
            Link(n, f"Page number {n}", f"{address}{n}", "q") for n in range(1, count + 1)
        )
        post = Post(text, "en", "T-AAAA", links)
        posted = (await place.threads().sink(place.turn()).finish(post)).split()
        stand = [place.general.message(ts) for ts in posted]
        assert len(stand) == messages
        kinds = [[block["type"] for block in one.blocks] for one in stand]
        assert kinds[-1][-2:] == ["context_actions", "actions"]
        assert not [one for one in kinds[:-1] if "actions" in one]
        every = "".join(block.get("text", "") for one in stand for block in one.blocks)
        assert all(f"Page number {n}](https://" in every for n in range(1, count + 1))
        assert "Sentence 61 " in every
        for one in stand:
            assert sum(len(block.get("text", "")) for block in one.blocks) <= FULL
            await Posting(place.calls, place.spot).remove(one.ts)


async def test_parts_that_a_killed_process_did_not_come_to_are_posted(place: Asked) -> None:
    post = Post("word " * 5000, "en", "T-AAAA")
    first, *_ = contents(post)
    posting = Posting(place.calls, place.spot, fingerprint(post))
    ts = await posting.write(first, 0, len(contents(post)))
    found = (await place.threads().found(place.spot)).of(place.spot, fingerprint(post))
    assert (found.posted_as, found.ts) == ("", {0: ts})
    sink = place.threads().sink(place.turn())
    sink.is_resumed = True
    assert (await sink.finish(post)).split()[0] == ts
    assert len(place.texts()) == len(contents(post))


async def test_blocks_that_slack_does_not_understand_become_words(place: Asked) -> None:
    place.slack.faults.break_calls("chat.postMessage", Fault("error", code="invalid_blocks"))
    await Posting(place.calls, place.spot).write(notice("Some words", "en"), 0, 1)
    assert place.texts() == ["Some words"]
    place.slack.faults.break_calls("chat.postMessage", Fault("error", code="is_archived"))
    with pytest.raises(SlackRefusedError):
        await Posting(place.calls, place.spot).write(notice("Some words", "en"), 0, 1)


async def test_tables_are_tables_of_slack_one_in_each_message(place: Asked) -> None:
    table = "| Item | Deposit |\n| --- | --- |\n| **Drill** | 40 \\| 50 euros |\n| `Ladder` | |"
    text = f"Before.\n\n{table}\n\nBetween.\n\n{table}\n\n```\n{table}\n```\nAfter."
    posted = await place.threads().sink(place.turn()).finish(Post(text, "en", "T-AAAA"))
    assert len(posted.split()) == 2
    first, second = (place.general.message(ts) for ts in posted.split())
    assert [block["type"] for block in first.blocks] == ["markdown", "table", "markdown"]
    rows = [[cell["text"] for cell in row] for row in first.blocks[1]["rows"]]
    assert rows == [["Item", "Deposit"], ["Drill", "40 | 50 euros"], ["Ladder", " "]]
    kinds = [block["type"] for block in second.blocks]
    assert kinds == ["table", "markdown", "context_actions", "actions"]
    assert "| Item |" in second.blocks[1]["text"]


async def test_a_table_that_slack_would_not_take_is_shown_otherwise(place: Asked) -> None:
    place.slack.faults.break_calls("chat.postMessage", Fault("error", code="invalid_blocks"))
    short = Post("| a | b |\n| --- | --- |\n| c | d |", "en")
    await place.threads().sink(place.turn()).finish(short)
    assert place.texts()[-1] == "a · b\nc · d"


async def test_what_is_gone_is_posted_anew_and_need_not_be_removed(place: Asked) -> None:
    posting = Posting(place.calls, place.spot)
    ts = await posting.write(notice("Some words", "en"), 0, 1)
    await posting.remove(ts)
    await posting.remove(ts)
    assert await posting.change(ts, notice("Others", "en"), 0, 1) != ts
    assert place.texts() == ["Others"]
    place.general.is_archived = True
    with pytest.raises(SlackRefusedError):
        await posting.remove(ts)
    with pytest.raises(SlackRefusedError):
        await posting.change(ts, notice("Others", "en"), 0, 1)


async def test_links_have_no_previews_and_notifications_no_markup(place: Asked) -> None:
    text = "<!channel> " + "words " * 60
    await Posting(place.calls, place.spot).write(notice(text, "en"), 0, 1)
    (call,) = place.slack.calls_of("chat.postMessage")
    assert call.arguments["unfurl_links"] in (False, "false", "0")
    assert call.arguments["unfurl_media"] in (False, "false", "0")
    assert "<!" not in str(call.arguments["text"])
    assert "<!" not in place.texts()[0]
    assert len(str(call.arguments["text"])) < 200


async def test_what_an_errand_breaks_on_takes_no_other_along(place: Asked) -> None:
    errands = Errands()
    done: list[str] = []

    async def breaks() -> None:
        raise SlackRefusedError("x", "y")

    async def works() -> None:
        done.append("x")

    async def hangs() -> None:
        await asyncio.Event().wait()

    errands.begin(breaks())
    errands.begin(works())
    await errands.close()
    errands.begin(hangs())
    await errands.close(within_s=0.01)
    assert done == ["x"]
