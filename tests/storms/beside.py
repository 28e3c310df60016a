"""A crowd in a process of its own, so that what it does costs whoever serves it nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.storms.crowd import Asked

ROOT = Path(__file__).parents[2]


class CrowdBeside:
    """Commands a crowd."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.environment: dict[str, str] = self._heard()

    def ready(self) -> None:
        """Wait until somebody serves them."""
        self._do("ready")

    def ask(self, many: int) -> None:
        """Have that many people ask at once."""
        self._do("ask", many)

    def ask_steadily(self, per_s: float, many: int) -> None:
        """Have people ask one after the other; this returns at once."""
        self._do("steadily", per_s, many)

    def left(self) -> int:
        """How many of those who have asked have no outcome yet."""
        return int(self._do("left"))

    def asked(self) -> list[Asked]:
        """Everything that was asked, as it stands now."""
        return [Asked(**one) for one in self._do("asked")]

    def _do(self, *command: object) -> Any:  # noqa: ANN401 (JSON has no narrower type)
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> Any:  # noqa: ANN401 (JSON has no narrower type)
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the crowd has gone; it says why on stderr"
        return json.loads(line)


@contextmanager
def crowd(platform: str, **more: object) -> Iterator[CrowdBeside]:
    """People on a platform, in a process of their own."""
    wish = json.dumps({"platform": platform, **more})
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storms", wish],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield CrowdBeside(process)
        finally:
            process.kill()
