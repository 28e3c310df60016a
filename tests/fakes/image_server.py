"""A server on loopback that draws, asked as OpenAI is: real files with words hidden inside."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.fakes.loopback import Reply, Request, in_a_thread

HIDDEN = "the prompt and the seed"
FILE = "/files/made-by-model.png"


def picture(kind: str = "PNG", side: int = 64, colour: str = "teal") -> bytes:
    """A picture, with words of its maker beside the pixels."""
    drawn, written = Image.new("RGB", (side, side), colour), io.BytesIO()
    words = PngInfo()
    words.add_text("parameters", HIDDEN)
    exif = Image.Exif()
    exif[0x010E] = HIDDEN
    drawn.save(written, kind, pnginfo=words, exif=exif, comment=HIDDEN.encode())
    return written.getvalue()


class ImageServer:
    """Draws what it is asked for.

    Attributes:
        content: what is drawn.
        gives_address: whether it says where the picture is, in the place of the picture.
        reply: what it says in the place of all that.
        asked: what it was asked to draw, oldest first.
        requests: everything that was asked.
    """

    def __init__(self) -> None:
        self.content = picture()
        self.gives_address = False
        self.reply: Reply | None = None
        self.address = ""
        self.url = ""
        self.requests: list[Request] = []

    @property
    def asked(self) -> list[dict[str, object]]:
        """What it was asked to draw."""
        return [one.json() for one in self.requests if one.method == "POST"]

    def respond(self, request: Request) -> Reply:
        """What the server says."""
        self.requests.append(request)
        if request.method == "GET":
            kind = "image/png" if urlsplit(request.path).path == FILE else "text/html"
            return Reply(self.content, content_type=kind)
        if request.path != "/v1/images/generations":
            return Reply.of({}, status=404)
        if self.reply:
            return self.reply
        if self.gives_address:
            return Reply.of({"data": [{"url": self.address or f"{self.url}{FILE}"}]})
        written = base64.b64encode(self.content).decode()
        return Reply.of({"created": 1, "data": [{"b64_json": written}]})


@contextmanager
def drawing() -> Iterator[ImageServer]:
    """The server, in a thread of its own."""
    server = ImageServer()
    with in_a_thread(server.respond) as url:
        server.url = url
        yield server
