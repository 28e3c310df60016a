"""The contents of files, out of our copy: one command for all of them, and one at a time."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Sequence

from knowledge.read_files import too_large
from knowledge.sources import BrokenContentError, UnreadableError
from knowledge.sources.git.clone import Clone
from knowledge.sources.git.program import GitFailedError, ended

_LARGE_FILES = b"version https://git-lfs.github.com/spec/"


class Contents:
    """Reads contents by the names that git gives them."""

    def __init__(self, clone: Clone, max_bytes: int) -> None:
        self._clone, self._max_bytes = clone, max_bytes
        self._sizes: dict[str, int] = {}
        self._failure: GitFailedError | None = None
        self._reading: Process | None = None

    async def take(self, blob: str, beside: Sequence[str]) -> bytes:
        """A content; those beside it are fetched with it where they are missing.

        Raises:
            UnreadableError: it is too large, is kept elsewhere, or our copy of it is broken.
            SourceUnavailableError: the repository can no longer be reached.
        """
        if self._failure is not None:  # whoever waited behind the first one need not wait as long
            raise self._failure
        if blob not in self._sizes:
            self._sizes = await self._held(beside)
        size = self._sizes[blob]
        if size > self._max_bytes:
            raise UnreadableError(
                too_large(size, self._max_bytes),
                what_to_do="Raise `max_file_mb` of this source, or `exclude` the file.",
            )
        content = await self._read(blob)
        if content.startswith(_LARGE_FILES):
            raise BrokenContentError(
                "It is kept in Git LFS; the repository holds only a pointer to it.",
                what_to_do="Put it where another source can read it, or `exclude` it.",
            )
        return content

    async def close(self) -> None:
        """End the command that reads."""
        self._failure = None
        if self._reading is not None:
            await ended(self._reading)
            self._reading = None

    async def _held(self, blobs: Sequence[str]) -> dict[str, int]:
        try:
            return await self._hold(blobs)
        except GitFailedError as error:
            self._failure = error
            raise

    async def _hold(self, blobs: Sequence[str]) -> dict[str, int]:
        """The sizes of contents, in bytes; missing ones are fetched, all in one request."""
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        git = self._clone.git
        listed = await git.run(
            *("rev-list", "--objects", "--no-walk", "--ignore-missing", "--missing=allow-any"),
            "--stdin",
            stdin=asked,
        )
        missing = set(blobs).difference(listed.decode().split())
        if missing:
            await self._clone.fetch_objects(sorted(missing))
        printed = await git.run(
            "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked
        )
        return {name: int(size) for name, size in map(str.split, printed.decode().splitlines())}

    async def _read(self, blob: str) -> bytes:
        """One content; a copy in which it cannot be read is made anew the next time."""
        if self._reading is None:
            self._reading = await self._clone.git.start("cat-file", "--batch")
        try:
            async with asyncio.timeout(self._clone.git.seconds):
                return await _exchange(self._reading, blob)
        except (asyncio.IncompleteReadError, OSError, ValueError, TimeoutError) as error:
            self._clone.distrust()
            await self.close()
            raise UnreadableError(
                "It cannot be read in our copy of the repository.",
                what_to_do="Refresh again: the copy is then made anew.",
            ) from error


async def _exchange(process: Process, blob: str) -> bytes:
    if process.stdin is None or process.stdout is None:  # pragma: no cover (both are pipes)
        raise ValueError
    process.stdin.write(f"{blob}\n".encode())
    await process.stdin.drain()
    _, _, size = (await process.stdout.readuntil(b"\n")).split()
    return (await process.stdout.readexactly(int(size) + 1))[:-1]
