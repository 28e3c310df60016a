"""Ten simulated weeks: whether answers get better by what colleagues put right, and by what.

An invented office, seeded. Every week colleagues ask {asked} questions, say what would have been
right where the answer was not, and a curator approves the rows; then `tertulia learn run`. Half of
the pages are missing at first; from week 4 on the questions come in note form ("piano: pedals?"),
which the model does not understand before it has seen some. The office does what it is
told: where triage says that knowledge is missing three times, it writes the pages; a candidate
that breaks nothing but the numbers of questions is let live by a person, who waives these.
Measured are {fixed} other questions, of all kinds, at the end of each week: as people ask them in
that week, and with each of the ways taken away (`tertulia learn ablation`).

The model is a script that reads what it is shown: this measures the loop, and no model. {probes}
questions for each of what must be kept, where the gate wants a hundred.
"""

import argparse
import asyncio
import io
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from bot.__main__ import run
from bot.ablating import ablated
from bot.app import App
from bot.learning_run import Outcome, Wish, learn
from bot.settings import Settings
from knowledge.candidates import Candidates
from pipelines.learning.registry import Registry
from tests.benchmarks.library import tell
from tests.benchmarks.report import table
from tests.bot.team import living_in
from tests.fakes.scripted_model import serving
from tests.weeks.office import CURATOR, Clerk, Fact, agree, approve, facts, week, write_pages

WEEKS, ASKED, FIXED, PROBES = 10, 5, 8, 4
POOL = 72
NOTED_FROM = 4
"""The week from which people write in note form."""
MISSED = 3
"""Answers that the knowledge lacks, from which the office writes pages."""


@dataclass(slots=True)
class Office:
    """The office as it is in a week.

    Attributes:
        fixed: questions that nobody asks but the measurement.
        pool: what colleagues may ask about, by turns.
        missing: facts whose page is not written yet.
        rows: of the table.
    """

    home: Path
    fixed: Sequence[Fact]
    pool: list[Fact]
    missing: list[Fact]
    rows: list[list[str]] = field(default_factory=list)

    def read(self) -> None:
        """Bring the index up to date."""
        done("refresh", "--wait")

    def write_missing(self) -> None:
        """Write the pages that were missing."""
        write_pages(self.home / "pages", self.missing)
        self.missing.clear()
        self.read()

    def questions(self, number: int) -> Path:
        """The table of the fixed questions as people ask them in a week."""
        path = self.home / "fixed.csv"
        some = [one for one in self.fixed if number >= NOTED_FROM or not one.is_noted]
        lines = [f"{one.question};{one.count} {one.part}" for one in some]
        path.write_text("question;answer\n" + "\n".join(lines) + "\n", encoding="utf-8")
        return path


def done(*arguments: str) -> None:
    """Run a command of ours, which must succeed."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        code = run(list(arguments))
    if code:
        raise AssertionError(said.getvalue())


def measure(weeks: int = WEEKS) -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").strip().format(asked=ASKED, fixed=FIXED, probes=PROBES)
    head = ["week", "asked: right", "prompt only", "+ retrieval", "+ what was learnt"]
    with (
        tempfile.TemporaryDirectory() as folder,
        serving() as model,
        living_in(Path(folder), model_url=model.url),
    ):
        office = _founded(Path(folder))
        model.thinks = Clerk([*office.fixed, *office.pool])
        for number in range(1, weeks + 1):
            office.rows.append(_week(office, number))
            tell(" | ".join(office.rows[-1]))
    return f"## Ten weeks of learning\n\n{about}\n\n{table([*head, 'what was done'], office.rows)}"


def _founded(home: Path) -> Office:
    known = facts(FIXED + POOL)
    fixed, pool = known[:FIXED], known[FIXED:]
    missing = [one for n, one in enumerate(known) if n // 2 % 2]
    write_pages(home / "pages", [one for one in known if one not in missing])
    done("source", "add", "office", "files", "--path", str(home / "pages"))
    office = Office(home, fixed, pool, missing)
    office.read()
    agree(home)
    return office


def _week(office: Office, number: int) -> list[str]:
    noted = [one for one in office.pool if one.is_noted]
    plain = [one for one in office.pool if not one.is_noted]
    asked = (noted if number >= NOTED_FROM else plain)[:ASKED]
    office.pool = [one for one in office.pool if one not in asked]
    share, outcome, acts = asyncio.run(_worked(asked, number))
    if outcome.triage.kinds.get("knowledge", 0) >= MISSED and office.missing:
        acts.append(f"{len(office.missing)} missing pages were written")
        office.write_missing()
    steps = asyncio.run(_taken_away(office.questions(number)))
    shares = [f"{100 * one:.0f} %" for one in (share, *steps)]
    return [str(number), *shares, "; ".join(acts) or _why(outcome)]


async def _worked(asked: Sequence[Fact], number: int) -> tuple[float, Outcome, list[str]]:
    """A week of questions, the curator's work and a run; what a person lets live."""
    async with App(Settings()) as app:
        share = await week(app, asked, number)
        await approve(app)
        outcome = await learn(app, Wish(CURATOR, count=PROBES, samples=1), lambda _: None)
        acts = []
        for one in outcome.made:
            failed = [rule.name for rule in one.verdict.failed]
            name = one.candidate.about.get("what_is_new", "")
            if all(rule.endswith("-count") for rule in failed):
                registry = Registry(Candidates(await app.database()))
                await registry.promote(
                    one.candidate.name, by=CURATOR, is_person=True, waived=failed
                )
                acts.append(f"a prompt with {name} serves ({len(failed)} counts waived)")
            else:
                left = ", ".join(rule for rule in failed if not rule.endswith("-count"))
                acts.append(f"a prompt with {name} was refused: {left}")
    return share, outcome, acts


async def _taken_away(table_of: Path) -> list[float]:
    async with App(Settings()) as app:
        found = await ablated(app, table_of, "helpdesk", CURATOR, lambda _: None)
    prompt, retrieval, _, learnt = (one.share for one in found.steps)
    return [prompt, retrieval, learnt]


def _why(outcome: Outcome) -> str:
    return " ".join(outcome.reasons)[:120] or "nothing to do"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--weeks", type=int, default=WEEKS)
    sys.stdout.write(measure(parser.parse_args().weeks))
