"""A machine that a test may start servers on."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker.machine import OLLAMA, Machine


@pytest.fixture
def machine() -> Iterator[Machine]:
    """One without anything; in a folder that every user may enter, as Elasticsearch's must be."""
    with tempfile.TemporaryDirectory(prefix="tertulia-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        machine = Machine(folder)
        try:
            yield machine
        finally:
            machine.end()


@pytest.fixture
def with_ollama(machine: Machine) -> Machine:
    """One that has a program which answers as Ollama does."""
    machine.put("ollama", OLLAMA)
    return machine
