"""Somebody presses something: what the app gets, and what becomes of its acknowledgement."""

from typing import TYPE_CHECKING

from tests.fakes.slack.channels import Channel
from tests.fakes.slack.deliveries import Delivery, nothing
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.messages import Message
from tests.fakes.slack.pressing import find_action, pressed, state_of
from tests.fakes.slack.responding import Answering
from tests.fakes.slack.submitting import follow
from tests.fakes.slack.views import View

if TYPE_CHECKING:
    from tests.fakes.slack.people import User

SLACKBOT = "USLACKBOT"


def command(user: "User", name: str, text: str, channel: Channel) -> Delivery:
    """A slash command."""
    world, team = user.team.world, user.team
    answering = Answering(team.author, channel, user.user_id)
    payload: Json = {
        "token": "fake-verification-token",
        "team_id": team.team_id,
        "team_domain": team.domain,
        "channel_id": channel.channel_id,
        "channel_name": "directmessage" if channel.kind == "im" else channel.name,
        "user_id": user.user_id,
        "user_name": user.name.lower(),
        "command": name,
        "text": text,
        "api_app_id": world.app.app_id,
        "is_enterprise_install": "false",
        "response_url": world.url + world.response_urls.issue(answering),
        "trigger_id": world.triggers.issue(user.user_id),
    }

    def then(delivery: Delivery) -> None:
        if delivery.state == "given up":
            _complain(user, channel, name)
        elif delivery.answer:
            _show(answering, delivery.answer)

    return world.deliveries.send("slash_commands", payload, then)


def click(user: "User", place: Message | View, action_id: str, choice: object) -> Delivery:
    """Something in a message or a view."""
    world = user.team.world
    content = place.content if isinstance(place, View) else place.as_json()
    block, element = find_action(content["blocks"], action_id)
    payload = _by(user, "block_actions") | _where(user, place)
    payload["actions"] = [pressed(block, element, choice, world.moments.ts())]
    return world.deliveries.send("interactive", payload, nothing)


def shortcut(user: "User", callback_id: str, message: Message | None) -> Delivery:
    """A shortcut on a message, or a global one."""
    world = user.team.world
    what: Json = {"callback_id": callback_id, "action_ts": world.moments.ts()}
    if message is None:
        return world.deliveries.send("interactive", _by(user, "shortcut") | what)
    where = _where(user, message) | {"message_ts": message.ts}
    return world.deliveries.send("interactive", _by(user, "message_action") | what | where)


def submit(user: "User", view: View, values: Json) -> Delivery:
    """A modal with its values."""
    if view is not user.modal:
        raise AssertionError("One can only submit the view that one has before oneself.")
    view.values = state_of(view, values)
    payload = _by(user, "view_submission") | {"view": view.as_json(), "response_urls": []}
    return user.team.world.deliveries.send(
        "interactive", payload, lambda delivery: follow(user, view, delivery)
    )


def close(user: "User", view: View) -> Delivery | None:
    """A modal that somebody wants to be rid of."""
    user.modals.remove(view)
    view.is_open = False
    if not view.content.get("notify_on_close"):
        return None
    payload = _by(user, "view_closed") | {"view": view.as_json(), "is_cleared": False}
    return user.team.world.deliveries.send("interactive", payload)


def stop(user: "User", channel: Channel, thread: str) -> Delivery:
    """The stop button of an agent; Slack ends the streams, the app must do the rest."""
    team = user.team
    now = team.world.moments.now()
    streams = [
        message
        for message in channel.messages
        if message.root == thread and message.stream and message.stream.state(now) == "streaming"
    ]
    session = channel.sessions.get(thread)
    if not streams and not (session and session.status == "processing"):
        raise AssertionError("There is no stop button: nothing is under way in this thread.")
    for message in streams:
        if message.stream:
            message.stream.ended = "stopped"
    event: Json = {
        "type": "agent_session_stopped",
        "channel": channel.channel_id,
        "thread_ts": thread,
        "user": user.user_id,
        "streaming_message_ts": [message.ts for message in streams],
        "event_ts": team.world.moments.ts(),
    }
    delivery = team.announcer.send(event)
    if delivery is None:
        raise AssertionError("There is no stop button: the app is not subscribed to it.")
    return delivery


def _by(user: "User", kind: str) -> Json:
    """What every interaction has."""
    team = user.team
    who = {"id": user.user_id, "username": user.name.lower(), "name": user.name.lower()}
    return {
        "type": kind,
        "token": "fake-verification-token",
        "team": {"id": team.team_id, "domain": team.domain},
        "user": who | {"team_id": team.team_id},
        "api_app_id": team.world.app.app_id,
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": team.world.triggers.issue(user.user_id),
    }


def _where(user: "User", place: Message | View) -> Json:
    """Where it was pressed."""
    if isinstance(place, View):
        container = {"type": "view", "view_id": place.view_id}
        return {"container": container, "view": place.as_json(), "state": {"values": {}}}
    channel = user.team.channel_of(place)
    answering = Answering(user.team.author, channel, user.user_id, place)
    world = user.team.world
    container = {"type": "message", "message_ts": place.ts, "channel_id": channel.channel_id}
    if place.thread_ts:
        container["thread_ts"] = place.thread_ts
    return {
        "container": container | {"is_ephemeral": place.only_for is not None},
        "channel": {"id": channel.channel_id, "name": channel.name},
        "message": place.as_json(),
        "state": {"values": {}},
        "response_url": world.url + world.response_urls.issue(answering),
    }


def _show(answering: Answering, answer: Json) -> None:
    """What came with an acknowledgement; Slack tells nobody that it could not show it."""
    try:
        answering(answer)
    except RefusedError as error:
        refused = {"text": f"(Slack could not show the answer: {error.code})"}
        answering(refused)


def _complain(user: "User", channel: Channel, name: str) -> None:
    """What a person sees when a command was not taken in time."""
    text = f'{name} failed with the error "operation_timeout"'
    told = Message(
        channel.channel_id,
        user.team.team_id,
        user.team.world.moments.ts(),
        SLACKBOT,
        text,
        only_for=user.user_id,
    )
    channel.add(told)
