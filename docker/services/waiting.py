"""Waits for a server, and gives up as soon as its program has ended."""

import time
from collections.abc import Callable

from docker.services.errors import UnavailableError

PAUSE_S = 0.2


def wait_until(
    is_there: Callable[[], bool], *, is_alive: Callable[[], bool], most_s: float
) -> None:
    """Return when it is there.

    Raises:
        UnavailableError: its program ended, or it is not there after `most_s` seconds.
    """
    end = time.monotonic() + most_s
    while not is_there():
        if not is_alive():
            raise UnavailableError("it ended while it started", what_to_do="Read what it said")
        if time.monotonic() > end:
            raise UnavailableError(
                f"it did not answer within {most_s:.0f} s",
                what_to_do="Try again on a calmer machine",
            )
        time.sleep(PAUSE_S)
