"""Notices that something below some folders has changed; the only file that imports watchfiles."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from watchfiles import awatch

_GATHERED_MS = 500
_LOOKED_AFTER_MS = 2000
_AWAY_S = 1.0
_POLLED_MS = 1000


async def changes(
    places: Sequence[Path], counts: Callable[[Path], bool], *, polling: bool | None = None
) -> AsyncGenerator[None, None]:
    """Yield, within about two seconds, whenever a path that counts has changed; never ends.

    A place that goes away or comes back (a drive that is unmounted) is a change too. Network
    drives often tell nothing: with `polling` all files are looked at again and again.
    """
    known = await asyncio.to_thread(_identities, places)
    while True:
        async for _ in _while_there(places, known, counts, polling):
            yield
        found = await asyncio.to_thread(_identities, places)
        if found == known:
            await asyncio.sleep(_AWAY_S)
        else:
            known = found
            yield


async def _while_there(
    places: Sequence[Path],
    known: Sequence[object],
    counts: Callable[[Path], bool],
    polling: bool | None,
) -> AsyncGenerator[None, None]:
    """Changes until one of the places is another one than before."""
    present = [place for place, identity in zip(places, known, strict=True) if identity]
    if not present:
        return
    watched = awatch(
        *present,
        watch_filter=lambda _, path: counts(Path(path)),
        debounce=_GATHERED_MS,
        rust_timeout=_LOOKED_AFTER_MS,
        yield_on_timeout=True,
        force_polling=polling,
        poll_delay_ms=_POLLED_MS,
        ignore_permission_denied=True,
    )
    try:
        async for some in watched:
            if some:
                yield
            if await asyncio.to_thread(_identities, places) != known:
                return
    except OSError:  # a place has gone between two looks, or the system watches no more folders
        if polling:
            return
        async for _ in _while_there(places, known, counts, polling=True):
            yield
    finally:
        await watched.aclose()


def _identities(places: Sequence[Path]) -> list[object]:
    """What tells each place from another one that is put there; None where there is nothing."""
    return [_identity(place) for place in places]


def _identity(place: Path) -> object:
    try:
        facts = place.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
