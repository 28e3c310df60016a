"""Messages over REST: create, edit, delete, get, list."""

from __future__ import annotations

from tests.fakes.discord import posting, views
from tests.fakes.discord.channels import FORUM, Channel
from tests.fakes.discord.errors import Json, RefusedError, check_count, invalid
from tests.fakes.discord.people import Member
from tests.fakes.discord.permissions import demand, may
from tests.fakes.discord.posting import Draft
from tests.fakes.discord.rest.drafts import draft_of, reference_of
from tests.fakes.discord.rest.routes import Answer, Asked, number, route
from tests.fakes.discord.times import DAY, HOUR

MESSAGES = "/channels/{channel}/messages"


@route("POST", MESSAGES)
def create(asked: Asked) -> Answer:
    """Post a message."""
    place = asked.channel()
    author = asked.world.bot_in(place)
    demand_posting(author, place)
    draft = draft_of(asked.form, asked.files)
    draft.reference = reference_of(asked.form, place)
    demand_parts(author, place, draft)
    if place.recipient and not place.recipient.takes_direct:
        raise RefusedError(50007)
    return views.message(posting.post(place, author, draft))


@route("GET", MESSAGES)
def listed(asked: Asked) -> Answer:
    """Messages, newest first: before, after or around one."""
    place = asked.channel()
    if not may(asked.world.bot_in(place), "read_message_history", place):
        return []
    limit = asked.limit(100, 50)
    found = place.public
    if "before" in asked.query:
        found = [each for each in found if each.id < number(asked.query["before"], "before")]
    if "after" in asked.query:
        middle = number(asked.query["after"], "after")
        found = [each for each in found if each.id > middle][:limit]
    if "around" in asked.query:
        middle = number(asked.query["around"], "around")
        nearest = sorted(found, key=lambda each: abs(each.id - middle))[:limit]
        found = sorted(nearest, key=lambda each: each.id)
    shown = asked.world.has_content()
    return [views.message(each, with_content=shown) for each in reversed(found[-limit:])]


@route("GET", MESSAGES + "/{message}")
def get(asked: Asked) -> Answer:
    """One message."""
    place = asked.channel()
    demand(asked.world.bot_in(place), place, "read_message_history")
    return views.message(asked.message(place), with_content=asked.world.has_content())


@route("PATCH", MESSAGES + "/{message}")
def edit(asked: Asked) -> Answer:
    """Edit a message of the bot; one of others can only have its previews hidden."""
    place = asked.channel()
    author = asked.world.bot_in(place)
    message = asked.message(place)
    if place.is_archived:
        raise RefusedError(50083)
    if message.author is not author.user:
        if set(asked.form) - {"flags"} or not may(author, "manage_messages", place):
            raise RefusedError(50005)
    elif asked.world.times.now() - message.created_s >= HOUR:
        raise RefusedError(30046)
    draft = draft_of(asked.form, asked.files)
    demand_parts(author, place, draft)
    posting.edit(message, draft)
    return views.message(message)


@route("DELETE", MESSAGES + "/{message}")
def delete(asked: Asked) -> Answer:
    """Delete a message."""
    place = asked.channel()
    author = asked.world.bot_in(place)
    message = asked.message(place)
    if message.author is not author.user:
        demand(author, place, "manage_messages")
    if place.is_archived:
        raise RefusedError(50083)
    posting.delete(message)
    return None


@route("POST", MESSAGES + "/bulk-delete")
def bulk_delete(asked: Asked) -> Answer:
    """Delete two to a hundred messages of the last two weeks."""
    place = asked.channel()
    demand(asked.world.bot_in(place), place, "manage_messages")
    ids = [int(each) for each in check_count("messages", asked.form.get("messages"), 100)]
    if len(ids) < 2:
        raise RefusedError(50016)
    found = [place.messages[each] for each in ids if each in place.messages]
    if any(asked.world.times.now() - each.created_s > 14 * DAY for each in found):
        raise RefusedError(50034)
    for message in found:
        posting.forget(message)
    data: Json = {"ids": [str(each.id) for each in found], "channel_id": str(place.id)}
    if place.guild:
        data["guild_id"] = str(place.guild.id)
    asked.world.events.emit("MESSAGE_DELETE_BULK", data, intent=1 << 9, place=place)
    return None


@route("POST", "/channels/{channel}/typing")
def typing(asked: Asked) -> Answer:
    """Show that the bot types."""
    place = asked.channel()
    author = asked.world.bot_in(place)
    demand_posting(author, place)
    posting.type_in(place, author)
    return None


def demand_posting(author: Member, place: Channel) -> None:
    """Refuse who may not write there: by rights, or because the thread is locked."""
    if place.kind == FORUM:
        raise RefusedError(50024)
    demand(author, place, "send_messages_in_threads" if place.is_thread else "send_messages")
    if place.is_locked and not may(author, "manage_threads", place):
        raise RefusedError(50083 if place.is_archived else 160005)


def demand_parts(author: Member, place: Channel, draft: Draft) -> None:
    """Refuse what needs a right of its own: embeds, files, replies."""
    if draft.embeds:
        demand(author, place, "embed_links")
    if draft.files:
        demand(author, place, "attach_files")
    if draft.reference and not may(author, "read_message_history", place):
        code = "REPLIES_CANNOT_REPLY_WITHOUT_READ_MESSAGE_HISTORY"
        raise invalid("message_reference", code, "Cannot reply without permission to read history")
