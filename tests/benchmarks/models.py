"""Where benchmarks and tests find model files."""

import asyncio
import os
from pathlib import Path

from platformdirs import user_cache_path

from pipelines.models import catalogue, fetching


def models_folder() -> Path:
    """The folder of model files that tests and benchmarks share."""
    chosen = os.environ.get("TERTULIA_TEST_MODELS")  # noqa: TID251 (for tests only)
    return Path(chosen) if chosen else user_cache_path("tertulia-tests") / "models"


def fetched(name: str) -> Path:
    """The folder of model files, with this model in it."""
    return asyncio.run(fetched_here(name))


async def fetched_here(name: str) -> Path:
    """The same where an event loop runs already."""
    folder = models_folder()
    await fetching.fetch(catalogue.entry(name), folder)
    return folder
