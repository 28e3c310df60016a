"""Guilds over REST: their channels, roles and people."""

from tests.fakes.discord import views
from tests.fakes.discord.errors import RefusedError
from tests.fakes.discord.rest.routes import Answer, Asked, number, route


@route("GET", "/guilds/{guild}")
def get(asked: Asked) -> Answer:
    """A guild."""
    guild = asked.guild()
    counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
    return views.guild_rest(guild) | (counts if "with_counts" in asked.query else {})


@route("GET", "/guilds/{guild}/channels")
def channels(asked: Asked) -> Answer:
    """Its channels, without threads."""
    return [views.channel(each) for each in asked.guild().channels]


@route("GET", "/guilds/{guild}/roles")
def roles(asked: Asked) -> Answer:
    """Its roles."""
    return [views.role(each) for each in asked.guild().roles]


@route("GET", "/guilds/{guild}/members")
def members(asked: Asked) -> Answer:
    """Its people by id, a page at a time; the portal must allow it."""
    guild = asked.guild()
    if "members" not in asked.world.privileged:
        raise RefusedError(50001)
    after = number(asked.query.get("after", "0"), "after")
    found = [each for number_, each in sorted(guild.members.items()) if number_ > after]
    return [views.member(each) for each in found[: asked.limit(1000, 1)]]


@route("GET", "/guilds/{guild}/members/{user}")
def member(asked: Asked) -> Answer:
    """One of its people."""
    return views.member(asked.member(asked.guild(), "user"))
