"""Ends a process at a chosen place in our code, as `kill -9` does; the code knows nothing of it."""

import os
import signal
import sys
from types import FrameType

_BEGINS = 12
"""A frame that begins stands at one of its first instructions; one that goes on, further on."""


def at(place: str) -> None:
    """End this process when a function is called for the nth time: `Turns.begin 3`.

    A coroutine counts when it begins, not when it goes on. An empty place ends nothing.
    """
    if not place:
        return
    name, _, number = place.partition(" ")
    left = iter(range(int(number) - 1))

    def called(frame: FrameType, event: str, _: object) -> None:
        is_it = event == "call" and frame.f_code.co_qualname == name and frame.f_lasti <= _BEGINS
        if is_it and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(called)
