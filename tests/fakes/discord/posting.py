"""Messages come, change and go: the same for people, for the bot and for its interactions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.discord import components, events, limits, views
from tests.fakes.discord.channels import open_thread
from tests.fakes.discord.errors import Json, RefusedError, invalid
from tests.fakes.discord.mentions import pinged_by
from tests.fakes.discord.messages import (
    COMPONENTS_V2,
    EPHEMERAL,
    HAS_THREAD,
    LOADING,
    REPLY,
    SUPPRESS_EMBEDS,
    THREAD_STARTER,
    Attachment,
    Message,
)

if TYPE_CHECKING:
    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.people import Member, User

FREE_FLAGS = SUPPRESS_EMBEDS | 1 << 12 | COMPONENTS_V2
NONCE_LASTS_S = 300.0
_LEGACY = "The '{}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"


@dataclass
class Draft:
    """What is to be written; None leaves a field as it is.

    Attributes:
        kept: ids of the attachments that stay in an edit; None keeps all.
        allowed_mentions: None lets every ping through, as Discord does.
    """

    content: str | None = None
    embeds: list[Json] | None = None
    components: list[Json] | None = None
    flags: int | None = None
    files: list[Attachment] = field(default_factory=list)
    kept: set[int] | None = None
    reference: Message | None = None
    allowed_mentions: Json | None = None
    nonce: str | int | None = None
    is_nonce_enforced: bool = False
    only_for: User | None = None
    interaction: Json | None = None
    kind: int | None = None
    is_loading: bool = False


def post(place: Channel, author: Member, draft: Draft, *, at_id: int | None = None) -> Message:
    """Put a message into a channel, if Discord would; all who may know are told."""
    known = _posted_before(place, author, draft)
    if known:
        return known
    message = Message(
        at_id or place.world.times.snowflake(), place, author.user, place.world.times.now()
    )
    message.reference, message.nonce = draft.reference, draft.nonce
    message.only_for, message.interaction = draft.only_for, draft.interaction
    message.kind = draft.kind or (REPLY if draft.reference else 0)
    _write(message, draft)
    _ping(message, author, draft)
    place.messages[message.id] = message
    place.typed_s.pop(author.name, None)
    if draft.nonce is not None:
        place.world.nonces[(place.id, author.id, str(draft.nonce))] = message
    _join(place, author)
    tell(message, "MESSAGE_CREATE")
    return message


def edit(message: Message, draft: Draft, author: Member | None = None) -> None:
    """Change a message; nobody is pinged by that, but it names whom it names now."""
    _write(message, draft)
    if author:
        pinged = pinged_by(message, author, draft.allowed_mentions)
        message.mentioned, message.mentioned_roles = pinged.users, pinged.roles
    message.edited_s = message.channel.world.times.now()
    tell(message, "MESSAGE_UPDATE")


def finish(message: Message, draft: Draft, author: Member) -> None:
    """Fill in what had been shown as thinking; it counts as new."""
    message.flags &= ~LOADING
    _write(message, draft)
    _ping(message, author, draft)
    tell(message, "MESSAGE_UPDATE")


def delete(message: Message) -> None:
    """Take a message away."""
    forget(message)
    data = {"id": str(message.id), "channel_id": str(message.channel.id)}
    _emit(message, "MESSAGE_DELETE", data)


def forget(message: Message) -> None:
    """Take a message away without a word."""
    message.is_deleted = True
    message.channel.messages.pop(message.id, None)


def thread_from(message: Message, name: str, owner: User) -> Channel:
    """A thread that begins at a message; its first entry points back to it."""
    if message.thread or message.channel.is_thread:
        raise RefusedError(160004)
    message.flags |= HAS_THREAD
    thread = open_thread(message.channel, name, owner, starter=message)
    message.thread = thread
    times = thread.world.times
    starter = Message(times.snowflake(), thread, message.author, times.now(), kind=THREAD_STARTER)
    starter.reference = message
    thread.messages[starter.id] = starter
    tell(message, "MESSAGE_UPDATE")
    return thread


def react(message: Message, who: Member, emoji: str) -> None:
    """Put an emoji below a message, once a person."""
    people = message.reactions.setdefault(emoji, [])
    if who.user in people:
        return
    people.append(who.user)
    data = _reaction(message, who.user, emoji) | {"message_author_id": str(message.author.id)}
    if message.channel.guild:
        data["member"] = views.member(who)
    _emit(message, "MESSAGE_REACTION_ADD", data, intent=events.GUILD_REACTIONS)


def unreact(message: Message, who: User, emoji: str) -> None:
    """Take somebody's emoji away."""
    people = message.reactions.get(emoji, [])
    if who not in people:
        return
    people.remove(who)
    if not people:
        del message.reactions[emoji]
    data = _reaction(message, who, emoji)
    _emit(message, "MESSAGE_REACTION_REMOVE", data, intent=events.GUILD_REACTIONS)


