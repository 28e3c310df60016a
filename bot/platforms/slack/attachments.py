"""Files that came with a question: fetched, read in a child process, and gone again."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog

from bot import attached_files
from bot.attached_files import LIMITS, AttachedFile, UnreadError
from bot.platforms.slack.errors import SlackRefusedError, SlackUnavailableError
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.workspaces import Workspaces
from bot.wording import say
from knowledge.articles import Article

SLACKS = "files.slack.com"
PAGES = (".html", ".htm")
Json = Mapping[str, Any]
log = structlog.get_logger(__name__)


class Attachments:
    """Reads files that somebody has attached.

    Args:
        host: where files may be fetched with our token besides Slack's own host.
    """

    def __init__(self, workspaces: Workspaces, host: str) -> None:
        self._workspaces = workspaces
        self._hosts = {SLACKS, host}

    async def read(self, spot: Spot, language: str) -> tuple[tuple[Article, ...], tuple[str, ...]]:
        """What the files say, and a sentence for each that could not be read."""
        known, closed = [], []
        for name in spot.files:
            try:
                known.append(await self._about(spot, name))
            except (SlackRefusedError, SlackUnavailableError) as error:
                log.info("left out a file", reason=error.kind)
                closed.append(say("attached-closed", language, name=name))
        articles, unread = await attached_files.read(known, partial(self._fetched, spot), language)
        return articles, (*closed, *unread)

    async def _about(self, spot: Spot, name: str) -> AttachedFile:
        calls = await self._workspaces.calls(spot.team)
        file: Json = (await calls.surely("files_info", file=name))["file"]
        return AttachedFile(
            str(file.get("name") or name),
            int(file.get("size") or 0),
            str(file.get("url_private_download") or ""),
            str(file.get("permalink") or ""),
        )

    async def _fetched(self, spot: Spot, file: AttachedFile) -> bytes:
        """The bytes of a file; our token goes to nobody but Slack."""
        if urlsplit(file.url).hostname not in self._hosts:
            raise UnreadError("attached-closed")
        headers = {"Authorization": f"Bearer {await self._workspaces.token(spot.team)}"}
        get = self._workspaces.session.get(file.url, headers=headers, allow_redirects=False)
        try:
            async with get as reply:
                # Without the right to it Slack shows a page to log in at.
                is_page = reply.content_type == "text/html" and not file.name.lower().endswith(
                    PAGES
                )
                if reply.status != 200 or is_page:
                    raise UnreadError("attached-closed")
                content = await reply.content.read(LIMITS.file_bytes + 1)
                while not reply.content.at_eof() and len(content) <= LIMITS.file_bytes:
                    content += await reply.content.readany()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnreadError("attached-not-read") from error
        if len(content) > LIMITS.file_bytes:
            raise UnreadError("attached-too-large")
        return content
