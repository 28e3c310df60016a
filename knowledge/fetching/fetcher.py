"""Sends one request at a time to checked addresses, and hands out replies (httpcore2)."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urljoin

import httpcore2

from knowledge.fetching.bodies import inflated, limited, too_large
from knowledge.fetching.errors import FetchFailedError, NotReachedError
from knowledge.fetching.pinning import PinnedBackend, Resolver, system_resolver
from knowledge.fetching.targets import Target, target_of

USER_AGENT = "Tertulia"
_REDIRECTS = {301, 302, 303, 307, 308}
_ENCODINGS = {"", "identity", "gzip", "x-gzip", "deflate"}


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one request may cost.

    Attributes:
        total_s: seconds from the first byte sent to the last byte read.
        step_s: seconds for connecting, and between two pieces of the reply.
        connections: open at the same time.
    """

    total_s: float = 120.0
    step_s: float = 30.0
    connections: int = 4


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one place wants to see; no other place does, and none over an open line instead of TLS.

    Attributes:
        place: the `Target.place` that gets them.
        header: the value of `Authorization`.
    """

    place: str
    needs_tls: bool
    header: str = field(repr=False)

    def header_for(self, target: Target) -> str:
        """The header for a target; empty where it must not see it."""
        if target.place != self.place or (self.needs_tls and target.scheme != "https"):
            return ""
        return self.header


class Reply:
    """The head of a reply, and its body while the connection is open.

    Attributes:
        url: what was asked.
        location: where a redirect leads, as an absolute address; empty where it is none.
    """

    def __init__(self, url: str, response: httpcore2.Response) -> None:
        self.url = url
        self.status = response.status
        self._response = response
        location = self.header("location")
        self.location = _joined(url, location) if location and self.status in _REDIRECTS else ""

    def header(self, name: str) -> str:
        """A header of the reply; empty where it has none."""
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        """All headers of one name."""
        wanted = name.lower().encode()
        pairs = self._response.headers
        return [value.decode("latin-1").strip() for key, value in pairs if key.lower() == wanted]

    async def save(self, path: Path, *, max_bytes: int, before: bytes = b"") -> str:
        """Write the body to a file, uncompressed; `before` stands in front of it.

        Returns:
            SHA-256 of the body alone, in hex.

        Raises:
            ReplyTooLargeError: it has more bytes; no more than that were read.
            FetchFailedError: it broke off, or is not compressed as it says.
        """
        digest = sha256()
        with await asyncio.to_thread(path.open, "wb") as file:
            await asyncio.to_thread(file.write, before)
            async for piece in self._pieces(max_bytes):
                digest.update(piece)
                await asyncio.to_thread(file.write, piece)
        return digest.hexdigest()

    async def start(self, *, max_bytes: int) -> bytes:
        """The body, or its first bytes where it is longer."""
        found = bytearray()
        async for piece in self._unpacked():
            found += piece
            if len(found) >= max_bytes:
                break
        return bytes(found[:max_bytes])

    async def _pieces(self, max_bytes: int) -> AsyncIterator[bytes]:
        stated = self.header("content-length")
        if stated.isdecimal() and int(stated) > max_bytes:
            raise too_large(max_bytes)
        async for piece in limited(self._unpacked(), max_bytes=max_bytes):
            yield piece

    def _unpacked(self) -> AsyncIterator[bytes]:
        encoding = self.header("content-encoding").lower()
        if encoding not in _ENCODINGS:
            raise FetchFailedError(
                f"The reply is compressed as '{encoding[:20]}', which was not asked for.",
                what_to_do="Let the site send it as gzip or uncompressed.",
            )
        raw = self._response.aiter_stream()
        return raw if encoding in {"", "identity"} else inflated(raw)


class Fetcher:
    """Asks web addresses, none of them private unless its host is named; follows no redirect.

    No cookies, no proxy and no password come from the environment or from a reply.
    """

    def __init__(
        self,
        *,
        allow_private: Collection[str] = (),
        credentials: Credentials | None = None,
        limits: FetchLimits | None = None,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Nothing is connected yet.

        Args:
            allow_private: hosts that may have private addresses.
            credentials: what one place wants to see.
            limits: what one request may cost.
            resolver: finds the addresses of a host.
            tls: whom to trust; the authorities of this machine where none is given.
        """
        self._limits = limits or FetchLimits()
        self._credentials = credentials
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls or _authorities(),
            max_connections=self._limits.connections,
            keepalive_expiry=15,
            network_backend=PinnedBackend(resolver, frozenset(allow_private)),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    def get(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[Reply]:
        """Ask for an address; the body is read while the context is open.

        Raises:
            FetchRefusedError: the address, or where it leads, may not be asked.
            FetchFailedError: there was no whole reply in time.
        """
        return self.send("GET", url, headers)

    @asynccontextmanager
    async def send(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> AsyncIterator[Reply]:
        """The same with any method of HTTP, and with something to send.

        Raises:
            FetchRefusedError: the address, or where it leads, may not be asked.
            NotReachedError: there was no connection.
            FetchFailedError: there was no whole reply in time; what was asked for may be done.
        """
        target = target_of(url)
        try:
            async with (
                asyncio.timeout(self._limits.total_s),
                self._pool.stream(
                    method,
                    _wire(target),
                    headers=self._headers(target, headers or {}),
                    content=body or None,
                    extensions={"timeout": self._timeouts()},
                ) as response,
            ):
                yield Reply(url, response)
        except httpcore2.ConnectTimeout as error:
            raise _failed("did not answer in time", NotReachedError) from error
        except (TimeoutError, httpcore2.TimeoutException) as error:
            raise _failed("did not answer in time") from error
        except httpcore2.ConnectError as error:
            raise _failed(_why(error), NotReachedError) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise _failed(f"broke off ({type(error).__name__})") from error

    def _headers(self, target: Target, more: Mapping[str, str]) -> list[tuple[str, str]]:
        headers = {
            "Host": target.place,
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "gzip",
            "Accept": "text/html, application/xhtml+xml, application/pdf, */*;q=0.5",
            **more,
        }
        secret = self._credentials.header_for(target) if self._credentials else ""
        return list((headers | {"Authorization": secret} if secret else headers).items())

    def _timeouts(self) -> dict[str, float]:
        step = self._limits.step_s
        return {"connect": step, "read": step, "write": step, "pool": self._limits.total_s}


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; what can be no address stays as it is, and is refused if asked."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


@cache
def _authorities() -> ssl.SSLContext:
    """Whom this machine trusts; read once, which takes longer than many a request."""
    return httpcore2.default_ssl_context()


def _wire(target: Target) -> httpcore2.URL:
    return httpcore2.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=target.resource.encode(),
    )


def _why(error: Exception) -> str:
    if "CERTIFICATE" in str(error).upper():
        return "has a certificate that does not hold"
    return "could not be reached"


def _failed(why: str, kind: type[FetchFailedError] = FetchFailedError) -> FetchFailedError:
    return kind(f"The site {why}.", what_to_do="Check that it can be opened from this machine.")
