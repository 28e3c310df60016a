"""`make test`: a command that runs beside the servers, and what is left when it is over."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docker.machine import ROOT, Machine

TELL = """
import json, os
print(json.dumps({k: v for k, v in os.environ.items() if k.startswith("TERTULIA_TEST")}))
"""
SLEEP = "import time; print('here', flush=True); time.sleep(60)"
SERVERS = "tests/docker/test_real_servers.py"


def python(machine: Machine, code: str) -> list[str]:
    return machine.command("run", sys.executable, "-c", code)


def test_the_command_is_told_where_the_servers_are_and_why_one_is_missing(
    with_ollama: Machine,
) -> None:
    outcome = with_ollama.services("run", sys.executable, "-c", TELL)
    assert outcome.returncode == 0
    told = json.loads(outcome.stdout)
    assert set(told) == {"TERTULIA_TEST_OLLAMA_HOST", "TERTULIA_TEST_ELASTICSEARCH_MISSING"}
    assert told["TERTULIA_TEST_OLLAMA_HOST"] != f"http://{with_ollama.settings['OLLAMA_HOST']}"
    assert told["TERTULIA_TEST_ELASTICSEARCH_MISSING"].startswith("Elasticsearch cannot be had: ")
    assert not with_ollama.started()
    assert not list(with_ollama.running.glob("test-*"))


def test_what_runs_already_is_used_and_goes_on(with_ollama: Machine) -> None:
    with_ollama.services("up")
    started = with_ollama.started()
    told = json.loads(with_ollama.services("run", sys.executable, "-c", TELL).stdout)
    assert f"OLLAMA_HOST={told['TERTULIA_TEST_OLLAMA_HOST']}" == with_ollama.ollama
    assert with_ollama.started() == started


def test_the_status_of_the_command_is_ours(with_ollama: Machine) -> None:
    assert with_ollama.services("run", sys.executable, "-c", "raise SystemExit(5)").returncode == 5
    killed = "import os; os.kill(os.getpid(), 9)"
    assert with_ollama.services("run", sys.executable, "-c", killed).returncode == 137
    assert with_ollama.services("run", "/no/such/program").returncode == 127
    assert not with_ollama.started()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_stops_its_servers(with_ollama: Machine, number: int) -> None:
    with subprocess.Popen(
        python(with_ollama, SLEEP), env=with_ollama.settings, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        assert run.stdout.readline() == "here\n"
        assert with_ollama.started()
        run.send_signal(number)
        assert run.wait(60) == 128 + number
    assert not with_ollama.started()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Programs that we start can be interrupted: a shell's background processes ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_run_that_is_interrupted_at_the_terminal_waits_for_its_command(
    with_ollama: Machine,
) -> None:
    code = f"try:\n {SLEEP}\nexcept KeyboardInterrupt:\n raise SystemExit(7)"
    with subprocess.Popen(
        python(with_ollama, code),
        env=with_ollama.settings,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as run:
        assert run.stdout
        assert run.stdout.readline() == "here\n"
        # As a terminal does it: everybody in the foreground is told.
        os.killpg(run.pid, signal.SIGINT)
        assert run.wait(60) == 7
    assert not with_ollama.started()


def test_a_run_that_is_interrupted_while_servers_start_stops_them(machine: Machine) -> None:
    machine.put("ollama", "import time; time.sleep(60)")
    with subprocess.Popen(python(machine, SLEEP), env=machine.settings) as run:
        assert _soon(lambda: bool(machine.started()))
        run.send_signal(signal.SIGTERM)
        assert run.wait(60) == 143
    assert not machine.started()


def test_what_a_killed_run_left_is_ended_by_the_next_one(with_ollama: Machine) -> None:
    with subprocess.Popen(
        python(with_ollama, SLEEP), env=with_ollama.settings, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        assert run.stdout.readline() == "here\n"
        left = with_ollama.started()
        run.kill()
    assert left
    outcome = with_ollama.services("run", sys.executable, "-c", "")
    assert "which was killed" in outcome.stderr
    assert not with_ollama.started()


@pytest.mark.parametrize(("required", "said"), [("", "3 skipped"), ("required", "3 errors")])
def test_tests_without_servers_are_skipped_with_the_reason_or_fail_where_they_must_run(
    machine: Machine, tmp_path: Path, required: str, said: str
) -> None:
    machine.settings["TERTULIA_TEST_SERVERS"] = required
    pytest_here = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", SERVERS]
    outcome = machine.services("run", *pytest_here, f"--basetemp={tmp_path}/pytest")
    assert (outcome.returncode != 0) is bool(required)
    lines = outcome.stdout.splitlines()
    assert said in lines[-1]
    assert "Elasticsearch cannot be had: nothing suitable answers" in outcome.stdout
    assert "Ollama cannot be had: nothing suitable answers" in outcome.stdout
    assert required or all("cannot be had" in line for line in lines[-4:-1])


def test_continuous_integration_takes_no_skip_and_the_archive_beside_it() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "export TERTULIA_TEST_SERVERS=required" in script
    assert "../shared/services" in script


def _soon(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
