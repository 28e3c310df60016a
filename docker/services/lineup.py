"""Brings up each server in the first way that is open."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from docker.services import containers, processes
from docker.services.errors import UnavailableError
from docker.services.places import Kept, Place
from docker.services.processes import Program
from docker.services.telling import tell
from docker.services.waiting import wait_until

START_S = 300  # a calm machine takes 30


class Server(Protocol):
    """What is asked of a server."""

    @property
    def name(self) -> str:
        """As docker/compose.yaml calls it."""

    @property
    def title(self) -> str:
        """As people call it."""

    @property
    def variable(self) -> str:
        """The setting that holds its address."""

    @property
    def asked(self) -> str:
        """Where one is looked for first."""

    @property
    def version(self) -> str:
        """The version of a container; empty for the usual one."""

    def answers(self, url: str) -> bool:
        """Whether the right one is there."""

    def program(self, folder: Path, port: int) -> Program:
        """Our own, ready to be started on this port."""

    def furnish(self, url: str) -> None:
        """Put into it what tests rely on."""


def bring(server: Server, place: Place, *, known: Sequence[str], port: int | None) -> str:
    """The address of a server that answers, started in `place` if none does.

    Args:
        server: the one that is wanted.
        place: where it lives if it is started.
        known: addresses where one may already be.
        port: the port for one that is started; None takes any.

    Raises:
        UnavailableError: no way is open; says why for each, and what to do.
    """
    url = next((url for url in known if server.answers(url)), None)
    if url is None:
        place.end(server.name)
        url = _start(server, place, port)
    server.furnish(url)
    return url


def _start(server: Server, place: Place, port: int | None) -> str:
    tell(f"Starting {server.title} ...")
    closed = []
    for way in (_in_container, _as_program):
        try:
            return way(server, place, processes.free_port(port))
        except UnavailableError as error:
            place.end(server.name)
            closed.append(error)
    why = "; ".join(map(str, closed))
    raise UnavailableError(
        f"nothing suitable answers at {server.asked}; {why}",
        what_to_do=f"{closed[-1].what_to_do}, start Docker, or set {server.variable}",
    )


def _in_container(server: Server, place: Place, port: int) -> str:
    folder = place.new_room(server.name)
    project = f"tertulia-{place.folder.name}-{server.name}"
    kept = Kept(server.name, f"http://127.0.0.1:{port}", folder, project=project)
    containers.require_engine()
    place.keep(kept)
    settings = {f"{server.name.upper()}_PORT": str(port)}
    if server.version:
        settings[f"{server.name.upper()}_VERSION"] = server.version
    containers.start(server.name, project, settings)
    return kept.url


def _as_program(server: Server, place: Place, port: int) -> str:
    folder = place.new_room(server.name)
    group = processes.start(server.program(folder, port), folder)
    kept = Kept(server.name, f"http://127.0.0.1:{port}", folder, group)
    place.keep(kept)
    try:
        wait_until(lambda: server.answers(kept.url), is_alive=kept.is_running, most_s=START_S)
    except UnavailableError as error:
        said = processes.last_lines(folder)
        raise UnavailableError(f"{error}: {said}", what_to_do=error.what_to_do) from error
    return kept.url
