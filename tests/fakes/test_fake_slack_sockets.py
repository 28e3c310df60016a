"""Events over Socket Mode: acknowledged, repeated, late, and over connections that break."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest

from tests.fakes.bolt import client_of, connected
from tests.fakes.slack_heard import place
from tests.fakes.slack_place import Place

__all__ = ["place"]

Json = dict[str, Any]


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
    assert [text.split()[1] for text in place.heard_texts()] == ["three", "two", "one"]


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
