"""What people and programs are shown about the jobs: rhythm, last run, next run, alarms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.app import App
from bot.refreshing import PREFIX, job_name
from bot.rhythm import Rhythm
from knowledge.leases import people
from knowledge.runs import Run

_BEGINS_WITHIN = timedelta(minutes=2)
"""A job that is due begins within seconds where somebody serves and has room for it."""
Said = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One job as it stands.

    Attributes:
        run: the last run and the next one.
        holder: who runs it just now; empty where nobody does.
        is_overdue: whether it should have begun by now.
    """

    run: Run
    holder: str
    is_overdue: bool

    @property
    def rhythm(self) -> str:
        """The rhythm as people wrote it."""
        return _words(self.run.rhythm)

    @property
    def outcome(self) -> str:
        """How the last run ended; one that says nothing and that nobody runs was killed."""
        is_dead = self.run.outcome == "running" and not self.holder
        return "broken off" if is_dead else self.run.outcome

    @property
    def alarm(self) -> str:
        """What somebody should look at."""
        if self.run.alarm or not (self.is_overdue and self.run.due_at):
            return self.run.alarm
        when = f"{self.run.due_at.astimezone():%Y-%m-%d %H:%M %Z}"
        return f"It was due at {when} and has not begun. Is `tertulia serve` running?"

    def as_json(self) -> dict[str, Any]:
        """The job as `tertulia schedule --json` prints it."""
        run = self.run
        last = None
        if run.started_at:
            last = {
                "started": _iso(run.started_at),
                "ended": _iso(run.ended_at),
                "outcome": self.outcome,
                "said": run.said,
            }
        return {
            "name": run.job,
            "rhythm": self.rhythm,
            "last": last,
            "next": _iso(run.due_at),
            "failures": run.failures,
            "alarm": self.alarm or None,
        }


async def timetable(app: App) -> list[Row]:
    """All jobs: those of the sources in the file, in its order, then what else was entered."""
    now = datetime.now(UTC)
    rhythms = {job_name(name): one for name, one in app.structure.rhythms().items()}
    known = {run.job: run for run in await (await app.runs()).all()}
    # What nobody has served yet is due when somebody does.
    new = {
        name: Run(name, one.text, now if one.following(now, now) else None)
        for name, one in rhythms.items()
    }
    others = [run for name, run in known.items() if not name.startswith(PREFIX)]
    taken = {one.name: people(one.holder) for one in await (await app.leases()).taken()}
    return [
        Row(run, taken.get(run.job, ""), _is_overdue(run, taken, now))
        for run in [
            *(_as_written(known.get(name, new[name]), one, now) for name, one in rhythms.items()),
            *others,
        ]
    ]


def _as_written(run: Run, rhythm: Rhythm, now: datetime) -> Run:
    """A job with the rhythm of the file, also where nobody has served since it was edited."""
    # Whoever serves may live in another time zone than we: the same words are the same rhythm.
    if _words(run.rhythm) == _words(rhythm.text):
        return run
    due_at = rhythm.following(run.started_at or now, now)
    return replace(run, rhythm=rhythm.text, due_at=due_at)


def _words(rhythm: str) -> str:
    """A rhythm without its time zone."""
    return rhythm.partition(" in ")[0]


def findings(rows: Sequence[Row]) -> list[Said]:
    """What `tertulia doctor` says about jobs: its state, what is wrong, and what to do."""
    found: list[Said] = []
    for row in rows:
        advice = f"See: tertulia schedule. Last run: {row.run.said}"
        if row.run.failures:
            state = "broken" if row.run.alarm else "note"
            message = f"{row.run.job} failed {row.run.failures} times in a row"
            found.append((state, message, advice))
        elif row.alarm:
            found.append(("note", f"{row.run.job}: {row.alarm}", "Start it: tertulia serve"))
    return found


def _is_overdue(run: Run, taken: Mapping[str, str], now: datetime) -> bool:
    return bool(run.due_at and run.due_at < now - _BEGINS_WITHIN and run.job not in taken)


def _iso(moment: datetime | None) -> str | None:
    """A point in time as programs read it, in the time of this machine."""
    return moment.astimezone().isoformat(timespec="seconds") if moment else None
