"""Where a model's file can be got: the contract of a place."""

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from knowledge.errors import TertuliaError
from pipelines.models.catalogue import EmbeddedModel

# Room for the wheels that wait to be appended, beside the file itself.
SPARE_BYTES = 300_000_000

Progress = Callable[[int, int, str], None]
"""Called with the bytes that are here, the bytes of the whole file, and the name of the place."""


class PlaceFailedError(TertuliaError):
    """This place did not give us the file; the next one is asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message, what_to_do="The next place is tried.")


@dataclass(frozen=True, slots=True)
class Errand:
    """What is fetched, and where it goes.

    Attributes:
        folder: the models folder; it exists, and nobody else writes files of this model to it.
    """

    model: EmbeddedModel
    folder: Path
    progress: Progress

    def partial(self, place: str) -> Path:
        """What this place has brought so far; kept when interrupted."""
        return self.folder / f"{self.model.file}.{place}.partial"

    def ensure_space(self, place: str) -> None:
        """Stop before the disk is full, not in the middle.

        Raises:
            OSError: ENOSPC, as if it had been tried.
        """
        partial = self.partial(place)
        have = partial.stat().st_size if partial.is_file() else 0
        if shutil.disk_usage(self.folder).free < bytes_needed(self.model) - have:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder))


def bytes_needed(model: EmbeddedModel) -> int:
    """Room on the disk for the model's file while it is fetched."""
    return model.size + min(SPARE_BYTES, model.size)


class Place(Protocol):
    """Somewhere a model's file may be."""

    @property
    def name(self) -> str:
        """For people and for the names of partial files; no blanks."""

    async def bring(self, errand: Errand) -> Path:
        """The whole file, not checked yet: a partial file, or a file that is there for others.

        Raises:
            PlaceFailedError: says why in a few words.
        """
