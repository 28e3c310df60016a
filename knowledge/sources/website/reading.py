"""Takes what a site sends to the parser: through a file that is gone right after."""

import asyncio
import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from knowledge.fetching import Reply
from knowledge.parsing import Limits, Parsed, ParserProcess
from knowledge.parsing.formats import FORMATS
from knowledge.sources import SourceUnavailableError

_OFFICE = "application/vnd.openxmlformats-officedocument"
_SUFFIXES = {
    "text/html": ".sitepage",
    "application/xhtml+xml": ".sitepage",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    f"{_OFFICE}.wordprocessingml.document": ".docx",
    f"{_OFFICE}.presentationml.presentation": ".pptx",
    f"{_OFFICE}.spreadsheetml.sheet": ".xlsx",
}
_UNSAID = {"", "application/octet-stream", "binary/octet-stream"}
_LARGE = 50 * 2**20
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{3,20})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Saved:
    """A reply whose body lies in a file; the connection may be closed.

    Attributes:
        raw_hash: SHA-256 of the bytes, and of what the site says beside them about indexing.
        tags: the headers `X-Robots-Tag`.
    """

    raw_hash: str
    etag: str
    modified: str
    tags: tuple[str, ...]
    file: Path
    parser: ParserProcess

    async def parsed(self) -> Parsed:
        """What the file holds; it is gone afterwards.

        Raises:
            NotParsedError: it holds no text that could be used.
        """
        try:
            return await self.parser.parse(self.file)
        finally:
            await self.drop()

    async def drop(self) -> None:
        """Take the file away."""
        await asyncio.to_thread(self.file.unlink, missing_ok=True)


class Reading:
    """A folder for what comes, and the parser that reads it in a process of its own."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        # What comes is measured on its way; the parser need not do it again.
        self._parser = ParserProcess(replace(Limits(), file_bytes=2 * max(max_bytes, _LARGE)))

    async def tidy(self) -> None:
        """Make the folder, and take out what an earlier run left in it when it was killed.

        Raises:
            SourceUnavailableError: nothing can be written there.
        """
        try:
            await asyncio.to_thread(self._tidy)
        except OSError as error:
            raise self._unwritable(error) from error

    async def save(self, reply: Reply, suffix: str, *, max_bytes: int = 0) -> Saved:
        """Read the body of a reply into a file; whoever gets it parses or drops it.

        Raises:
            FetchFailedError, ReplyTooLargeError: it did not come, or there is too much of it.
            SourceUnavailableError: it could not be written.
        """
        file = self._folder / f"{uuid4().hex}{suffix}"
        before = _encoding_mark(reply) if suffix == ".sitepage" else b""
        tags = tuple(reply.headers("x-robots-tag"))
        try:
            digest = await reply.save(file, max_bytes=max_bytes or self._max_bytes, before=before)
        except OSError as error:
            raise self._unwritable(error) from error
        except BaseException:
            await asyncio.to_thread(file.unlink, missing_ok=True)
            raise
        return Saved(
            raw_hash=" ".join((digest, *tags)),
            etag=reply.header("etag"),
            modified=reply.header("last-modified"),
            tags=tags,
            file=file,
            parser=self._parser,
        )

    async def close(self) -> None:
        """End the parser; reading again starts another one."""
        await self._parser.close()

    def _unwritable(self, error: OSError) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"What a website sends cannot be kept for reading in {self._folder} "
            f"({error.strerror}). What was known from it stays.",
            what_to_do="Make room on that disk, and check who may write there.",
        )

    def _tidy(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for file in self._folder.iterdir():
            file.unlink(missing_ok=True)


def content_type(reply: Reply) -> str:
    """The media type that a reply states."""
    return reply.header("content-type").partition(";")[0].strip().lower()


def suffix_of(reply: Reply) -> str:
    """By which of our parsers a reply is read; empty for those that none reads."""
    stated = content_type(reply)
    if stated not in _UNSAID:
        return _SUFFIXES.get(stated, "")
    named = Path(urlsplit(reply.url).path).suffix.lower()
    if named in FORMATS and named not in {".html", ".htm"}:
        return named
    return "" if stated and not named.startswith(".htm") else ".sitepage"


def _encoding_mark(reply: Reply) -> bytes:
    """The encoding that the site states beside the page, written as a page states it itself.

    What the site says counts more, as in browsers.
    """
    stated = _CHARSET.search(reply.header("content-type"))
    if not stated or stated[1].lower().startswith("utf"):
        return b""
    return f'<meta charset="{stated[1]}">'.encode("ascii", "ignore")
