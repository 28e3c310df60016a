"""Which messages are meant for us, what they say, and to which conversation they belong."""

import re

import discord

from bot.channels import Channel
from bot.notices import language_for
from bot.platforms.discord import spot as names
from bot.platforms.discord.spot import Files, Spot
from bot.platforms.discord.texts import in_one_line
from knowledge.turn import Turn

KINDS = (discord.MessageType.default, discord.MessageType.reply)
WITH_THREADS = (discord.ChannelType.text, discord.ChannelType.news)


def is_said(message: discord.Message, channel: Channel) -> bool:
    """Whether somebody has written it: a person, or a bot that the team wants to be answered."""
    if message.webhook_id or message.type not in KINDS:
        return False
    return not message.author.bot or names.person(message.author.id) in channel.bots


def is_for_us(message: discord.Message, us: discord.ClientUser, channel: Channel) -> bool:
    """Whether an answer is wanted: in private, to a mention, to a reply, in a thread of ours."""
    if message.guild is None:
        return _is_direct(message)
    if us in message.mentions:
        return True
    if not is_told(message):
        return False
    if _answered(message) is not None:
        return _answered(message) == us
    me = message.guild.self_role
    if me and me in message.role_mentions:
        return True
    return _goes_on_with_us(message, us) and channel.follows


def is_told(message: discord.Message) -> bool:
    """Whether we know what it says: without the intent not what others say to each other."""
    return bool(message.content or message.attachments)


def _is_direct(message: discord.Message) -> bool:
    """Whether nobody but the author reads it: not in a server of which nothing is known yet."""
    return getattr(message.channel, "guild_id", None) is None


def _goes_on_with_us(message: discord.Message, us: discord.ClientUser) -> bool:
    """Whether it follows in a thread that we take part in, and is said to nobody else."""
    thread = message.channel
    if not isinstance(thread, discord.Thread) or message.mentions or message.role_mentions:
        return False
    return thread.owner_id == us.id or thread.me is not None


def _answered(message: discord.Message) -> discord.abc.User | None:
    """Whom a message answers; None where it answers nobody or that is not known."""
    earlier = message.reference.resolved if message.reference else None
    return earlier.author if isinstance(earlier, discord.Message) else None


def files_of(message: discord.Message) -> Files:
    """What is attached to a message."""
    return tuple((one.filename, one.size, one.url) for one in message.attachments)


def _replied_to(message: discord.Message) -> int:
    """The message that this one replies to; 0 for none, and for what is only forwarded."""
    if message.type is not discord.MessageType.reply or message.reference is None:
        return 0
    return message.reference.message_id or 0


def said(message: discord.Message, us: discord.ClientUser) -> str:
    """The words, with the names of others in the place of numbers, and without ours."""
    text = re.sub(rf"<@!?{us.id}>", "", message.content)
    me = message.guild.self_role if message.guild else None
    if me:
        text = text.replace(me.mention, "")
    for user in message.mentions:
        text = re.sub(rf"<@!?{user.id}>", f"@{user.display_name}", text)
    for named in (*message.role_mentions, *message.channel_mentions):
        sign = "@" if isinstance(named, discord.Role) else "#"
        text = text.replace(named.mention, f"{sign}{named.name}")
    return text.strip()


def spot_of_message(message: discord.Message, us: discord.ClientUser, text: str, mark: str) -> Spot:
    """Where a message stands; in a channel a thread is begun, but for replies to us."""
    room, to_us = message.channel, _answered(message) == us
    begins = message.guild is not None and room.type in WITH_THREADS and not to_us
    return Spot(
        mark=mark,
        user=message.author.id,
        guild=message.guild.id if message.guild else 0,
        channel=room.id,
        parent=parent_of(room),
        message=message.id,
        thread=(in_one_line(text) or "…") if begins else "",
        files=files_of(message),
        about=0 if to_us else _replied_to(message),
    )


def parent_of(room: object) -> int:
    """The channel whose rights count."""
    if isinstance(room, discord.Thread):
        return room.parent_id
    return int(getattr(room, "id", 0))


def conversation(spot: Spot, root: str = "") -> str:
    """The name of a conversation: a thread, direct messages, what one person asks in private.

    Args:
        spot: where the question stands.
        root: the conversation that a message goes on with in a channel.
    """
    if spot.is_private and not spot.is_direct:
        return f"{names.NAME}:{spot.channel}:{spot.user}"
    if spot.is_direct or spot.channel != spot.parent:
        return f"{names.NAME}:{spot.channel}"
    return root or f"{names.NAME}:{spot.message or spot.mark}"


def answered_key(message: discord.Message, us: discord.ClientUser) -> str:
    """The key of the question whose answer a message replies to; empty where it does not."""
    earlier = message.reference.resolved if message.reference else None
    if not isinstance(earlier, discord.Message) or earlier.author != us:
        return ""
    if earlier.interaction_metadata:
        return key(earlier.interaction_metadata.id)
    question = earlier.reference.message_id if earlier.reference else None
    return key(question) if question else ""


def key(mark: int | str) -> str:
    """What a message, a message as it was edited, or a command is called in the inbox."""
    return f"{names.NAME}:{mark}"


def language(text: str, channel: Channel, locale: str = "") -> str:
    """The language of notices: the channel's, the asker's, or that of the words."""
    return language_for(channel.language or locale, text)


def turn_of(spot: Spot, text: str, *, keys: tuple[str, ...], locale: str, root: str = "") -> Turn:
    """What is written into the inbox."""
    return Turn(
        platform=names.NAME,
        keys=keys,
        conversation=conversation(spot, root),
        author=names.person(spot.user),
        text=text,
        place=spot.as_json(),
        locale=locale,
        channel=spot.counted_as,
    )
