"""A team that can be served: its home with six small pages, and the process that serves it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from tests.bot.team import PAGES, ROOT, write
from tests.fakes.scripted_model import NAME

END_S, READY_S = 40.0, 120.0
LOG = "serve.log"


def environment(home: Path, model_url: str, **more: str) -> dict[str, str]:
    """Only what is needed, so that the settings of this machine change nothing."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "TERTULIA_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "CHAT_MODEL": f"openai:{NAME}",
        "OPENAI_BASE_URL": model_url,
        **more,
    }


@dataclass(frozen=True, slots=True)
class Team:
    """A team with indexed pages.

    Attributes:
        settings: of everybody who serves it, but for the platform.
    """

    home: Path
    settings: Mapping[str, str]


@contextmanager
def indexed(model_url: str) -> Iterator[Team]:
    """A home with the team's pages, indexed with the commands that people use."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        pages = write(home / "pages", PAGES)
        add = ("source", "add", "team", "files", "--path", str(pages), "--schedule", "never")
        own = environment(home, model_url)
        for arguments in (add, ("refresh", "--wait")):
            command = [sys.executable, "-m", "bot", *arguments]
            subprocess.run(command, cwd=home, env=own, check=True, capture_output=True)
        yield Team(home, own)


@contextmanager
def fresh(team: Team) -> Iterator[Team]:
    """The same team with a home of its own, in which nobody has asked anything."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(team.home, home)
        yield Team(home, {**team.settings, "TERTULIA_HOME": str(home)})


@contextmanager
def serving(team: Team, platforms: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """`tertulia serve`, as it ships; what it logs is in `serve.log` of its home."""
    own = {**team.settings, **platforms}
    with (team.home / LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"], cwd=team.home, env=own, stderr=log
        )
        with process:
            try:
                yield process
                process.send_signal(signal.SIGTERM)
                process.wait(END_S)
            finally:
                process.kill()


def until_ready(team: Team) -> None:
    """Wait until the process that was begun last says that it serves."""
    end = monotonic() + READY_S
    while "ready" not in (team.home / LOG).read_text():
        assert monotonic() < end, (team.home / LOG).read_text()
        sleep(0.1)
