"""Servers in containers, as compose.yaml describes them, where a Docker engine runs."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from docker.services.errors import UnavailableError

# What users run, and the ports on loopback that they do not need.
FILES = (Path(__file__).parents[1] / "compose.yaml", Path(__file__).with_name("ports.yaml"))
START_S = 900  # an image may have to come first
ASK_S = 20


def require_engine() -> None:
    """Nothing, where a Docker engine runs.

    Raises:
        UnavailableError: none does.
    """
    if _docker("info").returncode:
        raise UnavailableError("no Docker engine runs here", what_to_do="Start Docker")


def start(server: str, project: str, settings: Mapping[str, str]) -> None:
    """Start one server in a project of its own, and wait until it is healthy.

    Args:
        server: as compose.yaml calls it.
        project: a name that no other containers have.
        settings: variables of compose.yaml.

    Raises:
        UnavailableError: the engine could not start it.
    """
    done = _compose(project, "up", "--detach", "--wait", server, settings=settings)
    if done.returncode:
        why = done.stderr.strip()[-300:] or f"no answer within {START_S} s"
        raise UnavailableError(f"Docker could not start it: {why}", what_to_do="Ask Docker why")


def end(project: str) -> None:
    """Stop a project and remove its data."""
    _compose(project, "down", "--volumes", "--timeout", "20")


def _compose(
    project: str, *arguments: str, settings: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    files = [f"--file={path}" for path in FILES]
    options = [*files, "--project-name", project]
    return _docker("compose", *options, *arguments, settings=settings, most_s=START_S)


def _docker(
    *arguments: str, settings: Mapping[str, str] | None = None, most_s: float = ASK_S
) -> "subprocess.CompletedProcess[str]":
    docker = shutil.which("docker")
    if docker is None:
        return subprocess.CompletedProcess(arguments, 127, "", "there is no docker here")
    try:
        return subprocess.run(  # noqa: S603 (the command is ours, no shell reads it)
            [docker, *arguments],
            env={**os.environ, **(settings or {})},  # noqa: TID251 (docker finds its engine by it)
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=most_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(arguments, 124, "", "")
