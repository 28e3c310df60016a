"""`tertulia serve` in a process that is begun in no time: a fork of one that has imported it all.

What runs is what ships, from its entry point on; only the imports, and the model that tells
languages apart, are there already.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.fakes import killing
from tests.storms.homes import LOG

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.storms.without_torch", "tests.storms.preloaded"])


class Serving:
    """One process.

    Args:
        home: of the team.
        settings: all of its environment.
        killed_at: a place in the code where it ends at once; see `killing.at`.
    """

    def __init__(self, home: Path, settings: Mapping[str, str], killed_at: str = "") -> None:
        self.home = home
        self._process: ForkServerProcess = _FORKS.Process(
            target=_serve, args=(home, dict(settings), killed_at), daemon=True
        )
        self._process.start()

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._process.exitcode is not None

    @property
    def was_killed(self) -> bool:
        """Whether it ended by `kill -9`."""
        return self._process.exitcode == -signal.SIGKILL

    @property
    def ended_as(self) -> int | None:
        """Its exit code, that of a signal below 0."""
        return self._process.exitcode

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()
        self._process.join()

    def end(self, within_s: float = 40.0) -> int | None:
        """Tell it to stop, and wait; its exit code, None where it did not end."""
        self._process.terminate()
        self._process.join(within_s)
        code = self._process.exitcode
        self.kill()
        return code

    def said(self) -> str:
        """The end of its log."""
        return (self.home / LOG).read_text()[-3000:]


def _serve(home: Path, settings: Mapping[str, str], killed_at: str) -> None:
    """The process, from its first line to its last."""
    log = os.open(home / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()  # noqa: TID251 (what a process begins with)
    os.environ.update(settings)  # noqa: TID251 (as above)
    os.chdir(home)
    sys.argv = ["tertulia", "serve"]
    from bot import main

    killing.at(killed_at)
    main()
