"""A Discord on loopback that a bot cannot tell from the real one."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Self, TypeVar

from aiohttp import web

from tests.fakes.discord.faults import Faults
from tests.fakes.discord.gateway import MOST_IDENTIFIES, Gateway
from tests.fakes.discord.rates import Rates
from tests.fakes.discord.serving import PREFIX, Rest
from tests.fakes.discord.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.fakes.discord.errors import Json
    from tests.fakes.discord.guilds import Guild
    from tests.fakes.discord.serving import Call
    from tests.fakes.discord.times import Clock

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAw.fake.a-token-for-loopback"  # noqa: S105 (opens nothing)
T = TypeVar("T")


class RealClock:
    """The time as it goes by."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()


class FakeDiscord:
    """Discord on loopback: REST and gateway of version 10, a CDN, and people.

    Use it with `async with`; afterwards nothing listens any more.

    Args:
        clock: on which interactions and tokens expire and rates are counted; where it stands
            still, switch rates off (`rates.is_on = False`) or go on by hand.
        bot: the name of our bot.
        privileged: the intents that are switched on in the portal: `message_content`,
            `members`, `presences`.

    Attributes:
        api_base, gateway_url: what `DISCORD_API_BASE` and `DISCORD_GATEWAY_URL` are set to.
        token: what `DISCORD_TOKEN` is set to.
        shards: how many `/gateway/bot` recommends.
        events: duplicates, delays, disorder.
        gateway: reconnects, invalid sessions, silence.
        faults: errors, storms, slow and broken answers of REST.
        rates: buckets, the global limit, the ban.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        bot: str = "Tertulia",
        privileged: Iterable[str] = (),
        token: str = TOKEN,
    ) -> None:
        self.world = World(clock or RealClock(), bot=bot, privileged=privileged)
        self.token = token
        self.shards = 1
        self.api_base = ""
        self.gateway_url = ""
        self.bot = self.world.bot
        self.events = self.world.events
        self.gateway = Gateway(self.world, token)
        self.faults = Faults(self.world.times)
        self.rates = Rates(self.world.times)
        self.rest = Rest(self.world, token, self.rates, self.faults, self._about_gateway)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", PREFIX + "/{path:.*}", self.rest.serve)
        app.router.add_get("/gateway{slash:/?}", self.gateway.serve)
        app.router.add_get("/attachments/{path:.*}", self.world.cdn.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.world.cdn.base = f"http://{host}:{port}"
        self.api_base = f"{self.world.cdn.base}{PREFIX}"
        self.gateway_url = self.gateway.url = f"ws://{host}:{port}/gateway"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.events.stop()
        self.gateway.close_all(1001)
        await self._runner.cleanup()

    @property
    def calls(self) -> list[Call]:
        """All REST requests, oldest first."""
        return self.rest.calls

    @property
    def unknown(self) -> list[str]:
        """Requests for what this fake does not have."""
        return self.rest.unknown

    def guild(
        self, name: str, *, locale: str = "en-US", bot_permissions: Iterable[str] = ()
    ) -> Guild:
        """A new guild with our bot in it.

        `bot_permissions` is what its role allows besides what everybody may.
        """
        return self.world.new_guild(name, locale=locale, permissions=bot_permissions)

    def called(self, route: str) -> list[Call]:
        """The requests for one route, such as `POST /channels/{channel}/messages`."""
        return [call for call in self.calls if call.route == route]

    async def connected(self, *, within: float = 10.0) -> None:
        """Wait until a bot listens."""
        await self.until(lambda: self.gateway.is_connected, within=within)

    async def until(self, found: Callable[[], T | None], *, within: float = 5.0) -> T:
        """Wait until this is true, and return what it is; in seconds of the real clock."""
        deadline = time.monotonic() + within
        while not (result := found()):
            latest = [f"{call.status} {call.route}" for call in self.calls[-8:]]
            assert time.monotonic() < deadline, f"Not within {within} s. The last calls: {latest}"
            await asyncio.sleep(0.005)
        return result

    def _about_gateway(self) -> Json:
        limit = {"total": MOST_IDENTIFIES, "remaining": max(self.gateway.identifies_left, 0)}
        more = {"reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.gateway_url, "shards": self.shards, "session_start_limit": limit | more}
