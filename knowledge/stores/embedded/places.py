"""What a search must know of every chunk, kept in memory as arrays by row."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowledge.articles import Audience

Rows = NDArray[np.int32]
Scope = NDArray[np.bool_]

NOWHERE = -1


def _no_rows() -> Rows:
    return np.full(1, NOWHERE, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Slots:
    """Where the vectors of the chunks are in one table.

    Attributes:
        of_row: the slot of each row's text, -1 where there is none.
        known: slots of the table that were looked at, later ones are new to us; -1 before the
            first look.
        version: which table it is.
    """

    of_row: Rows = field(default_factory=_no_rows)
    known: int = -1
    version: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """The store at one moment; never changed, a write is followed by a new one.

    Attributes:
        generation: counts the writes that are seen here.
        language: the language of each row, as an index of `languages`; -1 for a free row.
        audience: the audience of each row, as an index of `audiences`.
    """

    generation: int = -1
    language: Rows = field(default_factory=_no_rows)
    audience: Rows = field(default_factory=_no_rows)
    languages: tuple[str, ...] = ("",)
    audiences: tuple[Audience, ...] = (Audience(),)
    vectors: Slots = field(default_factory=Slots)
    sketches: Slots = field(default_factory=Slots)

    @property
    def chunks(self) -> int:
        """How many rows hold a chunk."""
        return int(np.count_nonzero(self.language != NOWHERE))

    def readable(self, reader: Audience) -> Scope:
        """The rows that this reader may open."""
        admitted = [audience.admits(reader) for audience in self.audiences]
        # A free row has audience -1, which would mean the last one, so it is ruled out by itself.
        return np.asarray(np.array(admitted)[self.audience] & (self.language != NOWHERE))

    def in_languages(self, codes: Sequence[str]) -> Scope:
        """The rows whose chunk is in one of these languages."""
        wanted = np.array([code in codes for code in self.languages])
        return np.asarray(wanted[self.language])
