"""What Slack sends, to whoever takes care of it; acknowledged once nothing can be lost."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.platforms.slack.commands import Commands
from bot.platforms.slack.errors import SlackNotInstalledError
from bot.platforms.slack.home import Home
from bot.platforms.slack.listening import Listening
from bot.platforms.slack.pressing import Pressing
from bot.platforms.slack.workspaces import Ourselves, Workspaces
from knowledge.errors import TertuliaError

Body = Mapping[str, Any]
log = structlog.get_logger(__name__)


class Reception:
    """The one middleware of ours: Bolt acknowledges what it returns, with nothing before it.

    Bolt's own listeners for events run after the acknowledgement, and what ended a process then
    would be lost.
    """

    def __init__(
        self,
        workspaces: Workspaces,
        listening: Listening,
        commands: Commands,
        pressing: Pressing,
        home: Home,
    ) -> None:
        self._workspaces = workspaces
        self._listening, self._commands, self._pressing = listening, commands, pressing
        self._home = home

    async def receive(self, body: Body, context: AsyncBoltContext, ack: AsyncAck) -> BoltResponse:
        """Take it in; what fails here is delivered again."""
        team = str(context.team_id or context.enterprise_id or "")
        try:
            if _is_farewell(body):
                at = datetime.fromtimestamp(int(body["event_time"]), UTC)
                await self._workspaces.leave(team, at)
                return await ack()
            us = await self._workspaces.ourselves(team)
            said = await self._taken(body, us)
        except SlackNotInstalledError:
            # One that has thrown us out, or that the settings no longer name: nobody waits there.
            log.info("left out what comes from where the app is not installed", team=team)
            return await ack()
        except TertuliaError as error:
            log.warning("could not take something in", kind=error.kind, reason=str(error))
            raise
        return await ack(**said)

    async def _taken(self, body: Body, us: Ourselves) -> dict[str, Any]:
        """What is said with the acknowledgement."""
        if body.get("type") == "event_callback":
            event = body["event"]
            if event.get("type") == "app_home_opened":
                self._home.opened(event, us)
            await self._listening.hear(event, us, str(body["event_id"]))
            return {}
        if "command" in body:
            return await self._commands.run(body, us)
        return await self._pressing.take(body, us)


def _is_farewell(body: Body) -> bool:
    """Whether a workspace has thrown us out."""
    event = body.get("event") or {}
    kind = event.get("type")
    return kind == "app_uninstalled" or (
        kind == "tokens_revoked" and bool(event.get("tokens", {}).get("bot"))
    )
