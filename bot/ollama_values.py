"""The settings for Ollama as people write them, put into the form in which they are used."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

OLLAMA_PORT = 11434
OLLAMA_PORTS = {"http": 80, "https": 443}


def ollama_address(value: str) -> str:
    """The URL of an Ollama server, from all that Ollama itself accepts in OLLAMA_HOST.

    That is a host, HOST:PORT or a URL. 0.0.0.0 is where a server listens; we reach it on loopback.

    Raises:
        ValueError: it is none of these.
    """
    scheme, found, rest = value.strip().rpartition("://")
    scheme = scheme.lower() or "http"
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if scheme not in OLLAMA_PORTS or not host or any(c.isspace() for c in rest):
        raise ValueError(
            f"'{value}' is no address. Right: http://127.0.0.1:{OLLAMA_PORT}, or HOST:PORT"
        )
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (nothing listens)
    port = port or (OLLAMA_PORTS[scheme] if found else OLLAMA_PORT)
    user, at, _ = parts.netloc.rpartition("@")
    bracketed = f"[{host}]" if ":" in host else host
    return f"{scheme}://{user}{at}{bracketed}:{port}{parts.path}".rstrip("/")


def duration(value: str) -> str:
    """Seconds, or a duration such as `30m` or `1h30m`; negative is for ever.

    Raises:
        ValueError: it is neither.
    """
    if not re.fullmatch(r"-?\d+|-?(\d+(\.\d+)?(ms|s|m|h))+", value, re.ASCII):
        raise ValueError(f"'{value}' is no duration. Right: 30m, 24h, 0, or -1 for ever")
    return value


Address = Annotated[str, AfterValidator(ollama_address)]
Duration = Annotated[str, AfterValidator(duration)]
