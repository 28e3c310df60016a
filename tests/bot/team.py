"""A team with six small pages in two languages, and how its commands are run."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import run
from bot.settings import every_key
from tests.fakes.scripted_model import NAME

ROOT = Path(__file__).parents[2]
PAGES = {
    "leave.md": (
        "# Leave\n\nEverybody has 27 days of paid leave a year. "
        "Ask Marta Ruiz for it two weeks before.\n\n"
        "## Parental leave\n\nParents take 19 weeks of parental leave. It is paid in full.\n"
    ),
    "cocina.md": (
        "# Café y cocina\n\nEl café lo pide Jorge Luna cada jueves. "
        "La máquina de café se limpia los viernes a las 16:00.\n"
    ),
    "tools.csv": "Item,Deposit,Days\nDrill,40 euros,3\nLadder,25 euros,5\n",
    "wifi.txt": "The network of the office is called Tejo-5G. Guests use the network Tejo-Guest.\n",
    "viajes.html": (
        "<html><head><title>Gastos de viaje</title></head><body><h1>Gastos de viaje</h1>"
        "<p>La dieta por comida es de 22 euros. Los billetes se reservan en segunda clase.</p>"
        "</body></html>"
    ),
}
PRIVATE = {"pay.md": "# Pay of the board\n\nThe chair of the board earns 4,812 euros a month.\n"}


def write(folder: Path, pages: dict[str, str]) -> Path:
    """Put pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@contextmanager
def living_in(home: Path, *, model_url: str = "") -> Iterator[pytest.MonkeyPatch]:
    """Only these settings, for us and for processes that we start."""
    with pytest.MonkeyPatch.context() as environment:
        for key in every_key():
            environment.delenv(key, raising=False)
        environment.setenv("TERTULIA_HOME", str(home))
        environment.setenv("CHAT_MODEL", f"openai:{NAME}")
        environment.setenv("OPENAI_BASE_URL", model_url or "http://127.0.0.1:9/v1")
        environment.setenv("LOGNAME", "tester")
        environment.setenv("COLUMNS", "100")
        environment.setenv("PYTHONPATH", str(ROOT))
        environment.chdir(home)
        yield environment


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:  # noqa: ANN401 (JSON has no narrower type)
        """The one JSON value on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The failure that `--json` prints, its shape checked."""
        assert set(self.value["error"]) == {"kind", "message", "what_to_do"}
        assert all(self.value["error"].values())
        error: dict[str, str] = self.value["error"]
        return error


def in_a_process(*arguments: str, stdin: str | bytes = "", **more: Any) -> Outcome:  # noqa: ANN401 (passed on)
    """Run `tertulia` as people do."""
    given = stdin if isinstance(stdin, bytes) else stdin.encode()
    command = [sys.executable, "-m", "bot", *arguments]
    done = subprocess.run(
        command, input=given, capture_output=True, timeout=120, check=False, **more
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


Tertulia = Callable[..., Outcome]


def in_this_process(captured: pytest.CaptureFixture[str]) -> Tertulia:
    """Run `tertulia` without the time that a new process takes."""

    def tertulia(*arguments: str) -> Outcome:
        captured.readouterr()
        code = run(list(arguments))
        text = captured.readouterr()
        return Outcome(code, text.out, text.err)

    return tertulia
