"""What is shown of jobs: who failed, who is late, who was killed; in doctor and in the schedule."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from knowledge.leases import Lease
from knowledge.runs import Ending, Run
from tests.bot.team import Tertulia

NOW = datetime.now(UTC)


@pytest.fixture
def team(empty_home: Path, pages: Path, tertulia: Tertulia) -> None:
    add = ["source", "add", "team", "files", "--path", str(pages)]
    assert tertulia(*add, "--schedule", "30 2 * * *").code == 0


def note(run: Run, *, failures: int = 0, alarm: str = "", ended: bool = True) -> None:
    """Have a run of a job behind us."""

    async def note_it() -> None:
        async with App(Settings()) as app:
            runs = await app.runs()
            await runs.enter(run.job, run.rhythm, run.due_at)
            await runs.begin(run.job, 1, NOW)
            outcome = "failed" if failures else "done"
            said = "The folder is gone." if failures else "3 found"
            ending = Ending(NOW, outcome, said, failures, alarm, run.due_at, run.due_at)
            if ended:
                await runs.end(run.job, 1, ending)

    asyncio.run(note_it())


TEAM = Run("refresh:team", "30 2 * * * in Europe/Madrid", NOW + timedelta(hours=1))


def found_by(tertulia: Tertulia) -> list[tuple[str, str, str]]:
    checks = tertulia("doctor", "--json").value["checks"]
    found = [check for check in checks if check["name"] == "schedule"]
    return [(check["state"], check["message"], check["what_to_do"]) for check in found]


def shown(tertulia: Tertulia) -> dict[str, object]:
    (job,) = tertulia("schedule", "--json").value["jobs"]
    found: dict[str, object] = job
    return found


def test_what_goes_well_is_no_finding(team: None, tertulia: Tertulia) -> None:
    note(TEAM)
    assert found_by(tertulia) == []
    assert shown(tertulia)["rhythm"] == "30 2 * * *"
    assert shown(tertulia)["alarm"] is None


def test_a_job_that_fails_again_and_again_is_broken(team: None, tertulia: Tertulia) -> None:
    note(TEAM, failures=3, alarm="It failed 3 times in a row. The folder is gone.")
    ((state, message, advice),) = found_by(tertulia)
    assert (state, message) == ("broken", "refresh:team failed 3 times in a row")
    assert "tertulia schedule" in advice
    assert "The folder is gone." in advice
    assert shown(tertulia)["failures"] == 3
    outcome = tertulia("schedule")
    assert "failed 3 times" in outcome.out
    assert "refresh:team: It failed 3 times in a row. The folder is gone." in outcome.err
    (ok, message, _) = found_after_a_refresh_by_hand(tertulia)
    assert (ok, message) == (True, "")


def found_after_a_refresh_by_hand(tertulia: Tertulia) -> tuple[bool, str, str]:
    """A refresh by hand that goes well counts: the alarm is over, the next run is when it was."""
    before = shown(tertulia)["next"]
    assert tertulia("refresh", "team").code == 0
    after = shown(tertulia)
    return after["next"] == before and found_by(tertulia) == [], str(after["alarm"] or ""), ""


def test_a_refresh_by_hand_that_fails_is_noted(team: None, pages: Path, tertulia: Tertulia) -> None:
    note(TEAM)
    pages.rename(pages.with_name("moved"))
    assert tertulia("refresh", "team").code == 1
    assert found_by(tertulia) == []
    job = shown(tertulia)
    assert job["failures"] == 0
    last = job["last"]
    assert isinstance(last, dict)
    assert last["outcome"] == "failed"
    assert "cannot be read" in last["said"]
    note(TEAM, failures=2)
    ((state, message, advice),) = found_by(tertulia)
    assert (state, message) == ("note", "refresh:team failed 2 times in a row")
    assert "The folder is gone." in advice


def test_a_job_that_nobody_began_is_late(team: None, tertulia: Tertulia) -> None:
    note(replace(TEAM, due_at=NOW - timedelta(hours=3)))
    ((state, message, advice),) = found_by(tertulia)
    assert state == "note"
    assert "has not begun" in message
    assert "tertulia serve" in advice
    assert "Is `tertulia serve` running?" in str(shown(tertulia)["alarm"])


def test_the_rhythm_is_that_of_the_file_also_while_nobody_serves(
    team: None, empty_home: Path, tertulia: Tertulia
) -> None:
    note(Run("refresh:team", "every 30 seconds", NOW - timedelta(hours=3)))
    job = shown(tertulia)
    assert (job["rhythm"], job["alarm"]) == ("30 2 * * *", None)
    due_at = datetime.fromisoformat(str(job["next"]))
    assert (due_at.hour, due_at.minute) == (2, 30)
    assert due_at > NOW
    assert found_by(tertulia) == []
    file = empty_home / "tertulia.toml"
    file.write_text(file.read_text().replace("30 2 * * *", "never"))
    job = shown(tertulia)
    assert (job["rhythm"], job["next"], job["alarm"]) == ("never", None, None)


def test_the_doctor_names_alarms_wherever_the_database_is(
    empty_home: Path, pages: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{empty_home}/elsewhere.db")
    assert tertulia("source", "add", "team", "files", "--path", str(pages)).code == 0
    assert found_by(tertulia) == []
    note(TEAM, failures=3, alarm="It failed 3 times in a row.")
    ((state, message, _),) = found_by(tertulia)
    assert (state, message) == ("broken", "refresh:team failed 3 times in a row")


def test_a_run_that_was_killed_is_not_said_to_run(team: None, tertulia: Tertulia) -> None:
    note(TEAM, ended=False)
    last = shown(tertulia)["last"]
    assert isinstance(last, dict)
    assert (last["outcome"], last["ended"]) == ("broken off", None)


async def test_a_run_that_runs_is_said_to_run(
    empty_home: Path, pages: Path, tertulia: Tertulia
) -> None:
    from bot.timetable import timetable

    async with App(Settings()) as app:
        runs, leases = await app.runs(), await app.leases()
        await runs.enter("digest", "every day", NOW - timedelta(hours=1))

        async def look(lease: Lease) -> None:
            await runs.begin("digest", lease.fence, NOW)
            (row,) = await timetable(app)
            assert (row.outcome, row.is_overdue, row.alarm) == ("running", False, "")

        await leases.alone("digest", look)


def test_a_file_that_is_written_wrong_is_said_once(
    team: None, empty_home: Path, tertulia: Tertulia
) -> None:
    note(TEAM)
    (empty_home / "tertulia.toml").write_text("[sources")
    assert found_by(tertulia) == []
