"""Makes the source `shelf` and the platform `square` known, here or to a process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bot.platforms
import knowledge.sources

KINDS = str(Path(__file__).parent / "kinds")
PLATFORMS = str(Path(__file__).parent / "platforms")
_MAIN = (
    # As `main` does it: haystack would import torch, which takes seconds at both ends of a process.
    "import sys; sys.modules['torch'] = None;"
    "import faulthandler, signal, knowledge.sources, bot.platforms; from bot import main;"
    "from tests.fakes import killing; killing.at(sys.argv.pop(1));"
    "faulthandler.register(signal.SIGUSR1);"
    "knowledge.sources.__path__.append(sys.argv.pop(1));"
    "bot.platforms.__path__.append(sys.argv.pop(1)); main()"
)


@contextmanager
def shelves() -> Iterator[None]:
    """`shelf` is a kind of source in here."""
    path: list[str] = knowledge.sources.__path__
    path.append(KINDS)
    try:
        yield
    finally:
        path.remove(KINDS)


@contextmanager
def squares() -> Iterator[None]:
    """`square` is a platform in here."""
    path: list[str] = bot.platforms.__path__
    path.append(PLATFORMS)
    try:
        yield
    finally:
        path.remove(PLATFORMS)


def in_another_process(
    *arguments: str,
    killed_at: str = "",
    **more: Any,  # noqa: ANN401 (passed on)
) -> "subprocess.Popen[str]":
    """`tertulia`, started as a process that knows shelves and squares.

    Args:
        arguments: of the command line.
        killed_at: a place in our code where it ends at once; see `killing.at`.
        more: for the process.
    """
    command = [sys.executable, "-c", _MAIN, killed_at, KINDS, PLATFORMS, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **more)
