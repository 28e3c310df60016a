"""An Ollama server of a test's own, which it may maltreat."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil

START_S = 60.0


def free_port() -> int:
    """A port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OwnOllama:
    """One server process with models in a folder of its own.

    Attributes:
        log: what the server writes; it says what it takes from its cache.
    """

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.host = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.host}"
        self.log = folder / "server.log"
        self._folder = folder
        self._environment = {
            "HOME": str(folder),
            "PATH": os.defpath,
            "OLLAMA_HOST": self.host,
            "OLLAMA_MODELS": str(folder / "models"),
            "OLLAMA_NO_CLOUD": "1",
            "OLLAMA_NOPRUNE": "1",
            "OLLAMA_DEBUG": "1",
            "GIN_MODE": "release",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self.program, "serve"], env=self._environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_S
        while True:
            try:
                httpx2.get(f"{self.url}/api/version", trust_env=False)
            except httpx2.TransportError:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)
            else:
                return

    def create(self, name: str, modelfile: str) -> None:
        """Make a model, as people do."""
        path = self._folder / "Modelfile"
        path.write_text(modelfile)
        command = [self.program, "create", name, "-f", str(path)]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr.decode()

    def runners(self) -> list[psutil.Process]:
        """The processes that hold the models."""
        assert self._process
        return psutil.Process(self._process.pid).children(recursive=True)

    def kill_runners(self) -> None:
        """What the system does to them when memory runs out."""
        for runner in self.runners():
            runner.kill()

    def stop(self) -> None:
        """End the server and its runners, whatever they are doing."""
        if self._process is not None:
            self.kill_runners()
            self._process.kill()
            self._process.wait(30)
            self._process = None


@contextmanager
def own_ollama(program: str, folder: Path) -> Iterator[OwnOllama]:
    """A server that is gone afterwards."""
    server = OwnOllama(program, folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
