"""Threads and posts of forums over REST."""

from __future__ import annotations

from tests.fakes.discord import events, posting, views
from tests.fakes.discord.channels import FORUM, PRIVATE_THREAD, PUBLIC_THREAD, Channel, open_thread
from tests.fakes.discord.errors import Json, RefusedError, check_length, invalid
from tests.fakes.discord.permissions import demand, may
from tests.fakes.discord.rest.drafts import draft_of
from tests.fakes.discord.rest.messages import demand_parts
from tests.fakes.discord.rest.routes import Answer, Asked, route

DURATIONS = (60, 1440, 4320, 10080)
THREADS = "/channels/{channel}/threads"


@route("POST", "/channels/{channel}/messages/{message}/threads")
def from_message(asked: Asked) -> Answer:
    """Begin a thread at a message."""
    place = asked.channel()
    bot = asked.world.bot_in(place)
    if place.guild is None or place.is_thread:
        raise RefusedError(50024)
    demand(bot, place, "create_public_threads", "read_message_history")
    _check(asked.form)
    thread = posting.thread_from(asked.message(place), asked.form["name"], bot.user)
    thread.auto_archive_minutes = asked.form.get("auto_archive_duration") or 1440
    return views.channel(thread)


@route("POST", THREADS)
def begin(asked: Asked) -> Answer:
    """Begin a thread without a message, or a post in a forum."""
    place = asked.channel()
    if place.guild is None or place.is_thread:
        raise RefusedError(50024)
    _check(asked.form)
    if place.kind == FORUM:
        return _post(asked, place)
    kind = asked.form.get("type", PRIVATE_THREAD)
    right = "create_public_threads" if kind == PUBLIC_THREAD else "create_private_threads"
    bot = asked.world.bot_in(place)
    demand(bot, place, right)
    thread = open_thread(place, asked.form["name"], bot.user, kind=kind)
    return views.channel(thread)


@route("GET", THREADS + "/archived/public")
def archived(asked: Asked) -> Answer:
    """Threads that were put away, newest first."""
    place = asked.channel()
    demand(asked.world.bot_in(place), place, "read_message_history")
    found = [each for each in place.threads if each.is_archived and not each.is_private_thread]
    return _threads(asked, found[::-1])


@route("GET", "/guilds/{guild}/threads/active")
def active(asked: Asked) -> Answer:
    """The threads of a guild that the bot sees."""
    guild = asked.guild()
    found = [each for each in guild.threads if may(guild.bot, "view_channel", each)]
    return _threads(asked, found)


@route("GET", "/channels/{channel}/thread-members")
def members(asked: Asked) -> Answer:
    """Who takes part."""
    thread = _thread(asked)
    return [views.thread_member(thread, who) for who in thread.joined]


@route("GET", "/channels/{channel}/thread-members/{user}")
def member(asked: Asked) -> Answer:
    """Whether somebody takes part."""
    thread = _thread(asked)
    if asked.id("user") not in thread.joined:
        raise RefusedError(10007)
    return views.thread_member(thread, asked.id("user"))


@route("PUT", "/channels/{channel}/thread-members/{user}")
def add(asked: Asked) -> Answer:
    """Join, or let somebody in."""
    thread = _open_thread(asked)
    assert thread.guild
    posting.join(thread, asked.member(thread.guild, "user").user)
    return None


@route("DELETE", "/channels/{channel}/thread-members/{user}")
def remove(asked: Asked) -> Answer:
    """Leave, or take somebody out."""
    thread = _open_thread(asked)
    assert thread.guild
    who = asked.member(thread.guild, "user")
    if who is not thread.guild.bot:
        demand(thread.guild.bot, thread, "manage_threads")
    thread.joined.discard(who.id)
    data: Json = {"id": str(thread.id), "guild_id": str(thread.guild.id), "added_members": []}
    data |= {"member_count": len(thread.joined), "removed_member_ids": [str(who.id)]}
    name = "THREAD_MEMBERS_UPDATE"
    asked.world.events.emit(name, data, intent=events.GUILDS, place=thread)
    return None


def _check(form: Json) -> None:
    check_length("name", form.get("name"), 100, least=1)
    if form.get("auto_archive_duration", 1440) not in (None, *DURATIONS):
        text = f"Value must be one of {DURATIONS}."
        raise invalid("auto_archive_duration", "BASE_TYPE_CHOICES", text)


def _post(asked: Asked, forum: Channel) -> Answer:
    """A post: a thread with its first message, which has the same id."""
    bot = asked.world.bot_in(forum)
    demand(bot, forum, "send_messages")
    draft = draft_of(asked.form.get("message") or {}, asked.files)
    demand_parts(bot, forum, draft)
    if not (draft.content or draft.embeds or draft.components or draft.files):
        raise RefusedError(50006)
    tags = [int(tag) for tag in asked.form.get("applied_tags") or ()]
    known = {int(tag["id"]) for tag in forum.tags}
    if not set(tags) <= known:
        raise invalid("applied_tags", "SNOWFLAKE_UNKNOWN", "Unknown tag")
    thread = open_thread(forum, asked.form["name"], bot.user, tags=tags)
    message = posting.post(thread, bot, draft, at_id=thread.id)
    return views.channel(thread) | {"message": views.message(message)}


def _thread(asked: Asked) -> Channel:
    place = asked.channel()
    if not place.is_thread:
        raise RefusedError(50024)
    return place


def _open_thread(asked: Asked) -> Channel:
    thread = _thread(asked)
    if thread.is_archived:
        raise RefusedError(50083)
    return thread


def _threads(asked: Asked, found: list[Channel]) -> Json:
    bot = asked.world.bot.id
    return {
        "threads": [views.channel(each) for each in found],
        "members": [views.thread_member(each, bot) for each in found if bot in each.joined],
        "has_more": False,
    }
