"""Responses to interactions, and the webhook that each of them brings."""

from __future__ import annotations

from tests.fakes.discord import interactions, posting, views
from tests.fakes.discord.errors import Json, RefusedError
from tests.fakes.discord.interactions import Interaction
from tests.fakes.discord.rest.drafts import draft_of
from tests.fakes.discord.rest.routes import Answer, Asked, route

WEBHOOK = "/webhooks/{application}/{token}"
MESSAGE = WEBHOOK + "/messages/{message}"


@route("POST", "/interactions/{interaction}/{token}/callback", is_open=True)
def respond(asked: Asked) -> Answer:
    """The first response."""
    found = asked.world.interactions.get(asked.parameters["token"])
    if found is None or found.id != asked.id("interaction"):
        raise RefusedError(10062)
    kind, body = int(asked.form["type"]), asked.form.get("data") or {}
    draft = draft_of({} if kind in _WITHOUT_MESSAGE else body, asked.files)
    interactions.respond(found, kind, draft, body)
    is_wanted = asked.query.get("with_response", "").lower() in ("1", "true")
    return _callback(found, kind) if is_wanted else None


@route("POST", WEBHOOK, is_open=True)
def follow_up(asked: Asked) -> Answer:
    """One more message."""
    draft = draft_of(asked.form, asked.files)
    return views.message(interactions.follow_up(_used(asked), draft))


@route("GET", MESSAGE, is_open=True)
def get(asked: Asked) -> Answer:
    """`@original`, or another message of the interaction."""
    return views.message(interactions.message_of(_used(asked), asked.parameters["message"]))


@route("PATCH", MESSAGE, is_open=True)
def edit(asked: Asked) -> Answer:
    """Change `@original`, or another message of the interaction."""
    used = _used(asked)
    message = interactions.message_of(used, asked.parameters["message"])
    interactions.change(used, message, draft_of(asked.form, asked.files))
    return views.message(message)


@route("DELETE", MESSAGE, is_open=True)
def delete(asked: Asked) -> Answer:
    """Take back `@original`, or another message of the interaction."""
    posting.delete(interactions.message_of(_used(asked), asked.parameters["message"]))
    return None


_WITHOUT_MESSAGE = (interactions.CHOICES, interactions.MODAL)


def _used(asked: Asked) -> Interaction:
    if asked.id("application") != asked.world.bot.id:
        raise RefusedError(10015)
    return interactions.find(asked.world, asked.parameters["token"])


def _callback(found: Interaction, kind: int) -> Json:
    """What became of the response, with its message."""
    about: Json = {"id": str(found.id), "type": found.kind}
    resource: Json = {"type": kind}
    if found.message:
        about |= {
            "response_message_id": str(found.message.id),
            "response_message_loading": found.message.is_loading,
            "response_message_ephemeral": found.message.only_for is not None,
        }
        if kind in (interactions.MESSAGE, interactions.UPDATE):
            resource["message"] = views.message(found.message)
    return {"interaction": about, "resource": resource}
