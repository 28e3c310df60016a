"""Servers in containers: what Docker is asked, with a program in its place that writes it down."""

import pytest

from tests.docker.machine import OLLAMA, ROOT, Machine

# Starts the fake Ollama for `compose up`, as an engine would, and ends it for `compose down`.
DOCKER = """\
    import os, pathlib, subprocess, sys
    here = pathlib.Path(__file__).parent
    port = os.environ.get("OLLAMA_PORT", "")
    said = " ".join(sys.argv[1:])
    with (here / "asked").open("a") as asked:
        asked.write(f"{said} [{port}]\\n")
    if " up " in said and said.endswith("elasticsearch"):
        sys.exit("no such image")
    if " up " in said:
        settings = os.environ | {"OLLAMA_HOST": f"127.0.0.1:{port}"}
        server = subprocess.Popen(
            [here / "in-the-image"], env=settings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        server.stdout.readline()
        (here / "pid").write_text(str(server.pid))
    if "-ollama down " in said and (here / "pid").exists():
        os.kill(int((here / "pid").read_text()), 9)
        (here / "pid").unlink()
"""


@pytest.fixture
def asked(machine: Machine) -> Machine:
    machine.put("in-the-image", OLLAMA)
    machine.put("docker", DOCKER)
    return machine


def test_a_docker_engine_runs_the_server_of_the_compose_file(asked: Machine) -> None:
    outcome = asked.services("up")
    assert outcome.stdout.splitlines() == [asked.ollama]
    asked.services("up")
    questions = (asked.programs / "asked").read_text().splitlines()
    port = asked.settings["OLLAMA_HOST"].partition(":")[2]
    files = f"--file={ROOT}/docker/compose.yaml --file={ROOT}/docker/services/ports.yaml"
    compose = f"compose {files} --project-name tertulia-services-ollama"
    assert questions[:2] == ["info []", f"{compose} up --detach --wait ollama [{port}]"]
    assert sum(" up " in question and " ollama " in question for question in questions) == 1
    assert asked.services("down").stderr == "Stopped: ollama.\n"
    questions = (asked.programs / "asked").read_text().splitlines()
    assert questions[-1].startswith(f"{compose} down --volumes")


def test_what_docker_says_is_passed_on_and_what_it_began_is_removed(asked: Machine) -> None:
    outcome = asked.services("up")
    assert "Docker could not start it: no such image" in outcome.stderr
    questions = (asked.programs / "asked").read_text()
    assert "--project-name tertulia-services-elasticsearch down --volumes" in questions
