"""A process that does four jobs every minute, for tests with several: it writes down each run.

Started as `python -m tests.bot.scheduled_worker DATABASE_URL FOLDER`. Its clock shows what stands
in `FOLDER/clock`; every run is a line in `FOLDER/runs`. While `FOLDER/hold` is there, runs go on.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import time_machine

from bot.jobs import Job, Shift
from bot.pace import Pace
from bot.rhythm import rhythm
from bot.schedule import Schedule
from knowledge.leases import Leases
from knowledge.runs import Runs
from tests.databases import opened

LEASE_S = 3.0
TICK_S = 0.05
JOBS = 4


async def work_in(url: str, folder: Path) -> None:
    """Run the schedule until this process is killed."""

    async def work(shift: Shift) -> str:
        name, fence = shift.lease.name.split()[1], shift.lease.fence
        now = datetime.now(UTC).timestamp()
        _note(folder / "runs", f"{os.getpid()} {name} {fence} {now}")
        while (folder / "hold").exists():
            await asyncio.sleep(TICK_S)
            await shift.checkpoint()
        _note(folder / "ended", f"{os.getpid()} {name}")
        return "noted"

    with time_machine.travel(_clock(folder), tick=False) as clock:
        async with opened(url) as engine:
            leases = Leases(engine, lease_s=LEASE_S)
            schedule = Schedule(Runs(engine), leases, pace=Pace(), tick_s=TICK_S)
            for number in range(JOBS):
                await schedule.put(Job(f"digest {number}", rhythm("every minute", UTC), work))
            running = asyncio.create_task(schedule.run())
            _note(folder / "ready", str(os.getpid()))
            while not running.done():
                clock.move_to(_clock(folder))
                await asyncio.sleep(0.01)


def _note(file: Path, line: str) -> None:
    with file.open("a") as lines:  # short lines that are appended do not mix
        lines.write(f"{line}\n")


def _clock(folder: Path) -> datetime:
    return datetime.fromtimestamp(float((folder / "clock").read_text()), UTC)


if __name__ == "__main__":
    asyncio.run(work_in(sys.argv[1], Path(sys.argv[2])))
