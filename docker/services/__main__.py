"""What `make services`, `make services-down` and `make test` call."""

import argparse
import os
import sys
from collections.abc import Sequence

from docker.services.alone import alone
from docker.services.beside import run_beside
from docker.services.elasticsearch import Elasticsearch
from docker.services.errors import UnavailableError
from docker.services.lineup import Server, bring
from docker.services.ollama import Ollama
from docker.services.places import Place
from docker.services.telling import tell, tell_missing
from docker.services.wishes import Wishes, port_of


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for; returns the exit status."""
    os.umask(0o022)  # the user that Elasticsearch runs as must be able to read its program
    asked = _parser().parse_args(arguments)
    wishes = Wishes.from_environment()
    running = wishes.cache / "running"
    running.mkdir(parents=True, exist_ok=True)
    services = Place(running / "services")
    servers: tuple[Server, ...] = (Ollama(wishes), Elasticsearch(wishes))
    if asked.what == "run":
        return run_beside(servers, asked.command, running=running, services=services)
    with alone(running / "services.lock"):
        return up(servers, services) if asked.what == "up" else down(services)


def up(servers: Sequence[Server], place: Place) -> int:
    """Bring up each and print its address; 1 if one cannot be had."""
    status = 0
    for server in servers:
        known = [*place.addresses(server.name), server.asked]
        try:
            url = bring(server, place, known=known, port=port_of(server.asked))
        except UnavailableError as error:
            tell_missing(server.title, error)
            status = 1
        else:
            print(f"{server.variable}={url}", flush=True)
    return status


def down(place: Place) -> int:
    """Stop what `up` started, and nothing else."""
    names = place.names()
    place.end_all()
    tell(f"Stopped: {', '.join(names)}." if names else "Nothing was started here.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m docker.services",
        description="Elasticsearch and Ollama for development and tests.",
        epilog="Example: python -m docker.services run python -m pytest tests/integration",
    )
    asked = parser.add_subparsers(dest="what", required=True)
    asked.add_parser("up", help="start both in the background and print their addresses")
    asked.add_parser("down", help="stop what `up` started and remove its data")
    run = asked.add_parser("run", help="run a command beside them, then stop what was started")
    run.add_argument("command", nargs=argparse.REMAINDER)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
