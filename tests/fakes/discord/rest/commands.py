"""Commands over REST: list, overwrite, create, delete."""

from tests.fakes.discord.errors import RefusedError
from tests.fakes.discord.rest.routes import Answer, Asked, route

EVERYWHERE = "/applications/{application}/commands"
IN_GUILD = "/applications/{application}/guilds/{guild}/commands"


@route("GET", EVERYWHERE)
@route("GET", IN_GUILD)
def listed(asked: Asked) -> Answer:
    """What is registered."""
    return asked.world.commands.of(_place(asked))


@route("PUT", EVERYWHERE)
@route("PUT", IN_GUILD)
def overwrite(asked: Asked) -> Answer:
    """Register these in the place of all others."""
    return asked.world.commands.overwrite(_place(asked), asked.body)


@route("POST", EVERYWHERE)
@route("POST", IN_GUILD)
def create(asked: Asked) -> Answer:
    """Register one more."""
    return asked.world.commands.create(_place(asked), asked.form)


@route("DELETE", EVERYWHERE + "/{command}")
@route("DELETE", IN_GUILD + "/{command}")
def delete(asked: Asked) -> Answer:
    """Take one away."""
    asked.world.commands.delete(_place(asked), asked.id("command"))
    return None


def _place(asked: Asked) -> int | None:
    """The guild's id, or None; only for our own application."""
    if asked.id("application") != asked.world.bot.id:
        raise RefusedError(50001)
    return asked.guild().id if "guild" in asked.parameters else None
