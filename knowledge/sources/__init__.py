"""Where articles come from: the contract that every source keeps."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

from pydantic import Field

from knowledge.articles import Article, Audience
from knowledge.errors import OperatorError, UsageError

Positive = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
"""An option that is a size in megabytes, a number of seconds or the like: it can be reckoned with.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a source holds, before it is read.

    Attributes:
        path: unique and stable within the source. One that ends in `/` stands for a folder that
            could not be listed: it cannot be read, and what was known below it stays.
        stamp: changes whenever the content may have changed; cheap to get (size and time).
        cursor: where to go on once this entry and all before it are kept; empty where a source
            has no such thing, or where this is no such place.
        audience: who may read it, where the source tells it for each article.
        is_left_out: whether it is there and not read on purpose: `read` says why, and nothing is
            wrong with it.
    """

    path: str
    stamp: str
    cursor: str = ""
    audience: Audience | None = None
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What an entry holds: the article and the hash of the bytes that it was read from."""

    article: Article
    content_hash: str


class UnreadableError(OperatorError):
    """One entry cannot be read now; what was known of it stays, and the others go on."""


class BrokenContentError(UnreadableError):
    """The content itself is at fault: the entry is not read again until its stamp changes."""


class WithdrawnError(UnreadableError):
    """The source refuses to show the entry to us: what was known of it is taken out."""


class EmptyError(WithdrawnError, BrokenContentError):
    """The entry was read perfectly well and nothing is in it: what was known is taken out."""


class SourceUnavailableError(OperatorError):
    """The source as a whole could not be listed; the old knowledge stays."""


class OptionError(UsageError):
    """An option of a source has a value that it cannot have; raised by `build`."""


def local(path: str | Path) -> Path:
    """A path as people write it, without `~`.

    Raises:
        OptionError: nobody of that name is known on this machine.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise OptionError(
            f"option path: '{path}' names a person whom this machine does not know.",
            what_to_do="Right: a whole path such as /srv/pages, or ~/pages below your own folder.",
        ) from error


class Notes(Protocol):
    """What a source keeps for itself from one refresh to the next: ETags, links, renames."""

    async def get(self, keys: Sequence[str]) -> dict[str, str]:
        """The notes under these keys; those never written are missing."""

    async def put(self, notes: Mapping[str, str]) -> None:
        """Write notes, in the place of older ones; an empty one is forgotten."""


class NotesInMemory:
    """Notes that last as long as this object, where nothing shall be kept."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def get(self, keys: Sequence[str]) -> dict[str, str]:
        """The notes under these keys."""
        return {key: self._kept[key] for key in keys if self._kept.get(key)}

    async def put(self, notes: Mapping[str, str]) -> None:
        """Write notes."""
        self._kept.update(notes)


class Source(Protocol):
    """Where articles come from.

    A file `knowledge/sources/<kind>.py` offers `build(*, name, audience, ...) -> Source`. Its
    further arguments are the options of that kind, annotated `Annotated[type, "what it means"]`;
    many of them stand in a class `Options` (a dataclass of pydantic) and come as `**options`.
    One called `folder` gets a folder that the source may use as it likes; one called `environment`
    gets what a program that the source starts may know of ours: PATH, HOME, proxies.

    A source may also offer `watch()`, see `WatchedSource`: it can then be refreshed at once.

    Attributes:
        audience: who may read every article that does not say so itself.
        has_own_audiences: whether entries say who may read them. Where they do, a change counts
            when the entry is looked at; where they do not, `audience` counts at once for all.
    """

    name: str
    audience: Audience
    has_own_audiences: bool

    def entries(self, since: str, notes: Notes, /) -> AsyncIterator[Entry]:
        """What may have changed since a cursor, in a stable order; everything where it is empty.

        Other readers are a change too. A source without cursors names everything each time. A
        cursor that the other side no longer takes is the beginning. Nothing is held that grows
        with the number of entries, as far as the other side allows it.

        Raises:
            SourceUnavailableError: the source as a whole cannot be listed.
        """

    def existing(self) -> AsyncIterator[str]:
        """The paths of everything that there is now; asked only after `entries` since a cursor."""

    async def content_hash(self, entry: Entry) -> str:
        """The hash of the entry's bytes, without parsing them."""

    async def read(self, entry: Entry) -> Content:
        """Parse one entry; its path alone must be enough, also to tell who may read it.

        Raises:
            UnreadableError: this entry cannot be read; says why in one sentence. As
                `WithdrawnError` or `EmptyError`, nobody finds any more what was known of it.
            SourceUnavailableError: nothing can be read any more; the refresh ends here.
        """

    async def close(self) -> None:
        """Release processes and connections; reading again opens them again."""


@runtime_checkable
class WatchedSource(Protocol):
    """A source that notices by itself when something in it changes."""

    def watch(self) -> AsyncGenerator[None, None]:
        """Yield soon after something may have changed; never ends, and is ended by `aclose`."""
