"""What commands of every chat ask for, and what is said to it."""

from collections.abc import Sequence

from bot.channels import Channel
from bot.desk import Desk
from bot.replying import key_of
from bot.wording import say
from knowledge.errors import TertuliaError


async def choose_persona(
    desk: Desk, person: str, place: tuple[str, Channel], name: str, language: str
) -> str:
    """Have somebody else answer a person in a channel; what they are told.

    Args:
        desk: of Tertulia.
        person: who wants it.
        place: the name of the channel, and what the team has set for it.
        name: of the persona.
        language: of what they are told.
    """
    channel, set_there = place
    offered = await desk.personas(set_there)
    if name not in offered:
        return say("no-such-persona", language, name=name, names=", ".join(offered))
    await desk.choose_persona(person, channel, name)
    return say("persona-now", language, name=name)


def unknown_source(desk: Desk, names: Sequence[str], language: str) -> str:
    """What is said of the first of these names that no source has; empty where all are known."""
    known = desk.source_names()
    for name in names:
        if name not in known:
            return say("no-such-source", language, name=name, names=", ".join(known))
    return ""


def refreshing(names: Sequence[str], language: str) -> str:
    """What is said of the sources that are refreshed."""
    if not names:
        return say("refreshing-nothing", language)
    return say("refreshing", language, names=", ".join(names))


def failure(desk: Desk, person: str, error: TertuliaError, language: str) -> str:
    """What somebody is told whose order failed; those who look after Tertulia, also the reason."""
    if desk.is_admin(person):
        return say("command-failed", language, reason=f"{error} {error.what_to_do}")
    return say(key_of(error), language, kind=error.kind)
