"""`python -m pipelines.learning.trainers JOB.json`: one job in this process.

It tells lines of JSON: `{"step": ...}`, and at last `{"done": ...}` or `{"failed": [class, message,
what to do]}`.
"""

import argparse
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import psutil

from knowledge.errors import OperatorError
from pipelines.learning.trainers import Job, JobRefusedError, Step, load
from pipelines.learning.tuning import failures
from pipelines.models.machine import cores

_NICER = 15
"""Whoever waits for an answer has the processor first."""
_LOOK_S = 0.2
WITHOUT_TORCH = frozenset({"adapter", "retriever"})

Tell = Callable[[dict[str, object]], None]


def main(arguments: list[str] | None = None) -> int:
    """Do the job; 0 where it was done."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.learning.trainers")
    parser.add_argument("job", type=Path, help="a JSON file, as `Job` says")
    parser.add_argument("act", nargs="?", choices=("train", "dry-run", "cost"), default="train")
    parser.add_argument("--parent", type=int, default=0, help="end when this process is gone")
    wanted = parser.parse_args(arguments)
    tell = _teller()
    try:
        job = Job.from_json(wanted.job.read_text(encoding="utf-8"))
    except (OSError, JobRefusedError) as error:
        return _failed(failures.explained(error, _NOBODY), tell)
    os.nice(_NICER)
    threading.Thread(target=_watch, args=(job, wanted.parent, tell), daemon=True).start()
    try:
        tell({"done": json.loads(_done(job, wanted.act, tell))})
    except Exception as error:  # noqa: BLE001 (whatever a library raises is told to who waits)
        traceback.print_exc()
        return _failed(failures.explained(error, job), tell)
    return 0


_NOBODY = Job("none", Path(), Path(), Path())


def _done(job: Job, act: str, tell: Tell) -> str:
    """Do it; what came of it as JSON."""
    trainer = load(job.trainer)
    if act == "cost":
        return json.dumps(asdict(trainer.cost(job)))
    if job.trainer not in WITHOUT_TORCH:
        _use_all_cores()
    if act == "dry-run":
        return json.dumps(asdict(trainer.dry_run(job)))

    def report(step: Step) -> None:
        tell({"step": asdict(step)})

    return trainer.train(job, report).to_json()


def _use_all_cores() -> None:
    """One thread is for who serves; here nobody waits."""
    import torch

    torch.set_num_threads(cores())


def _failed(error: OperatorError, tell: Tell) -> int:
    tell({"failed": [type(error).__name__, str(error), error.what_to_do]})
    return 1


def _teller() -> Tell:
    """Says lines on stdout, where nothing else is said from now on."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    turn = threading.Lock()

    def tell(what: dict[str, object]) -> None:
        with turn:
            replies.write(json.dumps(what) + "\n")
            replies.flush()

    return tell


def _watch(job: Job, parent: int, tell: Tell) -> None:
    """End this process where it takes more than it may, or nobody waits for it any more."""
    process, began = psutil.Process(), time.monotonic()
    while True:
        time.sleep(_LOOK_S)
        if parent and os.getppid() != parent:
            os._exit(1)
        if process.memory_info().rss > job.caps.memory_mb * 1_000_000:
            os._exit(_failed(failures.no_memory(job), tell))
        if time.monotonic() - began > job.caps.seconds:
            os._exit(_failed(failures.no_time(job), tell))


if __name__ == "__main__":
    sys.exit(main())
