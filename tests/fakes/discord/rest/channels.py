"""Channels over REST: get, change, delete."""

from tests.fakes.discord import views
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.errors import Json, RefusedError, check_length
from tests.fakes.discord.people import Member
from tests.fakes.discord.permissions import demand, may
from tests.fakes.discord.rest.routes import Answer, Asked, number, route


@route("GET", "/channels/{channel}")
def get(asked: Asked) -> Answer:
    """A channel or a thread."""
    return views.channel(asked.channel())


@route("PATCH", "/channels/{channel}")
def change(asked: Asked) -> Answer:
    """Change a channel, or a thread: its name, archived, locked."""
    place = asked.channel()
    bot = asked.world.bot_in(place)
    if place.guild is None:
        raise RefusedError(50024)
    if "name" in asked.form:
        check_length("name", asked.form["name"], 100, least=1)
    if place.is_thread:
        _change_thread(place, bot, asked.form)
    else:
        demand(bot, place, "manage_channels")
        place.topic = asked.form.get("topic", place.topic)
    place.name = asked.form.get("name", place.name)
    place.tell("THREAD_UPDATE" if place.is_thread else "CHANNEL_UPDATE")
    return views.channel(place)


@route("DELETE", "/channels/{channel}")
def delete(asked: Asked) -> Answer:
    """Delete a channel or a thread."""
    place = asked.channel()
    right = "manage_threads" if place.is_thread else "manage_channels"
    demand(asked.world.bot_in(place), place, right)
    seen = views.channel(place)
    place.delete()
    return seen


@route("POST", "/users/@me/channels")
def open_direct(asked: Asked) -> Answer:
    """Open the direct messages with somebody."""
    wanted = number(str(asked.form.get("recipient_id")), "recipient_id")
    who = asked.world.users.get(wanted)
    if who is None:
        raise RefusedError(10013)
    if who.is_bot:
        raise RefusedError(50007)
    return views.channel(asked.world.direct(who))


def _change_thread(thread: Channel, bot: Member, form: Json) -> None:
    """Moderators change what they like; others open a thread again, and its owner names it."""
    moderates = may(bot, "manage_threads", thread)
    is_own = thread.owner is bot.user
    opens = form.get("archived") is False
    if thread.is_archived and not opens:
        raise RefusedError(50083)
    if not moderates and (thread.is_locked or "locked" in form):
        raise RefusedError(50013)
    if not (moderates or is_own or (set(form) == {"archived"} and opens)):
        raise RefusedError(50013)
    was_archived = thread.is_archived
    thread.is_archived = form.get("archived", thread.is_archived)
    thread.is_locked = form.get("locked", thread.is_locked)
    thread.auto_archive_minutes = form.get("auto_archive_duration", thread.auto_archive_minutes)
    if thread.is_archived != was_archived:
        thread.archived_s = thread.world.times.now()
