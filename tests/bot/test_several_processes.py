"""Real processes on one database: each run once, the dead replaced, the sleeping locked out."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.bot.scheduled_worker import JOBS, LEASE_S
from tests.bot.team import ROOT

BOUND_S = 60.0
FIRINGS = 100
QUIET_S = 0.5
"""Many looks at the schedule: what would go wrong has gone wrong by then."""
START = 1_780_000_000


def until(is_so: Callable[[], bool], *, within_s: float = BOUND_S) -> None:
    """Wait for something, but not for ever."""
    end = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


class Line(NamedTuple):
    """A run, as a process has written it down."""

    pid: int
    job: str
    fence: int
    minute: int


class Team:
    """Processes that share a database, and a clock that the test moves."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.workers: dict[int, subprocess.Popen[bytes]] = {}
        self.minute = 0
        self.go_to(0)

    def go_to(self, minute: int) -> None:
        """The clock shows this minute."""
        self.minute = minute
        new = self.folder / "clock.new"
        new.write_text(str(START + 60 * minute))
        new.replace(self.folder / "clock")

    def start(self, count: int) -> None:
        """Some more processes, ready to work."""
        before = len(self.lines("ready"))
        for _ in range(count):
            command = [sys.executable, "-m", "tests.bot.scheduled_worker", self.url]
            worker = subprocess.Popen([*command, str(self.folder)], cwd=ROOT)
            self.workers[worker.pid] = worker
        until(lambda: len(self.lines("ready")) == before + count)

    def lines(self, name: str) -> list[list[str]]:
        """What the processes have written down."""
        file = self.folder / name
        return [line.split() for line in file.read_text().splitlines()] if file.exists() else []

    def runs(self) -> list[Line]:
        """All runs so far, in the order in which they began."""
        found = self.lines("runs")
        return [Line(int(a), b, int(c), round((float(d) - START) / 60)) for a, b, c, d in found]

    def of(self, job: str) -> list[Line]:
        """The runs of one job."""
        return [run for run in self.runs() if run.job == job]

    def kill(self, pid: int) -> None:
        """End one without a word."""
        self.workers[pid].kill()
        self.workers.pop(pid).wait()

    def end(self) -> None:
        """End all of them."""
        for pid in list(self.workers):
            self.workers[pid].send_signal(signal.SIGCONT)
            self.kill(pid)


@pytest.fixture
def team(database_url: str, tmp_path: Path) -> Iterator[Team]:
    team = Team(database_url, tmp_path)
    yield team
    team.end()


def test_of_a_hundred_firings_none_is_missed_and_none_done_twice(team: Team) -> None:
    team.start(1)
    team.start(1)
    for minute in range(1, FIRINGS // JOBS + 1):
        team.go_to(minute)
        until(lambda: len(team.runs()) >= team.minute * JOBS)
    until(lambda: len(team.lines("ended")) >= FIRINGS)
    time.sleep(QUIET_S)
    runs = team.runs()
    wanted = {(str(job), minute) for job in range(JOBS) for minute in range(1, team.minute + 1)}
    assert {(run.job, run.minute) for run in runs} == wanted
    assert len(runs) == FIRINGS
    for job in range(JOBS):
        fences = [run.fence for run in runs if run.job == str(job)]
        assert fences == sorted(set(fences))


def test_who_dies_in_a_run_is_replaced_within_two_lease_times(team: Team) -> None:
    (team.folder / "hold").touch()
    team.start(1)
    team.go_to(1)
    until(lambda: bool(team.runs()))
    dead = team.runs()[0]
    team.start(1)
    time.sleep(QUIET_S)
    team.kill(dead.pid)
    until(lambda: len(team.of(dead.job)) == 2, within_s=2 * LEASE_S)
    second = team.of(dead.job)[1]
    assert second.pid != dead.pid
    assert second.fence > dead.fence
    assert second.minute == 1
    (team.folder / "hold").unlink()
    until(lambda: len(team.lines("ended")) == JOBS)
    assert {pid for pid, _ in team.lines("ended")} == {str(second.pid)}


def test_who_wakes_up_after_a_long_sleep_has_no_say_any_more(tmp_path: Path) -> None:
    team = Team(f"sqlite:///{tmp_path / 'x.db'}", tmp_path)
    try:
        (tmp_path / "hold").touch()
        team.start(1)
        team.go_to(1)
        until(lambda: bool(team.runs()))
        sleeper = team.runs()[0]
        team.start(1)
        os.kill(sleeper.pid, signal.SIGSTOP)
        until(lambda: len(team.of(sleeper.job)) == 2)
        second = team.of(sleeper.job)[1]
        os.kill(sleeper.pid, signal.SIGCONT)
        time.sleep(QUIET_S)
        (tmp_path / "hold").unlink()
        until(lambda: len(team.lines("ended")) == JOBS)
        time.sleep(QUIET_S)
        assert [pid for pid, job in team.lines("ended") if job == second.job] == [str(second.pid)]
    finally:
        team.end()
