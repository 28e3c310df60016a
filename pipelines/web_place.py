"""Asks a place of the web that an operator has named, and nothing beside it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import quote, unquote, urlsplit

import structlog
from pydantic import AfterValidator

from knowledge.fetching import (
    Fetcher,
    FetchFailedError,
    FetchLimits,
    FetchRefusedError,
    NotReachedError,
    Reply,
    target_of,
)
from pipelines.tool_caller import CannotError, NothingDoneError, once_sent

WITHIN_S, MOST_BYTES = 8.0, 2**20
log = structlog.get_logger(__name__)


class NotThereError(NothingDoneError):
    """The place knows no such thing."""


def web_address(url: str) -> str:
    """An address that others may stand below: no question in it, no name, no slash at its end.

    Raises:
        ValueError: it is none.
    """
    try:
        target = target_of(url)
    except FetchRefusedError as error:
        raise ValueError(f"{error} {error.what_to_do}") from error
    if "?" in target.resource or "#" in url:
        raise ValueError("has to end before any ? or #")
    return target.url.rstrip("/")


WebAddress = Annotated[str, AfterValidator(web_address)]
"""Where an API is, such as `https://api.example.org/v1`."""


def check_lines(*addresses: str, private: bool) -> None:
    """Refuse an open line, except into the operator's own network.

    Raises:
        ValueError: an address begins with http://.
    """
    if not private and any(one.startswith("http:") for one in addresses):
        raise ValueError("http:// is for addresses of your own, with private = true; use https://")


@dataclass(frozen=True, slots=True)
class WebPlace:
    """One place.

    Attributes:
        name: what it is called where something goes wrong.
        base: what every address begins with.
        headers: for this place alone; there may be secrets in them.
        is_private: whether it may be in the operator's own network.
        within_s: seconds for an answer, redirects included.
        most_bytes: of an answer, unpacked.
    """

    name: str
    base: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_private: bool = False
    within_s: float = WITHIN_S
    most_bytes: int = MOST_BYTES

    def below(self, *segments: str) -> "WebPlace":
        """The part of it that begins with these; each of them may have any signs in it."""
        path = "".join(f"/{quote(one, safe='')}" for one in segments)
        return replace(self, base=f"{self.base}{path}")

    def inside(self, address: str, **noted: object) -> str:
        """An address that others have named, if it is below the base as well.

        Args:
            address: as it was named.
            **noted: for the log, where it is not.

        Raises:
            CannotError: it is somewhere else.
        """
        try:
            url = target_of(address).url
        except FetchRefusedError as error:
            raise self.cannot("leads somewhere else", **noted) from error
        is_below = url == self.base or url.startswith((f"{self.base}/", f"{self.base}?"))
        if not is_below or {".", ".."} & set(unquote(urlsplit(url).path).split("/")):
            raise self.cannot("leads somewhere else", **noted)
        return url

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Fetcher]:
        """What asks this place, for as long as a call takes.

        Raises:
            CannotError: there was no answer; the words are for the model.
        """
        own = [target_of(self.base).host] if self.is_private else []
        limits = FetchLimits(total_s=self.within_s, step_s=self.within_s)
        fetcher = Fetcher(allow_private=own, limits=limits)
        try:
            async with asyncio.timeout(self.within_s):
                yield fetcher
        except NotReachedError as error:
            raise self.refuses("did not answer; ask again later", error=str(error)) from error
        except (TimeoutError, FetchFailedError) as error:
            raise self.cannot("did not answer; ask again later", error=str(error)) from error
        except FetchRefusedError as error:
            why = str(error).partition("?")[0]
            raise self.refuses("cannot be asked from here", error=why) from error
        finally:
            await fetcher.close()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[Fetcher]:
        """The same for what changes something there, and may have done so where this fails.

        Raises:
            NothingDoneError: it was not reached, or has said that it does not do it.
            CutShortError: nobody knows.
        """
        with once_sent():
            async with self.opened() as fetcher:
                yield fetcher

    async def body(self, reply: Reply) -> bytes:
        """What a reply says, where all went well.

        Raises:
            NotThereError: it knows of no such thing.
            CannotError: something else went wrong, or it says too much.
        """
        if reply.status not in range(200, 300):
            raise self._problem(reply)
        body = await reply.start(max_bytes=self.most_bytes + 1)
        if len(body) > self.most_bytes:
            raise self.cannot(f"says more than {self.most_bytes:,} bytes")
        return body

    def _problem(self, reply: Reply) -> CannotError:
        """What a status says, in words for the model."""
        status = reply.status
        if reply.location:
            return self.refuses("leads somewhere else", status=status)
        if status == 429 or reply.header("x-ratelimit-remaining") == "0":
            return self.refuses("was asked too often; ask again later", status=status)
        if status in {401, 403, 407}:
            return self.refuses("does not let us in", status=status)
        if status in {404, 410}:
            return NotThereError(f"{self.name} knows of no such thing.")
        if status in {400, 409, 412, 413, 414, 422}:
            return self.refuses("does not take these values", status=status)
        return self.cannot("does not work just now; ask again later", status=status)

    def cannot(self, why: str, **noted: object) -> CannotError:
        """An error for the model; whoever runs us finds a line in the log, without any value."""
        self._log(why, noted)
        return CannotError(f"{self.name} {why}.")

    def refuses(self, why: str, **noted: object) -> NothingDoneError:
        """The same where it is certain that it has done nothing."""
        self._log(why, noted)
        return NothingDoneError(f"{self.name} {why}.")

    def _log(self, why: str, noted: Mapping[str, object]) -> None:
        place = urlsplit(self.base).netloc
        log.warning("a place gave no answer", name=self.name, place=place, why=why, **noted)
