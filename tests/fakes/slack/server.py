"""The fake of Slack: one server on loopback, with workspaces in which people do things."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Self

from aiohttp import web

from knowledge.sources.website.pace import Clock
from tests.fakes.slack.app import SlackApp
from tests.fakes.slack.arguments import read as read_arguments
from tests.fakes.slack.arguments import token_of
from tests.fakes.slack.calls import Call
from tests.fakes.slack.deliveries import Deliveries, Delivery, Way
from tests.fakes.slack.errors import RefusedError
from tests.fakes.slack.faults import Faults
from tests.fakes.slack.files import LOGIN_PAGE
from tests.fakes.slack.invitations import ResponseUrls, Triggers
from tests.fakes.slack.moments import Moments
from tests.fakes.slack.oauth import OAuth
from tests.fakes.slack.posts import Posts, signed
from tests.fakes.slack.rates import Rates
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.team import Team
from tests.fakes.slack.tokens import Tokens
from tests.fakes.slack.web_api import WebApi
from tests.fakes.slack.world import World


class FakeSlack:
    """Slack, as far as an app can see it.

    `async with FakeSlack() as slack:` listens on loopback. Events go over Socket Mode, or after
    `await slack.posts_to(url)` by signed requests. Three seconds to acknowledge, five minutes of a
    stream and the like are measured on `clock`; with a `SteppedClock`, a slow machine is never
    taken for a slow app, and a test decides when time is up.

    Attributes:
        app: what the makers of the app filled in; change it before the app connects.
        faults: what goes wrong.
        rates: `rates.are_on = False` for tests of other things.
        sockets: the app's connections: `refresh`, `warn`, `drop`, `ping`.
        oauth: where workspaces agree to an installation.
    """

    def __init__(self, *, clock: Clock | None = None, app: SlackApp | None = None) -> None:
        self.app = app or SlackApp()
        self.moments = Moments(clock or Clock())
        self.faults = Faults(self.moments)
        self.rates = Rates()
        self.sockets = Sockets(self.moments, self.faults)
        self.teams: dict[str, Team] = {}
        self._posts = Posts(self.app)
        self._deliveries = Deliveries(self.moments, self.faults, self._way)
        self._world = World(
            self.app,
            self.moments,
            self.faults,
            self._deliveries,
            Tokens(self.moments),
            self.rates,
            Triggers(self.moments),
            ResponseUrls(self.moments),
        )
        self.oauth = OAuth(self._world, self.teams)
        self._api = WebApi(self._world, self.teams, self.sockets, self.oauth)

    async def __aenter__(self) -> Self:
        site = web.Application(client_max_size=64 * 2**20)
        site.router.add_route("*", "/api/{method}", self._api.serve)
        site.router.add_get("/link/", self.sockets.serve)
        site.router.add_get("/oauth/v2/authorize", self.oauth.authorize)
        site.router.add_post("/actions/{name}", self._respond)
        site.router.add_get("/files-pri/{name}/download", self._download)
        site.router.add_post("/upload/v1/{name}", self._upload)
        site.router.add_get("/login", self._login)
        self._runner = web.AppRunner(site, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        listening = web.TCPSite(self._runner, "127.0.0.1", 0)
        await listening.start()
        host, port = self._runner.addresses[0][:2]
        self._world.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop_sending()
        await self.sockets.close()
        await callers_gone(self._runner)
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return self._world.url

    @property
    def api_url(self) -> str:
        """For `SLACK_API_URL` and `AsyncWebClient(base_url=...)`."""
        return f"{self.url}/api/"

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API, oldest first."""
        return self._api.calls

    @property
    def unknown_methods(self) -> list[str]:
        """Methods that were called and are not known here."""
        return self._api.unknown

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that was sent to the app, oldest first."""
        return self._deliveries.all

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    def environment(self, team: Team) -> dict[str, str]:
        """The settings with which the shipped process talks to this fake."""
        return {
            "SLACK_API_URL": self.api_url,
            "SLACK_APP_TOKEN": self.app.app_token,
            "SLACK_BOT_TOKEN": team.bot_token,
            "SLACK_SIGNING_SECRET": self.app.signing_secret,
        }

    def team(self, name: str = "Acme", *, is_installed: bool = True) -> Team:
        """A new workspace."""
        team = Team(self._world, name)
        self.teams[team.team_id] = team
        if is_installed:
            team.install()
        return team

    async def posts_to(self, url: str) -> None:
        """Change to HTTP mode, once the address has shown that it is the app's.

        Raises:
            AssertionError: it did not answer the challenge.
        """
        if not await self._posts.challenge(url):
            raise AssertionError(f"{url} does not answer Slack's challenge.")
        self.app.request_url = url

    def sign(self, body: str, *, timestamp: int | None = None) -> dict[str, str]:
        """The headers of a genuine request with this body; forge them as you like."""
        return signed(self.app.signing_secret, body, timestamp=timestamp)

    async def stop_sending(self) -> None:
        """Give up what is under way; for the end of a test, before the app goes."""
        await self._deliveries.close()

    async def until(self, condition: Callable[[], object], *, within: float = 10.0) -> None:
        """Wait until something is so.

        Args:
            condition: looked at again and again.
            within: real seconds.

        Raises:
            AssertionError: it is not so in time.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while not condition():
            if loop.time() > end:
                last = [(call.method, call.status) for call in self.calls[-5:]]
                raise AssertionError(f"It did not come true in {within} s. Last calls: {last}")
            await asyncio.sleep(0.005)

    def _way(self) -> Way:
        return self._posts if self.app.request_url else self.sockets

    async def _respond(self, request: web.Request) -> web.Response:
        """A `response_url`."""
        try:
            said = json.loads(await request.read())
            self._world.response_urls.use(request.path, said)
        except RefusedError as error:
            is_gone = error.code.endswith("_url")
            return web.json_response(error.answer(), status=404 if is_gone else 400)
        return web.Response(text="ok")

    async def _download(self, request: web.Request) -> web.Response:
        """A file, for who may see it; all others are sent to the login page, as people are."""
        token = token_of(request, await read_arguments(request))
        try:
            grant = self._world.tokens.named(token)
        except RefusedError:
            raise web.HTTPFound("/login") from None
        team = self.teams[grant.team_id]
        file = next((f for f in team.files.values() if f.path == request.path), None)
        if file is None:
            raise web.HTTPNotFound
        is_seen = team.bot.user_id in team.channels[file.channel_id].members
        if "files:read" not in grant.scopes or not is_seen:
            raise web.HTTPFound("/login")
        return web.Response(body=file.content, content_type=file.mimetype)

    async def _upload(self, request: web.Request) -> web.Response:
        """The bytes of a file that the app has announced, as many as it has said."""
        content, fault = await request.read(), self.faults.take("upload")
        files = [(team, one) for team in self.teams.values() for one in team.files.values()]
        team, file = next(
            (pair for pair in files if pair[1].upload_path == request.path), (None, None)
        )
        if fault or team is None or file is None or file.title:
            return web.Response(status=fault.status if fault else 404, text="no")
        if len(content) != file.length:
            return web.Response(status=400, text="bad length")
        team.files[file.file_id] = replace(file, content=content)
        return web.Response(text=f"OK - {len(content)}")

    async def _login(self, _: web.Request) -> web.Response:
        return web.Response(text=LOGIN_PAGE, content_type="text/html")


async def callers_gone(runner: web.AppRunner) -> None:
    """Give who calls from this process half a second for the last answers: tests end abruptly."""
    for _ in range(100):
        if not (runner.server and runner.server.connections):
            return
        await asyncio.sleep(0.005)
