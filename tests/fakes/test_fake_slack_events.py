"""What people do in a workspace, as a real Bolt app hears of it."""

import asyncio
from typing import Any

from slack_bolt.context.say.async_say import AsyncSay

from tests.fakes.bolt import app_of, client_of, connected
from tests.fakes.slack_heard import place
from tests.fakes.slack_place import Place

__all__ = ["place"]

Json = dict[str, Any]


async def test_a_mention_is_answered_in_its_thread_and_the_transcript_shows_it(
    place: Place,
) -> None:
    app = app_of(place.slack, place.team)

    @app.event("app_mention")
    async def answer(event: Json, say: AsyncSay) -> None:
        await say("Hola <@" + event["user"] + ">", thread_ts=event["ts"])

    async with connected(place.slack, app):
        await place.ana.mentions(place.general, "¿cuántos días?")
        await place.slack.until(lambda: len(place.general.transcript().texts()) == 2)
    assert str(place.general.transcript()) == "Ana: @Tertulia ¿cuántos días?\n  Tertulia: Hola @Ana"
    assert place.slack.calls_of("chat.postMessage")[0].is_ok
    assert place.slack.unknown_methods == []


async def test_a_mention_comes_as_two_events_of_different_ids_and_the_same_ts(
    place: Place,
) -> None:
    async with connected(place.slack, place.app):
        await place.ana.mentions(place.general, "hello")
        await place.slack.until(lambda: len(place.heard) == 2)
    first, second = place.slack.deliveries
    assert [first.event["type"], second.event["type"]] == ["app_mention", "message"]
    assert first.event["ts"] == second.event["ts"]
    assert first.payload["event_id"] != second.payload["event_id"]
    assert second.event["channel_type"] == "channel"
    assert (await first.settled()).acknowledged_after_s == 0


async def test_the_message_can_come_before_its_mention(place: Place) -> None:
    place.slack.faults.are_mentions_last = True
    async with connected(place.slack, place.app):
        await place.ana.mentions(place.general, "hello")
        await place.slack.until(lambda: len(place.heard) == 2)
    assert [d.event["type"] for d in place.slack.deliveries] == ["message", "app_mention"]


async def test_direct_messages_and_threads_of_them_arrive_as_such(place: Place) -> None:
    async with connected(place.slack, place.app):
        question = await place.ana.writes_to_bot("hello")
        await place.ana.writes_to_bot("and?", thread=question)
        await place.slack.until(lambda: len(place.heard) == 2)
    assert [event["channel_type"] for event in place.heard] == ["im", "im"]
    assert place.heard[1]["thread_ts"] == question.ts
    assert place.team.direct(place.ana).transcript().texts() == ["hello", "and?"]


async def test_what_is_not_subscribed_or_granted_or_heard_is_not_sent(place: Place) -> None:
    private = place.team.channel("secret", [place.ana], kind="private", with_bot=False)
    await place.ana.mentions(private, "nobody hears")
    assert await place.ana.reacts(await place.ana.says(private, "x"), "eyes") is None
    assert await place.ana.leaves(private) is None
    place.slack.app.events = ("app_mention", "message.im")
    await place.ana.says(place.general, "not subscribed")
    assert place.team.token
    place.team.token.scopes = ("chat:write",)
    await place.ana.writes_to_bot("no scope")
    place.team.forget()
    await place.ana.mentions(place.general, "not installed")
    assert place.slack.deliveries == []


async def test_edits_and_deletions_are_told_and_seen(place: Place) -> None:
    async with connected(place.slack, place.app):
        message = await place.ana.says(place.general, "hallo")
        await place.ana.edits(message, "hello")
        assert str(place.general.transcript()) == "Ana: hello (edited)"
        reply = await place.ana.says(place.general, "anyone?", thread=message)
        await place.ana.deletes(message)
        await place.slack.until(lambda: len(place.slack.deliveries) == 4)
        await asyncio.gather(*(delivery.settled() for delivery in place.slack.deliveries))
    subtypes = [d.event.get("subtype") for d in place.slack.deliveries]
    assert subtypes == [None, "message_changed", None, "message_deleted"]
    assert place.slack.deliveries[1].event["previous_message"]["text"] == "hallo"
    assert place.general.transcript().texts() == [reply.text]


async def test_other_things_that_people_do_are_told(place: Place) -> None:
    async with connected(place.slack, place.app):
        message = await place.ana.uploads(place.general, "a.txt", b"text", text="look")
        await place.ana.reacts(message, "thumbsup")
        await place.ana.unreacts(message, "thumbsup")
        await place.ana.opens_app("home")
        await place.ana.looks_at(place.general)
        ben = place.team.user("Ben")
        await ben.joins(place.general)
        await ben.leaves(place.general)
        await place.slack.until(lambda: len(place.heard) == 8)
    kinds = [delivery.event["type"] for delivery in place.slack.deliveries]
    assert kinds == [
        *("message", "file_shared", "reaction_added", "reaction_removed"),
        *("app_home_opened", "app_context_changed"),
        *("member_joined_channel", "member_left_channel"),
    ]
    assert place.slack.deliveries[0].event["subtype"] == "file_share"
    assert place.slack.deliveries[0].event["files"][0]["size"] == 4


async def test_other_bots_are_heard_and_known_as_bots(place: Place) -> None:
    async with connected(place.slack, place.app):
        jenkins = place.team.other_bot("Jenkins")
        await jenkins.says(place.general, "build failed")
        await place.slack.until(lambda: len(place.heard) == 1)
    assert place.heard[0]["bot_id"] == jenkins.bot_id


async def test_what_the_bot_says_comes_back_to_it_and_bolt_drops_it(place: Place) -> None:
    async with connected(place.slack, place.app):
        posted = await client_of(place.slack, place.team).chat_postMessage(
            channel=place.general.channel_id, text="I am here"
        )
        delivery = await place.slack.deliveries[0].settled()
    assert delivery.event["ts"] == posted["ts"]
    assert place.heard == []


async def test_what_people_type_is_escaped_for_apps_and_not_for_people(place: Place) -> None:
    link = f"<https://example.org/?a&b> <@{place.ana.user_id}>"
    message = await place.ana.says(place.general, f"a < b && c > d {link}")
    assert message.text == f"a &lt; b &amp;&amp; c &gt; d {link}"
    assert place.general.transcript().texts() == [f"a < b && c > d {link}"]


async def test_people_of_other_organisations_are_known_as_such(place: Place) -> None:
    stranger = place.team.user("Sam")
    stranger.is_stranger, stranger.home_team = True, "T0STRANGE"
    shared = place.team.channel("partners", [stranger], is_external=True)
    question = await stranger.mentions(shared, "hello")
    await place.ana.says(shared, "yes?", thread=question)
    mention, message, reply = place.slack.deliveries
    for delivery in (mention, message):
        assert delivery.event["user_team"] == "T0STRANGE"
        assert delivery.payload["is_ext_shared_channel"]
    assert reply.event["parent_user_id"] == stranger.user_id
