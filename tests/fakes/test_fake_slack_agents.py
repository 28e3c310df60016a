"""What assistants and agents say that they do."""

from typing import Any

from tests.fakes.slack_place import Place, place

__all__ = ["place"]

Json = dict[str, Any]


async def test_statuses_last_two_minutes_or_until_the_answer(place: Place) -> None:
    question = await place.ana.says(place.general, "hello?")
    where: Json = {"channel_id": place.channel, "thread_ts": question.ts}
    await place.client.assistant_threads_setStatus(
        **where, status="is thinking...", loading_messages=["Reading", "Writing"]
    )
    status = place.general.statuses[question.ts]
    assert (status.text, status.loading) == ("is thinking...", ["Reading", "Writing"])
    await place.clock.advance(119)
    assert place.general.status(question.ts, place.clock.now()) == "is thinking..."
    await place.clock.advance(1)
    assert place.general.status(question.ts, place.clock.now()) == ""
    await place.client.assistant_threads_setStatus(**where, status="is reading...")
    await place.client.chat_postMessage(channel=place.channel, text="!", thread_ts=question.ts)
    assert place.general.status(question.ts, place.clock.now()) == ""
    await place.client.assistant_threads_setStatus(**where, status="")
    assert len(place.general.status_log) == 3
    set_status = "assistant.threads.setStatus"
    wrong = {"channel_id": place.channel, "thread_ts": "1.0", "status": "x"}
    assert await place.refused(set_status, **wrong) == "invalid_thread_ts"
    many = {**where, "status": "x", "loading_messages": ["x"] * 11}
    assert await place.refused(set_status, **many) == "invalid_arguments"


async def test_assistants_give_titles_and_suggestions(place: Place) -> None:
    question = await place.ana.writes_to_bot("hello?")
    where = {"channel_id": question.channel, "thread_ts": question.ts}
    await place.client.assistant_threads_setTitle(**where, title="Leave")
    prompts = [{"title": "Leave", "message": "How much leave do I have?"}]
    await place.client.assistant_threads_setSuggestedPrompts(
        channel_id=question.channel, prompts=prompts
    )
    direct = place.team.direct(place.ana)
    assert (direct.titles, direct.prompts) == ({question.ts: "Leave"}, {"": prompts})
    suggest = "assistant.threads.setSuggestedPrompts"
    assert await place.refused(suggest, **where, prompts=[]) == "invalid_arguments"
    assert await place.refused(suggest, **where, prompts=["x"]) == "invalid_prompts"


async def test_agents_have_sessions(place: Place) -> None:
    question = await place.ana.says(place.general, "hello?")
    where = {"channel_id": place.channel, "thread_ts": question.ts}
    assert await place.refused("agents.sessions.rename", **where, title="x") == "session_not_found"
    answer = await place.client.agents_sessions_setStatus(**where, status="processing", title="L")
    assert "warning" not in answer.data
    await place.client.agents_sessions_rename(**where, title="Leave")
    session = place.general.sessions[question.ts]
    assert (session.status, session.title) == ("processing", "Leave")
    wrong = {**where, "status": "bored"}
    assert await place.refused("agents.sessions.setStatus", **wrong) == "invalid_arguments"
    place.slack.app.events = ()
    answer = await place.client.agents_sessions_setStatus(**where, status="active")
    assert answer["warning"] == "missing_agent_session_stopped_event_subscription"
