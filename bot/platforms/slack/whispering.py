"""Words for one person alone, in the place where they pressed something."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import structlog

from bot.platforms.slack.workspaces import Workspaces

log = structlog.get_logger(__name__)


async def respond(workspaces: Workspaces, url: str, content: Mapping[str, Any]) -> int:
    """Answer at a `response_url`; the status, 0 where there was none.

    Slack takes five answers there, for half an hour.
    """
    said = {"response_type": "ephemeral", "replace_original": False} | dict(content)
    try:
        async with workspaces.session.post(url, json=said) as reply:
            return reply.status
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        log.info("could not respond", error=type(error).__name__)
        return 0
