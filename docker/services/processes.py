"""Starts programs that outlive us, and ends them without ever meeting somebody else's."""

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from docker.services.errors import UnavailableError

# Every process that we start carries it, and so do its children. A number alone proves nothing:
# it may belong to another program by now.
MARK = "TERTULIA_SERVICES_FOLDER"
GRACE_S = 30
_MARK_LOOKS, _MARK_S = 500, 0.01
LOG = "output.log"


@dataclass(frozen=True, slots=True)
class Program:
    """What is started.

    Attributes:
        environment: all that it gets.
        directory: where it starts, if not in its own folder.
        user: who it runs as, if not as we do; its folder becomes theirs.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path | None = None
    user: str | None = None


def start(program: Program, folder: Path) -> int:
    """Start a program in a session of its own, its output in `folder`.

    Returns:
        The number of its process, which is also that of its group.

    Raises:
        UnavailableError: the system does not let us.
    """
    try:
        process = _open(program, folder)
    except (OSError, subprocess.SubprocessError) as error:
        raise UnavailableError(
            f"{program.command[0]} cannot be started: {error}",
            what_to_do=f"See who may run it, and who may enter {folder}",
        ) from error
    _wait_for_mark(process.pid)
    process.returncode = 0  # it is not ours to wait for: another process may end it
    return process.pid


def _wait_for_mark(number: int) -> None:
    """On a busy machine a new process has no environment for a moment."""
    for _ in range(_MARK_LOOKS):
        with suppress(psutil.Error, OSError):
            process = psutil.Process(number)
            if process.status() == psutil.STATUS_ZOMBIE or MARK in process.environ():
                return
        time.sleep(_MARK_S)


def _open(program: Program, folder: Path) -> "subprocess.Popen[bytes]":
    owner = pwd.getpwnam(program.user) if program.user else None
    if owner:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (the command is ours, no shell reads it)
            program.command,
            cwd=program.directory or folder,
            env={**program.environment, MARK: str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )


def is_running(group: int, folder: Path) -> bool:
    """Whether anything of a program that was started in `folder` is still there."""
    return any(_members(group, folder))


def end(group: int, folder: Path) -> None:
    """End a program with all its children, gently first."""
    members = list(_members(group, folder))
    for process in members:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(members, timeout=GRACE_S)
    left = {*stubborn, *_members(group, folder)}  # children that came meanwhile are new
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=GRACE_S)


def _members(group: int, folder: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if os.getpgid(process.pid) == group and process.environ().get(MARK) == str(folder):
                yield process


def last_lines(folder: Path, count: int = 3) -> str:
    """The end of what a program said."""
    try:
        text = (folder / LOG).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return " / ".join(line.strip() for line in text.splitlines()[-count:])


def free_port(wanted: int | None = None) -> int:
    """A free port of this machine: the wanted one, if it is free."""
    for port in (wanted or 0, 0):
        with socket.socket() as listener, suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return int(listener.getsockname()[1])
    raise UnavailableError("no port of 127.0.0.1 is free", what_to_do="End what holds them")
