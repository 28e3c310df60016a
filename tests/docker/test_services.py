"""`make services`: what is started, found, named as missing, and stopped."""

import asyncio
import json
import re
import socket
import subprocess
import sys

from tests.docker.machine import Machine
from tests.fakes.loopback import LoopbackServer, Reply, Request

MODELS = {"models": [{"name": "smollm2-135m:latest"}, {"name": "qwen2.5-coder-0.5b:latest"}]}
BOTH = {
    "/": {"version": {"number": "8.19.8"}},
    "/api/version": {"version": "0.24.0"},
    "/api/tags": MODELS,
}


def both(request: Request) -> Reply:
    """An Elasticsearch and an Ollama in one."""
    return Reply.of(BOTH.get(request.path, {}))


def test_ollama_is_started_once_and_stopped_with_its_data(with_ollama: Machine) -> None:
    first = with_ollama.services("up")
    assert first.stdout.splitlines() == [with_ollama.ollama]
    (server,) = with_ollama.started()
    room = with_ollama.running / "services/ollama"
    assert (room / "output.log").read_text().startswith("Listening\n")
    again = with_ollama.services("up")
    assert again.stdout == first.stdout
    assert with_ollama.started() == [server]
    down = with_ollama.services("down")
    assert (down.returncode, down.stdout, down.stderr) == (0, "", "Stopped: ollama.\n")
    assert not with_ollama.started()
    assert not room.exists()
    assert "Nothing was started" in with_ollama.services("down").stderr


def test_what_cannot_be_had_is_named_with_the_reason_and_the_next_step(machine: Machine) -> None:
    outcome = machine.services("up")
    assert (outcome.returncode, outcome.stdout) == (1, "")
    lines = [line for line in outcome.stderr.splitlines() if "cannot be had" in line]
    assert [line.partition(" ")[0] for line in lines] == ["Ollama", "Elasticsearch"]
    for line in lines:
        assert "nothing suitable answers at http://127.0.0.1:" in line
        assert "no Docker engine runs here" in line
        assert "Install it" in line
        assert re.search(r"or set (OLLAMA_HOST|ELASTICSEARCH_URL)\.$", line)


async def test_a_server_that_answers_is_taken_and_left_alone(with_ollama: Machine) -> None:
    async with LoopbackServer(both) as theirs:
        with_ollama.settings |= {"OLLAMA_HOST": theirs.url, "ELASTICSEARCH_URL": theirs.url}
        outcome = await asyncio.to_thread(with_ollama.services, "up")
        assert outcome.returncode == 0, outcome.stderr
        assert outcome.stdout.splitlines() == [
            f"OLLAMA_HOST={theirs.url}",
            f"ELASTICSEARCH_URL={theirs.url}",
        ]
        assert not with_ollama.started()
        assert "Nothing" in (await asyncio.to_thread(with_ollama.services, "down")).stderr


async def test_an_elasticsearch_of_another_version_is_not_the_wished_one(machine: Machine) -> None:
    async with LoopbackServer(both) as theirs:
        machine.settings |= {"OLLAMA_HOST": theirs.url, "ELASTICSEARCH_URL": theirs.url}
        for wished, code in (("8", 0), ("8.19", 0), ("9.4", 1), ("8.1", 1)):
            machine.settings["ELASTICSEARCH_VERSION"] = wished
            outcome = await asyncio.to_thread(machine.services, "up")
            assert outcome.returncode == code, (wished, outcome.stderr)
    assert "Set ELASTICSEARCH_VERSION to one of: 8.19.8, 9.4.3" in outcome.stderr


def test_a_port_that_something_else_holds_is_left_to_it(with_ollama: Machine) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        taken = holder.getsockname()[1]
        with_ollama.settings["OLLAMA_HOST"] = f"127.0.0.1:{taken}"
        outcome = with_ollama.services("up")
    (port,) = re.findall(r"^OLLAMA_HOST=http://127.0.0.1:(\d+)$", outcome.stdout, re.MULTILINE)
    assert int(port) != taken
    assert with_ollama.services("up").stdout == outcome.stdout


def test_a_killed_server_is_started_again(with_ollama: Machine) -> None:
    with_ollama.services("up")
    (server,) = with_ollama.started()
    server.kill()
    outcome = with_ollama.services("up")
    assert outcome.stdout.splitlines() == [with_ollama.ollama]
    (other,) = with_ollama.started()
    assert other.pid != server.pid


def test_a_program_that_got_the_number_of_ours_is_not_ended(with_ollama: Machine) -> None:
    with_ollama.services("up")
    note = with_ollama.running / "services/ollama.json"
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    ) as stranger:
        note.write_text(json.dumps(json.loads(note.read_text()) | {"group": stranger.pid}))
        assert with_ollama.services("down").returncode == 0
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_that_ignores_the_request_to_end_is_killed(with_ollama: Machine) -> None:
    text = (with_ollama.programs / "ollama").read_text()
    deaf = text.replace("print(", "import signal; signal.signal(15, signal.SIG_IGN); print(")
    quick = "import docker.services.processes as p; p.GRACE_S = 1"
    (with_ollama.programs / "ollama").write_text(deaf)
    with_ollama.services("up")
    command = f"{quick}; from docker.services.__main__ import main; main(['down'])"
    subprocess.run([sys.executable, "-c", command], env=with_ollama.settings, check=True)
    assert not with_ollama.started()


def test_a_server_that_ends_at_once_is_quoted(machine: Machine) -> None:
    machine.put("ollama", 'echo "no room for the cache"; exit 3', interpreter="/bin/sh")
    outcome = machine.services("up")
    assert outcome.returncode == 1
    assert "it ended while it started: no room for the cache" in outcome.stderr
    assert not list((machine.running / "services").glob("*"))


def test_two_at_the_same_time_start_one(with_ollama: Machine) -> None:
    command = with_ollama.command("up")
    processes = [
        subprocess.Popen(command, env=with_ollama.settings, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert said[0] == said[1] == f"{with_ollama.ollama}\n"
    assert len(with_ollama.started()) == 1
