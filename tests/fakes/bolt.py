"""A real Bolt app, connected to the fake of Slack as any app would be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack, Team


def client_of(slack: FakeSlack, team: Team) -> AsyncWebClient:
    """The client with which the app acts in a workspace."""
    return AsyncWebClient(team.bot_token, base_url=slack.api_url)


def app_of(slack: FakeSlack, team: Team) -> AsyncApp:
    """An app without listeners."""
    return AsyncApp(client=client_of(slack, team), signing_secret=slack.app.signing_secret)


@asynccontextmanager
async def connected(slack: FakeSlack, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """Over Socket Mode; pings go every 0.2 s, so that what is cut is noticed soon."""
    handler = AsyncSocketModeHandler(app, slack.app.app_token, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt has no types here
    try:
        await slack.sockets.connected()
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # Bolt has no types here


@asynccontextmanager
async def listening(slack: FakeSlack, app: AsyncApp) -> AsyncIterator[str]:
    """Over HTTP; the address is where events go."""
    runner = web.AppRunner(app.web_app(), shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        url = f"http://{host}:{port}/slack/events"
        await slack.posts_to(url)
        yield url
    finally:
        await runner.cleanup()
