"""Reactions over REST."""

from tests.fakes.discord import posting, views
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.errors import RefusedError
from tests.fakes.discord.messages import Message
from tests.fakes.discord.permissions import demand
from tests.fakes.discord.rest.routes import Answer, Asked, route

REACTIONS = "/channels/{channel}/messages/{message}/reactions"


@route("PUT", REACTIONS + "/{emoji}/@me")
def add(asked: Asked) -> Answer:
    """Put an emoji below a message; a new one needs a right of its own."""
    place, message, emoji = _found(asked)
    bot = asked.world.bot_in(place)
    demand(bot, place, "read_message_history")
    if emoji not in message.reactions:
        demand(bot, place, "add_reactions")
    if place.is_archived:
        raise RefusedError(50083)
    posting.react(message, bot, emoji)
    return None


@route("GET", REACTIONS + "/{emoji}")
def people(asked: Asked) -> Answer:
    """Who put an emoji there."""
    _, message, emoji = _found(asked)
    return [views.user(who) for who in message.reactions.get(emoji, ())]


@route("DELETE", REACTIONS + "/{emoji}/{user}")
def remove(asked: Asked) -> Answer:
    """Take an emoji away: the bot's own, or with a right that of somebody."""
    place, message, emoji = _found(asked)
    bot = asked.world.bot_in(place)
    if asked.parameters["user"] == "@me":
        posting.unreact(message, bot.user, emoji)
        return None
    demand(bot, place, "manage_messages")
    who = asked.world.users.get(asked.id("user"))
    if who is None:
        raise RefusedError(10013)
    posting.unreact(message, who, emoji)
    return None


@route("DELETE", REACTIONS)
def clear(asked: Asked) -> Answer:
    """Take all emojis away."""
    place = asked.channel()
    message = asked.message(place)
    demand(asked.world.bot_in(place), place, "manage_messages")
    for emoji, who in [(emoji, who) for emoji, all_ in message.reactions.items() for who in all_]:
        posting.unreact(message, who, emoji)
    return None


def _found(asked: Asked) -> tuple[Channel, Message, str]:
    place = asked.channel()
    emoji = asked.parameters["emoji"]
    if emoji.isascii() and ":" not in emoji:
        raise RefusedError(10014)
    return place, asked.message(place), emoji
