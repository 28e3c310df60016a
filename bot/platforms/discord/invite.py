"""What Discord knows of our application, how it is invited, and what is not right with it."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice

import discord

from bot.channels import is_full_name
from bot.platform_settings import DiscordSettings
from bot.platforms.discord.allowed import WANTED, Lack, lacks
from bot.platforms.discord.client import connection
from bot.platforms.discord.failures import DiscordBusyError, DiscordRefusedError, translated
from bot.platforms.discord.spot import NAME, alone
from knowledge.errors import TransientError

SCOPES = ("bot", "applications.commands")
MOST_SERVERS = 20
"""Servers in which is looked at what we may do: three calls each."""
PORTAL = "discord.com/developers/applications, your app"
Said = tuple[str, str, str]


class DiscordUnreachableError(TransientError):
    """Discord could not be asked, and whoever wanted to know must ask again."""


@dataclass(frozen=True, slots=True)
class Application:
    """Our application.

    Attributes:
        servers: by id, their names.
        is_public: whether anybody may invite it.
        has_content: whether the intent for the content of messages is switched on.
        endpoint: where Discord sends commands to; over the gateway where that is empty.
    """

    number: int
    name: str
    servers: dict[int, str]
    is_public: bool
    has_content: bool
    endpoint: str

    @property
    def invite(self) -> str:
        """The address that lets whoever manages a server invite it, with the least rights."""
        return discord.utils.oauth_url(self.number, permissions=WANTED, scopes=SCOPES)


async def application(settings: DiscordSettings) -> Application:
    """Ask Discord.

    Raises:
        DiscordSettingsError: the token is wrong.
        DiscordUnreachableError: Discord cannot be reached.
    """
    async with _asking(settings) as client:
        about = await client.application_info()
        servers = {guild.id: guild.name async for guild in client.fetch_guilds(limit=None)}
    flags = about.flags
    return Application(
        number=about.id,
        name=about.name,
        servers=servers,
        is_public=about.bot_public,
        has_content=flags.gateway_message_content or flags.gateway_message_content_limited,
        endpoint=about.interactions_endpoint_url or "",
    )


async def shortcomings(about: Application, settings: DiscordSettings) -> list[Lack]:
    """Ask Discord what we may not do in the channels that we see; raises as `application`."""
    async with _asking(settings) as client:
        return await lacks(client, islice(about.servers, MOST_SERVERS))


async def told_in(name: str, settings: DiscordSettings) -> list[Said]:
    """Whether there is the channel where alarms are told, if that is one of Discord."""
    if not (name.startswith(f"{NAME}:") and is_full_name(name)):
        return []
    spot, where = alone(name), f"told_in = {name}"
    try:
        async with _asking(settings) as client:
            found = await client.fetch_channel(spot.channel)
    except DiscordRefusedError as error:
        return [("broken", f"{where}: {error}", error.what_to_do)]
    server = getattr(found, "guild", None)
    if server is None or server.id != spot.guild:
        advice = f'Right: told_in = "{NAME}:{server.id if server else "SERVER"}:chan:{found.id}"'
        return [("broken", f"{where}: it is not on that server", advice)]
    return [("ok", f"{where}: the bot sees that channel", "")]


@asynccontextmanager
async def _asking(settings: DiscordSettings) -> AsyncIterator[discord.Client]:
    """Somebody logged in, without a connection; nothing is tried again."""
    try:
        with translated("asking for our application"):
            async with connection(settings) as client:
                await client.login(settings.discord_token.get_secret_value())
                yield client
    except DiscordBusyError as error:
        advice = "Look at the network and at discordstatus.com, then run this again."
        raise DiscordUnreachableError(str(error), what_to_do=advice) from error


def findings(
    about: Application, lacking: Sequence[Lack], settings: DiscordSettings
) -> Iterator[Said]:
    """What is right and what is not: a state, what it is, what to do."""
    if settings.discord_message_content and not about.has_content:
        what = "DISCORD_MESSAGE_CONTENT=true, but the bot may not read messages"
        yield "broken", what, f"Switch on: {PORTAL}, Bot, Message Content Intent"
    if about.endpoint:
        what = "commands are sent to an address and not to us"
        yield "broken", what, f"Empty it: {PORTAL}, General, Interactions Endpoint URL"
    if not about.servers:
        yield "broken", f"{about.name} is on no server", f"Invite it: {about.invite}"
    unknown = [one for one in settings.discord_guilds if int(one) not in about.servers]
    if unknown:
        what = f"DISCORD_GUILDS names {', '.join(unknown)}, where the bot is not"
        yield "broken", what, f"Invite it there: {about.invite}"
    if about.is_public and not settings.discord_guilds:
        what = "anybody may invite the bot, and members of every server count as your team"
        yield "note", what, f"Switch off: {PORTAL}, Bot, Public Bot; or set DISCORD_GUILDS"
    for lack in lacking:
        what = "Edit Channel, Permissions: give the bot's role these rights there"
        yield "broken" if lack.is_open else "note", str(lack), what
    if about.servers:
        yield "ok", f"{about.name} is on {', '.join(about.servers.values())}", ""
