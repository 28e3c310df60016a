"""Runs a command beside the servers, and stops those afterwards that it had to start."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from docker.services.alone import alone, if_free
from docker.services.errors import UnavailableError
from docker.services.lineup import Server, bring
from docker.services.places import Place
from docker.services.telling import tell, tell_missing

ENDING = (signal.SIGTERM, signal.SIGHUP)
GRACE_S = 60


def run_beside(
    servers: Sequence[Server], command: Sequence[str], *, running: Path, services: Place
) -> int:
    """Run a command that is told where the servers are; returns its exit status.

    It finds `TERTULIA_TEST_<setting>` with the address of each server, or
    `TERTULIA_TEST_<server>_MISSING` with the reason. What is started has a port that nobody else
    looks at, so that no other run comes to depend on it.

    Args:
        servers: brought up in this order.
        command: the program and its arguments.
        running: the folder of all places.
        services: the place of `make services`, whose servers are taken and left alone.
    """
    _sweep(running)
    place = Place(running / f"test-{os.getpid()}")
    for number in ENDING:
        signal.signal(number, _leave)
    with alone(_lock_of(place)), _ended(place):
        found: dict[str, str] = {}
        for server in servers:
            found |= _brought(server, place, services)
        return _run(command, found)


def _brought(server: Server, place: Place, services: Place) -> dict[str, str]:
    known = [*services.addresses(server.name), server.asked]
    try:
        url = bring(server, place, known=known, port=None)
    except UnavailableError as error:
        return {f"TERTULIA_TEST_{server.name.upper()}_MISSING": tell_missing(server.title, error)}
    return {f"TERTULIA_TEST_{server.variable}": url}


def _run(command: Sequence[str], found: Mapping[str, str]) -> int:
    try:
        child = subprocess.Popen(  # noqa: S603 (the command is the user's own)
            command,
            env={**os.environ, **found},  # noqa: TID251 (it gets what we got)
        )
    except OSError as error:
        tell(f"{command[0]} cannot be run: {error.strerror}")
        return 127
    try:
        status = child.wait()
    except KeyboardInterrupt:
        status = child.wait(GRACE_S)  # the terminal has told it as well
    except SystemExit:
        child.send_signal(signal.SIGINT)  # so that tests end what they started
        child.wait(GRACE_S)
        raise
    finally:
        child.kill()
    return status if status >= 0 else 128 - status


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


@contextmanager
def _ended(place: Place) -> Iterator[None]:
    try:
        yield
    finally:
        for number in (signal.SIGINT, *ENDING):
            signal.signal(number, signal.SIG_IGN)
        place.end_all()
        _lock_of(place).unlink(missing_ok=True)


def _sweep(running: Path) -> None:
    """End what a run left behind that was killed."""
    for lock in running.glob("test-*.lock"):
        with if_free(lock) as is_free:
            if is_free:
                place = Place(lock.with_suffix(""))
                tell(f"Clearing up after {place.folder.name}, which was killed ...")
                place.end_all()
                lock.unlink()


def _lock_of(place: Place) -> Path:
    return place.folder.with_suffix(".lock")
