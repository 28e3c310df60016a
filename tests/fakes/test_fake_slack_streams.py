"""Streams: how they grow, end, and are ended by Slack and by people."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import (
    BlocksChunk,
    MarkdownTextChunk,
    PlanUpdateChunk,
    TaskUpdateChunk,
)

from tests.fakes.bolt import app_of, connected
from tests.fakes.slack_place import Json, Place, workspace

DIVIDER = {"type": "divider"}


async def start(place: Place, **more: object) -> Json:
    """A stream; what appends to it."""
    arguments: Json = {
        "channel": place.channel,
        "thread_ts": place.message.ts,
        "recipient_user_id": place.ana.user_id,
        "recipient_team_id": place.team.team_id,
    }
    started = await place.client.chat_startStream(**arguments | more)
    return {"channel": place.channel, "ts": started["ts"]}


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """Somebody has asked something."""
    async with workspace() as place:
        place.message = await place.ana.says(place.general, "hello?")
        yield place


async def test_slacks_own_streamer_writes_an_answer_with_tasks_and_blocks(place: Place) -> None:
    streamer = await place.client.chat_stream(
        channel=place.general.channel_id,
        thread_ts=place.message.ts,
        recipient_user_id=place.ana.user_id,
        recipient_team_id=place.team.team_id,
        buffer_size=1,
    )
    task = TaskUpdateChunk(id="1", title="Searching", status="in_progress")
    await streamer.append(chunks=[PlanUpdateChunk(title="Plan"), task])
    await streamer.append(markdown_text="**23** ")
    done = TaskUpdateChunk(id="1", title="Searched", status="complete")
    await streamer.append(chunks=[done, BlocksChunk(blocks=[DIVIDER])])
    assert place.general.message(str(streamer.ts)).stream
    await streamer.stop(markdown_text="days", blocks=[DIVIDER], session_status="active")
    (said,) = place.general.transcript().messages[0].replies
    assert said.text == "**23** days"
    assert said.tasks == (("Searched", "complete"),)
    message = said.message
    assert message.stream
    assert (message.stream.state(0), message.stream.plan) == ("completed", "Plan")
    assert len(message.as_json()["blocks"]) == 2
    assert place.general.sessions[place.message.ts].status == "active"


async def test_a_stream_in_a_channel_names_who_it_is_for(place: Place) -> None:
    with pytest.raises(SlackApiError, match="missing_recipient_user_id"):
        await start(place, recipient_user_id=None)
    with pytest.raises(SlackApiError, match="missing_recipient_team_id"):
        await start(place, recipient_team_id=None)
    with pytest.raises(SlackApiError, match="user_not_found"):
        await start(place, recipient_user_id="U0")
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await start(place, thread_ts=None)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await start(place, task_display_mode="circus")
    direct = await place.ana.writes_to_bot("hello?")
    await place.client.chat_startStream(
        channel=direct.channel, thread_ts=direct.ts, markdown_text="Hi", task_display_mode="plan"
    )
    assert place.team.direct(place.ana).transcript().texts() == ["hello?", "Hi"]


@pytest.mark.parametrize(
    "chunk",
    [
        {"type": "markdown_text"},
        {"type": "task_update", "id": "1"},
        {"type": "task_update", "id": "1", "title": "x", "status": "lazy"},
        {"type": "plan_update"},
        {"type": "fireworks"},
    ],
)
async def test_a_chunk_that_slack_does_not_know_is_refused(place: Place, chunk: Json) -> None:
    stream = await start(place)
    with pytest.raises(SlackApiError, match="invalid_chunks"):
        await place.client.chat_appendStream(**stream, chunks=[chunk])


async def test_a_stream_has_limits(place: Place) -> None:
    stream = await start(place, markdown_text="x" * 12_000)
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        await place.client.chat_appendStream(**stream, markdown_text="x")
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        await place.client.chat_appendStream(**stream, markdown_text="x" * 12_001)
    with pytest.raises(SlackApiError, match="no_text"):
        await place.client.chat_appendStream(**stream, chunks=[])
    await place.client.chat_appendStream(**stream, chunks=[BlocksChunk(blocks=[DIVIDER] * 50)])
    with pytest.raises(SlackApiError, match="msg_blocks_too_many"):
        await place.client.chat_appendStream(**stream, chunks=[BlocksChunk(blocks=[DIVIDER])])
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await place.client.chat_stopStream(**stream, session_status="bored")


async def test_a_stream_cannot_be_edited_until_it_has_ended(place: Place) -> None:
    stream = await start(place, markdown_text="Hel")
    with pytest.raises(SlackApiError, match="streaming_state_conflict"):
        await place.client.chat_update(**stream, markdown_text="Hello")
    await place.client.chat_stopStream(**stream)
    await place.client.chat_update(**stream, markdown_text="Hello")
    assert place.general.transcript().texts() == ["hello?", "Hello"]


async def test_slack_closes_a_stream_after_five_minutes_and_an_update_mends_it(
    place: Place,
) -> None:
    stream = await start(place, markdown_text="Hel")
    await place.clock.advance(299)
    await place.client.chat_appendStream(**stream, chunks=[MarkdownTextChunk(text="lo")])
    await place.clock.advance(1)
    for call in (place.client.chat_appendStream, place.client.chat_stopStream):
        with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
            await call(**stream, markdown_text="!")
    assert place.general.transcript().texts()[1] == "Hello"
    await place.client.chat_update(**stream, markdown_text="Hello, Ana")
    assert place.general.transcript().texts()[1] == "Hello, Ana"
    message = place.general.message(stream["ts"])
    assert message.stream
    assert [chunk["text"] for chunk in message.stream.chunks] == ["Hel", "lo"]


async def test_only_streams_of_the_app_grow(place: Place) -> None:
    posted = await place.client.chat_postMessage(channel=place.general.channel_id, text="x")
    mine: Json = {"channel": place.general.channel_id, "ts": posted["ts"]}
    hers: Json = {"channel": place.general.channel_id, "ts": place.message.ts}
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await place.client.chat_appendStream(**mine, markdown_text="x")
    with pytest.raises(SlackApiError, match="message_not_owned_by_app"):
        await place.client.chat_appendStream(**hers, markdown_text="x")


async def test_a_person_stops_a_stream_and_the_app_is_told(place: Place) -> None:
    stream = await start(place, markdown_text="Hel")
    heard: list[Json] = []
    app = app_of(place.slack, place.team)

    @app.event("agent_session_stopped")
    async def stopped(event: Json) -> None:
        heard.append(event)

    async with connected(place.slack, app):
        await place.ana.presses_stop(place.general.message(stream["ts"]))
        await place.slack.until(lambda: heard)
    assert heard[0]["streaming_message_ts"] == [stream["ts"]]
    assert heard[0]["thread_ts"] == place.message.ts
    for call in (place.client.chat_appendStream, place.client.chat_stopStream):
        with pytest.raises(SlackApiError, match="stopped_by_user"):
            await call(**stream, markdown_text="lo")
    await place.client.chat_update(**stream, markdown_text="Stopped.")


async def test_there_is_a_stop_button_only_where_something_is_under_way(place: Place) -> None:
    with pytest.raises(AssertionError, match="nothing is under way"):
        await place.ana.presses_stop(place.message)
    await place.client.agents_sessions_setStatus(
        channel_id=place.general.channel_id, thread_ts=place.message.ts, status="processing"
    )
    stopping = await place.ana.presses_stop(place.message)
    assert stopping.event["streaming_message_ts"] == []
    place.slack.app.events = ()
    with pytest.raises(AssertionError, match="not subscribed"):
        await place.ana.presses_stop(place.message)


async def test_more_than_twenty_streams_a_minute_are_too_many(place: Place) -> None:
    for _ in range(20):
        await start(place)
    with pytest.raises(SlackApiError, match="ratelimited"):
        await start(place)
    await place.clock.advance(60)
    await start(place)
