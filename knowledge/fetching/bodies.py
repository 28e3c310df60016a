"""Reads the body of a reply within limits: inflated as it comes, stopped where it gets large."""

import zlib
from collections.abc import AsyncIterable, AsyncIterator, Iterator

from knowledge.fetching.errors import FetchFailedError, ReplyTooLargeError

_PIECE = 2**16
_EITHER_FORMAT = zlib.MAX_WBITS | 32  # gzip or zlib, by the first bytes


async def limited(pieces: AsyncIterable[bytes], *, max_bytes: int) -> AsyncIterator[bytes]:
    """The same pieces, as long as they stay below the limit.

    Raises:
        ReplyTooLargeError: they do not.
    """
    total = 0
    async for piece in pieces:
        total += len(piece)
        if total > max_bytes:
            raise too_large(max_bytes)
        yield piece


async def inflated(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """What was compressed with gzip or deflate, in pieces of at most 64 KB: no bomb goes off here.

    Raises:
        FetchFailedError: the bytes are not what they are said to be, or end too early.
    """
    inflater = zlib.decompressobj(_EITHER_FORMAT)
    got_any = False
    async for piece in pieces:
        got_any = got_any or bool(piece)
        for part in _parts(inflater, piece):
            yield part
    if got_any and not inflater.eof:
        raise _broken("ended too early")


def _parts(inflater: "zlib._Decompress", piece: bytes) -> Iterator[bytes]:
    """What one piece holds; what follows the end of the compressed bytes is not looked at."""
    while piece and not inflater.eof:
        try:
            part = inflater.decompress(piece, _PIECE)
        except zlib.error as error:
            raise _broken("is not compressed as it says") from error
        if part:
            yield part
        piece = inflater.unconsumed_tail


def too_large(max_bytes: int) -> ReplyTooLargeError:
    """The error for a reply over this limit."""
    return ReplyTooLargeError(
        f"It has more than {max_bytes / 2**20:g} MB, on the way or once unpacked.",
        what_to_do="Split it, or raise the limit of this source.",
    )


def _broken(why: str) -> FetchFailedError:
    return FetchFailedError(f"The reply {why}.", what_to_do="Refresh again later.")
