"""The other sides of the carried sources, as tests change them."""

import os
from email.message import EmailMessage
from hashlib import sha256
from itertools import count
from pathlib import Path
from xml.sax.saxutils import escape

from knowledge.articles import Audience
from tests.contracts.carried.mailbox import MailboxSource
from tests.fakes.loopback import Reply, Request


class Mailbox:
    """Folders of messages, each a second after the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.readers: dict[str, Audience] = {}
        self._clock = count(1_700_000_000)

    def put(self, name: str, text: str) -> None:
        """Let a message come, or come again."""
        message = EmailMessage()
        message["Subject"], message["From"] = name, "ana@example.org"
        message.set_content(text)
        self.put_bytes(name, message.as_bytes())

    def put_bytes(self, name: str, content: bytes) -> None:
        """Let something come that need not be a message."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        time = next(self._clock)
        os.utime(path, (time, time))

    def path(self, name: str) -> Path:
        """Where a message lies."""
        folder, _, rest = name.rpartition("/")
        return self.folder / (folder or "inbox") / "cur" / rest

    def source(self, name: str, audience: Audience) -> MailboxSource:
        """The mailbox as a source."""
        return MailboxSource(name=name, audience=audience, folder=self.folder, readers=self.readers)


class Feed:
    """A feed that knows the ETag of its state."""

    def __init__(self) -> None:
        self.items: dict[str, str] = {}
        self.status = 200

    def respond(self, request: Request) -> Reply:
        """The feed, or that it is as it was."""
        items = "".join(
            f"<item><guid>{escape(name)}</guid><title>{escape(name)}</title>"
            f"<description>{escape(text)}</description><author>Ana</author></item>"
            for name, text in self.items.items()
        )
        body = f"<rss><channel>{items}</channel></rss>".encode()
        etag = sha256(body).hexdigest()
        if self.status != 200:
            return Reply(status=self.status)
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(body, content_type="application/rss+xml", headers={"ETag": etag})
