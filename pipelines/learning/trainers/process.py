"""Runs a trainer in a process of its own: what it says, what ends it, what it left."""

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pipelines.learning.trainers import (
    TRAINED,
    Cost,
    DryRun,
    Job,
    JobRefusedError,
    NoCandidateError,
    Report,
    Step,
    Trained,
    TrainingFailedError,
)
from pipelines.learning.tuning import failures

_ROOT = str(Path(__file__).resolve().parents[3])
# A child gets what it takes to find a graphics card, and no tokens.
_KEPT = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
)
_SET = {
    "LC_ALL": "C.UTF-8",
    "PYTHONPATH": _ROOT,
    # Else a busy neighbour makes every sum wait for the slowest core.
    "OMP_WAIT_POLICY": "passive",
    "TOKENIZERS_PARALLELISM": "false",
    # Nothing is fetched behind our back, and nothing is told.
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
_LONGEST_LINE = 16 << 20
_GRACE_S = 30.0


def _silent(_step: Step) -> None:
    """Progress that nobody watches."""


async def train(job: Job, progress: Report = _silent) -> Trained:
    """Have a model tuned; what was begun by a process that ended is gone on with.

    Being cancelled ends the process. Nothing is under the final name before all is there.

    Args:
        job: what to do.
        progress: called after every step.

    Raises:
        JobRefusedError: base, rows, settings or what was begun cannot be used.
        TrainingFailedError: it came to no end.
    """
    await _result(job, "train", progress)
    text = await asyncio.to_thread((job.folder / TRAINED).read_text, encoding="utf-8")
    return Trained.from_json(text, job.folder)


async def dry_run(job: Job) -> DryRun:
    """What a training would do, found out in seconds.

    Raises:
        JobRefusedError: base, rows or settings cannot be used.
        TrainingFailedError: it failed already.
    """
    return DryRun.from_json(json.dumps(await _result(job, "dry-run", _silent)))


async def cost(job: Job) -> Cost:
    """What a training will take, by the sizes of base and rows alone.

    Raises:
        JobRefusedError: base or rows cannot be used.
    """
    return Cost(**await _result(job, "cost", _silent))


async def _result(job: Job, act: str, progress: Report) -> dict[str, Any]:
    """What the process says at its end."""
    with tempfile.TemporaryDirectory() as folder:
        path, complaints = Path(folder) / "job.json", Path(folder) / "stderr"
        path.write_text(job.to_json(), encoding="utf-8")
        async with _running(path, act, complaints) as process:
            try:
                async with asyncio.timeout(job.caps.seconds + _GRACE_S):
                    said = await _heard(process, progress)
                    code = await process.wait()
            except TimeoutError as error:
                raise failures.no_time(job) from error
        if "done" in said:
            done: dict[str, Any] = said["done"]
            return done
        if "failed" in said:
            raise _error(*said["failed"])
        raise failures.killed(job, code, _last_line(complaints))


@asynccontextmanager
async def _running(path: Path, act: str, complaints: Path) -> AsyncIterator[Process]:
    with complaints.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pipelines.learning.trainers", str(path), act),
            *("--parent", str(os.getpid())),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=stderr,
            limit=_LONGEST_LINE,
            cwd=path.parent,
            env=_environment(),
            start_new_session=True,  # Ctrl+C in the terminal is ours to handle
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def _environment() -> dict[str, str]:
    kept: Mapping[str, str] = os.environ  # noqa: TID251 (what a child needs of it)
    return {**{name: kept[name] for name in _KEPT if name in kept}, **_SET}


async def _heard(process: Process, progress: Report) -> dict[str, Any]:
    """Its last word; empty where it ended without one."""
    if process.stdout is None:  # pragma: no cover (it is a pipe)
        return {}
    while line := await process.stdout.readline():
        said: dict[str, Any] = json.loads(line)
        if "step" not in said:
            return said
        progress(Step(**said["step"]))
    return {}


def _error(kind: str, message: str, what_to_do: str) -> JobRefusedError | TrainingFailedError:
    known = {one.__name__: one for one in (JobRefusedError, NoCandidateError, TrainingFailedError)}
    return known.get(kind, TrainingFailedError)(message, what_to_do=what_to_do)


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
