"""Events over Socket Mode, to a real Bolt app."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.say.async_say import AsyncSay
from slack_bolt.request.async_request import AsyncBoltRequest

from tests.fakes.bolt import app_of, client_of, connected
from tests.fakes.slack import Channel, FakeSlack, Team, User
from tests.fakes.stepped_clock import SteppedClock

Json = dict[str, Any]


@dataclass
class Place:
    """A workspace with one channel and one person, and what the app heard there."""

    slack: FakeSlack
    clock: SteppedClock
    team: Team
    ana: User
    general: Channel
    app: AsyncApp
    heard: list[Json]

    def texts(self, kind: str = "app_mention") -> list[str]:
        return [event["text"] for event in self.heard if event["type"] == kind]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = SteppedClock()
    async with FakeSlack(clock=clock) as slack:
        team = slack.team()
        ana = team.user("Ana", locale="es-ES")
        general = team.channel("general", [ana])
        app = app_of(slack, team)
        heard: list[Json] = []

        async def hear(event: Json) -> None:
            heard.append(event)

        for name in ("app_mention", "message", "app_home_opened", "app_context_changed"):
            app.event(name)(hear)
        for name in ("reaction_added", "reaction_removed", "file_shared"):
            app.event(name)(hear)
        for name in ("member_joined_channel", "member_left_channel"):
            app.event(name)(hear)
        yield Place(slack, clock, team, ana, general, app, heard)


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


async def test_an_event_that_nobody_acknowledges_comes_again_three_times(place: Place) -> None:
    retries: list[tuple[str, str]] = []

    @place.app.middleware
    async def swallow(req: AsyncBoltRequest) -> None:
        number = req.headers.get("x-slack-retry-num", ["0"])[0]
        retries.append((number, req.headers.get("x-slack-retry-reason", [""])[0]))

    def tried(times: int) -> Callable[[], bool]:
        return lambda: len(retries) == times

    place.slack.app.events = ("app_mention",)
    async with connected(place.slack, place.app):
        await place.ana.mentions(place.general, "hello")
        delivery = place.slack.deliveries[0]
        for times, wait_s in ((1, 3), (2, 3 + 60), (3, 3 + 300), (4, 3)):
            await place.slack.until(tried(times))
            await place.clock.advance(wait_s)
        await delivery.settled()
    assert retries == [("0", ""), ("1", "timeout"), ("2", "timeout"), ("3", "timeout")]
    assert delivery.state == "given up"
    assert delivery.why == "timeout"


async def test_an_event_comes_as_often_as_a_test_wants(place: Place) -> None:
    place.slack.faults.copies = 4
    place.slack.app.events = ("app_mention",)
    async with connected(place.slack, place.app):
        await place.ana.mentions(place.general, "hello")
        await place.slack.until(lambda: len(place.heard) == 4)
    assert len(place.slack.deliveries) == 1
    assert len({json.dumps(event) for event in place.heard}) == 1


async def test_events_arrive_in_another_order(place: Place) -> None:
    place.slack.app.events = ("app_mention",)
    async with connected(place.slack, place.app):
        place.slack.faults.hold()
        for word in ("one", "two", "three"):
            await place.ana.mentions(place.general, word)
        assert place.heard == []
        place.slack.faults.release(reversed)
        await place.slack.until(lambda: len(place.heard) == 3)
    assert [text.split()[1] for text in place.texts()] == ["three", "two", "one"]


async def test_events_are_late(place: Place) -> None:
    place.slack.app.events = ("app_mention",)
    place.slack.faults.delay_s = 90.0
    async with connected(place.slack, place.app):
        await place.ana.mentions(place.general, "hello")
        await place.clock.advance(89)
        assert place.heard == []
        await place.clock.advance(1)
        await place.slack.until(lambda: place.heard)


async def test_an_acknowledgement_that_is_lost_brings_the_event_again(place: Place) -> None:
    place.slack.app.events = ("app_mention",)
    place.slack.faults.lost_acknowledgements = 2
    async with connected(place.slack, place.app):
        await place.ana.mentions(place.general, "hello")
        await place.slack.until(lambda: place.slack.faults.lost_acknowledgements == 0)
        await place.clock.advance(60)
        delivery = await place.slack.deliveries[0].settled()
    assert delivery.state == "acknowledged"
    assert [attempt.number for attempt in delivery.attempts] == [0, 1, 2]


async def test_an_acknowledgement_after_three_seconds_is_too_late(place: Place) -> None:
    place.slack.app.events = ("app_mention",)
    place.slack.faults.socket_delay_s = 2.0  # one way; both ways take longer than Slack waits
    async with connected(place.slack, place.app):
        await place.ana.mentions(place.general, "hello")
        await place.clock.advance(2)
        await place.slack.until(lambda: place.heard)
        await asyncio.sleep(0.05)  # the acknowledgement is on its way
        place.slack.faults.socket_delay_s = 0.0
        await place.clock.advance(2)
        await place.slack.until(lambda: place.slack.sockets.strays)
        delivery = await place.slack.deliveries[0].settled()
    assert len(delivery.attempts) == 2


async def test_a_refresh_and_a_warning_lose_nothing(place: Place) -> None:
    place.slack.app.events = ("app_mention",)
    async with connected(place.slack, place.app):
        await place.slack.sockets.warn()
        await place.slack.sockets.refresh()
        await place.slack.until(lambda: place.slack.sockets.opened >= 2)
        await place.ana.mentions(place.general, "hello")
        await place.slack.until(lambda: place.heard)
        await place.clock.advance(10)
    assert len(place.slack.calls_of("apps.connections.open")) >= 2


async def test_after_a_cut_connection_the_event_comes_through_the_next_one(place: Place) -> None:
    place.slack.app.events = ("app_mention",)
    async with connected(place.slack, place.app):
        place.slack.faults.socket_delay_s = 1.0
        await place.ana.mentions(place.general, "hello")
        place.slack.sockets.drop()
        await place.slack.until(lambda: place.slack.sockets.opened == 2)
        place.slack.faults.socket_delay_s = 0.0
        await place.clock.advance(1)
        await place.slack.until(lambda: place.heard)
        delivery = await place.slack.deliveries[0].settled()
    assert [a.reason for a in delivery.attempts] in (["", "connection_failed"], [""])


async def test_a_connection_that_has_fallen_silent_is_left_by_the_app(place: Place) -> None:
    place.slack.app.events = ("app_mention",)
    async with connected(place.slack, place.app):
        place.slack.faults.are_sockets_silent = True
        await place.ana.mentions(place.general, "hello")
        await place.slack.until(lambda: place.slack.sockets.opened >= 2)
        place.slack.faults.are_sockets_silent = False
        await place.clock.advance(3)
        await place.clock.advance(60)  # the try at once may have been lost as well
        await place.slack.until(lambda: place.heard)


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


async def test_an_event_waits_for_an_app_that_is_not_there_and_then_comes_again(
    place: Place,
) -> None:
    place.slack.app.events = ("app_mention",)
    await place.ana.mentions(place.general, "hello")
    await place.clock.advance(3)
    async with connected(place.slack, place.app):
        await place.slack.until(lambda: place.heard)
    assert place.slack.deliveries[0].attempts[1].reason == "timeout"


async def test_frames_that_are_no_acknowledgements_are_kept(place: Place) -> None:
    async with connected(place.slack, place.app) as handler:
        await handler.client.send_message("nonsense")
        await handler.client.send_message('{"envelope_id": "unknown"}')
        await place.slack.sockets.ping()
        await place.slack.sockets.say("{broken")
        await place.slack.until(lambda: place.slack.sockets.strays == ["unknown"])
        await place.slack.until(lambda: place.slack.sockets.pongs == 1)
    assert place.slack.sockets.frames == ["nonsense"]


async def test_a_connection_needs_a_ticket_and_there_are_ten_at_most(place: Place) -> None:
    url = place.slack.url.replace("http", "ws", 1) + "/link/"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url, params={"ticket": "guessed"})
        links = []
        for _ in range(11):
            ticket = {"ticket": place.slack.sockets.ticket()}
            links.append(await session.ws_connect(url, params=ticket))
        hello = await links[9].receive_json()
        refused = await links[10].receive_json()
        for link in links:
            await link.close()
    assert (hello["type"], hello["num_connections"]) == ("hello", 10)
    assert refused["reason"] == "too_many_websockets"


async def test_until_gives_up_and_says_what_was_called_last(place: Place) -> None:
    await client_of(place.slack, place.team).auth_test()
    with pytest.raises(AssertionError, match=r"auth\.test"):
        await place.slack.until(lambda: False, within=0.02)


async def test_only_an_app_level_token_opens_connections(place: Place) -> None:
    answers = []
    async with aiohttp.ClientSession() as session:
        for token in ("", f"Bearer {place.team.bot_token}", "Bearer xapp-wrong"):
            headers = {"Authorization": token} if token else {}
            where = f"{place.slack.api_url}apps.connections.open"
            async with session.post(where, headers=headers) as reply:
                answers.append((await reply.json())["error"])
    assert answers == ["not_authed", "not_allowed_token_type", "invalid_auth"]
    assert all("token" not in call.arguments for call in place.slack.calls)


async def test_acknowledging_is_bolts_matter(place: Place) -> None:
    @place.app.command("/ask")
    async def ask(ack: AsyncAck) -> None:
        await ack("at once")

    async with connected(place.slack, place.app):
        delivery = await (await place.ana.runs("/ask", "?", place.general)).settled()
    assert delivery.answer == {"text": "at once"}
