"""Says what happens, on stderr: stdout is for the addresses."""

import sys

from docker.services.errors import UnavailableError


def tell(text: str) -> None:
    """Say it at once."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def tell_missing(title: str, error: UnavailableError) -> str:
    """Say, in one line, what cannot be had, why, and what to do; returns it."""
    line = " ".join(f"{title} cannot be had: {error}. {error.what_to_do}.".split())
    tell(line)
    return line
