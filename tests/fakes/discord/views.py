"""How things look on the wire: the JSON of users, guilds, channels and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.discord.messages import EPHEMERAL, REPLY
from tests.fakes.discord.permissions import in_channel, may

if TYPE_CHECKING:
    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.errors import Json
    from tests.fakes.discord.guilds import Guild
    from tests.fakes.discord.messages import Attachment, Message
    from tests.fakes.discord.people import Member, User
    from tests.fakes.discord.permissions import Role

NOTHING = (
    *("icon", "splash", "discovery_splash", "afk_channel_id", "system_channel_id", "banner"),
    *("rules_channel_id", "vanity_url_code", "description", "public_updates_channel_id"),
    *("application_id", "safety_alerts_channel_id"),
)
ZEROS = (
    *("verification_level", "default_message_notifications", "explicit_content_filter"),
    *("mfa_level", "system_channel_flags", "premium_tier", "nsfw_level", "afk_timeout"),
)


def user(who: User) -> Json:
    """A user, without what only the user may know."""
    return {
        "id": str(who.id),
        "username": who.name.lower().replace(" ", "."),
        "global_name": None if who.is_bot else who.name,
        "discriminator": "0001" if who.is_bot else "0",
        "avatar": None,
        "bot": who.is_bot,
        "public_flags": 0,
    }


def member(who: Member, *, with_user: bool = True) -> Json:
    """A member of a guild."""
    seen: Json = {
        "nick": who.nick,
        "avatar": None,
        "roles": [str(role.id) for role in who.roles],
        "joined_at": who.world.times.date(who.joined_s),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }
    return seen | {"user": user(who.user)} if with_user else seen


def member_here(who: Member, place: Channel) -> Json:
    """A member with what he or she may in a channel."""
    return member(who) | {"permissions": str(in_channel(who, place))}


def role(what: Role) -> Json:
    """A role."""
    tags = {"tags": {"bot_id": str(what.bot_id)}} if what.bot_id else {}
    return tags | {
        "id": str(what.id),
        "name": what.name,
        "permissions": str(what.permissions),
        "position": what.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": bool(what.bot_id),
        "mentionable": what.is_mentionable,
        "flags": 0,
    }


def channel(place: Channel) -> Json:
    """A channel, a thread or a direct message."""
    last = str(place.last.id) if place.public else None
    seen: Json = {"id": str(place.id), "type": place.kind, "last_message_id": last, "flags": 0}
    if place.guild is None:
        assert place.recipient
        return seen | {"recipients": [user(place.recipient)]}
    seen |= {"guild_id": str(place.guild.id), "name": place.name, "rate_limit_per_user": 0}
    return seen | (_thread(place) if place.is_thread else _channel(place))


def _channel(place: Channel) -> Json:
    return {
        "topic": place.topic,
        "position": 0,
        "nsfw": False,
        "parent_id": None,
        "permission_overwrites": [
            {
                "id": str(who),
                "type": int(overwrite.is_member),
                "allow": str(overwrite.allow),
                "deny": str(overwrite.deny),
            }
            for who, overwrite in place.overwrites.items()
        ],
        "available_tags": place.tags,
        "default_auto_archive_duration": 1440,
        "default_reaction_emoji": None,
        "default_sort_order": None,
        "default_forum_layout": 0,
    }


def _thread(place: Channel) -> Json:
    assert place.parent
    assert place.owner
    times = place.world.times
    seen = {
        "parent_id": str(place.parent.id),
        "owner_id": str(place.owner.id),
        "member_count": len(place.joined),
        "message_count": len(place.public),
        "total_message_sent": len(place.public),
        "applied_tags": [str(tag) for tag in place.applied_tags],
        "thread_metadata": {
            "archived": place.is_archived,
            "auto_archive_duration": place.auto_archive_minutes,
            "archive_timestamp": times.date(place.archived_s or place.created_s),
            "locked": place.is_locked,
            "invitable": True,
            "create_timestamp": times.date(place.created_s),
        },
    }
    if place.world.bot.id in place.joined:
        seen["member"] = thread_member(place, place.world.bot.id)
    return seen


def thread_member(place: Channel, who: int) -> Json:
    """Somebody who takes part in a thread."""
    joined = place.world.times.date(place.created_s)
    return {"id": str(place.id), "user_id": str(who), "join_timestamp": joined, "flags": 0}


def guild_rest(team: Guild) -> Json:
    """A guild as REST tells it."""
    nothing: Json = dict.fromkeys(NOTHING)
    zeros = dict.fromkeys(ZEROS, 0)
    return (
        nothing
        | zeros
        | {
            "id": str(team.id),
            "name": team.name,
            "owner_id": str(team.owner.id),
            "roles": [role(each) for each in team.roles],
            "emojis": [],
            "stickers": [],
            "features": [],
            "preferred_locale": team.locale,
            "premium_progress_bar_enabled": False,
            "max_members": 500_000,
        }
    )


def guild(team: Guild, *, with_members: bool = False) -> Json:
    """A guild as the gateway tells it; people only to who asked for them."""
    shown = team.members.values() if with_members else [team.bot]
    threads = [each for each in team.threads if may(team.bot, "view_channel", each)]
    return guild_rest(team) | {
        "joined_at": team.world.times.date(team.bot.joined_s),
        "large": False,
        "unavailable": False,
        "member_count": len(team.members),
        "voice_states": [],
        "members": [member(each) for each in shown],
        "channels": [channel(each) for each in team.channels],
        "threads": [channel(each) for each in threads],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment(file: Attachment, url: str) -> Json:
    """A file, with its address on the loopback CDN."""
    return {
        "id": str(file.id),
        "filename": file.filename,
        "description": file.description,
        "size": len(file.content),
        "content_type": file.content_type,
        "url": url,
        "proxy_url": url,
        "ephemeral": False,
    }


def message(what: Message, *, with_content: bool = True, with_reference: bool = True) -> Json:
    """A message; without its content for bots that may not read it."""
    world = what.channel.world
    shown = with_content or world.may_read(what)
    seen: Json = {
        "id": str(what.id),
        "channel_id": str(what.channel.id),
        "channel_type": what.channel.kind,
        "author": user(what.author),
        "content": what.content if shown else "",
        "embeds": what.embeds if shown else [],
        "components": what.components if shown else [],
        "attachments": _attachments(what) if shown else [],
        "timestamp": world.times.date(what.created_s),
        "edited_timestamp": None if what.edited_s is None else world.times.date(what.edited_s),
        "tts": False,
        "pinned": False,
        "type": what.kind,
        "flags": what.flags,
        "mentions": [user(each) for each in what.mentioned],
        "mention_roles": [str(each) for each in what.mentioned_roles],
        "mention_everyone": bool({"@everyone", "@here"} & set(what.pings)),
        "reactions": [_reaction(what, emoji) for emoji in what.reactions],
    }
    return seen | _more(what, with_content=with_content, with_reference=with_reference)


def _more(what: Message, *, with_content: bool, with_reference: bool) -> Json:
    """What only some messages have."""
    seen: Json = {}
    if what.nonce is not None:
        seen["nonce"] = what.nonce
    if what.interaction:
        seen["interaction_metadata"] = what.interaction
        seen["application_id"] = seen["webhook_id"] = str(what.channel.world.bot.id)
    if what.thread:
        seen["thread"] = channel(what.thread)
    if what.reference:
        seen["message_reference"] = _reference(what.reference)
        if with_reference and what.kind == REPLY and what.reference.is_looked_up:
            seen["referenced_message"] = (
                None
                if what.reference.is_deleted
                else message(what.reference, with_content=with_content, with_reference=False)
            )
    return seen


def _reference(to: Message) -> Json:
    seen = {"type": 0, "message_id": str(to.id), "channel_id": str(to.channel.id)}
    return seen | ({"guild_id": str(to.channel.guild.id)} if to.channel.guild else {})


def _attachments(what: Message) -> list[Json]:
    cdn = what.channel.world.cdn
    is_ephemeral = bool(what.flags & EPHEMERAL)
    return [attachment(f, cdn.url(f)) | {"ephemeral": is_ephemeral} for f in what.attachments]


def _reaction(what: Message, name: str) -> Json:
    people = what.reactions[name]
    return {
        "emoji": emoji(name),
        "count": len(people),
        "count_details": {"normal": len(people), "burst": 0},
        "me": what.channel.world.bot in people,
        "me_burst": False,
        "burst_colors": [],
    }


def emoji(name: str) -> Json:
    """An emoji by its character, or by `name:id`."""
    title, _, number = name.partition(":")
    return {"id": number or None, "name": title}
