"""Trainers: examples in, a tuned model out. The contract, and how a job names its trainer.

A trainer is a file `pipelines/learning/trainers/<name>.py` with `build() -> Trainer`. It runs in a
process of its own, which `process.py` starts and watches.
"""

import json
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from knowledge.errors import OperatorError, suggestion

PARTIAL = ".partial"
"""How the name of a folder ends while a job still writes to it."""
TRAINED = "trained.json"
_NO_TRAINERS = {"process"}


class JobRefusedError(OperatorError):
    """A job cannot be done as it stands; nothing was tuned."""


class NoCandidateError(JobRefusedError):
    """Nothing was made that could be better; what serves now goes on serving."""


class TrainingFailedError(OperatorError):
    """A training ended before its end; what serves now goes on serving."""

    is_for_good = False


@dataclass(frozen=True, slots=True)
class Caps:
    """What a job may take at most.

    Attributes:
        memory_mb: resident memory of its process.
        seconds: of wall time, from the start of its process.
    """

    memory_mb: int = 8_000
    seconds: float = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class Job:
    """What a trainer is asked to do; kept as a JSON file.

    Attributes:
        trainer: the name of its file.
        base: a GGUF file, or a folder with safetensors.
        rows: JSON lines, mostly with `messages` of `role` and `content`; the last one is learnt.
        folder: where the result will be; it must not be there yet.
        served: the GGUF that the result is served with; the base itself unless it is a folder.
        base_sha256: of the base, where it is one file; not checked where it is empty.
        rows_sha256: of the rows; not checked where it is empty.
    """

    trainer: str
    base: Path
    rows: Path
    folder: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    caps: Caps = field(default_factory=Caps)
    served: Path | None = None
    base_sha256: str = ""
    rows_sha256: str = ""

    @property
    def partial(self) -> Path:
        """Where it is worked until all is there; a job that was stopped goes on from here."""
        return self.folder.with_name(self.folder.name + PARTIAL)

    @property
    def gguf(self) -> Path:
        """The file whose template, vocabulary and layout count.

        Raises:
            JobRefusedError: the base is a folder, and the job does not say what is served.
        """
        if self.served or self.base.is_file():
            return self.served or self.base
        raise JobRefusedError(
            f"The base {self.base} is no GGUF file, and the job does not say what is served.",
            what_to_do="Name the GGUF of the same model in `served`.",
        )

    def to_json(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self), default=str, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """As it was kept.

        Raises:
            JobRefusedError: it is no job.
        """
        try:
            said = json.loads(text)
            paths = {name: Path(said[name]) for name in ("base", "rows", "folder")}
            served = Path(said["served"]) if said.get("served") else None
            return cls(**{**said, **paths, "served": served, "caps": Caps(**said.get("caps", {}))})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise JobRefusedError(
                f"This is no job of a trainer: {error}.",
                what_to_do="A job has at least trainer, base, rows and folder.",
            ) from error


@dataclass(frozen=True, slots=True)
class Cost:
    """What a training takes, or took.

    Attributes:
        cpu_s: of the processor, all cores together.
        seconds: of wall time; 0 where nobody can know it.
        peak_mb: the most resident memory.
        file_bytes: of what it leaves.
    """

    cpu_s: float
    seconds: float
    peak_mb: float
    file_bytes: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A row exactly as the model will see it.

    Attributes:
        text: the whole of it, special tokens included.
        learnt: the part of it that counts, as the tokens spell it.
        tokens: of the whole.
        learnt_tokens: of the part that counts.
    """

    text: str
    learnt: str
    tokens: int
    learnt_tokens: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would happen, found out in seconds.

    Attributes:
        shown: the first three rows.
        lengths: how many rows have up to so many tokens; the key is the upper end.
        left_out: rows that are longer than the longest that is trained on; none is ever cut.
        template: hash of the template that rows are written with.
        served_template: hash of the template that the served file has.
        forecast: of the whole training, from steps that were measured.
        overfit: the loss on eight rows before and after a few steps on nothing else.
        problems: why the training must not begin; empty if nothing speaks against it.
    """

    shown: tuple[Shown, ...]
    lengths: Mapping[int, int]
    left_out: int
    template: str
    served_template: str
    forecast: Cost
    overfit: tuple[float, float]
    problems: tuple[str, ...]

    @classmethod
    def from_json(cls, text: str) -> "DryRun":
        """As the process of a trainer tells it."""
        said = json.loads(text)
        return cls(
            shown=tuple(Shown(**one) for one in said.pop("shown")),
            lengths={int(upper): count for upper, count in said.pop("lengths").items()},
            forecast=Cost(**said.pop("forecast")),
            overfit=tuple(said.pop("overfit")),
            problems=tuple(said.pop("problems")),
            **said,
        )


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training left, with all that it takes to make it again.

    Attributes:
        folder: with the weights as safetensors, the loss curve, and this as `trained.json`.
        method: `lora` for an adapter, `full` for all weights.
        losses: of every step.
        held_out: of the rows that were kept apart, after every pass over the others.
        files: the SHA-256 of every file by its name.
        versions: of the libraries that made it.
        measured: what the trainer found of its own aim, as shares of 1; mostly nothing.
    """

    folder: Path
    method: str
    job: Job
    losses: tuple[float, ...]
    held_out: tuple[float, ...]
    cost: Cost
    files: Mapping[str, str]
    versions: Mapping[str, str]
    measured: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self), default=str, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, folder: Path) -> "Trained":
        """As it was kept in this folder."""
        said = json.loads(text)
        return cls(
            folder=folder,
            method=said["method"],
            job=Job.from_json(json.dumps(said["job"])),
            losses=tuple(said["losses"]),
            held_out=tuple(said["held_out"]),
            cost=Cost(**said["cost"]),
            files=said["files"],
            versions=said["versions"],
            measured=said.get("measured", {}),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """How far a training has come.

    Attributes:
        number: steps that were done, those before a stop included.
        of: steps in all.
    """

    number: int
    of: int
    loss: float


Report = Callable[[Step], None]
"""Called after every step, in the process of the trainer."""


class Trainer(Protocol):
    """Tunes a model in this process, which holds the libraries of the extra `learn`."""

    def cost(self, job: Job) -> Cost:
        """What the training will take, from the size of base and rows alone.

        Raises:
            JobRefusedError: base or rows cannot be used.
        """

    def dry_run(self, job: Job) -> DryRun:
        """What would happen.

        Raises:
            JobRefusedError: base, rows or settings cannot be used.
        """

    def train(self, job: Job, report: Report) -> Trained:
        """Tune, in `job.partial`; what was begun there is gone on with.

        Raises:
            JobRefusedError: base, rows, settings or what was begun cannot be used.
            TrainingFailedError: it came to no end.
        """


def names() -> list[str]:
    """The trainers there are, in alphabetical order."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if name[0] != "_" and name not in _NO_TRAINERS)


def load(name: str) -> Trainer:
    """The trainer of this name.

    Raises:
        JobRefusedError: there is none; names the nearest one.
    """
    if name not in names():
        raise JobRefusedError(
            f"There is no trainer '{name}'.", what_to_do=suggestion(name, names())
        )
    trainer: Trainer = import_module(f"{__name__}.{name}").build()
    return trainer
