"""A real CalDAV server, Radicale, in a thread on loopback; its calendars are in a folder."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from radicale import config, log
from radicale.app import Application

USER, PASSWORD = "ana", 'pä:ss"word'


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None: ...  # noqa: ANN401 (the signature is wsgiref's)


@dataclass
class CalDavServer:
    """The server, as somebody sees it who has an account there."""

    port: int

    def calendar(self, name: str) -> str:
        """The address of a new calendar, or of that one without anything in it."""
        self._send("DELETE", f"/{USER}/{name}/")
        assert self._send("MKCALENDAR", f"/{USER}/{name}/") == 201
        return f"http://127.0.0.1:{self.port}/{USER}/{name}/"

    def put(self, calendar: str, name: str, *lines: str) -> None:
        """Put an event there, or what is no event."""
        text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *lines])
        body = f"{text}\r\nEND:VCALENDAR\r\n".encode()
        path = f"/{USER}/{calendar}/{name}.ics"
        assert self._send("PUT", path, body, {"Content-Type": "text/calendar"}) in {201, 204}

    def _send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> int:
        who = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            given = {"Authorization": f"Basic {who}", **(headers or {})}
            connection.request(method, path, body or None, given)
            return connection.getresponse().status
        finally:
            connection.close()


@contextmanager
def caldav_server(folder: Path) -> Iterator[CalDavServer]:
    """Start it; it ends with the block."""
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
    settings = config.load()
    said = {
        "auth": {
            "type": "htpasswd",
            "htpasswd_filename": str(folder / "users"),
            "htpasswd_encryption": "plain",
            "delay": "0",
        },
        "storage": {"filesystem_folder": str(folder / "data"), "_filesystem_fsync": "False"},
        "logging": {"level": "critical"},
    }
    settings.update(said, "the test", privileged=True)
    log.set_level("critical", backtrace_on_debug=False)
    server = make_server("127.0.0.1", 0, Application(settings), _Server, _Silent)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield CalDavServer(server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
