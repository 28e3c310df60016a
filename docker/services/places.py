"""Where servers live while they run: a folder for `make services`, and one for every test run."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from docker.services import containers, processes


@dataclass(frozen=True, slots=True)
class Kept:
    """A server that we started.

    Attributes:
        folder: its data, thrown away at the end.
        group: of its processes; 0 for one in a container.
        project: of its container; empty for one without.
    """

    name: str
    url: str
    folder: Path
    group: int = 0
    project: str = ""

    def is_running(self) -> bool:
        """Whether anything of its program is still there."""
        return processes.is_running(self.group, self.folder)

    def end(self) -> None:
        """Stop it and remove its data."""
        if self.project:
            containers.end(self.project)
        else:
            processes.end(self.group, self.folder)


@dataclass(frozen=True, slots=True)
class Place:
    """The servers that were started together."""

    folder: Path

    def kept(self, name: str) -> Kept | None:
        """What is known of a server that was started here."""
        try:
            known = json.loads(self._note(name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Kept(name, folder=self.folder / name, **known)

    def addresses(self, name: str) -> list[str]:
        """Where this server was started here: one address or none."""
        kept = self.kept(name)
        return [kept.url] if kept else []

    def names(self) -> list[str]:
        """The servers that were started here."""
        return sorted(note.stem for note in self.folder.glob("*.json"))

    def keep(self, kept: Kept) -> None:
        """Note what was started, before anything else can happen."""
        known = {"url": kept.url, "group": kept.group, "project": kept.project}
        half = self.folder / f"{kept.name}.half"
        half.write_text(json.dumps(known), encoding="utf-8")
        half.replace(self._note(kept.name))  # a kill leaves a whole note or none

    def new_room(self, name: str) -> Path:
        """An empty folder for a server."""
        room = self.folder / name
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        return room

    def end(self, name: str) -> None:
        """Stop a server, if it was started here, and remove its data."""
        kept = self.kept(name)
        if kept:
            kept.end()
        shutil.rmtree(self.folder / name, ignore_errors=True)
        self._note(name).unlink(missing_ok=True)

    def end_all(self) -> None:
        """Stop every server of this place and remove it."""
        for name in self.names():
            self.end(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _note(self, name: str) -> Path:
        return self.folder / f"{name}.json"
