"""The tables of sketches: one for each version, of which readers use one."""

import threading
from pathlib import Path
from urllib.parse import quote

from knowledge.sqlite import translated
from knowledge.vectors import VectorTable


class SketchTables:
    """The open tables of sketches in a folder, by their version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, VectorTable] = {}
        self._retired: list[VectorTable] = []
        self._lock = threading.Lock()

    def existing(self, version: str) -> VectorTable | None:
        """The table of this version; None where nobody has made it or it is gone."""
        with self._lock:
            self._retire(version)
            if version not in self._open and VectorTable.exists(self._path(version)):
                self._open[version] = VectorTable.open(self._path(version), dimensions=None)
            return self._open.get(version)

    def made(self, version: str, *, dimensions: int) -> VectorTable:
        """The table of this version, made if it is not there."""
        with self._lock:
            self._retire(version)
            if version not in self._open:
                path = self._path(version)
                self._open[version] = VectorTable.open(path, dimensions=dimensions)
            return self._open[version]

    def keep_only(self, version: str) -> None:
        """Delete the files of all other versions; who has them open can read on."""
        kept = self._path(version).name
        with translated(self._folder):
            for path in self._folder.glob("*"):
                if path.name.removesuffix("-wal").removesuffix("-shm").rpartition(".")[0] != kept:
                    path.unlink(missing_ok=True)

    def close(self) -> None:
        """Release the files of all versions."""
        with self._lock:
            for table in (*self._open.values(), *self._retired):
                table.close()
            self._open.clear()
            self._retired.clear()

    def _retire(self, version: str) -> None:
        """Use a table no more whose files are deleted; somebody may be reading it still."""
        if version in self._open and not VectorTable.exists(self._path(version)):
            self._retired.append(self._open.pop(version))

    def _path(self, version: str) -> Path:
        return self._folder / quote(version, safe="")