def type_in(place: Channel, who: Member) -> None:
    """Show for ten seconds that somebody types."""
    times = place.world.times
    place.typed_s[who.name] = times.now()
    data: Json = {
        "channel_id": str(place.id),
        "user_id": str(who.id),
        "timestamp": int(times.epoch_s(times.now())),
    }
    if place.guild:
        data |= {"guild_id": str(place.guild.id), "member": views.member(who)}
    place.world.events.emit("TYPING_START", data, intent=events.GUILD_TYPING, place=place)


def tell(message: Message, event: str) -> None:
    """Tell the bot of a message; of ephemeral ones nobody is told."""
    if message.only_for:
        return
    guild = message.channel.guild
    more: Json = {}
    if guild:
        author = guild.members.get(message.author.id)
        more["guild_id"] = str(guild.id)
        more |= {"member": views.member(author, with_user=False)} if author else {}
    data = views.message(message) | more
    redacted = views.message(message, with_content=False) | more
    _emit(message, event, data, redacted=redacted)


def _emit(
    message: Message,
    event: str,
    data: Json,
    *,
    intent: int = events.GUILD_MESSAGES,
    redacted: Json | None = None,
) -> None:
    if message.only_for:
        return
    place = message.channel
    if place.guild:
        data["guild_id"] = str(place.guild.id)
    place.world.events.emit(event, data, intent=intent, place=place, redacted=redacted)


def _reaction(message: Message, who: User, emoji: str) -> Json:
    return {
        "user_id": str(who.id),
        "channel_id": str(message.channel.id),
        "message_id": str(message.id),
        "emoji": views.emoji(emoji),
        "burst": False,
        "type": 0,
    }


def _posted_before(place: Channel, author: Member, draft: Draft) -> Message | None:
    """The message with the same nonce, if it is to be posted only once."""
    if not draft.is_nonce_enforced:
        return None
    known = place.world.nonces.get((place.id, author.id, str(draft.nonce)))
    is_recent = known and place.world.times.now() - known.created_s < NONCE_LASTS_S
    return known if is_recent else None


def _write(message: Message, draft: Draft) -> None:
    """Check what the message would be, and only then let it be that."""
    content = message.content if draft.content is None else draft.content
    embeds = message.embeds if draft.embeds is None else draft.embeds
    parts = message.components if draft.components is None else draft.components
    flags = _flags(message, draft)
    files = [f for f in message.attachments if draft.kept is None or f.id in draft.kept]
    files += draft.files
    if not flags & LOADING:
        _check(content, embeds, parts, is_v2=bool(flags & COMPONENTS_V2))
        if draft.components is not None:
            components.check_galleries(parts, [file.filename for file in files])
        if not (content or embeds or parts or files):
            raise RefusedError(50006)
    message.content, message.embeds, message.flags = content, embeds, flags
    message.components = components.with_ids(parts) if draft.components is not None else parts
    message.attachments = files
    message.versions.append(message.text)


def _flags(message: Message, draft: Draft) -> int:
    """The flags: some may be set anew, and that of Components V2 stays for ever."""
    flags = message.flags
    if draft.flags is not None:
        flags = flags & ~SUPPRESS_EMBEDS | draft.flags & FREE_FLAGS
    flags |= EPHEMERAL if draft.only_for else 0
    return flags | (LOADING if draft.is_loading else 0)


def _check(content: str, embeds: list[Json], parts: list[Json], *, is_v2: bool) -> None:
    for name, value in (("content", content), ("embeds", embeds)):
        if is_v2 and value:
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            raise invalid(name, code, _LEGACY.format(name))
    limits.check_content(content)
    limits.check_embeds(embeds)
    components.check_message(parts, is_v2=is_v2)


def _ping(message: Message, author: Member, draft: Draft) -> None:
    """Note who hears of a new message."""
    pinged = pinged_by(message, author, draft.allowed_mentions)
    message.pings, message.mentioned_roles = pinged.names, pinged.roles
    message.mentioned = pinged.users


def _join(place: Channel, author: Member) -> None:
    """Who writes in a thread takes part in it; and what was archived is open again."""
    if not place.is_thread:
        return
    if place.is_archived:
        place.is_archived = False
        place.tell("THREAD_UPDATE")
    if author.id not in place.joined:
        join(place, author.user)


def join(place: Channel, who: User) -> None:
    """Let somebody take part in a thread."""
    assert place.guild
    place.joined.add(who.id)
    data = {
        "id": str(place.id),
        "guild_id": str(place.guild.id),
        "member_count": len(place.joined),
        "added_members": [views.thread_member(place, who.id)],
        "removed_member_ids": [],
    }
    place.world.events.emit("THREAD_MEMBERS_UPDATE", data, intent=events.GUILDS, place=place)
