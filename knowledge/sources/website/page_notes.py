"""What is noted of every page, so that the next refresh need not read what has not changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from knowledge.sources import Notes

_VERSION = "1"
"""Changes when pages would be read or their links be found in another way."""


@dataclass(frozen=True, slots=True)
class PageNote:
    """One page as it was when it was last read.

    Attributes:
        url: the address that gave it.
        etag, modified: what to ask with, whether it has changed.
        raw_hash: of the bytes that came; empty where none did.
        stamp: of the text that was in them.
        links: canonical addresses within the site, redirects and translations among them.
        same_as: the canonical address of the page that this one is a copy of.
        is_left_out: whether it asks not to be indexed.
    """

    url: str
    etag: str = ""
    modified: str = ""
    raw_hash: str = ""
    stamp: str = ""
    links: tuple[str, ...] = ()
    same_as: str = ""
    is_left_out: bool = False

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it is another one."""
        stated = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in stated.items() if value}


class PageNotes:
    """The notes of all pages, by the paths of their articles."""

    def __init__(self, notes: Notes, fingerprint: str) -> None:
        """Notes under another fingerprint count for nothing.

        Args:
            notes: where they are kept.
            fingerprint: of the site's options, as far as they say what a link is.
        """
        self._notes = notes
        self._mark = f"{_VERSION} {fingerprint}"

    async def get(self, paths: Sequence[str]) -> dict[str, PageNote]:
        """What is known of these pages; those never read are missing."""
        found = await self._notes.get([_key(path) for path in paths])
        read = {path: self._read(found.get(_key(path), "")) for path in paths}
        return {path: note for path, note in read.items() if note}

    async def put(self, notes: Mapping[str, PageNote | None]) -> None:
        """Note pages; those that are gone are forgotten."""
        await self._notes.put({_key(path): self._written(note) for path, note in notes.items()})

    def _written(self, note: PageNote | None) -> str:
        return json.dumps({"mark": self._mark, **asdict(note)}) if note else ""

    def _read(self, text: str) -> PageNote | None:
        kept = json.loads(text) if text else {}
        if kept.pop("mark", "") != self._mark:
            return None
        known = {field.name: kept[field.name] for field in fields(PageNote)}
        return PageNote(**known | {"links": tuple(known["links"])})


def _key(path: str) -> str:
    return f"page {path}"
