"""Files that came with a question: fetched, read in a child process, and gone again."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog

from bot.attached_files import LIMITS, UnreadError, kind_of, text_of
from bot.platforms.slack.errors import SlackRefusedError, SlackUnavailableError
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.workspaces import Workspaces
from bot.wording import say
from knowledge.articles import ATTACHED, Article, Audience
from knowledge.language import language_of

SLACKS = "files.slack.com"
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
        articles, unread = [], []
        for number, name in enumerate(spot.files):
            title = name
            try:
                file = await self._about(spot, name)
                title = str(file.get("name") or name)
                articles.append(await self._article(spot, file, title, number))
            except UnreadError as error:
                log.info("left out a file", reason=error.key)
                unread.append(say(error.key, language, name=title))
        return tuple(articles), tuple(unread)

    async def _about(self, spot: Spot, name: str) -> Json:
        calls = await self._workspaces.calls(spot.team)
        try:
            file: Json = (await calls.surely("files_info", file=name))["file"]
        except (SlackRefusedError, SlackUnavailableError) as error:
            raise UnreadError("attached-closed") from error
        return file

    async def _article(self, spot: Spot, file: Json, title: str, number: int) -> Article:
        kind = kind_of(title, int(file.get("size") or 0), number)
        content = await self._fetched(spot, str(file.get("url_private_download") or ""), kind)
        text = await text_of(content, kind)
        url = str(file.get("permalink") or "")
        return Article(
            f"{ATTACHED}{file['id']}", title, text, language_of(text), Audience(), url=url
        )

    async def _fetched(self, spot: Spot, url: str, kind: str) -> bytes:
        """The bytes of a file; our token goes to nobody but Slack."""
        if urlsplit(url).hostname not in self._hosts:
            raise UnreadError("attached-closed")
        headers = {"Authorization": f"Bearer {await self._workspaces.token(spot.team)}"}
        get = self._workspaces.session.get(url, headers=headers, allow_redirects=False)
        try:
            async with get as reply:
                # Without the right to it Slack shows a page to log in at.
                is_page = reply.content_type == "text/html" and kind not in (".html", ".htm")
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
