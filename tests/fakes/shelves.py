"""Makes the source `shelf` and the platform `square` known, here or to a process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import knowledge.sources

KINDS = str(Path(__file__).parent / "kinds")
PLATFORMS = str(Path(__file__).parent / "platforms")
_MAIN = (
    "import faulthandler, signal, sys, knowledge.sources, bot.platforms; from bot import main;"
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


def in_another_process(*arguments: str, **more: Any) -> "subprocess.Popen[str]":  # noqa: ANN401 (passed on)
    """`tertulia`, started as a process that knows shelves and squares."""
    command = [sys.executable, "-c", _MAIN, KINDS, PLATFORMS, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **more)
