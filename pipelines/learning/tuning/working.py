"""The folder where a job is worked on: for one process alone, and whole or not there."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.learning.trainers import Job, JobRefusedError
from pipelines.learning.tuning.pickles import refuse_pickles

LOCK = "lock"


def files_in(folder: Path) -> list[Path]:
    """What a job has written so far."""
    return [path for path in sorted(folder.iterdir()) if path.is_file() and path.name != LOCK]


@contextmanager
def working_folder(job: Job, file_bytes: int) -> Iterator[None]:
    """The folder where the job is worked on, for us alone; under its final name at the end.

    Raises:
        JobRefusedError: the result is there already, somebody works on it, or there is no room.
    """
    if job.folder.exists():
        raise JobRefusedError(
            f"{job.folder} is there already: what was trained is never changed.",
            what_to_do="Give the job another folder.",
        )
    job.partial.mkdir(parents=True, exist_ok=True)
    refuse_pickles(job.partial)
    # The weights, their best, two checkpoints with two moments each.
    needed, free = 8 * file_bytes, shutil.disk_usage(job.partial).free
    if free < needed:
        raise JobRefusedError(
            f"There are {free / 1e6:,.0f} MB free in {job.partial}.",
            what_to_do=f"Free {needed / 1e6:,.0f} MB there.",
        )
    with (job.partial / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JobRefusedError(
                f"Another process works on {job.folder}.", what_to_do="Wait for its end."
            ) from error
        yield
        (job.partial / LOCK).unlink()
        job.partial.rename(job.folder)
