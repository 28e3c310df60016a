"""`tertulia serve` and `tertulia schedule`, as real processes with real signals."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from bot.stopping import Stopping
from tests.bot.team import PAGES, Tertulia
from tests.fakes.shelves import in_another_process, shelves

BOUND_S = 120.0
MANY = 200
A_BATCH = 64


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something, but not for ever."""
    end = time.monotonic() + BOUND_S
    while not is_so():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


class Served:
    """`tertulia serve` in a process of its own."""

    def __init__(self, *arguments: str, killed_at: str = "") -> None:
        self.process = in_another_process("serve", *arguments, killed_at=killed_at)
        self.said = ""
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.said += line

    def until_it_says(self, text: str) -> None:
        """Wait for a line of its log."""
        until(lambda: text in self.said or self.process.poll() is not None)
        assert text in self.said, self.said

    def tell(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def ended(self) -> int:
        """Its exit code, once it has ended."""
        try:
            return self.process.wait(BOUND_S)
        except subprocess.TimeoutExpired:
            self.tell(signal.SIGUSR1)  # it says where each of its threads is
            time.sleep(1)
            raise AssertionError(self.said) from None
        finally:
            self.close()

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        assert self.process.stdout
        assert self.process.stderr
        self.process.stdout.close()
        self.process.stderr.close()


@contextmanager
def served(*arguments: str) -> Iterator[Served]:
    """Somebody serves in here, ready to work."""
    one = Served(*arguments)
    try:
        one.until_it_says("ready")
        yield one
    finally:
        one.close()


@pytest.fixture
def slow(empty_home: Path, tertulia: Tertulia) -> Iterator[Path]:
    """A home with a source of many files, each of which takes its time."""
    folder = empty_home / "pages"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"page{number:03}.txt").write_text(f"This is page {number} of the handbook.")
    with shelves():
        added = ["source", "add", "slow", "shelf", "--path", str(folder)]
        assert tertulia(*added, "--option", "seconds=1.5").code == 0
        yield folder


def read_of(folder: Path) -> int:
    """How many files of a shelf somebody has begun to read."""
    counted = folder / "reading"
    return counted.stat().st_size if counted.exists() else 0


def job(tertulia: Tertulia, number: int = 0) -> dict[str, object]:
    jobs: list[dict[str, object]] = tertulia("schedule", "--json").value["jobs"]
    return jobs[number]


@pytest.fixture
def team(empty_home: Path, pages: Path, tertulia: Tertulia) -> None:
    """A home with a source that nobody has read yet."""
    add = ["source", "add", "team", "files", "--path", str(pages)]
    assert tertulia(*add, "--schedule", "every 15 minutes").code == 0


def test_what_nobody_has_served_yet_is_due(team: None, tertulia: Tertulia) -> None:
    new = job(tertulia)
    assert datetime.fromisoformat(str(new.pop("next"))) <= datetime.now(UTC)
    name, rhythm = "refresh:team", "every 15 minutes"
    assert new == {"name": name, "rhythm": rhythm, "last": None, "failures": 0, "alarm": None}
    assert tertulia("serve", "--check", "--json").value == {"serving": []}
    outcome = tertulia("serve", "--check")
    assert outcome.code == 1
    assert "tertulia serve" in outcome.err


def test_who_serves_refreshes_at_once_and_ends_in_order(team: None, tertulia: Tertulia) -> None:
    with served() as one:
        one.until_it_says("outcome=done")
        assert tertulia("search", "parental leave", "--json").value["chunks"]
        alive = tertulia("serve", "--check", "--json")
        assert alive.code == 0
        assert f"process {one.process.pid} on " in alive.value["serving"][0]
        assert "Tertulia serves here: process" in tertulia("serve", "--check").err
        one.tell()
        assert one.ended() == 0, one.said
    assert "tertulia chat" in one.said
    assert "stopped" in one.said
    assert "Traceback" not in one.said
    assert tertulia("serve", "--check", "--json").value == {"serving": []}
    check_what_is_shown(tertulia)


