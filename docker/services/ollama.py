"""Ollama: whether one answers, and how our own is started."""

import os
from dataclasses import dataclass
from pathlib import Path

import httpx2

from docker.services import ollama_models
from docker.services.ollama_program import find
from docker.services.processes import Program
from docker.services.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Ollama:
    """The model server."""

    wishes: Wishes
    name: str = "ollama"
    title: str = "Ollama"
    variable: str = "OLLAMA_HOST"
    version: str = ""

    @property
    def asked(self) -> str:
        """Where one is looked for first."""
        return self.wishes.ollama_host

    def answers(self, url: str) -> bool:
        """Whether an Ollama is there."""
        try:
            said = httpx2.get(f"{url}/api/version", timeout=5, trust_env=False)
            return "version" in said.raise_for_status().json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, TypeError):
            return False

    def program(self, folder: Path, port: int) -> Program:
        """Our own, ready to be started on this port.

        Raises:
            UnavailableError: the program cannot be had.
        """
        command = [str(find(self.wishes)), "serve"]
        environment = {
            "PATH": os.defpath,
            "HOME": str(folder),  # it writes a key there
            "OLLAMA_HOST": f"127.0.0.1:{port}",
            "OLLAMA_MODELS": str(folder / "models"),
            "OLLAMA_NO_CLOUD": "1",
            "OLLAMA_NOPRUNE": "1",
            "GIN_MODE": "release",
        }
        return Program(command, environment)

    def furnish(self, url: str) -> None:
        """Give it the small models of the catalogue.

        Raises:
            UnavailableError: a model cannot be had.
        """
        ollama_models.give(url, self.wishes.models)
