"""Downloads a model's file from its publisher's own page, going on where it was interrupted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx2

from pipelines.models.places import Errand, PlaceFailedError

TRIES = 5


class _InterruptedError(Exception):
    """The connection broke after some bytes; asking for the rest is worth a try."""


@dataclass(frozen=True, slots=True)
class Hub:
    """The address in the catalogue.

    Attributes:
        first_timeout_s: until it answers; many networks have no way to the hub or a page that
            takes every connection and stays silent. The wheels are the next place.
        read_timeout_s: the longest silence in the middle of the file.
    """

    first_timeout_s: float = 5.0
    read_timeout_s: float = 30.0
    name: str = "hub"

    async def bring(self, errand: Errand) -> Path:
        """The downloaded file."""
        if not errand.model.page:
            raise PlaceFailedError("the catalogue names no page")
        errand.ensure_space(self.name)
        for _ in range(TRIES):
            try:
                return await self._download(errand)
            except _InterruptedError as error:
                reason = str(error)
        raise PlaceFailedError(f"broke off {TRIES} times ({reason})")

    async def _download(self, errand: Errand) -> Path:
        partial = errand.partial(self.name)
        have = partial.stat().st_size if partial.is_file() else 0
        if have == errand.model.size:
            return partial
        async with self._opened(errand.model.page, have) as response:
            start = _start(response, have, errand)
            partial.touch()
            with await asyncio.to_thread(partial.open, "r+b") as file:
                await _append(response, file, start=start, errand=errand, place=self.name)
        if partial.stat().st_size < errand.model.size:
            raise _InterruptedError("the file ended early")
        return partial

    @asynccontextmanager
    async def _opened(self, url: str, have: int) -> AsyncIterator[httpx2.Response]:
        # Compressed on the way, positions in the file would mean nothing.
        headers = {"Accept-Encoding": "identity", "Range": f"bytes={have}-"}
        try:
            async with httpx2.AsyncClient(
                timeout=self.read_timeout_s, follow_redirects=True
            ) as hub:
                request = hub.build_request("GET", url, headers=headers)
                async with asyncio.timeout(self.first_timeout_s):
                    response = await hub.send(request, stream=True)
                try:
                    yield response
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise PlaceFailedError(f"did not answer in {self.first_timeout_s:g} s") from error
        except httpx2.ConnectError as error:
            raise PlaceFailedError("could not be reached") from error
        except httpx2.HTTPError as error:
            raise _InterruptedError(type(error).__name__) from error


def _start(response: httpx2.Response, have: int, errand: Errand) -> int:
    """The position in the file at which the response's bytes begin."""
    if response.status_code not in {200, 206}:
        raise PlaceFailedError(f"answered with status {response.status_code}")
    start = have if response.status_code == 206 else 0
    length = response.headers.get("Content-Length")
    if length is not None and start + int(length) != errand.model.size:
        raise PlaceFailedError("offers a file of another size")
    return start


async def _append(
    response: httpx2.Response, file: BinaryIO, *, start: int, errand: Errand, place: str
) -> None:
    file.truncate(start)
    done = file.seek(start)
    async for block in response.aiter_bytes():
        done += await asyncio.to_thread(file.write, block)
        errand.progress(done, errand.model.size, place)
        if done > errand.model.size:
            raise PlaceFailedError("sent more than the file has")
