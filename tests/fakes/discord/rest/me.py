"""What the bot asks about itself, and about the gateway."""

from tests.fakes.discord import views
from tests.fakes.discord.errors import Json, RefusedError
from tests.fakes.discord.rest.routes import Answer, Asked, route

# What the portal allows for bots in few guilds, as flags of an application.
FLAGS = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}


@route("GET", "/gateway", is_open=True)
def gateway(asked: Asked) -> Answer:
    """Where the gateway is."""
    return {"url": asked.gateway["url"]}


@route("GET", "/gateway/bot")
def gateway_bot(asked: Asked) -> Answer:
    """Where the gateway is, with how many shards, and how often one may identify."""
    return asked.gateway


@route("GET", "/users/@me")
def me(asked: Asked) -> Answer:
    """The bot's account."""
    more = {"verified": True, "mfa_enabled": False, "locale": "en-US", "flags": 0}
    return views.user(asked.world.bot) | more


@route("GET", "/users/@me/guilds")
def guilds(asked: Asked) -> Answer:
    """The guilds that the bot is in, in short."""
    teams = [each for each in asked.world.guilds.values() if each.has_bot]
    return [
        {"id": str(each.id), "name": each.name, "icon": None, "owner": False, "features": []}
        | {"permissions": "0"}
        for each in teams
    ]


@route("GET", "/users/{user}")
def user(asked: Asked) -> Answer:
    """An account."""
    found = asked.world.users.get(asked.id("user"))
    if found is None:
        raise RefusedError(10013)
    return views.user(found)


@route("GET", "/applications/@me")
@route("GET", "/oauth2/applications/@me")
def application(asked: Asked) -> Answer:
    """The application, with what is switched on in the portal."""
    bot = asked.world.bot
    flags = sum(FLAGS[name] for name in asked.world.privileged if name in FLAGS)
    teams = sum(each.has_bot for each in asked.world.guilds.values())
    seen: Json = dict.fromkeys(("icon", "cover_image", "team", "interactions_endpoint_url"))
    return seen | {
        "id": str(bot.id),
        "name": bot.name,
        "description": "",
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "00" * 32,
        "rpc_origins": [],
        "owner": views.user(bot),
        "flags": flags,
        "approximate_guild_count": teams,
        "redirect_uris": [],
        "role_connections_verification_url": None,
        "bot": views.user(bot),
    }
