"""Commands, buttons and shortcuts, with a real Bolt app on the other side."""

from typing import Any

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes.slack_place import Place
from tests.fakes.slack_pressed import BLOCKS, place, words

__all__ = ["place"]

Json = dict[str, Any]


async def test_buttons_and_choices_arrive_with_their_values(place: Place) -> None:
    await place.ana.clicks(place.message, "feedback", "positive")
    await place.ana.clicks(place.message, "feedback", "negative")
    await place.ana.clicks(place.message, "why")
    await place.ana.clicks(place.message, "pick", "no")
    await place.ana.clicks(place.message, "who", place.ana.user_id)
    await place.slack.until(lambda: len(place.heard) == 5)
    actions = [body["actions"][0] for body in place.heard]
    assert [action.get("value") for action in actions[:3]] == ["up:1", "down:1", "1"]
    assert actions[3]["selected_option"]["value"] == "no"
    assert actions[4]["selected_user"] == place.ana.user_id
    assert place.heard[0]["container"]["message_ts"] == place.message.ts
    assert place.heard[0]["message"]["blocks"][0]["block_id"] == "b0"
    (said,) = place.general.transcript().messages
    assert said.text == "An answer."
    assert said.buttons[:3] == ("Good", "Bad", "Why?")


async def test_one_cannot_press_what_is_not_there(place: Place) -> None:
    with pytest.raises(AssertionError, match="why"):
        await place.ana.clicks(place.message, "how")
    with pytest.raises(AssertionError, match="positive"):
        await place.ana.clicks(place.message, "feedback")
    with pytest.raises(AssertionError, match="yes"):
        await place.ana.clicks(place.message, "pick", "perhaps")


async def test_a_press_that_nobody_takes_is_not_repeated(place: Place) -> None:
    blocks = [{"type": "section", "text": words("x"), "accessory": BLOCKS[2]["elements"][0]}]
    message = await place.ana.says(place.general, "x", blocks=blocks)
    message.blocks[0]["accessory"] |= {"action_id": "nobody"}
    delivery = await place.ana.clicks(message, "nobody")
    await place.clock.advance(3)
    await delivery.settled()
    assert (delivery.state, len(delivery.attempts)) == ("given up", 1)


async def test_a_command_is_answered_at_once_and_later_five_times(place: Place) -> None:
    urls: list[str] = []

    @place.app.command("/ask")
    async def ask(ack: AsyncAck, respond: AsyncRespond, command: Json) -> None:
        await ack("One moment")
        await respond(f"About {command['text']}")
        await respond("For all", response_type="in_channel")
        urls.append(command["response_url"])

    await (await place.ana.runs("/ask", "leave", place.general)).settled()
    await place.slack.until(lambda: urls)
    whispers = {said.text for said in place.general.transcript().whispers}
    assert whispers == {"One moment", "About leave"}
    assert place.general.transcript().texts()[-1] == "For all"
    assert "Tertulia (only for Ana): About leave" in str(place.general.transcript())
    later = AsyncWebhookClient(urls[0])
    bodies = [(await later.send(text="again")).body for _ in range(4)]
    assert bodies[:3] == ["ok"] * 3
    assert "used_url" in bodies[3]


async def test_a_response_url_lives_thirty_minutes(place: Place) -> None:
    await place.ana.clicks(place.message, "why")
    await place.slack.until(lambda: place.heard)
    later = AsyncWebhookClient(place.heard[0]["response_url"])
    assert (await later.send(text="")).status_code == 400
    await place.clock.advance(30 * 60)
    assert (await later.send(text="in time")).status_code == 200
    await place.clock.advance(1)
    late = await later.send(text="too late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)
    unknown = AsyncWebhookClient(place.slack.url + "/actions/guessed")
    assert (await unknown.send(text="x")).status_code == 404


async def test_a_response_can_replace_or_delete_the_message(place: Place) -> None:
    await place.ana.clicks(place.message, "why")
    await place.slack.until(lambda: place.heard)
    later = AsyncWebhookClient(place.heard[0]["response_url"])
    await later.send(text="Something else", replace_original=True)
    assert place.general.transcript().texts() == ["Something else"]
    await later.send(delete_original=True)
    assert place.general.transcript().texts() == []


async def test_a_command_that_nobody_takes_is_told_to_the_person(place: Place) -> None:
    delivery = await place.ana.runs("/nobody", "", place.general)
    await place.clock.advance(3)
    await delivery.settled()
    assert delivery.why == "timeout"
    (told,) = place.general.transcript().whispers
    assert (told.who, "operation_timeout" in told.text) == ("Slackbot", True)


async def test_an_answer_that_slack_cannot_show_is_not_shown(place: Place) -> None:
    @place.app.command("/ask")
    async def ask(ack: AsyncAck) -> None:
        await ack(blocks=[{"type": "header", "text": words("x" * 151)}])

    await (await place.ana.runs("/ask", "", place.general)).settled()
    (told,) = place.general.transcript().whispers
    assert "invalid_blocks" in told.text


async def test_shortcuts_arrive_with_and_without_a_message(place: Place) -> None:
    heard: list[Json] = []

    @place.app.shortcut("about_this")
    async def shortcut(ack: AsyncAck, body: Json) -> None:
        await ack()
        heard.append(body)

    reply = await place.ana.says(place.general, "this", thread=place.message)
    await place.ana.uses_shortcut("about_this", reply)
    await place.ana.uses_shortcut("about_this")
    await place.slack.until(lambda: len(heard) == 2)
    first, second = sorted(heard, key=lambda body: str(body["type"]))
    assert (first["type"], first["message"]["text"]) == ("message_action", "this")
    assert first["container"]["thread_ts"] == place.message.ts
    assert (second["type"], "message" in second) == ("shortcut", False)
