"""How far a training has come, on disk: weights and moments as safetensors, the rest as JSON.

A checkpoint appears under its name when all of it is written, so that a kill leaves the last one.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.hashing import sha256_of
from knowledge.text_files import write_whole
from pipelines.learning.trainers import Cost, Job, JobRefusedError
from pipelines.learning.tuning.pickles import refuse_pickles

_TENSORS, _STATE = "tensors.safetensors", "state.json"
TAUGHT = "taught.json"


@dataclass(frozen=True, slots=True)
class State:
    """Where a training stands.

    Attributes:
        step: steps that are done.
        losses: of each of them.
        held_out: of the rows kept apart, after each pass over the others.
        cost: until then.
    """

    step: int
    losses: tuple[float, ...]
    held_out: tuple[float, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoints of one job."""

    folder: Path
    job_hash: str

    @classmethod
    def of(cls, job: Job) -> "Checkpoints":
        """In the folder where the job is worked on."""
        said = {**json.loads(job.to_json()), "caps": None, "folder": None}
        return cls(job.partial, hashlib.sha256(json.dumps(said).encode()).hexdigest())

    def save(self, state: State, tensors: Mapping[str, Any]) -> None:
        """Write one; those before it go.

        Raises:
            OSError, SafetensorError: it cannot be written.
        """
        self._write(f"checkpoint-{state.step:06}", state, tensors)
        for older in self._all()[:-1]:
            shutil.rmtree(older)

    def save_best(self, state: State, tensors: Mapping[str, Any]) -> None:
        """Keep these weights as the best so far."""
        self._write("best", state, tensors)

    def last(self) -> tuple[State, dict[str, Any]] | None:
        """The newest; None where the training has to begin.

        Raises:
            JobRefusedError: it is another job's, or was changed.
        """
        found = self._all()
        return self._read(found[-1]) if found else None

    def best(self) -> tuple[State, dict[str, Any]] | None:
        """The best weights; None where they are those of the end."""
        folder = self.folder / "best"
        return self._read(folder) if folder.is_dir() else None

    def clear(self) -> None:
        """Remove all: the training is done."""
        for folder in (*self._all(), *self.folder.glob("*.new"), self.folder / "best"):
            shutil.rmtree(folder, ignore_errors=True)

    def give_up(self) -> None:
        """Remove also what was taught: nobody goes on with it."""
        self.clear()
        (self.folder / TAUGHT).unlink(missing_ok=True)

    def keep_taught(self, said: Mapping[str, Any]) -> None:
        """Keep what took a teacher long to write."""
        told = {"job": self.job_hash, "sha256": _hash_of(said), **said}
        write_whole(self.folder / TAUGHT, json.dumps(told, ensure_ascii=False) + "\n")

    def taught(self) -> dict[str, Any] | None:
        """What a teacher wrote before the training was stopped; None where it has to.

        Raises:
            JobRefusedError: it is another job's, or was changed.
        """
        path = self.folder / TAUGHT
        if not path.exists():
            return None
        try:
            said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            self._check(said.pop("job"), said.pop("sha256") == _hash_of(said), path)
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise _refused(f"The answers in {path} cannot be read: {error}.") from error
        return said

    def _all(self) -> list[Path]:
        return sorted(p for p in self.folder.glob("checkpoint-*") if p.suffix != ".new")

    def _write(self, name: str, state: State, tensors: Mapping[str, Any]) -> None:
        from safetensors.torch import save_file

        new = self.folder / f"{name}.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        save_file(
            {key: one.detach().cpu().contiguous() for key, one in tensors.items()}, new / _TENSORS
        )
        said = {**asdict(state), "job": self.job_hash, "sha256": sha256_of(new / _TENSORS)}
        (new / _STATE).write_text(json.dumps(said), encoding="utf-8")
        shutil.rmtree(self.folder / name, ignore_errors=True)
        new.replace(self.folder / name)

    def _read(self, folder: Path) -> tuple[State, dict[str, Any]]:
        from safetensors.torch import load_file

        refuse_pickles(folder)
        try:
            said = json.loads((folder / _STATE).read_text(encoding="utf-8"))
            self._check(said["job"], said["sha256"] == sha256_of(folder / _TENSORS), folder)
            state = State(
                said["step"], tuple(said["losses"]), tuple(said["held_out"]), Cost(**said["cost"])
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _refused(f"The checkpoint {folder} cannot be read: {error}.") from error
        return state, load_file(folder / _TENSORS)

    def _check(self, job_hash: str, is_as_it_was: bool, path: Path) -> None:
        if not is_as_it_was:
            raise _refused(f"{path} was changed: its hash differs.")
        if job_hash != self.job_hash:
            raise _refused(f"What was begun in {self.folder} is another job's.")


def _hash_of(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _refused(what: str) -> JobRefusedError:
    return JobRefusedError(what, what_to_do="Remove that folder to begin anew.")
