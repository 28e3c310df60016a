"""A process of its own talks to the fake, with nothing but its settings to know it by."""

import asyncio
import os
import sys
from pathlib import Path

from tests.fakes.slack import FakeSlack

APP = """
import asyncio, os
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

async def main():
    client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(client=client)

    @app.event("app_mention")
    async def answer(event, say):
        await say("I am process " + str(os.getpid()), thread_ts=event["ts"])

    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start_async()

asyncio.run(main())
"""


async def test_a_process_answers_and_may_be_killed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    async with FakeSlack() as slack:
        team = slack.team()
        ana = team.user("Ana")
        general = team.channel("general", [ana])
        environment = dict(os.environ) | slack.environment(team)  # noqa: TID251 (what a process inherits)
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(tmp_path / "app.py"), env=environment
        )
        try:
            await slack.sockets.connected(within_s=60)
            await ana.mentions(general, "who are you?")
            await slack.until(lambda: len(general.transcript().texts()) == 2, within=60)
        finally:
            process.kill()
            await process.wait()
        assert general.transcript().texts()[1] == f"I am process {process.pid}"
        await slack.until(lambda: not slack.sockets.links)
