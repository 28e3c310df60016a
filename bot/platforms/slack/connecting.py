"""The way from Slack to us: a socket that we open, or requests that come in over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.platform_settings import SlackSettings
from bot.platforms.slack.line import Line
from bot.platforms.slack.names import PATH
from bot.platforms.slack.quiet import QUIET
from bot.platforms.slack.reception import Reception
from bot.platforms.slack.signatures import Once, is_genuine
from bot.platforms.slack.workspaces import Workspaces
from knowledge.errors import OperatorError

PING_S = 10.0
GOODBYE_S = 3.0
MOST_BYTES = 1_000_000
log = structlog.get_logger(__name__)


class SlackAddressError(OperatorError):
    """Nobody can listen where Slack shall send its events."""


def app_of(workspaces: Workspaces, reception: Reception) -> AsyncApp:
    """Bolt, with one middleware of ours behind its own; signatures are checked before it."""

    # Functions, not methods: Bolt fills in arguments by their names, and `self` is none of them.
    async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        return await workspaces.authorize(team_id, enterprise_id)

    async def receive(
        body: Mapping[str, Any], context: AsyncBoltContext, ack: AsyncAck
    ) -> BoltResponse:
        return await reception.receive(body, context, ack)

    app = AsyncApp(
        client=workspaces.client,
        authorize=authorize,
        logger=QUIET,
        request_verification_enabled=False,
    )
    app.middleware(receive)
    return app


async def connected(
    app: AsyncApp, settings: SlackSettings, pages: Sequence[web.RouteDef], line: Line
) -> None:
    """Take in what Slack sends until cancelled; beside a socket, pages for browsers are served.

    Args:
        app: takes it in.
        settings: tell which way it comes.
        pages: for browsers.
        line: is told how we are reached.
    """
    token = settings.slack_app_token.get_secret_value()
    if not token:
        async with listening(settings, [_events(app, settings, line), *pages]):
            line.began()
            await asyncio.Event().wait()
    elif pages:
        async with listening(settings, pages):
            await _over_socket(app, token, line)
    else:
        await _over_socket(app, token, line)


async def _over_socket(app: AsyncApp, token: str, line: Line) -> None:
    handler = AsyncSocketModeHandler(app, token, ping_interval=PING_S, logger=QUIET)
    line.goes_over(handler.client)
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt has no type here
        log.info("connected to Slack", over="socket")
        await asyncio.Event().wait()
    finally:
        with suppress(TimeoutError):  # Slack may be gone; its goodbye is not worth waiting for
            async with asyncio.timeout(GOODBYE_S):
                await handler.close_async()  # type: ignore[no-untyped-call]  # as above


@asynccontextmanager
async def listening(settings: SlackSettings, routes: Sequence[web.RouteDef]) -> AsyncIterator[None]:
    """Listen for requests.

    Raises:
        SlackAddressError: the port is taken, for instance.
    """
    site = web.Application(client_max_size=MOST_BYTES)
    site.router.add_routes(routes)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    host, port = settings.slack_http_host, settings.slack_http_port
    try:
        await _started(web.TCPSite(runner, host, port))
        log.info("listening", at=[route.path for route in routes], host=host, port=port)
        yield
    finally:
        await runner.cleanup()


async def _started(site: web.TCPSite) -> None:
    try:
        await site.start()
    except OSError as error:
        raise SlackAddressError(
            f"Slack's events cannot be listened for at {site.name}: {error.strerror}.",
            what_to_do="Set SLACK_HTTP_HOST and SLACK_HTTP_PORT to an address that is free.",
        ) from error


def _events(app: AsyncApp, settings: SlackSettings, line: Line) -> web.RouteDef:
    """Where Slack's own requests arrive; every other one gets a 401 and no more."""
    secret, once = settings.slack_signing_secret.get_secret_value(), Once()

    async def events(request: web.Request) -> web.StreamResponse:
        body = await _read(request)
        if not is_genuine(body, request.headers, secret) or not once.is_new(request.headers):
            log.warning("refused a request that Slack has not signed", bytes=len(body))
            return web.Response(status=401)
        line.asked()
        status = 500
        try:
            answer = await _answered(app, request, body)
            status = answer.status
        finally:
            if status >= 500:
                once.forget(request.headers)
        return answer

    return web.post(PATH, events)


async def _read(request: web.Request) -> bytes:
    """What came; nothing where it is longer than anything of Slack's, of which the rest is left."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        return b""


async def _answered(app: AsyncApp, request: web.Request, body: bytes) -> web.StreamResponse:
    """Hand a request over that Slack has signed."""
    said = AsyncBoltRequest(
        body=body.decode(), query=request.query_string, headers=dict(request.headers)
    )
    return await to_aiohttp_response(await app.async_dispatch(said))
