"""Talks to one Ollama server over HTTP; everything that goes wrong becomes an error of ours."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from knowledge.errors import TertuliaError
from pipelines.models.breaker import CircuitBreaker
from pipelines.models.errors import ModelUnavailableError
from pipelines.models.ollama import errors

KEEP_ALIVE = "30m"
CONNECT_TIMEOUT_S = 5.0
# Before the first word only: what has begun is never asked for twice.
PAUSES_S = (0.3, 1.0)
# A batch of vectors is the longest line that a sound server sends: up to three megabytes.
LONGEST_LINE = 8 << 20
LONGEST_REASON = 10_000
PIECE = 1 << 20


class OllamaServer:
    """One Ollama server.

    Args:
        url: such as `http://127.0.0.1:11434`.
        timeout_s: the longest silence before and within an answer.
        keep_alive: how long it keeps a model after an answer: `30m`, `0`, `-1` for ever.
        pauses_s: before it is asked once more where it failed before its first word.

    Attributes:
        place: the address for people, without user name and password.
        keep_alive: as Ollama wants it: a number is seconds, anything else a duration of Go.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 120.0,
        keep_alive: str = KEEP_ALIVE,
        pauses_s: Sequence[float] = PAUSES_S,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        parts = urlsplit(url)
        self.place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self.keep_alive = int(keep_alive) if keep_alive.lstrip("-").isdigit() else keep_alive
        self._url = url
        self._pauses_s = pauses_s
        self._is_local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        self._timeout = httpx2.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
        self._breaker = breaker or CircuitBreaker(self.place, patience_s=timeout_s / 2)
        self._client: httpx2.AsyncClient | None = None

    async def ask(
        self, path: str, body: Mapping[str, Any] | None = None, *, model: str
    ) -> dict[str, Any]:
        """The one JSON object that the server answers.

        Raises:
            TertuliaError: as in pipelines/models/errors.py.
        """
        async with aclosing(self.lines(path, body, model=model)) as answers:
            async for answer in answers:
                return answer
        raise errors.garbled(model, self.place)

    async def lines(
        self, path: str, body: Mapping[str, Any] | None = None, *, model: str
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The JSON objects of an answer, as they come; leaving hangs up.

        Without a body it is a GET. Asked again, twice at most, where the server fails before
        its first word.

        Raises:
            TertuliaError: as in pipelines/models/errors.py.
        """
        with self._breaker.watching() as attempt:
            for pause_s in (*self._pauses_s, None):
                try:
                    async with aclosing(self._once(path, body, model)) as answers:
                        async for answer in answers:
                            attempt.is_heard = True
                            yield answer
                except ModelUnavailableError as error:
                    if attempt.is_heard or pause_s is None or _was_silent(error):
                        raise
                else:
                    return
                await asyncio.sleep(pause_s * random.uniform(0.7, 1.3))  # noqa: S311 (no secret)

    async def give(self, path: Path, digest: str, *, model: str) -> None:
        """Upload a file, where the server does not have it yet.

        Args:
            path: of the file.
            digest: `sha256:` and its hash.
            model: that it is for, in what goes wrong.

        Raises:
            TertuliaError: as in pipelines/models/errors.py.
        """
        place, client = f"/api/blobs/{digest}", self._connected()
        try:
            if (await client.head(place)).status_code == 200:
                return
            response = await client.post(place, content=_pieces_of(path))
            if response.status_code >= 300:
                raise await self._refused(response, model)
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise errors.unreachable(self.place) from error

    async def close(self) -> None:
        """Hang up, which ends answers that are being written."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _once(
        self, path: str, body: Mapping[str, Any] | None, model: str
    ) -> AsyncGenerator[dict[str, Any], None]:
        try:
            method = "GET" if body is None else "POST"
            async with self._connected().stream(method, path, json=body) as response:
                if response.status_code != 200:
                    raise await self._refused(response, model)
                async for line in _lines(response):
                    yield self._sound(line, model)
        except httpx2.TimeoutException as error:
            if isinstance(error, httpx2.ConnectTimeout):
                raise errors.unreachable(self.place) from error
            raise errors.too_slow(model, self.place) from error
        except (ValueError, RecursionError, httpx2.DecodingError) as error:
            raise errors.garbled(model, self.place) from error
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise errors.unreachable(self.place) from error

    def _connected(self) -> httpx2.AsyncClient:
        """The client; a connection is for one question, since none survives its event loop."""
        if self._client is None:
            self._client = httpx2.AsyncClient(
                base_url=self._url,
                timeout=self._timeout,
                limits=httpx2.Limits(max_keepalive_connections=0),
                trust_env=not self._is_local,
            )
        return self._client

    async def _refused(self, response: httpx2.Response, model: str) -> TertuliaError:
        said = ""
        async for line in _lines(response):
            said += line.decode(errors="replace")
            if len(said) > LONGEST_REASON:
                break
        # What is no JSON is a page of some proxy: it is quoted as it is.
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            said = str(json.loads(said)["error"])
        return errors.from_status(response.status_code, said, model=model, place=self.place)

    def _sound(self, line: bytes, model: str) -> dict[str, Any]:
        """The object of a line; where the model failed in the middle, the status is still 200."""
        value = json.loads(line)
        if not isinstance(value, dict):
            raise errors.garbled(model, self.place)
        if value.get("error"):
            raise errors.broken_off(str(value["error"]), model=model, place=self.place)
        return value


def _was_silent(error: ModelUnavailableError) -> bool:
    """Whether all the time has passed already: then nobody waits for a second try."""
    return isinstance(error.__cause__, httpx2.TimeoutException)


async def _pieces_of(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


async def _lines(response: httpx2.Response) -> AsyncIterator[bytes]:
    """The lines of an answer that are not empty.

    Raises:
        ValueError: a line has no end.
    """
    rest = b""
    async for piece in response.aiter_bytes():
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise ValueError("a line without an end")
        for line in whole:
            if line.strip():
                yield line
    if rest.strip():
        yield rest
