"""Modals and the home of the app: opened, filled in, refused, changed, closed."""

from typing import Any

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError

from tests.fakes.slack_place import Place
from tests.fakes.slack_pressed import BLOCKS, OPTIONS, place, words

__all__ = ["place"]

Json = dict[str, Any]
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
