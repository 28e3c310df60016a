"""Commands, buttons, modals and shortcuts, with a real Bolt app on the other side."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes.bolt import app_of, client_of, connected
from tests.fakes.slack import Channel, FakeSlack, Message, Team, User
from tests.fakes.stepped_clock import SteppedClock

Json = dict[str, Any]


@dataclass
class Place:
    """A workspace whose app has put up a message with things to press."""

    slack: FakeSlack
    clock: SteppedClock
    team: Team
    ana: User
    general: Channel
    app: AsyncApp
    client: AsyncWebClient
    message: Message
    heard: list[Json]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": words("Sí"), "value": "yes"}, {"text": words("No"), "value": "no"}]
BLOCKS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "An answer."}},
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": words("Good"), "value": "up:1"},
                "negative_button": {"text": words("Bad"), "value": "down:1"},
            }
        ],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "why", "text": words("Why?"), "value": "1"},
            {"type": "static_select", "action_id": "pick", "options": OPTIONS},
            {"type": "users_select", "action_id": "who"},
        ],
    },
]
FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": words("What was wrong?"),
    "submit": words("Send"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": words("Reason"),
            "element": {
                "type": "radio_buttons",
                "action_id": "reason_picked",
                "options": OPTIONS,
                "initial_option": OPTIONS[0],
            },
        },
        {
            "type": "input",
            "block_id": "better",
            "label": words("A better answer"),
            "element": {"type": "plain_text_input", "action_id": "better_text"},
        },
        {
            "type": "input",
            "optional": True,
            "label": words("Which?"),
            "element": {
                "type": "checkboxes",
                "action_id": "which",
                "options": [],
                "option_groups": [{"options": OPTIONS}],
            },
        },
        {"type": "divider"},
    ],
}


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = SteppedClock()
    async with FakeSlack(clock=clock) as slack:
        team = slack.team()
        ana = team.user("Ana")
        general = team.channel("general", [ana])
        app = app_of(slack, team)
        heard: list[Json] = []

        @app.action("feedback")
        @app.action("why")
        @app.action("pick")
        @app.action("who")
        async def press(ack: AsyncAck, body: Json) -> None:
            await ack()
            heard.append(body)

        async with connected(slack, app):
            client = client_of(slack, team)
            channel = general.channel_id
            posted = await client.chat_postMessage(channel=channel, text="An", blocks=BLOCKS)
            message = general.message(posted["ts"])
            yield Place(slack, clock, team, ana, general, app, client, message, heard)


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


async def open_form(place: Place, form: Json = FORM) -> None:
    """Ana presses, and a form opens."""
    place.heard.clear()
    await place.ana.clicks(place.message, "why")
    await place.slack.until(lambda: place.heard)
    await place.client.views_open(trigger_id=place.heard[0]["trigger_id"], view=form)


async def test_a_form_is_filled_in_refused_and_taken(place: Place) -> None:
    seen: list[Json] = []

    @place.app.view("form")
    async def take(ack: AsyncAck, view: Json) -> None:
        seen.append(view["state"]["values"])
        if view["state"]["values"]["better"]["better_text"]["value"] == "":
            await ack(response_action="errors", errors={"better": "Say more"})
        else:
            await ack()

    await open_form(place)
    view = place.ana.modal
    assert view
    await (await place.ana.submits(view, {"better": ""})).settled()
    assert view.errors == {"better": "Say more"}
    await (await place.ana.submits(view, {"better_text": "23 days", "which": ["no"]})).settled()
    assert place.ana.modal is None
    assert seen[1]["reason"]["reason_picked"]["selected_option"]["value"] == "yes"
    assert seen[1]["b2"]["which"]["selected_options"] == [OPTIONS[1]]
    with pytest.raises(AssertionError, match="before oneself"):
        await place.ana.submits(view, {"better": "again"})


async def test_one_cannot_submit_what_slack_would_not_let_through(place: Place) -> None:
    await open_form(place)
    assert place.ana.modal
    with pytest.raises(AssertionError, match="better"):
        await place.ana.submits(place.ana.modal, {})
    with pytest.raises(AssertionError, match="no input 'worse'"):
        await place.ana.submits(place.ana.modal, {"worse": "x"})


@pytest.mark.parametrize(
    ("action", "titles"),
    [("update", ["Thanks"]), ("push", ["What was wrong?", "Thanks"]), ("clear", [])],
)
async def test_a_submission_changes_what_is_open(
    place: Place, action: str, titles: list[str]
) -> None:
    thanks = {"type": "modal", "title": words("Thanks"), "blocks": [{"type": "divider"}]}

    @place.app.view("form")
    async def take(ack: AsyncAck) -> None:
        if action == "clear":
            await ack(response_action="clear")
        elif action == "push":
            await ack(response_action="push", view=thanks)
        else:
            await ack(response_action="update", view=thanks)

    await open_form(place)
    assert place.ana.modal
    await (await place.ana.submits(place.ana.modal, {"better": "x"})).settled()
    assert [view.content["title"]["text"] for view in place.ana.modals] == titles


async def test_a_submission_that_nobody_takes_leaves_the_form_open(place: Place) -> None:
    await open_form(place)
    view = place.ana.modal
    assert view
    delivery = await place.ana.submits(view, {"better": "x"})
    await place.clock.advance(3)
    await delivery.settled()
    assert place.ana.modal is view
    assert "trouble" in view.errors[""]


async def test_closing_a_form_is_told_if_the_app_wants_to_know(place: Place) -> None:
    await open_form(place)
    assert place.ana.modal
    told = await place.ana.closes(place.ana.modal)
    assert told
    assert told.payload["type"] == "view_closed"
    await open_form(place, FORM | {"notify_on_close": False})
    assert place.ana.modal
    assert await place.ana.closes(place.ana.modal) is None


async def test_views_are_updated_pushed_and_published(place: Place) -> None:
    await open_form(place, FORM | {"external_id": "mine"})
    view = place.ana.modal
    assert view
    old = view.hash
    await place.client.views_update(external_id="mine", view=FORM, hash=old)
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await place.client.views_update(view_id=view.view_id, view=FORM, hash=old)
    with pytest.raises(SlackApiError, match="not_found"):
        await place.client.views_update(view_id="V0", view=FORM)
    button = {"type": "actions", "elements": [BLOCKS[2]["elements"][0]]}
    home = {"type": "home", "blocks": [button]}
    await place.client.views_publish(user_id=place.ana.user_id, view=home)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await place.client.views_publish(user_id=place.ana.user_id, view=FORM)
    assert place.ana.home
    told = await place.ana.opens_app("home")
    assert told
    assert told.event["view"]["type"] == "home"
    place.heard.clear()
    await place.ana.clicks(place.ana.home, "why")
    await place.slack.until(lambda: place.heard)
    assert place.heard[0]["container"] == {"type": "view", "view_id": place.ana.home.view_id}


async def test_modals_stand_on_each_other_three_high(place: Place) -> None:
    for _ in range(2):
        await open_form(place)  # a second one takes the place of the first
    assert len(place.ana.modals) == 1

    async def push() -> None:
        place.heard.clear()
        await place.ana.clicks(place.message, "why")
        await place.slack.until(lambda: place.heard)
        await place.client.views_push(trigger_id=place.heard[0]["trigger_id"], view=FORM)

    await push()
    await push()
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await push()
    assert place.ana.modals[2].root_id == place.ana.modals[0].view_id
    place.ana.modals.clear()
    with pytest.raises(SlackApiError, match="not_found"):
        await push()


async def test_a_trigger_opens_one_view_within_three_seconds(place: Place) -> None:
    await open_form(place)
    used = place.heard[0]["trigger_id"]
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await place.client.views_open(trigger_id=used, view=FORM)
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await place.client.views_open(trigger_id="guessed", view=FORM)
    await place.ana.clicks(place.message, "why")
    await place.slack.until(lambda: len(place.heard) == 2)
    await place.clock.advance(3.5)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await place.client.views_open(trigger_id=place.heard[1]["trigger_id"], view=FORM)


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


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"worse": "x"}},
        {"response_action": "update", "view": {"type": "modal", "blocks": []}},
    ],
)
async def test_an_answer_to_a_form_that_makes_no_sense_looks_like_trouble(
    place: Place, answer: Json
) -> None:
    @place.app.view("form")
    async def take(ack: AsyncAck) -> None:
        await ack(**answer)

    await open_form(place)
    view = place.ana.modal
    assert view
    await (await place.ana.submits(view, {"better": "x"})).settled()
    await place.slack.until(lambda: "trouble" in view.errors.get("", ""))
    assert place.ana.modal is view