def check_what_is_shown(tertulia: Tertulia) -> None:
    """One good run, for programs and for people."""
    done = job(tertulia)
    last = done["last"]
    assert isinstance(last, dict)
    assert set(last) == {"started", "ended", "outcome", "said"}
    assert last["outcome"] == "done"
    assert f"{len(PAGES)} indexed" in last["said"]
    following = datetime.fromisoformat(str(done["next"]))
    assert following - datetime.fromisoformat(last["started"]) <= timedelta(minutes=15)
    shown = tertulia("schedule").out.splitlines()
    assert shown[0].split() == ["JOB", "RHYTHM", "LAST", "RUN", "OUTCOME", "NEXT", "RUN"]
    assert shown[1].startswith("refresh:team  every 15 minutes  20")


def test_a_refresh_that_is_told_to_stop_goes_on_where_it_was(
    slow: Path, empty_home: Path, tertulia: Tertulia
) -> None:
    with served() as one:
        until(lambda: read_of(slow) > A_BATCH)  # one batch is kept, the next one has begun
        one.tell(signal.SIGINT)
        assert one.ended() == 0, one.said
    last = job(tertulia)["last"]
    assert isinstance(last, dict)
    assert last["outcome"] == "stopped"
    with served("--json") as one:
        one.until_it_says("outcome=done")
        one.tell()
        assert one.process.stdout
        assert json.loads(one.process.stdout.readline()) == {"ready": True, "platforms": []}
        assert one.ended() == 0, one.said
    last = job(tertulia)["last"]
    assert isinstance(last, dict)
    assert f"{MANY} found" in last["said"]
    assert " 0 unchanged" not in last["said"]


def test_who_refreshes_by_hand_is_told_who_is_at_it(slow: Path, tertulia: Tertulia) -> None:
    with served() as one:
        one.until_it_says("began")
        outcome = tertulia("refresh", "slow", "--json")
        assert outcome.code == 1
        assert outcome.error["kind"] == "lease_taken"
        assert f"by process {one.process.pid} on" in outcome.error["message"]
        one.tell()
        assert one.ended() == 0, one.said


def test_told_twice_it_ends_at_once(slow: Path, tertulia: Tertulia) -> None:
    replaced = ["source", "add", "slow", "shelf", "--replace", "--path", str(slow)]
    assert tertulia(*replaced, "--option", "seconds=600").code == 0
    with served() as one:
        until(lambda: read_of(slow) > 0)
        one.tell()
        one.tell()  # together with the first: `timeout` and some terminals do this
        one.until_it_says("stopping")
        time.sleep(0.5)
        assert one.process.poll() is None
        one.tell(signal.SIGINT)
        code = one.ended()
        assert code == 130, one.said


def test_a_file_that_is_written_wrong_is_named_at_the_start(
    empty_home: Path, tertulia: Tertulia
) -> None:
    (empty_home / "tertulia.toml").write_text(
        "[schedule]\ntimezone = 'Europe/Madird'\nzone = 1\n[sources.a]\nkind = 'files'\n"
        "audience = []\nschedule = 'evry 15 minutes'\n[sources.b]\nkind = 'files'\n"
        "audience = []\nwatch = 'perhaps'\n"
    )
    one = Served()
    assert one.ended() == 2
    for part in ("Europe/Madrid", "no 'zone'", '"every 15 minutes"', "watch is neither"):
        assert part in one.said
    outcome = tertulia("schedule", "--json")
    assert outcome.error["kind"] == "structure"


def test_the_platforms_that_are_served_are_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORMS", "terminal,square")
    monkeypatch.setenv("LOG_FORMAT", "json")
    with served("--json") as one:
        one.tell()
        assert one.process.stdout
        assert json.loads(one.process.stdout.readline())["platforms"] == ["square"]
        assert one.ended() == 0, one.said
    lines = [json.loads(line) for line in one.said.splitlines()]
    assert "ready" in [line["event"] for line in lines]


def test_a_wait_that_is_told_to_stop_is_over_in_time_whatever_hangs() -> None:
    left: list[int] = []
    stopping = Stopping(limit_s=0.05, leave=left.append)
    stopping.tell()
    stopping.tell()
    assert stopping.told.is_set()
    until(lambda: left == [0])
    time.sleep(0.3)
    stopping.tell()
    assert left == [0, 130]
    in_time = Stopping(limit_s=0.05, leave=left.append)
    in_time.tell()
    in_time.over()
    time.sleep(0.1)
    assert left == [0, 130]


def test_without_sources_there_are_no_jobs(empty_home: Path, tertulia: Tertulia) -> None:
    assert tertulia("schedule", "--json").value == {"jobs": []}
    assert "tertulia source add" in tertulia("schedule").err
