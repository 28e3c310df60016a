"""The loopback CDN: files under signed addresses that expire."""

import mimetypes
import secrets

from aiohttp import web

from tests.fakes.discord.messages import Attachment
from tests.fakes.discord.times import DAY, Times


class Cdn:
    """Keeps files, and gives them to whoever has an address that is still good.

    Attributes:
        fetched: names of the files that were fetched, in order.
    """

    def __init__(self, times: Times) -> None:
        self.base = ""
        self.fetched: list[str] = []
        self._times = times
        self._files: dict[int, Attachment] = {}
        self._signatures: dict[str, tuple[int, float]] = {}

    def keep(self, name: str, content: bytes, description: str | None = None) -> Attachment:
        """Keep a file."""
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        file = Attachment(self._times.snowflake(), name, content, kind, description)
        self._files[file.id] = file
        return file

    def url(self, file: Attachment) -> str:
        """A fresh address for a file; it is good for a day."""
        signature = secrets.token_hex(16)
        expires = self._times.now() + DAY
        self._signatures[signature] = (file.id, expires)
        until = f"{int(expires):x}"
        return f"{self.base}/attachments/{file.id}/{file.filename}?ex={until}&hm={signature}"

    async def serve(self, request: web.Request) -> web.Response:
        """The file, or 404 with a page, as Discord's CDN says it."""
        number, expires = self._signatures.get(request.query.get("hm", ""), (0, 0.0))
        file = self._files.get(number)
        if file is None or self._times.now() >= expires or str(number) not in request.path:
            text = "This content is no longer available."
            return web.Response(status=404, text=text, content_type="text/plain")
        self.fetched.append(file.filename)
        return web.Response(body=file.content, headers={"Content-Type": file.content_type})
