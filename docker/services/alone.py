"""One process at a time; a killed one does not count."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker.services.telling import tell


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process holds this lock file."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"Waiting for another process that holds {path} ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def if_free(path: Path) -> Iterator[bool]:
    """Whether no other process holds this lock file; if so, we do."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
